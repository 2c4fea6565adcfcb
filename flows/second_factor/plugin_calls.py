"""Awaiting a plugin's code with a time limit, and containing what it raises."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from flows.core.context import AppContext
from flows.process.loop_lag import operation

V = TypeVar("V")


async def run_plugin_with_timeout(app: AppContext, plugin: str, work: Callable[[], Awaitable[V]]) -> V:
    """The result of ``work``; ``plugin`` is its name in the log where it blocks the event loop.

    Raises TimeoutError after the time limit, also for a result that comes later: blocking code delays the timeout.
    Other exceptions pass through, but SystemExit, KeyboardInterrupt and CancelledError become a RuntimeError. Work that
    ignores its cancellation is abandoned, not awaited.
    """
    most, started = app.rules.plugin_timeout, time.monotonic()
    task = asyncio.create_task(_contained(work), name=f"{plugin}, for {operation()}")
    # Retrieved, so that asyncio does not log the exception of an abandoned task, which may hold a secret.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        done, _ = await asyncio.wait({task}, timeout=most)
    finally:
        task.cancel()
    # The system's clock: uvloop's own does not advance while a callback runs.
    if not done or time.monotonic() - started > most:
        raise TimeoutError
    return task.result()


async def _contained(work: Callable[[], Awaitable[V]]) -> V:
    try:
        return await work()
    except Exception:
        raise
    except BaseException as stop:
        # Raised from a task, SystemExit would stop the event loop, and so the server.
        raise RuntimeError("a plugin wanted to stop") from stop
