"""Who holds the event loop is measured and named."""

import asyncio
import time
from dataclasses import dataclass, field

from structlog.testing import capture_logs

from flows.process.loop_lag import HELD, LoopLag, operation, watching, working_for


def test_long_delays_are_counted_and_all_are_told() -> None:
    told: list[float] = []
    lag = LoopLag(told.append)
    for delay in (0.0, 0.01, 0.3, 7.0):
        lag.observe(delay)
    assert (lag.held, lag.longest) == (2, 7.0)
    assert told == [0.0, 0.01, 0.3, 7.0]


@dataclass
class Telling(LoopLag):
    """Tells when a beat was counted."""

    counted: asyncio.Event = field(default_factory=asyncio.Event)

    def observe(self, delay: float) -> None:
        super().observe(delay)
        self.counted.set()

    async def next(self) -> None:
        self.counted.clear()
        await asyncio.wait_for(self.counted.wait(), 30)


async def test_blocking_task_is_logged_with_its_place() -> None:
    lag = Telling()

    async def blocks() -> None:
        time.sleep(3 * HELD)  # noqa: ASYNC251 - it is what this is about

    with capture_logs() as lines:
        async with watching(lag):
            await lag.next()
            with working_for("mutation signUp"):
                await asyncio.gather(blocks())
            await lag.next()
    held = [line for line in lines if line["event"] == "loop.held" and "blocks" in str(line["place"])]
    assert len(held) == 1
    (line,) = held
    assert line["operation"] == "mutation signUp", "also of a task that the operation started"
    assert line["ms"] > HELD * 1000
    assert lag.held >= 1
    assert lag.longest > HELD


async def test_waiting_loop_is_not_blocked() -> None:
    with capture_logs() as lines:
        async with watching(LoopLag()) as _:
            with working_for("query viewer"):
                await asyncio.sleep(0)
    assert [line for line in lines if line["event"] == "loop.held" and line["operation"] == "query viewer"] == []


async def test_tasks_are_named_after_their_operation() -> None:
    async def name() -> str:
        task = asyncio.current_task()
        return task.get_name() if task else ""

    async with watching(LoopLag()):
        with working_for("query viewer"):
            assert (operation(), await asyncio.create_task(name())) == ("query viewer", "query viewer")
            assert await asyncio.create_task(name(), name="its own") == "its own"
        assert (await asyncio.create_task(name())).startswith("Task-")
    assert operation() == "nothing in particular"
