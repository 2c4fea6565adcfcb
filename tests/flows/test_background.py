"""Loops that go on whatever ends them, are logged when they fail, and are seen by who looks."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs
from tortoise.exceptions import OperationalError

from flows.process.background import Background, Pulse, every

SECRET = "hunter2-is-a-secret"
SOON = 20.0


@pytest.fixture
async def background() -> AsyncIterator[Background]:
    made = Background(first_wait=0)
    async with asyncio.timeout(SOON):
        yield made
    await made.stop()


class Breaking:
    """A loop that ends in one way after another, and then goes on for good."""

    def __init__(self, *ends: BaseException | None) -> None:
        self.ends = list(ends)
        self.going, self.begun = asyncio.Event(), 0

    async def run(self, pulse: Pulse) -> None:
        self.begun += 1
        if self.ends:
            end = self.ends.pop(0)
            if end is None:
                return
            raise end
        pulse()
        self.going.set()
        await asyncio.Event().wait()


ENDS = [
    ValueError(SECRET),
    OperationalError(SECRET),
    None,
    asyncio.CancelledError(SECRET),
    ExceptionGroup(SECRET, [KeyError(SECRET), ValueError(SECRET)]),
]


async def test_ended_loop_is_logged_and_restarted(background: Background) -> None:
    loop = Breaking(*ENDS)
    with capture_logs() as lines:
        background.start("work", loop.run)
        await loop.going.wait()
    assert loop.begun == len(ENDS) + 1
    assert [(line["event"], line.get("error"), line["log_level"]) for line in lines] == [
        ("background.failed", "ValueError", "error"),
        ("background.failed", "OperationalError", "warning"),
        ("background.failed", "returned", "error"),
        ("background.failed", "CancelledError", "error"),
        ("background.failed", "KeyError", "error"),
        ("background.recovered", None, "warning"),
    ]
    assert "test_background.py" in lines[0]["traceback"][-1]
    assert SECRET not in f"{lines}"
    (seen,) = background.loops
    assert (seen.name, seen.failing, seen.restarts, seen.rounds) == ("work", False, len(ENDS), 1)


async def test_loop_is_failing_until_its_next_good_round(background: Background) -> None:
    let, broke, well = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def run(pulse: Pulse) -> None:
        if not broke.is_set():
            broke.set()
            raise ValueError
        await let.wait()
        pulse()
        well.set()
        await asyncio.Event().wait()

    background.start("slow", run)
    background.start("well", Breaking().run)
    await broke.wait()
    assert [loop.name for loop in background.failing] == ["slow"]
    let.set()
    await well.wait()
    assert background.failing == []


async def test_waits_between_restarts_double_up_to_a_limit() -> None:
    background, loop = Background(first_wait=0.001), Breaking(*[ValueError() for _ in range(6)])
    with capture_logs() as lines:
        background.start("work", loop.run, longest_wait=0.008)
        async with asyncio.timeout(SOON):
            await loop.going.wait()
    await background.stop()
    waits = [line["wait"] for line in lines if line["event"] == "background.failed"]
    assert waits == [0.001, 0.002, 0.004, 0.008, 0.008, 0.008]


async def test_stop_cancels_all_loops_and_waits_for_them() -> None:
    background, begun, tidied = Background(), asyncio.Barrier(3), []

    async def run(pulse: Pulse) -> None:
        pulse()
        try:
            await begun.wait()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            tidied.append(True)

    background.start("one", run)
    background.start("two", run)
    await begun.wait()
    await background.stop()
    assert tidied == [True, True]
    assert background.failing == []


async def test_rounds_continue_after_a_failed_round(background: Background) -> None:
    rounds: list[int] = []
    enough = asyncio.Event()

    async def work() -> None:
        rounds.append(len(rounds))
        if len(rounds) == 2:
            raise ValueError
        if len(rounds) == 4:
            enough.set()
            await asyncio.Event().wait()

    background.start("rounds", every(0.001, work))
    await enough.wait()
    (seen,) = background.loops
    assert (seen.rounds, seen.restarts, seen.failing) == (2, 1, False)
