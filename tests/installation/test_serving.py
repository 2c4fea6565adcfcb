"""``serve``: healthy, ready, gone when told, and without anything that is the demo's."""

import json
import os
import secrets
import signal
import stat
import tempfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from commands.serving import uvicorn_options
from settings import SettingsProblem, load_settings
from tests.people.staff import at_work
from tests.support.command import Serving, ran
from tests.support.command import serving as forking
from tests.support.command import serving_anew as serving
from tests.support.databases import Database, Databases
from tests.support.figures import TOKEN, became, figures
from tests.support.population import Population
from tests.support.sluis import visited

pytestmark = pytest.mark.database


async def test_it_serves_until_it_is_told_to_stop(database: Database) -> None:
    async with serving("serve", database_url=database.url) as server, httpx.AsyncClient(base_url=server.url) as http:
        for path in ("/health", "/ready"):
            response = await http.get(path)
            assert (response.status_code, response.json()) == (200, {"status": "ok"})
        for path in ("/dev/mailbox", "/dev/mailbox.json", "/dev/mailbox/sms", "/dev"):
            assert (await http.get(path)).status_code == 404
            assert (await http.post(path, json={"to": "+31612345678", "text": "x"})).status_code == 404
        code, seconds = await server.stopped()
        assert (code, server.output) == (0, "")
        assert seconds < 15
        assert "Traceback" not in server.errors


def test_the_web_server_is_told_its_bounds() -> None:
    options = uvicorn_options(load_settings(connections=500))
    assert options["limit_concurrency"] == 500
    assert options["ws_max_size"] == 100_000
    assert options["http"] == "commands.http_protocol:BoundedProtocol"


async def test_open_sockets_do_not_keep_it(databases: Databases, populated: tuple[Database, Population]) -> None:
    template, population = populated
    mine = await databases.copy(template)
    try:
        async with serving("serve", database_url=mine.url) as server, visited(server.url, mine) as sluis:
            dr_vos = at_work(sluis, population.dr_vos)
            assert (await dr_vos.signs_in())["__typename"] == "SignedIn"
            async with dr_vos.watches_access() as page:
                assert (await page.news())["access"] == "APPROVED"
                code, seconds = await server.stopped()
                assert await page.closed() in {1001, 1012}, "going away, or restarting (RFC 6455, 7.4.1)"
            assert code == 0
            assert seconds < 15
            assert "Traceback" not in server.errors
    finally:
        await databases.drop(mine)


async def test_several_workers_stop_together(database: Database) -> None:
    async with serving("serve", "--workers", 2, database_url=database.url) as server:
        code, seconds = await server.stopped()
        assert code == 0
        assert seconds < 20
        assert "Traceback" not in server.errors


async def test_production_serves_with_safe_settings(database: Database) -> None:
    """Behind a proxy that speaks https: no IDE, no introspection, logs for programs, a file that is nobody else's."""
    safe: dict[str, Any] = {
        "environment": "production",
        "public_url": "https://portal.example.org",
        "secret_keys": json.dumps([f"2026a:{secrets.token_urlsafe(32)}"]),
        "mail_url": "smtp://127.0.0.1:2525",
        "mail_from": "no-reply@example.org",
        "mail_bounces": "bounces@mail.example.org",
        "password_hash_memory_kib": 19456,
        "password_hash_time": 2,
    }
    assert (await ran("check", database_url=database.url, **safe)).output == "All is well.\n"
    async with serving("serve", database_url=database.url, **safe) as server:
        async with httpx.AsyncClient(base_url=server.url) as http:
            assert (await http.get("/graphql", headers={"Accept": "text/html"})).status_code != 200
            asked = await http.post("/graphql", json={"query": "{ __schema { queryType { name } } }"})
            assert asked.json()["errors"][0]["extensions"]["code"] == "BAD_QUERY"
            assert "strict-transport-security" in asked.headers
        assert all(line.startswith("{") for line in server.errors.splitlines()), server.errors
        assert "settings.caution" not in server.errors
    odd = safe | {"public_url": "https://localhost", "audit_retention": 1}
    checked = await ran("check", database_url=database.url, **odd)
    *said, last = checked.output.splitlines()
    assert [line.split(":")[1] for line in said] == [" SLUIS_AUDIT_RETENTION", " SLUIS_PUBLIC_URL"]
    assert (checked.code, last) == (0, "All is well.")
    async with serving("serve", database_url=database.url, **odd) as server:
        logged = [json.loads(line) for line in server.errors.splitlines()]
        assert [f"Caution: {line['caution']}" for line in logged if line["event"] == "settings.caution"] == said


@pytest.mark.parametrize("workers", [1, 2])
async def test_without_a_token_there_are_no_metrics(database: Database, workers: int) -> None:
    async with (
        forking("serve", "--workers", workers, database_url=database.url) as server,
        httpx.AsyncClient(base_url=server.url) as http,
    ):
        for shown in ("Bearer", f"Bearer {TOKEN}"):
            assert (await http.get("/metrics", headers={"Authorization": shown})).status_code == 404
        assert (await server.stopped())[0] == 0


def test_a_token_that_can_be_guessed_is_none() -> None:
    with pytest.raises(SettingsProblem, match=r"SLUIS_METRICS_TOKEN.*32"):
        load_settings(metrics_token=TOKEN[:31])
    assert TOKEN not in repr(load_settings(metrics_token=TOKEN))


async def asks(url: str, times: int) -> None:
    """So many requests, each over a connection of its own."""
    for _ in range(times):
        async with httpx.AsyncClient(base_url=url) as http:
            assert (await http.post("/graphql", json={"query": "{ __typename }"})).status_code == 200


async def test_the_metrics_are_those_of_all_workers(database: Database) -> None:
    async with serving("serve", "--workers", 2, database_url=database.url, metrics_token=TOKEN) as server:
        await became(server.url, "sluis_background_loops", 2, loop="sealing")
        await asks(server.url, 20)
        for _ in range(10):
            seen = await figures(server.url)
            assert seen.value("sluis_requests_total", kind="query", status="200") == 20, "whichever worker tells it"
            assert seen.value("sluis_background_loops", loop="outbox mail") == 2
        # Killed as by the kernel where memory is short; another takes its place.
        os.kill(worker_of(server), signal.SIGKILL)
        await became(server.url, "sluis_background_loops", 1, loop="sealing")
        await became(server.url, "sluis_background_loops", 2, loop="sealing")
        seen = await figures(server.url)
        assert seen.value("sluis_requests_total", kind="query", status="200") == 20, "what it had counted stays"
        folders = kept_in()
        assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
        code, _ = await server.stopped()
        assert code == 0
        assert "Traceback" not in server.errors
    assert len(folders - kept_in()) == 1, "it takes its folder away"


async def test_one_worker_tells_its_own(database: Database) -> None:
    async with forking("serve", database_url=database.url, metrics_token=TOKEN) as server:
        await asks(server.url, 3)
        seen = await figures(server.url)
        assert seen.value("sluis_requests_total", kind="query", status="200") == 3
        assert seen.value("sluis_background_loops", loop="outbox mail") == 1


def kept_in() -> set[Path]:
    """The folders of metrics on this machine."""
    return set(Path(tempfile.gettempdir()).glob("sluis-metrics-*"))


def worker_of(server: Serving) -> int:
    """The process id of one of its workers."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    lines = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
    return next(child for child, line in lines.items() if b"spawn_main" in line)
