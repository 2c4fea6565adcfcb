"""Pages of respondents by name, to find the respondent of a prospect."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from models.core.searching import key_holds, key_searched
from models.db.database import fetch


@dataclass(frozen=True, slots=True)
class RespondentRow:
    """A respondent's place in the list, with the dossier that it answers for; ids are text."""

    id: str
    sort_key: str
    dossier_id: str
    reference: str
    dossier_name: str
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class RespondentQuery:
    """Which respondents of open dossiers; ``search`` is a search key."""

    practice_id: str
    search: str | None = None
    after: tuple[str, str] | None = None


# Stored before there was a sort key: the database's own folding will do.
_KEY = "COALESCE(r.sort_key, LOWER(r.name))"
_FROM = "FROM respondent r JOIN dossier d ON d.id = r.dossier_id"


async def respondent_rows(query: RespondentQuery, limit: int) -> list[RespondentRow]:
    """Up to ``limit`` respondents after ``query.after``, by name."""
    where, params = _where(query)
    if query.after:
        where += f" AND ({_KEY}, r.id) > (?, ?)"
        params += query.after
    rows = await fetch(
        f"SELECT r.id, {_KEY} AS sort_key, d.id AS dossier_id, d.reference, d.name AS dossier_name, d.birth_date"
        f" {_FROM} WHERE {where} ORDER BY {_KEY}, r.id LIMIT ?",
        *params,
        limit,
    )
    return [_row(row) for row in rows]


async def respondent_count(query: RespondentQuery) -> int:
    """How many there are on all pages."""
    where, params = _where(query)
    rows = await fetch(f"SELECT COUNT(*) AS total {_FROM} WHERE {where}", *params)
    return int(rows[0]["total"])


def _where(query: RespondentQuery) -> tuple[str, list[Any]]:
    """Conditions written here with places for everything that comes from outside."""
    parts, params = ["r.practice_id = ?", "d.closed_at IS NULL"], [query.practice_id]
    if query.search is not None:
        parts.append(f"({key_holds(_KEY)} OR {key_holds('d.sort_key')})")
        params += key_searched(query.search) * 2
    return " AND ".join(parts), params


def _row(row: dict[str, Any]) -> RespondentRow:
    day = row["birth_date"]
    return RespondentRow(
        id=str(row["id"]),
        sort_key=row["sort_key"],
        dossier_id=str(row["dossier_id"]),
        reference=row["reference"],
        dossier_name=row["dossier_name"],
        birth_date=date.fromisoformat(day) if isinstance(day, str) else day,
    )
