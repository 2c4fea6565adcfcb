"""Key rotation: sealing again with the newest key the values that an older key sealed, while the server runs.

Each row is replaced by compare-and-swap, without a transaction over several rows. So a concurrent write is never
overwritten, and a rotation that was killed continues when it is started again.
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

#: The column of the audit trail's seals, which are keyed hashes.
SEGMENTS = "audit_segment.seal"

_TRIES = 10


class Fate(StrEnum):
    """The result for a value that was not sealed with the newest key."""

    RESEALED = "RESEALED"
    # A concurrent write deleted or replaced it.
    LEFT = "LEFT"
    # No key opens it in its row: its key is not in the settings, or the row was moved or changed.
    BROKEN = "BROKEN"


@dataclass(slots=True)
class SealedCounts:
    """How many values each key sealed, by column; ``unknown`` counts those of no key in the settings."""

    by_key: dict[str, Counter[str]]
    unknown: Counter[str] = field(default_factory=Counter)

    def behind(self, active: str) -> int:
        """How many values the other keys in the settings sealed."""
        return sum(counts.total() for key, counts in self.by_key.items() if key != active)


async def count_sealed(keys: KeyRing) -> SealedCounts:
    """How many values each key of the ring sealed, by the marks they begin with; opens none."""
    found = SealedCounts({key: Counter() for key in keys.marks})
    for where in SEALED_COLUMNS:
        counts, unknown = await count_by_key(where, keys.marks)
        for key, count in counts.items():
            found.by_key[key][str(where)] += count
        found.unknown[str(where)] += unknown
    async for segment in all_segments():
        sealer = audit_chain.sealer_of(keys, segment)
        by_column = found.unknown if sealer is None else found.by_key[sealer]
        by_column[SEGMENTS] += 1
    return found


async def reseal_segments(keys: KeyRing) -> AsyncIterator[tuple[UUID | str, Fate]]:
    """As :func:`reseal`, for the seals of the audit trail's segments; an invalid seal is not replaced."""
    async for segment in all_segments():
        key = audit_chain.sealer_of(keys, segment)
        if key is None:
            yield segment.id, Fate.BROKEN
        elif key != keys.active:
            done = await _with_retries(partial(audit_chain.reseal, keys, segment))
            yield segment.id, Fate.RESEALED if done else Fate.LEFT


async def reseal(keys: KeyRing, where: Sealed) -> AsyncIterator[tuple[UUID | str, Fate]]:
    """Seal again every value that the active key did not seal, one row at a time; yields each row's id and fate.

    Raises one of UNAVAILABLE where the database stays busy or away; rows that were resealed by then stay so.
    """
    async for row_id in sealed_otherwise(where, keys.marks[keys.active]):
        yield row_id, await _reseal(keys, where, row_id)


async def _reseal(keys: KeyRing, where: Sealed, row_id: UUID | str) -> Fate:
    for _ in range(_TRIES):
        found = await _with_retries(partial(sealed_value, where, row_id))
        if found is None:
            return Fate.LEFT
        try:
            if not keys.needs_reseal(found.content):
                return Fate.LEFT
            sealed = keys.seal(keys.open(found.content, *found.place), *found.place)
        except CannotOpen:
            return Fate.BROKEN
        if await _with_retries(partial(swap_sealed, where, row_id, found.content, sealed)):
            return Fate.RESEALED
    return Fate.LEFT


async def _with_retries(ask: Callable[[], Awaitable[T]]) -> T:
    """The database's answer to ``ask``, which is retried during an outage."""
    for attempt in range(_TRIES):
        try:
            return await ask()
        except UNAVAILABLE as error:
            if not is_outage(error) or attempt + 1 == _TRIES:
                raise
            await asyncio.sleep(0.05 * 2**attempt)
    raise AssertionError("the last try answers or raises")
