"""Supervised background loops, which run as long as the process does.

A loop that raises or returns is logged and started again after a wait that doubles. It counts as failing until it
reports a good round by its ``pulse``. The watcher of a WebSocket is not supervised: it closes its socket, and the
client reconnects.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from flows.process.metrics import Metrics
from models.db.database import is_outage

log = structlog.get_logger(__name__)

#: Reports a good round.
Pulse = Callable[[], None]
Loop = Callable[[Pulse], Awaitable[None]]

_FIRST_WAIT = 1.0


@dataclass(slots=True)
class Supervised:
    """One loop: ``failures`` since its last good round, ``restarts`` and good ``rounds`` since the process began."""

    name: str
    metrics: Metrics
    needed: bool = False
    failures: int = 0
    restarts: int = 0
    rounds: int = 0

    @property
    def failing(self) -> bool:
        return self.failures > 0

    def pulse(self) -> None:
        """Report a good round."""
        self.rounds += 1
        self.metrics.loop_succeeded(self.name)
        if self.failures:
            log.warning("background.recovered", loop=self.name, failures=self.failures)
            self.failures = 0


class Background:
    """The loops of one process. ``first_wait`` is in seconds."""

    def __init__(self, first_wait: float = _FIRST_WAIT, metrics: Metrics | None = None) -> None:
        self._first_wait, self._metrics = first_wait, metrics or Metrics()
        self._loops: list[Supervised] = []
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def loops(self) -> Sequence[Supervised]:
        """The loops with their figures, for metrics."""
        return self._loops

    @property
    def failing(self) -> list[Supervised]:
        """The loops that are failing now."""
        return [loop for loop in self._loops if loop.failing]

    def start(self, name: str, loop: Loop, *, needed: bool = False, longest_wait: float = 60.0) -> None:
        """Run ``loop`` until :meth:`stop`. ``needed``: without it, requests are better served by another process."""
        supervised = Supervised(name, self._metrics, needed)
        self._loops.append(supervised)
        self._metrics.loop_started(name)
        self._tasks.append(asyncio.create_task(self._supervise(supervised, loop, longest_wait), name=name))

    async def stop(self) -> None:
        """Cancel the loops and wait until they have ended."""
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
            except Exception as raised:  # noqa: BLE001 - after any error the loop must continue
                error = raised
            supervised.failures += 1
            supervised.restarts += 1
            self._metrics.loop_failed(supervised.name)
            wait = min(self._first_wait * 2 ** min(supervised.failures - 1, 10), longest_wait)
            _log_failure(supervised, error, wait)
            await asyncio.sleep(wait)


def every(seconds: float, work: Callable[[], Awaitable[object]]) -> Loop:
    """Do ``work`` every ``seconds``, first after as many seconds. A restart after a failure does it at once."""
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


def _log_failure(supervised: Supervised, error: BaseException | None, wait: float) -> None:
    """Log a failure without the exception's text, which may hold a value. A database outage is only a warning."""
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
