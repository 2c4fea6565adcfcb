"""The index of audit rows' subjects, checked against the rows that it is of; and rows that are purged with it."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.core.audit_chain import AuditSegment, StoredEvent, stored_by_id
from models.db.database import execute, fetch, is_sqlite, transaction

_PAGE = 1000
# Three parameters each; both databases take 32 767.
_TRIPLES = 2000


@dataclass(frozen=True, slots=True)
class Stray:
    """A row of the index that belongs to no audit row as it stands there."""

    id: int
    practice_id: str
    event: str
    segment: int | None


async def miscounted(practice_id: UUID, rows: Sequence[StoredEvent]) -> Counter[str]:
    """By how many subjects the index differs from these rows: too few, or one twice. Ids of audit rows."""
    wrong = Counter[str]()
    wanted = Counter((row.id, subject) for row in rows for subject in row.subjects)
    for places, values in _triples(rows):
        found = await fetch(
            "SELECT event, subject, COUNT(*) AS n FROM audit_subject "  # noqa: S608 - places only
            f"WHERE practice_id = ? AND (subject, at, event) IN (VALUES {places}) GROUP BY event, subject",
            practice_id,
            *values,
        )
        wanted.subtract({(str(row["event"]), row["subject"]): int(row["n"]) for row in found})
    for (event, _), difference in wanted.items():
        wrong[event] += abs(difference)
    return +wrong


def _triples(rows: Sequence[StoredEvent]) -> Iterator[tuple[str, list[Any]]]:
    each = sorted({(subject, row.at, row.id) for row in rows for subject in row.subjects}, key=str)
    one = "(?, ?, ?)" if is_sqlite() else "(CAST(? AS text), CAST(? AS timestamptz), CAST(? AS uuid))"
    for start in range(0, len(each), _TRIPLES):
        some = each[start : start + _TRIPLES]
        yield ", ".join([one] * len(some)), [value for triple in some for value in triple]


async def strays() -> AsyncIterator[Stray]:
    """Of all practices."""
    last = -(2**63)
    while page := await fetch("SELECT * FROM audit_subject WHERE id > ? ORDER BY id LIMIT ?", last, _PAGE):
        events = await stored_by_id({str(row["event"]) for row in page})
        for row in page:
            event, segment = events.get(str(row["event"]), (None, None))
            if (event is None or not _of(event, row)) and await _still_there(row["id"]):
                yield Stray(row["id"], str(row["practice_id"]), str(row["event"]), segment)
        last = page[-1]["id"]


def _of(event: StoredEvent, row: dict[str, Any]) -> bool:
    same = event.plain["practice_id"] == str(row["practice_id"]) and event.at == row["at"]
    return same and row["subject"] in event.subjects


async def _still_there(id_: int) -> bool:
    """A purge takes rows and their subjects away at once, but not between two statements of ours."""
    return bool(await fetch("SELECT id FROM audit_subject WHERE id = ?", id_))


async def delete_rows(segment: AuditSegment, rows: Sequence[StoredEvent]) -> None:
    """Rows of a purged segment, and what the index has about them."""
    places = ", ".join("?" for _ in rows)
    async with transaction():
        await execute(
            f"DELETE FROM audit_event WHERE practice_id = ? AND segment = ? AND id IN ({places})",  # noqa: S608 - places only
            segment.practice_id,
            segment.number,
            *(row.id for row in rows),
        )
        for some, values in _triples(rows):
            await execute(
                f"DELETE FROM audit_subject WHERE practice_id = ? AND (subject, at, event) IN (VALUES {some})",  # noqa: S608 - places only
                segment.practice_id,
                *values,
            )
