"""Pages of dossiers by name, sought rather than skipped: a page costs the same wherever it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.core.searching import key_holds, key_searched
from models.db.database import fetch, literal


@dataclass(frozen=True, slots=True)
class DossierRow:
    """A dossier as a list shows it; ids are text."""

    id: str
    reference: str
    name: str
    sort_key: str
    birth_date: date | None
    locale: str
    closed: bool
    version: int


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which dossiers. ``staff_id`` narrows to a caseload; ``closed`` None means both open and closed."""

    practice_id: str
    staff_id: str | None = None
    #: Together: in a name, by its search key, or at the beginning of a reference, as it was typed.
    search: str | None = None
    reference: str = ""
    after: tuple[str, str] | None = None
    closed: bool | None = False
    dossier_id: str | None = None


@dataclass(frozen=True, slots=True)
class TherapistRow:
    """A member of staff who treats a client; ids are text."""

    dossier_id: str
    id: str
    name: str


async def dossier_rows(query: PageQuery, limit: int, *, total: bool = False) -> tuple[list[DossierRow], int | None]:
    """Up to ``limit`` dossiers after ``query.after``, and with ``total`` how many there are on all pages."""
    where, params = _where(query)
    counted, counting = (f", (SELECT COUNT(*) FROM dossier d WHERE {where}) AS total", params) if total else ("", [])  # noqa: S608
    beyond, position = (" AND (d.sort_key, d.id) > (?, ?)", query.after) if query.after else ("", ())
    rows = await fetch(
        f"SELECT d.id, d.reference, d.name, d.sort_key, d.birth_date, d.locale, d.closed_at, d.version{counted}"  # noqa: S608
        f" FROM dossier d WHERE {where}{beyond} ORDER BY d.sort_key, d.id LIMIT ?",
        *counting,
        *params,
        *position,
        limit,
    )
    if total and not rows:
        return [], await _count(where, params)
    return [_row(row) for row in rows], int(rows[0]["total"]) if total else None


async def _count(where: str, params: list[Any]) -> int:
    rows = await fetch(f"SELECT COUNT(*) AS total FROM dossier d WHERE {where}", *params)  # noqa: S608
    return int(rows[0]["total"])


async def therapists_of(practice_id: str, dossier_ids: Sequence[str]) -> list[TherapistRow]:
    """Who treats these clients, by name."""
    if not dossier_ids:
        return []
    places = ", ".join("?" for _ in dossier_ids)
    rows = await fetch(
        "SELECT c.dossier_id, m.id, m.name FROM caseload_entry c JOIN staff_member m ON m.id = c.staff_id"  # noqa: S608
        f" WHERE c.dossier_id IN ({places}) AND (m.practice_id = ?) IS TRUE ORDER BY m.name, m.id",
        *dossier_ids,
        practice_id,
    )
    return [TherapistRow(str(row["dossier_id"]), str(row["id"]), row["name"]) for row in rows]


def _where(query: PageQuery) -> tuple[str, list[Any]]:
    """Conditions written here with places for everything that comes from outside."""
    parts, params = ["d.practice_id = ?"], [query.practice_id]
    if query.staff_id is not None:
        # "IS TRUE" keeps SQLite from the practice's index: a caseload is small, a practice is not.
        parts[0] = "(d.practice_id = ?) IS TRUE"
        parts.append("d.id IN (SELECT c.dossier_id FROM caseload_entry c WHERE c.staff_id = ?)")
        params.append(query.staff_id)
    if query.dossier_id is not None:
        parts.append("d.id = ?")
        params.append(query.dossier_id)
    if query.closed is not None:
        parts.append("d.closed_at IS NOT NULL" if query.closed else "d.closed_at IS NULL")
    if query.search is not None:
        parts.append(f"({key_holds('d.sort_key')} OR LOWER(d.reference) LIKE LOWER(?) ESCAPE '\\')")
        params += [*key_searched(query.search), f"{literal(query.reference)}%"]
    return " AND ".join(parts), params


def _row(row: dict[str, Any]) -> DossierRow:
    day = row["birth_date"]
    return DossierRow(
        id=str(row["id"]),
        reference=row["reference"],
        name=row["name"],
        sort_key=row["sort_key"],
        birth_date=date.fromisoformat(day) if isinstance(day, str) else day,
        locale=row["locale"],
        closed=row["closed_at"] is not None,
        version=row["version"],
    )
