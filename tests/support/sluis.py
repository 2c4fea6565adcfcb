"""The product under test, whole: on a real port, with a database of its own, a relay and a clock."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import uvicorn

from commands.http_protocol import BoundedProtocol
from flows.core.context import AppContext
from models.core.valkey import Valkey
from server import create_app
from settings import Settings, load_settings
from tests.support.clock import Clock, RunningClock
from tests.support.command import Forked, forked
from tests.support.databases import Database
from tests.support.mail_relay import Post
from tests.support.population import Population
from tests.support.valkeys import be_patient, swept

_ROOT = Path(__file__).parents[2]
_PATIENCE = 60
#: Argon2id at a cost that protects nothing, so that the tests spend their time elsewhere.
CHEAP = {"password_hash_memory_kib": 64, "password_hash_time": 1}
#: Limits that nobody reaches, for those who try many things which may be guesses or send mail.
PATIENT: dict[str, Any] = {
    "failures_slow_from": 99,
    "failures_per_hour": 9999,
    "failures_per_day": 9999,
    "prompts_per_hour": 9999,
    "prompts_per_day": 9999,
    "limit_address_per_minute": 9999,
    "limit_practice_per_minute": 9999,
    "limit_resets_per_hour": 9999,
    "limit_invitations_per_hour": 9999,
    "limit_sign_ups_per_hour": 9999,
    "limit_mails_practice_per_hour": 9999,
    "limit_mails_installation_per_hour": 9999,
    "limit_bad_documents_per_minute": 9999,
}


@dataclass(frozen=True, slots=True)
class Sluis:
    """A running server and what surrounds it. ``app`` is None where it runs in processes of its own."""

    url: str
    clock: Clock
    mailbox: Post
    database: Database
    population: Population
    app: AppContext | None = field(repr=False)
    practice: str = "demo"
    #: What people speak through; put away when the server stops.
    clients: list[httpx.AsyncClient] = field(default_factory=list, repr=False)

    async def rows(self, sql: str, *params: object) -> list[dict[str, Any]]:
        """What is stored; see :meth:`tests.support.databases.Database.rows`."""
        return await self.database.rows(sql, *params)

    async def count(self, table: str, where: str = "TRUE", *params: object) -> int:
        """How many rows of a table are so."""
        return await self.database.count(table, where, *params)


def settings_for(database: Database, public_url: str, relay_port: int, **given: Any) -> Settings:
    """Development settings that nothing on this machine has a say in."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SLUIS_")]:
            patch.delenv(name)
        patch.setenv("SLUIS_CONFIG", os.fspath(_ROOT / "tests" / "sluis.toml"))
        own = {
            "database_url": database.url,
            "public_url": public_url,
            "mail_url": f"smtp://127.0.0.1:{relay_port}",
            "log_level": "ERROR",
        }
        return load_settings(**own, **(CHEAP | given))


class _Server(uvicorn.Server):
    """Tells when it is up, and leaves signals to the test runner."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit as stop:
            # Raised in a task it would stop the event loop of all tests.
            raise RuntimeError("the server did not start; the log says why") from stop
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def running(database: Database, population: Population, clock: Clock, **given: Any) -> AsyncIterator[Sluis]:
    """The server in this event loop, from start-up to a clean end; ``given`` are settings."""
    mailbox = Post(clock)
    relay_port = await mailbox.start()
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"http://localhost:{listener.getsockname()[1]}"
            app = create_app(settings_for(database, url, relay_port, **given), clock=clock)
            if isinstance(app.state.app.counter, Valkey):
                be_patient(app.state.app.counter)
            async with swept(given.get("redis_url"), url), _serving(_Server(_config(app)), listener):
                sluis = Sluis(url, clock, mailbox, database, population, app.state.app)
                async with _put_away(sluis.clients):
                    yield sluis
    finally:
        await mailbox.stop()


@asynccontextmanager
async def _put_away(clients: list[httpx.AsyncClient]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for client in clients:
            await client.aclose()


@asynccontextmanager
async def visited(url: str, database: Database) -> AsyncIterator[Sluis]:
    """A server that runs elsewhere, as people at their devices see it: with the machine's clock and without a relay."""
    clock = RunningClock()
    there = Sluis(url, clock, Post(clock), database, cast(Population, None), None)
    async with _put_away(there.clients):
        yield there


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        proxy_headers=False,
        access_log=False,
        server_header=False,
        http=BoundedProtocol,
        lifespan="on",
        timeout_graceful_shutdown=5,
    )


@asynccontextmanager
async def _serving(server: _Server, listener: socket.socket) -> AsyncIterator[None]:
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    up = asyncio.create_task(server.up.wait())
    try:
        await asyncio.wait({serving, up}, timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if server.started:
            yield
    finally:
        up.cancel()
        server.should_exit = True
        async with asyncio.timeout(_PATIENCE):
            await serving


@asynccontextmanager
async def workers(sluis: Sluis, number: int, **given: Any) -> AsyncIterator[Sluis]:
    """``python server.py serve`` with its own processes and the machine's clock, on the same database.

    ``given`` are settings, as text or numbers.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url, relay = f"http://localhost:{port}", Post(sluis.clock)
    settings = settings_for(sluis.database, url, await relay.start())
    process = await forked(
        *("serve", "--port", port, "--workers", number),
        environment=environment(settings) | {f"SLUIS_{name.upper()}": str(value) for name, value in given.items()},
        output=os.devnull,
        errors=os.devnull,
    )
    try:
        await _ready(url, process)
        served = replace(sluis, url=url, mailbox=relay, app=None, clients=[])
        async with swept(given.get("redis_url"), url), _put_away(served.clients):
            yield served
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE)
        except TimeoutError:
            process.kill()
            raise
        finally:
            await relay.stop()


def environment(settings: Settings) -> dict[str, str]:
    """The settings as another process of the product finds them."""
    given = {
        "SLUIS_CONFIG": os.fspath(_ROOT / "tests" / "sluis.toml"),
        "SLUIS_DATABASE_URL": settings.database_url.get_secret_value(),
        "SLUIS_MAIL_URL": settings.mail_url.get_secret_value(),
        "SLUIS_PUBLIC_URL": settings.public_url,
        "SLUIS_PASSWORD_HASH_MEMORY_KIB": str(settings.password_hash_memory_kib),
        "SLUIS_PASSWORD_HASH_TIME": str(settings.password_hash_time),
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("SLUIS_")} | given


async def _ready(url: str, process: Forked) -> None:
    async with asyncio.timeout(_PATIENCE), httpx.AsyncClient(base_url=url) as http:
        while process.returncode is None:
            with suppress(httpx.TransportError):
                if (await http.get("/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.05)
    raise AssertionError("the server did not start")
