"""Sealing again, with the newest key, what an older one sealed, while people go on working.

One row after another, each by compare-and-swap and without a transaction around it: what a serving process stores
meanwhile is never overwritten, and a rotation that was killed goes on where it was when it is begun again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import TypeVar
from uuid import UUID

from flows.core import audit_chain
from models.core.audit_chain import all_segments
from models.core.sealed import SEALED_COLUMNS, Sealed, count_by_key, sealed_otherwise, sealed_value, swap_sealed
from models.db.database import UNAVAILABLE, is_outage
from security.keys import CannotOpen, KeyRing

T = TypeVar("T")

#: Where the audit trail's seals are, which are keyed hashes.
SEGMENTS = "audit_segment.seal"

_TRIES = 10


class Fate(StrEnum):
    """What became of a value that was not sealed with the newest key."""

    RESEALED = "RESEALED"
    # Somebody was faster: it is gone, or was stored anew.
    LEFT = "LEFT"
    # No key opens it at its place: its key is not in the settings, or the row was moved or changed.
    BROKEN = "BROKEN"


@dataclass(slots=True)
class SealedCounts:
    """How many values each key holds, by column; ``strange`` counts those of no key in the settings."""

    by_key: dict[str, Counter[str]]
    strange: Counter[str] = field(default_factory=Counter)

    def behind(self, active: str) -> int:
        """How many values another key in the settings holds."""
        return sum(held.total() for key, held in self.by_key.items() if key != active)


async def held(keys: KeyRing) -> SealedCounts:
    """What each key of the ring still opens, judged by how the values begin; opens none."""
    found = SealedCounts({key: Counter() for key in keys.marks})
    for where in SEALED_COLUMNS:
        counts, strange = await count_by_key(where, keys.marks)
        for key, count in counts.items():
            found.by_key[key][str(where)] += count
        found.strange[str(where)] += strange
    async for segment in all_segments():
        sealer = audit_chain.sealer_of(keys, segment)
        counted = found.strange if sealer is None else found.by_key[sealer]
        counted[SEGMENTS] += 1
    return found


async def reseal_segments(keys: KeyRing) -> AsyncIterator[tuple[UUID | str, Fate]]:
    """As :func:`reseal`, for the seals of the audit trail's segments; one that does not hold stays as it is."""
    async for segment in all_segments():
        key = audit_chain.sealer_of(keys, segment)
        if key is None:
            yield segment.id, Fate.BROKEN
        elif key != keys.active:
            done = await _patiently(partial(audit_chain.reseal, keys, segment))
            yield segment.id, Fate.RESEALED if done else Fate.LEFT


async def reseal(keys: KeyRing, where: Sealed) -> AsyncIterator[tuple[UUID | str, Fate]]:
    """Seal anew what is not sealed with the active key, one row in memory at a time; answers each row's id and fate.

    Raises one of UNAVAILABLE where the database stays busy or away; what was done by then stays done.
    """
    async for row_id in sealed_otherwise(where, keys.marks[keys.active]):
        yield row_id, await _reseal(keys, where, row_id)


async def _reseal(keys: KeyRing, where: Sealed, row_id: UUID | str) -> Fate:
    for _ in range(_TRIES):
        found = await _patiently(partial(sealed_value, where, row_id))
        if found is None:
            return Fate.LEFT
        try:
            if not keys.needs_reseal(found.content):
                return Fate.LEFT
            sealed = keys.seal(keys.open(found.content, *found.place), *found.place)
        except CannotOpen:
            return Fate.BROKEN
        if await _patiently(partial(swap_sealed, where, row_id, found.content, sealed)):
            return Fate.RESEALED
    return Fate.LEFT


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """What the database answers, asked again while it is busy."""
    for attempt in range(_TRIES):
        try:
            return await ask()
        except UNAVAILABLE as error:
            if not is_outage(error) or attempt + 1 == _TRIES:
                raise
            await asyncio.sleep(0.05 * 2**attempt)
    raise AssertionError("the last try answers or raises")
