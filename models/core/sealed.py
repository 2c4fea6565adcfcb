"""Which columns hold sealed values, and to what each value is bound: the one list that sealing and rotation share."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from models.db.base import NOBODY
from models.db.database import execute, fetch

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column with values that are sealed to their ``purpose`` and to these other columns of the row."""

    table: str
    column: str
    purpose: str
    bound_to: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"

    def place(self, *values: object) -> tuple[str, ...]:
        """The associated data of one value; ``values`` are those of ``bound_to``, in that order."""
        if len(values) != len(self.bound_to):
            raise TypeError(f"{self} is bound to {len(self.bound_to)} values, not {len(values)}")
        return self.purpose, *(str(value) for value in values)


@dataclass(frozen=True, slots=True)
class SealedValue:
    """What one row holds, and to what it is bound."""

    content: bytes
    place: tuple[str, ...]


FACTOR_STATE = Sealed("factor_enrolment", "state", "factor-state", ("account_id", "factor"))
CHALLENGE = Sealed("challenge", "body", "challenge", ("id", "factor"))
OUTBOX = Sealed("outbox_message", "payload", "outbox", ("id",))
ROOM = Sealed("appointment", "room", "video-room", ("id",))
REPORT_TITLE = Sealed("report", "title", "report-title", ("practice_id", "id"))
ANSWERS = Sealed("answer_form", "content", "answers", ("practice_id", "id"))
COUNTING_KEY = Sealed("practice", "counting_key", "counting-key", ("id",))
FILE = Sealed("stored_file", "content", "file", ("practice_id", "id"))

SEALED_COLUMNS = (FACTOR_STATE, CHALLENGE, OUTBOX, ROOM, REPORT_TITLE, ANSWERS, FILE, COUNTING_KEY)


async def count_by_key(where: Sealed, marks: Mapping[str, bytes]) -> tuple[dict[str, int], int]:
    """How many values begin with each key's mark, and how many with none of them; reads them all, keeps none."""
    sums = ", ".join(f"COUNT(CASE WHEN {_begins(where, mark)} THEN 1 END) AS n{n}" for n, mark in _numbered(marks))
    (row,) = await fetch(
        f"SELECT COUNT({where.column}) AS total, {sums} FROM {where.table}",  # noqa: S608 - names from the list above
        *marks.values(),
    )
    counts = {key: int(row[f"n{n}"]) for n, key in enumerate(marks)}
    return counts, int(row["total"]) - sum(counts.values())


async def sealed_otherwise(where: Sealed, mark: bytes) -> AsyncIterator[UUID | str]:
    """The ids of the rows with a value that does not begin with ``mark``, a page at a time."""
    after: UUID | str = NOBODY
    while True:
        rows = await fetch(
            f"SELECT id FROM {where.table} WHERE {where.column} IS NOT NULL AND NOT ({_begins(where, mark)})"  # noqa: S608
            f" AND id > ? ORDER BY id LIMIT {_PAGE}",
            mark,
            after,
        )
        for row in rows:
            yield row["id"]
        if len(rows) < _PAGE:
            return
        after = rows[-1]["id"]


async def sealed_ids(where: Sealed) -> AsyncIterator[UUID | str]:
    """The ids of all rows that hold a value, a page at a time."""
    # No value begins with all of this.
    async for row_id in sealed_otherwise(where, b"\0" * 32):
        yield row_id


async def sealed_value(where: Sealed, row_id: UUID | str) -> SealedValue | None:
    """What a row holds now; None where the row or its value is gone."""
    rows = await fetch(
        f"SELECT {where.column} AS content, {', '.join(where.bound_to)} FROM {where.table} WHERE id = ?",  # noqa: S608
        row_id,
    )
    if not rows or rows[0]["content"] is None:
        return None
    return SealedValue(bytes(rows[0]["content"]), where.place(*(rows[0][name] for name in where.bound_to)))


async def swap_sealed(where: Sealed, row_id: UUID | str, old: bytes, new: bytes) -> bool:
    """Replace a value if the row still holds it; no version rises, for what it says is the same."""
    return (
        await execute(
            f"UPDATE {where.table} SET {where.column} = ? WHERE id = ? AND {where.column} = ?",  # noqa: S608
            new,
            row_id,
            old,
        )
        == 1
    )


def _begins(where: Sealed, mark: bytes) -> str:
    return f"substr({where.column}, 1, {len(mark)}) = ?"


def _numbered(marks: Mapping[str, bytes]) -> list[tuple[int, bytes]]:
    return list(enumerate(marks.values()))
