"""The endpoint on a real port with a small schema, and the clients that speak to it."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from socket import socket
from typing import Any
from uuid import UUID

import httpx
import orjson
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from flows.core.context import AppContext
from models import Account, Audience, LoginSession, Practice, Transport
from schema.http.boundary import Boundary
from schema.transport import TransportRules, graphql_routes
from security.tokens import token_hash
from tests.support.clock import MONDAY_NOON

TRANSPORT_WS = Subprotocol("graphql-transport-ws")


@dataclass
class Bells:
    """A bell within one process, which tells too when somebody stopped listening."""

    events: dict[str, set[asyncio.Event]] = field(default_factory=dict)
    left: defaultdict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    async def publish(self, *topics: str) -> None:
        for topic in topics:
            for event in self.events.get(topic, ()):
                event.set()

    def subscribe(self, *topics: str) -> "Listening":
        return Listening(self, topics)


@dataclass
class Listening:
    bells: Bells
    topics: tuple[str, ...]
    event: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> asyncio.Event:
        for topic in self.topics:
            self.bells.events.setdefault(topic, set()).add(self.event)
        return self.event

    async def __aexit__(self, *error: object) -> None:
        for topic in self.topics:
            self.bells.events[topic].discard(self.event)
            self.bells.left[topic].set()


@dataclass(frozen=True)
class Person:
    """Somebody with a login session."""

    slug: str
    account_id: UUID
    session_id: UUID
    token: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def cookie(self) -> dict[str, str]:
        return {"Cookie": f"sluis-{self.slug}={self.token}"}

    @property
    def browser(self) -> dict[str, str]:
        """What a page of the practice's portal sends."""
        return {**self.cookie, "Sluis-Practice": self.slug}


async def person(slug: str = "linden", *, at: datetime = MONDAY_NOON, locale: str = "nl", **practice: Any) -> Person:
    """A respondent of a practice, which is made if need be, signed in."""
    where = await Practice.get_or_none(slug=slug) or await Practice.create(
        slug=slug, name=slug.title(), created_at=at, **practice
    )
    account = await Account.create(
        practice=where,
        audience=Audience.RESPONDENT,
        login_code=str(10**7 + secrets.randbelow(9 * 10**7)),
        locale=locale,
        created_at=at,
    )
    token = secrets.token_urlsafe(32)
    session = await LoginSession.create(
        practice=where,
        account=account,
        token_hash=token_hash(token),
        transport=Transport.COOKIE,
        created_at=at,
        last_seen_at=at,
        expires_at=at + timedelta(hours=24),
    )
    return Person(slug, account.id, session.id, token)


class Quiet(uvicorn.Server):
    """Says when it is up, and goes down as soon as it is told to."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up, self.down = asyncio.Event(), asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def main_loop(self) -> None:
        await self.down.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the test runner's."""
        yield


@dataclass
class Served:
    """A running endpoint."""

    port: int
    http: httpx.AsyncClient

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/graphql"

    async def post(self, query: str, variables: Mapping[str, Any] | None = None, /, **headers: str) -> httpx.Response:
        body = {"query": query, "variables": variables}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post("/graphql", json=body, headers=named)

    async def ask(self, query: str, headers: Mapping[str, str] | None = None, **variables: Any) -> dict[str, Any]:
        """The whole body of the answer."""
        body = {"query": query, "variables": variables}
        answer: dict[str, Any] = (await self.http.post("/graphql", json=body, headers=headers)).json()
        return answer

    @asynccontextmanager
    async def socket(self, headers: Mapping[str, str] | None = None) -> AsyncIterator["Line"]:
        async with connect(
            f"ws://127.0.0.1:{self.port}/graphql", subprotocols=[TRANSPORT_WS], additional_headers=headers
        ) as connection:
            yield Line(connection)


@dataclass
class Line:
    """One WebSocket that speaks graphql-transport-ws."""

    connection: ClientConnection

    async def send(self, **message: Any) -> None:
        await self.connection.send(orjson.dumps(message).decode())

    async def receive(self) -> dict[str, Any]:
        try:
            text = await asyncio.wait_for(self.connection.recv(), 5)
        except TimeoutError:
            raise AssertionError("the server says nothing") from None
        message: dict[str, Any] = orjson.loads(text)
        return message

    async def init(self, **payload: Any) -> dict[str, Any]:
        await self.send(type="connection_init", payload=payload)
        return await self.receive()

    async def sit(self, person: Person) -> None:
        """Past the init, with a bearer token."""
        assert await self.init(authorization=f"Bearer {person.token}") == {"type": "connection_ack"}

    async def subscribe(self, query: str, identity: str = "1", **more: Any) -> None:
        await self.send(type="subscribe", id=identity, payload={"query": query, **more})

    async def closed(self, within: float = 5) -> int:
        """The code with which the server closed."""
        try:
            await asyncio.wait_for(self.connection.wait_closed(), within)
        except TimeoutError:
            raise AssertionError("the server leaves the socket open") from None
        code = self.connection.close_code
        assert code is not None
        return code


@asynccontextmanager
async def served(schema: strawberry.Schema, app: AppContext, rules: TransportRules) -> AsyncIterator[Served]:
    asgi = Starlette(routes=graphql_routes(schema, app, rules), middleware=[Middleware(Boundary, app, rules)])
    config = uvicorn.Config(
        asgi, host="127.0.0.1", port=0, log_config=None, lifespan="off", proxy_headers=False, access_log=False
    )
    server = Quiet(config)
    running = asyncio.create_task(server.serve())
    try:
        await asyncio.wait_for(server.up.wait(), 10)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as http:
            http.event_hooks["response"].append(_forgetting(http))
            yield Served(port, http)
    finally:
        server.down.set()
        await running


def _forgetting(http: httpx.AsyncClient) -> Callable[[httpx.Response], Awaitable[None]]:
    """Cookies go out only where a test says so."""

    async def forget(_: httpx.Response) -> None:
        http.cookies.clear()

    return forget
