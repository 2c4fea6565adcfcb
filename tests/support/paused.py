"""Work of a running server that waits in the middle, while somebody else does something."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from tests.people.device import Answer
from tests.support.failing import misbehaving
from tests.support.sluis import Sluis

_THREADS = 32


@asynccontextmanager
async def hashing(sluis: Sluis, act: Coroutine[Any, Any, Answer]) -> AsyncIterator[asyncio.Task[Answer]]:
    """``act`` has asked for a hash, and does not get it before the end: every thread is busy."""
    assert sluis.app is not None
    passwords, free = sluis.app.passwords, threading.Event()
    for _ in range(_THREADS):
        passwords._pool.submit(free.wait, 60)
    before = passwords.count
    task = asyncio.create_task(act)
    try:
        async with asyncio.timeout(20):
            while passwords.count == before:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
        yield task
    finally:
        free.set()


@asynccontextmanager
async def in_verb(
    sluis: Sluis, factor: str, verb: str, act: Coroutine[Any, Any, Answer]
) -> AsyncIterator[asyncio.Task[Answer]]:
    """``act`` has asked a factor, which does not answer before the end."""
    assert sluis.app is not None
    own = sluis.app.factors.get(factor)
    asked, free = asyncio.Event(), asyncio.Event()

    async def waits(_: Any, *given: Any) -> Any:
        asked.set()
        await free.wait()
        return await getattr(own, verb)(*given)

    with misbehaving(sluis, factor, patience=60, **{verb: waits}):
        task = asyncio.create_task(act)
        try:
            await asyncio.wait_for(asked.wait(), 20)
            yield task
        finally:
            free.set()
            await asyncio.wait({task}, timeout=20)
