"""Pages of prospects, newest first, and how many there are."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.core.searching import key_holds, key_searched
from models.db.database import as_time, fetch, literal


@dataclass(frozen=True, slots=True)
class ProspectRow:
    """A prospect as managers see one; ids are text, times aware UTC."""

    id: str
    name: str
    email: str
    phone: str
    birth_date: date
    locale: str
    verified_at: datetime | None
    last_sign_in_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ProspectQuery:
    """Which prospects; ``verified`` None means both."""

    practice_id: str
    #: Together: in a name, by its search key, or in an address, as it was typed.
    search: str | None = None
    email: str = ""
    verified: bool | None = None
    after: tuple[datetime, str] | None = None
    prospect_id: str | None = None


@dataclass(frozen=True, slots=True)
class ProspectCounts:
    verified: int
    unverified: int

    def of(self, verified: bool | None) -> int:
        """How many there are of one kind; None: of both."""
        if verified is None:
            return self.verified + self.unverified
        return self.verified if verified else self.unverified


async def prospect_rows(query: ProspectQuery, limit: int) -> list[ProspectRow]:
    """Up to ``limit`` prospects after ``query.after``, newest first."""
    where, params = _where(query)
    if query.verified is not None:
        where += f" AND a.email_verified_at IS {'NOT ' if query.verified else ''}NULL"
    if query.after:
        where += " AND (p.created_at, p.id) < (?, ?)"
        params += query.after
    rows = await fetch(
        "SELECT p.id, p.phone, p.birth_date, p.created_at, a.name, a.email, a.locale,"  # noqa: S608
        " a.email_verified_at, a.last_sign_in_at FROM prospect p JOIN account a ON a.id = p.account_id"
        f" WHERE {where} ORDER BY p.created_at DESC, p.id DESC LIMIT ?",
        *params,
        limit,
    )
    return [_row(row) for row in rows]


async def prospect_counts(query: ProspectQuery) -> ProspectCounts:
    """How many the search finds on all pages, verified or not."""
    where, params = _where(query)
    rows = await fetch(
        "SELECT COUNT(*) AS every, COUNT(a.email_verified_at) AS verified"  # noqa: S608
        f" FROM prospect p JOIN account a ON a.id = p.account_id WHERE {where}",
        *params,
    )
    every, verified = int(rows[0]["every"]), int(rows[0]["verified"])
    return ProspectCounts(verified, every - verified)


def _where(query: ProspectQuery) -> tuple[str, list[Any]]:
    """Conditions written here with places for everything that comes from outside."""
    parts, params = ["p.practice_id = ?"], [query.practice_id]
    if query.prospect_id is not None:
        parts.append("p.id = ?")
        params.append(query.prospect_id)
    if query.search is not None:
        parts.append(f"({key_holds('p.sort_key')} OR LOWER(a.email) LIKE LOWER(?) ESCAPE '\\')")
        params += [*key_searched(query.search), f"%{literal(query.email)}%"]
    return " AND ".join(parts), params


def _row(row: dict[str, Any]) -> ProspectRow:
    day, created_at = row["birth_date"], as_time(row["created_at"])
    assert created_at is not None
    return ProspectRow(
        id=str(row["id"]),
        name=row["name"],
        email=row["email"],
        phone=row["phone"],
        birth_date=date.fromisoformat(day) if isinstance(day, str) else day,
        locale=row["locale"],
        verified_at=as_time(row["email_verified_at"]),
        last_sign_in_at=as_time(row["last_sign_in_at"]),
        created_at=created_at,
    )
