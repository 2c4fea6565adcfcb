"""Awaiting a plugin's code: for so long and no longer, and so that nothing it raises goes further than its caller."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from flows.house import House

V = TypeVar("V")


async def contained(house: House, work: Callable[[], Awaitable[V]]) -> V:
    """What ``work`` answers.

    Raises TimeoutError when its time is up, and otherwise what it raises; in place of a wish to exit or to be
    cancelled a RuntimeError. Work that ignores its cancellation is left behind, not waited for.
    """
    task = asyncio.create_task(_kept_in(work))
    # What one that was left behind raises later is nobody's, and may be secret.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        done, _ = await asyncio.wait({task}, timeout=house.rules.plugin_timeout)
    finally:
        task.cancel()
    if not done:
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
