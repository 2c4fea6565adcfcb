"""Ours and the floor, taking turns at the same work."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import orjson

from bench.load import Line, Operation, lines, rate
from bench.seeding import NEARLY_FREE, REAL, Seeded
from bench.servers import environment, served
from bench.works import Cost, Floor, Ours, signs_in

_WARM_UP = 0.5


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a measure takes, how often it is repeated, and over how many connections."""

    seconds: float
    rounds: int
    connections: int = 16


@dataclass(frozen=True, slots=True)
class Measured:
    """Operations a second, the median of all rounds; and what one operation of ours costs."""

    work: str
    floor: float
    ours: float
    statements: int
    hashes: int


@dataclass(frozen=True, slots=True)
class Ring:
    """Both servers over one database, with open connections to each."""

    terms: Terms
    ours: Ours
    floor: Floor
    to_ours: Sequence[Line]
    to_floor: Sequence[Line]

    async def measure(self, work: str, ours: Operation, floor: Operation) -> Measured:
        """Once to see the cost, a warm-up, then round by round, so that a noisy moment falls on both."""
        self.ours.cost = Cost()
        await ours(self.to_ours[0])
        cost, self.ours.cost, rates = self.ours.cost, Cost(), []
        await rate(self.to_floor, floor, _WARM_UP)
        await rate(self.to_ours, ours, _WARM_UP)
        for _ in range(self.terms.rounds):
            seconds = self.terms.seconds
            rates.append((await rate(self.to_floor, floor, seconds), await rate(self.to_ours, ours, seconds)))
        floors, own = zip(*rates, strict=True)
        return Measured(work, median(floors), median(own), cost.statements, cost.hashes)

    async def check(self) -> None:
        """Raises RuntimeError unless both answer the same."""
        for work in ("page", "viewer"):
            own = await getattr(self.ours, work)(self.to_ours[0])
            by_hand = await getattr(self.floor, work)(self.to_floor[0])
            if orjson.loads(own) != orjson.loads(by_hand):
                raise RuntimeError(f"{work}: the floor answers\n{by_hand[:600]!r}\nand ours\n{own[:600]!r}")


async def measured(url: str, seeded: Seeded, folder: Path, core: set[int], terms: Terms) -> list[Measured]:
    """Every work; the servers start anew for the other hash."""
    async with _ring(url, seeded, folder, core, terms, REAL) as ring:
        await ring.check()
        ours, floor = ring.ours, ring.floor
        found = [
            await ring.measure("page of 50 dossiers", ours.page, floor.page),
            await ring.measure("who am I", ours.viewer, floor.viewer),
            await ring.measure("sign-in", signs_in(ours, seeded.real), signs_in(floor, seeded.real)),
        ]
    async with _ring(url, seeded, folder, core, terms, NEARLY_FREE) as ring:
        ours, floor, logins = ring.ours, ring.floor, seeded.nearly_free
        free = await ring.measure("sign-in, nearly free hash", signs_in(ours, logins), signs_in(floor, logins))
    return [*found, free]


@asynccontextmanager
async def _ring(
    url: str, seeded: Seeded, folder: Path, core: set[int], terms: Terms, cost: tuple[int, int]
) -> AsyncIterator[Ring]:
    given, log = environment(url, folder, cost), folder / "servers.log"
    async with AsyncExitStack() as stack:
        ports = [
            await stack.enter_async_context(served(command, given, core, log))
            for command in (["server.py", "serve"], ["-m", "bench.floor"])
        ]
        ours, floor = [await stack.enter_async_context(lines(port, terms.connections)) for port in ports]
        yield Ring(terms, Ours(seeded.token), Floor(seeded.token), ours, floor)
