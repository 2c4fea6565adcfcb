"""Event loop lag: how long the loop is blocked, and by which task. A blocked loop delays all requests of the worker.

A timer fires ten times a second, and each delay is counted. Where the timer is late, a thread notes the running task
and its place in the code. Tasks are named after their operation.
"""

import asyncio
import sys
import time
from asyncio import AbstractEventLoop, Task, TimerHandle
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Event, Thread, get_ident
from typing import Any

import structlog

log = structlog.get_logger(__name__)

_BEAT = 0.1
HELD = 0.25
"""In seconds: a longer delay is logged."""
_FRAMES = 6
_LONGEST_NAME = 120

_operation: ContextVar[str | None] = ContextVar("sluis_operation", default=None)


def _nowhere(_: float) -> None:
    pass


@dataclass(slots=True)
class LoopLag:
    """The delays since the start; ``tell`` is called with each."""

    tell: Callable[[float], object] = _nowhere
    longest: float = 0.0
    held: int = 0
    """Delays of more than :data:`HELD`."""

    def observe(self, delay: float) -> None:
        """Count one beat's delay, in seconds."""
        self.longest = max(self.longest, delay)
        self.held += delay > HELD
        self.tell(delay)


@contextmanager
def working_for(operation: str) -> Iterator[None]:
    """Name this task, and the tasks started inside, after an operation."""
    task, token = asyncio.current_task(), _operation.set(None)
    before = task.get_name() if task else ""
    rename(operation)
    try:
        yield
    finally:
        _operation.reset(token)
        if task:
            task.set_name(before)


def rename(operation: str) -> None:
    """Rename this task once more is known about the operation."""
    name = operation[:_LONGEST_NAME]
    _operation.set(name)
    if (task := asyncio.current_task()) is not None:
        task.set_name(name)


def operation() -> str:
    """The operation of this task."""
    return _operation.get() or "nothing in particular"


def _named_task(loop: AbstractEventLoop, work: Any, **options: Any) -> Task[Any]:
    # Without a name of its own a task gets one from asyncio.
    return Task(work, loop=loop, **({"name": _operation.get()} | options))


@asynccontextmanager
async def watching(lag: LoopLag) -> AsyncIterator[None]:
    """Measure the running loop while inside."""
    loop = asyncio.get_running_loop()
    before = loop.get_task_factory()
    loop.set_task_factory(_named_task)
    watch = _Watch(loop, lag)
    watch.start()
    try:
        yield
    finally:
        watch.stop()
        loop.set_task_factory(before)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The task that blocked the loop, and its place in the code, innermost frame last."""

    task: str
    place: list[str]


class _Watch:
    def __init__(self, loop: AbstractEventLoop, lag: LoopLag) -> None:
        self._loop, self._lag = loop, lag
        self._thread_id = get_ident()
        self._due = time.monotonic()
        self._seen: _Seen | None = None
        self._timer: TimerHandle | None = None
        self._ended = Event()
        self._thread = Thread(target=self._look, name="loop-lag", daemon=True)

    def start(self) -> None:
        self._next()
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._timer is not None:
            self._timer.cancel()

    def _next(self) -> None:
        self._due = time.monotonic() + _BEAT
        self._timer = self._loop.call_later(_BEAT, self._beat)

    def _beat(self) -> None:
        delay = max(time.monotonic() - self._due, 0.0)
        self._lag.observe(delay)
        if delay > HELD:
            seen = self._seen or _Seen("unknown", [])
            log.warning("loop.held", ms=round(delay * 1000), operation=seen.task, place=seen.place)
        self._seen = None
        self._next()

    def _look(self) -> None:
        """Runs in a separate thread. It gets the GIL at the latest when a long call into C returns."""
        while not self._ended.wait(_BEAT):
            if self._seen is None and time.monotonic() - self._due > _BEAT:
                task = asyncio.current_task(self._loop)
                self._seen = _Seen(task.get_name() if task else "a callback", _place(self._thread_id))


def _place(thread: int) -> list[str]:
    frame, found = sys._current_frames().get(thread), list[str]()
    while frame is not None and len(found) < _FRAMES:
        code = frame.f_code
        found.append(f"{code.co_filename}:{frame.f_lineno} {code.co_name}")
        frame = frame.f_back
    return found[::-1]
