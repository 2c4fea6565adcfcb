"""The audit trail for its readers: owners search their practice's (NEN 7513), which is told to it in its turn."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

from flows.access.reach import owner
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.ids import as_uuid
from flows.core.paging import check_size, time_position
from flows.core.texts import instant
from flows.refusals import InvalidInput, Problem
from models.core.audit_search import AuditQuery, AuditRow, audit_rows, labels_of

#: A type and an id, as in ``subjects``.
Named = tuple[str, str]

#: A code as ``dossier.read``, or a topic as ``dossier.``.
_EVENT = re.compile(r"[a-z_]{1,30}\.[a-z_]{0,30}\Z")
_REQUEST = re.compile(r"[0-9a-f]{32}\Z")
_ACCOUNT, _MEMBER, _SESSION = "Account", "StaffMember", "LoginSession"
#: How far back is looked for what no index has, where no time is given: a trail grows for years.
_LOOKS_BACK = timedelta(days=31)


class AuditOutcome(StrEnum):
    """How an act ended."""

    SUCCESS = "SUCCESS"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """Which rows. An id is given as (type, id), and as a pair of empty texts where it is none of ours."""

    since: datetime | None = None
    until: datetime | None = None
    event: str | None = None
    actor: Named | None = None
    subject: Named | None = None
    outcome: AuditOutcome | None = None
    session: Named | None = None
    request: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Newest first. ``labels`` is what subjects are called today, empty where that was not asked for."""

    rows: Sequence[AuditRow]
    labels: Mapping[Named, str]
    has_next: bool


async def trail_page(
    app: AppContext, caller: Caller | None, asked: TrailQuery, first: int, after: str | None, *, labelled: bool
) -> TrailPage:
    """The practice's audit rows, for OWNER. Three statements, however many rows; what is not there finds nothing.

    Raises BadCursor, PageTooLarge, InvalidInput, NotSignedIn or NotAllowed.
    """
    member = owner(caller)
    check_size(app, first)
    place, query = time_position(after), _bounded(app, query_of(member, asked))
    rows = await audit_rows(query, first + 1, place) if query else []
    if asked.subject:
        # An id of one type never passes for another's.
        rows = [row for row in rows if asked.subject in row.subjects]
    page = rows[:first]
    labels = await labels_of(member.practice_id, _nameable(page)) if labelled else {}
    subjects = [asked.subject] if asked.subject and query else []
    await audit.record(app, member, "audit.searched", *subjects, details=_told(query, asked))
    return TrailPage(page, labels, len(rows) > first)


def query_of(member: Caller, asked: TrailQuery) -> AuditQuery | None:
    """The query for an owner's own practice; None where nothing can be found. Raises InvalidInput."""
    since = instant("from", asked.since) if asked.since else None
    until = instant("until", asked.until) if asked.until else None
    if asked.event is not None and not _EVENT.match(asked.event):
        raise InvalidInput("event", Problem.UNUSABLE)
    address = _address(asked.address) if asked.address is not None else None
    wanted = ((asked.actor, (_ACCOUNT, _MEMBER)), (asked.session, (_SESSION,)))
    if any(given and given[0] not in kinds for given, kinds in wanted) or asked.subject == ("", ""):
        return None
    if asked.request is not None and not _REQUEST.match(asked.request):
        return None
    return AuditQuery(
        member.practice_id,
        since=since,
        until=until,
        event=asked.event,
        actor=_id_of(asked.actor, _ACCOUNT),
        member=_id_of(asked.actor, _MEMBER),
        subject=asked.subject[1] if asked.subject else None,
        outcome=asked.outcome.value if asked.outcome else None,
        session=_id_of(asked.session, _SESSION),
        request=asked.request,
        address=address,
    )


def _bounded(app: AppContext, query: AuditQuery | None) -> AuditQuery | None:
    """The query, with a beginning where it would look at the whole trail."""
    if query is None or query.since is not None or query.indexed or not query.narrowed:
        return query
    return replace(query, since=(query.until or app.now) - _LOOKS_BACK)


def _id_of(given: Named | None, kind: str) -> str | None:
    return given[1] if given and given[0] == kind else None


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise InvalidInput("address", Problem.UNUSABLE) from error


def _nameable(rows: Sequence[AuditRow]) -> set[Named]:
    return {subject for row in rows for subject in row.subjects if as_uuid(subject[1]) == subject[1]}


def _told(query: AuditQuery | None, asked: TrailQuery) -> dict[str, Any]:
    """What was searched by, for the trail itself; of what has the form of nothing here, only that it was given."""
    if query is None:
        return {"filter": "of something that is not there"}
    given = {
        "from": query.since.isoformat() if query.since else None,
        "until": query.until.isoformat() if query.until else None,
        "event": query.event,
        "actor": ":".join(asked.actor) if asked.actor else None,
        "subject": ":".join(asked.subject) if asked.subject else None,
        "outcome": query.outcome,
        "session": query.session,
        "request": query.request,
        "address": query.address,
    }
    return {name: value for name, value in given.items() if value is not None}
