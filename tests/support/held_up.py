"""Two acts of which the first is in the middle of its transaction when the second begins (PostgreSQL)."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from tests.people.device import Answer
from tests.support.databases import connected
from tests.support.sluis import Sluis

Asked = Coroutine[Any, Any, Answer]

_WAITING = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
_PATIENCE = 20


async def overlapping(sluis: Sluis, first: Asked, second: Asked, *, at: str = "audit_event") -> tuple[Answer, Answer]:
    """What both are answered. ``first`` stops where it stores a row in the table ``at``, by default its audit row, the
    last that most acts write: all else is done and nothing committed. Only when ``second`` waits as well, or is
    answered, rows can be stored there again.

    SQLite has one writer, so there is no such moment: the test is skipped.
    """
    if not sluis.database.url.startswith("postgresql"):
        first.close()
        second.close()
        pytest.skip("SQLite's transactions never overlap")
    async with connected(sluis.database.url) as blocking, connected(sluis.database.url) as looking:
        await blocking.execute(f"BEGIN; LOCK TABLE {at} IN SHARE MODE")
        one = asyncio.create_task(first)
        await _waits(looking, one, 1)
        two = asyncio.create_task(second)
        await _waits(looking, two, 2)
        await blocking.execute("COMMIT")
        return await asyncio.wait_for(one, _PATIENCE), await asyncio.wait_for(two, _PATIENCE)


async def _waits(looking: Any, act: asyncio.Task[Answer], number: int) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not act.done() and await looking.fetchval(_WAITING) < number:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
