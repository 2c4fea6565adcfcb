"""The audit trail of a practice as its owners search it: sought, not skipped, and one statement whatever there is."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.db.database import as_time, fetch, is_sqlite, literal

#: Behind which row a page goes on: its time and id.
Place = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which rows: from ``since`` on and before ``until``. ``event`` that ends in a dot means all that begin with it.

    ``member`` is a member of staff who acted, ``subject`` the id of what it was about; all ids are canonical text.
    """

    practice_id: str
    since: datetime | None = None
    until: datetime | None = None
    event: str | None = None
    actor: str | None = None
    member: str | None = None
    subject: str | None = None
    outcome: str | None = None
    session: str | None = None
    request: str | None = None
    address: str | None = None

    @property
    def indexed(self) -> bool:
        """Whether an index leads to the rows, other than by their time."""
        exact = self.event is not None and not self.event.endswith(".")
        return exact or any(value is not None for value in (self.actor, self.member, self.subject))

    @property
    def narrowed(self) -> bool:
        """Whether rows are looked at and left out."""
        return any(v is not None for v in (self.event, self.outcome, self.session, self.request, self.address))


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One audit row; ids are text, times aware UTC. The names are today's, None where nobody is known by one.

    ``subjects`` are (type, id); ``segment`` is the number of the one it is sealed in, None until it is.
    """

    id: str
    at: datetime
    event: str
    outcome: str
    actor_account: str | None
    actor_member: str | None
    actor_name: str | None
    actor_role: str
    session: str | None
    request: str
    address: str
    subjects: tuple[tuple[str, str], ...]
    details: Mapping[str, Any]
    segment: int | None


_ROWS = """
SELECT e.id, e.at, e.event, e.outcome, e.actor_account, e.actor_role, e.session, e.request, e.address, e.subjects,
       e.details, e.segment, m.id AS member_id, COALESCE(m.name, a.name) AS actor_name
  FROM {source}
  LEFT JOIN staff_member m ON m.account_id = e.actor_account
  LEFT JOIN account a ON a.id = e.actor_account
 WHERE {where}
 ORDER BY {at} {way}, {id} {way} LIMIT ?
"""
#: A row has each of its subjects once or more often; the order is the index's own.
_ABOUT = """
(SELECT DISTINCT s.at, s.event FROM audit_subject s WHERE s.practice_id = ? AND s.subject = ? AND {where}
  ORDER BY s.at {way}, s.event {way}) q JOIN audit_event e ON e.id = q.event
"""


async def audit_rows(
    query: AuditQuery, limit: int, after: Place | None = None, *, oldest_first: bool = False
) -> list[AuditRow]:
    """Up to ``limit`` rows behind ``after``, newest first unless asked otherwise: one statement."""
    way, beyond = ("ASC", ">") if oldest_first else ("DESC", "<")
    narrow, params = _narrow(query)
    if query.subject is None:
        when, times = _when(query, after, "e.at", "e.id", beyond)
        sql = _ROWS.format(
            source="audit_event e", where=f"e.practice_id = ? AND {when}{narrow}", at="e.at", id="e.id", way=way
        )
        given = [query.practice_id, *times, *params]
    else:
        when, times = _when(query, after, "s.at", "s.event", beyond)
        source = _ABOUT.format(where=when, way=way)
        sql = _ROWS.format(source=source, where=f"TRUE{narrow}", at="q.at", id="q.event", way=way)
        given = [query.practice_id, query.subject, *times, *params]
    return [_row(row) for row in await fetch(sql, *given, limit)]


def _when(query: AuditQuery, after: Place | None, at: str, identity: str, beyond: str) -> tuple[str, list[Any]]:
    """The conditions that an index answers."""
    parts, params = ["TRUE"], list[Any]()
    if query.since is not None:
        parts.append(f"{at} >= ?")
        params.append(query.since)
    if query.until is not None:
        parts.append(f"{at} < ?")
        params.append(query.until)
    if after is not None:
        parts.append(f"({at}, {identity}) {beyond} (?, ?)")
        params += after
    return " AND ".join(parts), params


def _narrow(query: AuditQuery) -> tuple[str, list[Any]]:
    """The other conditions, each with places for what comes from outside."""
    parts, params = list[str](), list[Any]()
    if query.event is not None:
        topic = query.event.endswith(".")
        parts.append("e.event LIKE ? ESCAPE '\\'" if topic else "e.event = ?")
        params.append(f"{literal(query.event)}%" if topic else query.event)
    if query.member is not None:
        parts.append("e.actor_account = (SELECT w.account_id FROM staff_member w WHERE w.id = ? AND w.practice_id = ?)")
        params += [query.member, query.practice_id]
    for column, value in (
        ("actor_account", query.actor),
        ("session", query.session),
        ("request", query.request),
        ("address", query.address),
    ):
        if value is not None:
            parts.append(f"e.{column} = ?")
            params.append(value)
    if query.outcome is not None:
        parts.append("e.outcome = 'SUCCESS'" if query.outcome == "SUCCESS" else "e.outcome <> 'SUCCESS'")
    return "".join(f" AND {part}" for part in parts), params


def _row(row: dict[str, Any]) -> AuditRow:
    at = as_time(row["at"])
    assert at is not None
    subjects, details = _json(row["subjects"]), _json(row["details"])
    listed = subjects if isinstance(subjects, list) else []
    return AuditRow(
        id=str(row["id"]),
        at=at,
        event=row["event"],
        # What was blocked was refused before it was looked at.
        outcome="SUCCESS" if row["outcome"] == "SUCCESS" else "REFUSED",
        actor_account=_text(row["actor_account"]),
        actor_member=_text(row["member_id"]),
        actor_name=row["actor_name"],
        actor_role=row["actor_role"],
        session=_text(row["session"]),
        request=row["request"],
        address=row["address"],
        subjects=tuple((str(one["type"]), str(one["id"])) for one in listed),
        details=details if isinstance(details, dict) else {},
        segment=row["segment"],
    )


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _text(value: object) -> str | None:
    return str(value) if value else None


#: What people call a subject, by its type: the statement's places are for ids, and for the practice.
_LABELS: Mapping[str, str] = {
    "Dossier": "SELECT 'Dossier' AS kind, x.id, x.reference AS label FROM dossier x",
    "Respondent": "SELECT 'Respondent', x.id, x.name FROM respondent x",
    "Account": "SELECT 'Account', x.id, x.name FROM account x",
    "StaffMember": "SELECT 'StaffMember', x.id, x.name FROM staff_member x",
}


async def labels_of(practice_id: str, subjects: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What these subjects are called today, as far as they are the practice's and still there: one statement."""
    among = (
        "x.id IN (SELECT j.value FROM json_each(?) j)"
        if is_sqlite()
        # A list in one parameter: there is a limit to their number.
        else "x.id IN (SELECT j::uuid FROM json_array_elements_text(?::json) j)"
    )
    wanted = [json.dumps([identity for kind, identity in subjects if kind == label]) for label in _LABELS]
    sql = " UNION ALL ".join(f"{select} WHERE {among} AND x.practice_id = ?" for select in _LABELS.values())
    rows = await fetch(sql, *(param for ids in wanted for param in (ids, practice_id)))
    return {(row["kind"], str(row["id"])): row["label"] for row in rows}
