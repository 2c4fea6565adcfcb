"""Audit rows in sealed segments: each practice has a chain of its own."""

import json
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from models.core.practice import Practice
from models.db.base import NOBODY, Row, practice_key
from models.db.database import IntegrityError, as_time, execute, fetch, transaction

#: What of an audit row is under the seal: every column but ``segment``.
COLUMNS = (
    *("id", "practice_id", "at", "event", "outcome", "actor_account", "actor_role"),
    *("session", "request", "address", "subjects", "details"),
)
_JSON = {"subjects", "details"}
_IDS = {"id", "practice_id", "actor_account", "session"}
_PAGE = 500


class AuditSegment(Row):
    """A run of a practice's audit rows under one seal, chained to the one before it. Hashes are hexadecimal."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    # From 1, without gaps.
    number = fields.IntField()
    events = fields.IntField()
    # Of its rows; another segment may have rows between them, which were committed later.
    first_at = fields.DatetimeField()
    last_at = fields.DatetimeField()
    # Of the rows as they are stored.
    digest = fields.CharField(max_length=64)
    # Of the above and the chain of the segment before it: what is exported as a head.
    chain = fields.CharField(max_length=64)
    # Of the chain and of ``purged_at``, with a key that the database does not hold.
    seal = fields.CharField(max_length=64)
    sealed_at = fields.DatetimeField()
    # Its rows are gone, or going.
    purged_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "audit_segment"
        constraints = (UniqueConstraint(fields=("practice", "number"), name="audit_segment_once"),)


async def all_segments() -> AsyncIterator[AuditSegment]:
    """Every practice's, in the order of their ids, a page at a time."""
    after: UUID = NOBODY
    while page := await AuditSegment.filter(id__gt=after).order_by("id").limit(_PAGE):
        for segment in page:
            yield segment
        after = page[-1].id


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An audit row as it is stored. ``plain`` holds what is under the seal, the same on both databases:
    ids and times as text, in UTC to the microsecond, and JSON as what it says; ``at`` is the database's own.
    """

    id: str
    at: Any
    plain: dict[str, Any]

    @property
    def subjects(self) -> list[str]:
        """What the database's index of subjects has about it."""
        listed = self.plain["subjects"]
        ids = [one.get("id") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        return [one[:80] for one in ids if isinstance(one, str)]


def _stored(row: dict[str, Any]) -> StoredEvent:
    return StoredEvent(str(row["id"]), row["at"], {name: _plain(name, row[name]) for name in COLUMNS})


def _plain(name: str, value: Any) -> Any:
    """What somebody put there past the product may be anything; it then stays as it is, and no seal is over that."""
    with suppress(ValueError, TypeError):
        if name in _JSON:
            return _numbers(json.loads(value))
        if name == "at":
            at = as_time(value)
            assert at is not None
            return at.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if name in _IDS and value is not None else value


def _numbers(value: Any) -> Any:
    """PostgreSQL writes 1e3 as 1000, so a whole number is one however it was written."""
    if isinstance(value, dict):
        return {name: _numbers(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


_SELECT = f"SELECT {', '.join(COLUMNS)} FROM audit_event WHERE practice_id = ? AND "  # noqa: S608 - names of columns only


async def practices_unsealed() -> list[str]:
    """The ids of the practices that have rows to seal."""
    rows = await fetch("SELECT DISTINCT practice_id FROM audit_event WHERE segment IS NULL")
    return [str(row["practice_id"]) for row in rows]


async def count_unsealed(practice_id: UUID) -> int:
    rows = await fetch("SELECT COUNT(*) AS n FROM audit_event WHERE practice_id = ? AND segment IS NULL", practice_id)
    return int(rows[0]["n"])


async def unsealed(practice_id: str, limit: int) -> list[StoredEvent]:
    """The oldest rows that no segment has yet, by time and id."""
    rows = await fetch(f"{_SELECT} segment IS NULL ORDER BY at, id LIMIT ?", practice_id, limit)
    return [_stored(row) for row in rows]


async def rows_of(practice_id: UUID, number: int | None, size: int = _PAGE) -> AsyncIterator[list[StoredEvent]]:
    """The rows of a segment, or those of none, by time and id: pages of at most ``size``."""
    mine, which = ("segment IS NULL", []) if number is None else ("segment = ?", [number])
    beyond, position = "", list[Any]()
    while True:
        sql = f"{_SELECT} {mine} {beyond} ORDER BY at, id LIMIT ?"
        rows = await fetch(sql, practice_id, *which, *position, size)
        if rows:
            yield [_stored(row) for row in rows]
        if len(rows) < size:
            return
        beyond, position = "AND (at, id) > (?, ?)", [rows[-1]["at"], rows[-1]["id"]]


async def stored_by_id(ids: Collection[str]) -> dict[str, tuple[StoredEvent, int | None]]:
    """Rows of any practice with their segments' numbers, by id."""
    places = ", ".join("?" for _ in ids)
    rows = await fetch(
        f"SELECT {', '.join(COLUMNS)}, segment FROM audit_event WHERE id IN ({places})",  # noqa: S608 - names and places
        *ids,
    )
    return {str(row["id"]): (_stored(row), row["segment"]) for row in rows}


async def rows_without_segment(practice_id: UUID) -> list[tuple[int, int]]:
    """Numbers that rows have and no segment, with how many rows; nobody but a forger makes such."""
    rows = await fetch(
        """SELECT e.segment AS number, COUNT(*) AS n FROM audit_event e
            WHERE e.practice_id = ? AND e.segment IS NOT NULL AND NOT EXISTS (
                  SELECT 1 FROM audit_segment s WHERE s.practice_id = e.practice_id AND s.number = e.segment)
            GROUP BY e.segment ORDER BY e.segment""",
        practice_id,
    )
    return [(int(row["number"]), int(row["n"])) for row in rows]


async def last_segment(practice_id: str) -> AuditSegment | None:
    return await AuditSegment.filter(practice_id=practice_id).order_by("-number").first()


async def segments_of(practice_id: UUID) -> AsyncIterator[AuditSegment]:
    """All segments of a practice, by number."""
    number = -(2**31)
    while page := await AuditSegment.filter(practice_id=practice_id, number__gt=number).order_by("number").limit(_PAGE):
        for segment in page:
            yield segment
        number = page[-1].number


class _Lost(Exception):
    """Another sealer was quicker."""


async def add_segment(segment: AuditSegment, ids: Sequence[str]) -> bool:
    """Store a segment with its rows; False where another sealer took its number or one of the rows."""
    places = ", ".join("?" for _ in ids)
    try:
        async with transaction():
            await segment.save(force_create=True)
            changed = await execute(
                "UPDATE audit_event SET segment = ? WHERE practice_id = ? AND segment IS NULL "  # noqa: S608 - places only
                f"AND id IN ({places})",
                segment.number,
                segment.practice_id,
                *ids,
            )
            if changed != len(ids):
                raise _Lost
    except (IntegrityError, _Lost):
        return False
    return True


async def swap_seal(segment: AuditSegment, seal: str) -> bool:
    """Put a seal in the place of the one that was read; False where somebody else has done so."""
    return bool(await AuditSegment.filter(id=segment.id, seal=segment.seal).update(seal=seal))


async def mark_purged(segment: AuditSegment, was: str) -> bool:
    """Store ``purged_at`` and the new seal of a segment whose seal was this; False where it changed meanwhile."""
    open_ = AuditSegment.filter(id=segment.id, seal=was, purged_at__isnull=True)
    return bool(await open_.update(purged_at=segment.purged_at, seal=segment.seal))


async def first_to_purge(practice_id: UUID, beyond: int) -> AuditSegment | None:
    """The first purged segment past this number that still has rows."""
    rows = await fetch(
        """SELECT e.segment AS number FROM audit_event e
            WHERE e.practice_id = ? AND e.segment > ?
              AND e.segment <= (SELECT MAX(number) FROM audit_segment
                                 WHERE practice_id = e.practice_id AND purged_at IS NOT NULL)
              AND e.segment IN (SELECT number FROM audit_segment
                                 WHERE practice_id = e.practice_id AND purged_at IS NOT NULL)
            ORDER BY e.segment LIMIT 1""",
        practice_id,
        beyond,
    )
    return await AuditSegment.get(practice_id=practice_id, number=rows[0]["number"]) if rows else None
