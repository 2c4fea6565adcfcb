"""The log of one's own dossier: its audit rows, for the client that it is about (mission, 27).

Another person who answers for a dossier sees none of it: it is about the client, not about what they gave.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.audit_trail.audit_words import words_of
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.paging import check_size, cursor_of, time_position
from flows.refusals import NotAllowed, NotSignedIn
from models import Relation, StaffRole
from models.access.access import approved_grants_of
from models.core.audit import AuditRow, told_about


class LogActor(StrEnum):
    """Who did it, as the client may know."""

    STAFF = "STAFF"
    YOU = "YOU"
    ANOTHER_PERSON = "ANOTHER_PERSON"
    NOBODY_SIGNED_IN = "NOBODY_SIGNED_IN"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """``name`` and ``role`` are a member of staff's and None for everyone else; ``what`` is in plain words."""

    at: datetime
    actor: LogActor
    name: str | None
    role: StaffRole | None
    event: str
    what: str
    refused: bool
    cursor: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """Newest first."""

    entries: Sequence[LogEntry]
    has_next: bool


async def own_log(app: AppContext, caller: Caller | None, first: int, after: str | None) -> LogPage:
    """What was done with the dossiers that are about the caller, as many statements whatever there is.

    Raises NotAllowed for a caller who is the client of none, BadCursor and PageTooLarge.
    """
    if caller is None:
        raise NotSignedIn
    check_size(app, first)
    dossiers = await own_dossiers(caller)
    if not dossiers:
        raise NotAllowed
    rows = await told_about(caller.practice_id, dossiers, first + 1, time_position(after))
    # Audited before the answer, and after the query: this read shows in the log the next time.
    await audit.record(app, caller, "dossier.log_read", *(("Dossier", dossier) for dossier in dossiers))
    return LogPage([shown(row, caller) for row in rows[:first]], len(rows) > first)


async def own_dossiers(caller: Caller) -> list[str]:
    """The ids of the dossiers that are about the caller, by approved grants."""
    grants = await approved_grants_of(caller.account_id)
    return [str(grant.respondent.dossier_id) for grant in grants if grant.respondent.relation is Relation.SELF]


def shown(row: AuditRow, caller: Caller) -> LogEntry:
    """An audit row as the caller may read it."""
    role = StaffRole(row.actor_role) if row.actor_role in {*StaffRole} else None
    return LogEntry(
        at=row.at,
        actor=_actor(row, caller, role),
        name=row.staff_name if role else None,
        role=role,
        event=row.event,
        what=words_of(row.event, caller.locale),
        refused=row.outcome != "SUCCESS",
        cursor=cursor_of(row.at.isoformat(), row.id),
    )


def _actor(row: AuditRow, caller: Caller, role: StaffRole | None) -> LogActor:
    if role is not None:
        return LogActor.STAFF
    if row.actor_account is None:
        return LogActor.NOBODY_SIGNED_IN
    return LogActor.YOU if row.actor_account == caller.account_id else LogActor.ANOTHER_PERSON
