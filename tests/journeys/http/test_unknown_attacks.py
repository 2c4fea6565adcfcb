"""The two attacks by which one anonymous client stopped a worker, against ``serve --workers 1`` in its own process."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.people.staff import at_work
from tests.security.test_strength import DEAREST
from tests.support.command import Serving
from tests.support.command import serving_anew as serving
from tests.support.databases import Database, Databases
from tests.support.population import Population
from tests.support.sluis import visited

#: What production asks for: a hash is what an answer to a stranger may cost.
DEAR = {"password_hash_memory_kib": 19456, "password_hash_time": 2}
#: Too many to be validated, and as many as are.
FIELDS = [" ".join(f"a{number}: 1" for number in range(most)) for most in (100, 49)]
_PAGE, _TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")

pytestmark = [pytest.mark.timeout(600), pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")]


@dataclass(frozen=True)
class Worker:
    """A server with one worker; what the operating system knows of its processes."""

    server: Serving
    http: httpx.AsyncClient

    def _processes(self) -> list[Path]:
        mine = {self.server.process.pid}
        parents = {int(each.name): _parent(each) for each in Path("/proc").iterdir() if each.name.isdecimal()}
        while more := {pid for pid, parent in parents.items() if parent in mine} - mine:
            mine |= more
        return [Path(f"/proc/{pid}") for pid in mine]

    @property
    def memory(self) -> int:
        """In bytes."""
        return sum(int((each / "statm").read_text().split()[1]) * _PAGE for each in self._processes())

    @property
    def computed(self) -> float:
        """Seconds of CPU so far."""
        return sum(sum(map(int, _stat(each)[11:13])) for each in self._processes()) / _TICKS

    async def asks(self, query: str, **variables: Any) -> httpx.Response:
        return await self.http.post("/graphql", json={"query": query, "variables": variables})


def _stat(process: Path) -> list[str]:
    # What stands before is the program's name, in brackets.
    return (process / "stat").read_text().rpartition(")")[2].split()


def _parent(process: Path) -> int:
    try:
        return int(_stat(process)[1])
    except OSError:
        return 0


@pytest.fixture
async def mine(databases: Databases, populated: tuple[Database, Population]) -> AsyncIterator[Database]:
    copy = await databases.copy(populated[0])
    yield copy
    await databases.drop(copy)


async def bad_document(worker: Worker, number: int) -> httpx.Response:
    text = f"{number:04}{'x' * 15_000}🦢"
    return await worker.asks(f'mutation {{ signIn(input: {{ {FIELDS[number % 2]} z: "{text}" }}) {{ __typename }} }}')


@pytest.mark.parametrize("allowed", [60, 1_000_000], ids=["from one address", "from many addresses"])
async def test_bad_documents_take_no_memory_and_hold_nobody_up(
    mine: Database, populated: tuple[Database, Population], allowed: int
) -> None:
    """As many addresses as it takes, for the second: what one sends beyond its window is not even parsed."""
    given: dict[str, Any] = {"database_url": mine.url, "limit_bad_documents_per_minute": allowed}
    async with serving("serve", "--workers", 1, **given) as server, visited(server.url, mine) as sluis:
        dr_vos = at_work(sluis, populated[1].dr_vos, "BEARER")
        assert (await dr_vos.signs_in())["__typename"] == "SignedIn"
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
            worker = Worker(server, http)
            for number in range(20):
                assert (await bad_document(worker, number)).status_code in (200, 429)
            before = worker.memory
            for start in range(0, 500, 10):
                bad = [bad_document(worker, 100 + start + number) for number in range(10)]
                answers, viewer = await asyncio.gather(asyncio.gather(*bad), dr_vos.looks_at_own_account())
                assert viewer is not None
                codes = {answer.json()["errors"][0]["extensions"]["code"] for answer in answers}
                assert codes <= {"BAD_QUERY", "TOO_MANY_ATTEMPTS"}
            assert worker.memory - before < 30_000_000
            assert codes == ({"TOO_MANY_ATTEMPTS"} if allowed == 60 else {"BAD_QUERY"})


async def test_ten_sign_ups_cost_less_than_ten_hashes(mine: Database) -> None:
    """With the passwords that are dearest to estimate. What is compared is CPU, of the same server."""
    given: dict[str, Any] = {"database_url": mine.url, "limit_sign_ups_per_hour": 1, **DEAR}
    async with (
        serving("serve", "--workers", 1, **given) as server,
        httpx.AsyncClient(base_url=server.url, timeout=60) as http,
    ):
        worker = Worker(server, http)
        await worker.asks("mutation { " + _sign_up(0) + " }")
        await worker.asks("mutation { " + _sign_in(0) + " }")
        begun = worker.computed
        answer = await worker.asks("mutation { " + " ".join(map(_sign_up, range(10))) + " }")
        signing_up = worker.computed - begun
        assert {one["code"] for one in answer.json()["data"].values()} == {"TOO_MANY_ATTEMPTS"}
        begun = worker.computed
        answer = await worker.asks("mutation { " + " ".join(map(_sign_in, range(10))) + " }")
        hashing = worker.computed - begun
        assert {one["code"] for one in answer.json()["data"].values()} == {"WRONG_CREDENTIALS"}
        assert signing_up < hashing


def _sign_up(number: int) -> str:
    password = DEAREST[number % len(DEAREST)] * 3
    return f"""a{number}: signUp(input: {{ practice: "demo", email: "a{number}@clients.example", name: "Fleur Peters",
        phone: "+31612345678", birthDate: "1990-01-01", password: {_quoted(password)} }}) {{
        ... on Refusal {{ code }} }}"""


def _sign_in(number: int) -> str:
    return f"""a{number}: signIn(input: {{ practice: "demo", login: "a{number}@nobody.example", password: "geraden",
        transport: BEARER }}) {{ ... on Refusal {{ code }} }}"""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
