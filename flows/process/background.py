"""Background work: loops that run as long as the process does, each restarted after whatever ends it.

A loop that raises, or returns, is logged and started again after a wait that doubles. It counts as failing from then
on until it has told, by its ``pulse``, that a round went well. The watcher of a WebSocket is no such loop: it is not
restarted but closes its socket, and the client comes back.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from models.db.database import is_outage

log = structlog.get_logger(__name__)

#: Tells that a round went well.
Pulse = Callable[[], None]
Loop = Callable[[Pulse], Awaitable[None]]

_FIRST_WAIT = 1.0


@dataclass(slots=True)
class Supervised:
    """One loop: ``failures`` since its last good round, ``restarts`` and good ``rounds`` since the process began."""

    name: str
    needed: bool = False
    failures: int = 0
    restarts: int = 0
    rounds: int = 0

    @property
    def failing(self) -> bool:
        return self.failures > 0

    def pulse(self) -> None:
        """A round went well."""
        self.rounds += 1
        if self.failures:
            log.warning("background.recovered", loop=self.name, failures=self.failures)
            self.failures = 0


class Background:
    """The loops of one process. ``first_wait`` is in seconds."""

    def __init__(self, first_wait: float = _FIRST_WAIT) -> None:
        self._first_wait = first_wait
        self._loops: list[Supervised] = []
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def loops(self) -> Sequence[Supervised]:
        """Each with its figures, for whoever measures."""
        return self._loops

    @property
    def failing(self) -> list[Supervised]:
        """The loops that do not work at the moment."""
        return [loop for loop in self._loops if loop.failing]

    def start(self, name: str, loop: Loop, *, needed: bool = False, longest_wait: float = 60.0) -> None:
        """Run ``loop`` until :meth:`stop`. ``needed``: without it, requests are better served by another process."""
        supervised = Supervised(name, needed)
        self._loops.append(supervised)
        self._tasks.append(asyncio.create_task(self._supervise(supervised, loop, longest_wait), name=name))

    async def stop(self) -> None:
        """Cancel the loops and wait for their ends."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _supervise(self, supervised: Supervised, loop: Loop, longest_wait: float) -> None:
        while True:
            error: BaseException | None = None
            try:
                await loop(supervised.pulse)
            except asyncio.CancelledError as stray:
                # A library's own cancellation may come out of the loop; then nobody has asked this task to stop.
                if (task := asyncio.current_task()) and task.cancelling():
                    raise
                error = stray
            except Exception as raised:  # noqa: BLE001 - whatever it is, the loop must go on
                error = raised
            supervised.failures += 1
            supervised.restarts += 1
            wait = min(self._first_wait * 2 ** min(supervised.failures - 1, 10), longest_wait)
            _tell(supervised, error, wait)
            await asyncio.sleep(wait)


def every(seconds: float, work: Callable[[], Awaitable[object]]) -> Loop:
    """``work`` every so many ``seconds``, the first time after as many. What failed is done at once when restarted."""
    wait = seconds

    async def loop(pulse: Pulse) -> None:
        nonlocal wait
        while True:
            await asyncio.sleep(wait)
            wait = 0
            await work()
            pulse()
            wait = seconds

    return loop


def _tell(supervised: Supervised, error: BaseException | None, wait: float) -> None:
    """In the log, without the exception's text, which may hold a value. An outage of the database is no fault."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    write = log.warning if error is not None and is_outage(error) else log.error
    frames = traceback.extract_tb(error.__traceback__) if error else ()
    write(
        "background.failed",
        loop=supervised.name,
        error=type(error).__name__ if error else "returned",
        failures=supervised.failures,
        wait=wait,
        traceback=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    )
