"""Awaiting a plugin's code: for so long and no longer, and so that nothing it raises goes further than its caller."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from flows.core.context import AppContext
from flows.process.loop_lag import operation

V = TypeVar("V")


async def run_plugin_with_timeout(app: AppContext, plugin: str, work: Callable[[], Awaitable[V]]) -> V:
    """What ``work`` answers; ``plugin`` says whose it is, where it holds the event loop.

    Raises TimeoutError when its time is up, also where it answers after that: code that blocks instead of waiting holds
    the clock up as well. Otherwise what it raises; in place of a wish to exit or to be cancelled a RuntimeError. Work
    that ignores its cancellation is left behind, not waited for.
    """
    most, begun = app.rules.plugin_timeout, time.monotonic()
    task = asyncio.create_task(_kept_in(work), name=f"{plugin}, for {operation()}")
    # What one that was left behind raises later is nobody's, and may be secret.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        done, _ = await asyncio.wait({task}, timeout=most)
    finally:
        task.cancel()
    # The machine's clock, for uvloop's own stands still while a callback runs.
    if not done or time.monotonic() - begun > most:
        raise TimeoutError
    return task.result()


async def _kept_in(work: Callable[[], Awaitable[V]]) -> V:
    try:
        return await work()
    except Exception:
        raise
    except BaseException as stop:
        # Out of a task a wish to exit would stop the event loop, and with it the server.
        raise RuntimeError("a plugin wanted to stop") from stop
