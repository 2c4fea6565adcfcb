"""The audit trail of a practice, for its owners."""

import json
from datetime import datetime
from typing import Annotated

import strawberry

from flows.audit_trail.audit_trail import AuditOutcome, Named, TrailPage, TrailQuery, trail_page
from flows.audit_trail.audit_words import owner_words_of
from flows.core.paging import cursor_of
from models.core.audit_search import AuditRow
from schema.kit.arguments import After, First
from schema.kit.download_urls import export_url
from schema.kit.fields import Info, query, shown_to
from schema.kit.ids import node_id, parse_id
from schema.kit.lookahead import Selection
from schema.kit.permissions import Who
from schema.kit.relay import PageInfo, page_info


@shown_to(Who.OWNER)
@strawberry.type(description="The actor of an event. Without an account, nobody was signed in.")
class AuditActor:
    account: strawberry.ID | None = strawberry.field(description="The account that acted; give it as `actor`.")
    staff_member: strawberry.ID | None = strawberry.field(description="The member of staff; null for everyone else.")
    name: str | None = strawberry.field(description="The person's name as it is today.")
    role: str | None = strawberry.field(
        description="In which role: `OWNER`, `ADMIN` or `THERAPIST`; `STAFF` or `RESPONDENT` where the account itself "
        "was at stake, as at the sign-in; `CONSOLE` for a command on the server; null for nobody known."
    )


@shown_to(Who.OWNER)
@strawberry.type(description="A person or an object that an event is about.")
class AuditSubject:
    type: str = strawberry.field(description="Such as `Dossier`.")
    id: strawberry.ID = strawberry.field(description="Its id, for `node` and to search by; what it names may be gone.")
    label: str | None = strawberry.field(
        description="A dossier's reference or a person's name, as it is today; null for anything else or gone."
    )


@shown_to(Who.OWNER)
@strawberry.type(description="A detail of an event.")
class AuditDetail:
    key: str = strawberry.field(description="The name of the detail.")
    value: str = strawberry.field(description="The value as text; JSON if it is no text.")


@shown_to(Who.OWNER)
@strawberry.type(description="One act of one request, after NEN 7513.")
class AuditEvent:
    id: strawberry.ID = strawberry.field(description="An opaque id, unique among all objects.")
    at: datetime = strawberry.field(description="When.")
    event: str = strawberry.field(description="The event's stable code, such as `dossier.read`.")
    what: str = strawberry.field(description="The same in plain words, in the reader's language.")
    outcome: AuditOutcome = strawberry.field(description="The outcome.")
    actor: AuditActor = strawberry.field(description="Who did it, in which role.")
    subjects: list[AuditSubject] = strawberry.field(description="The people and objects that it is about.")
    address: str | None = strawberry.field(
        description="From which network address; `console` for commands on the server; null where there is none."
    )
    session: strawberry.ID | None = strawberry.field(description="In which login session; null without one.")
    request: str | None = strawberry.field(description="In which request, as the log and error replies number it.")
    details: list[AuditDetail] = strawberry.field(description="Further details.")
    sealed: bool = strawberry.field(
        description="Whether it is in the hash chain already, so that a later change is detected."
    )


@shown_to(Who.OWNER)
@strawberry.type(description="An event's place in the list.")
class AuditEventEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this event.")
    node: AuditEvent = strawberry.field(description="The event.")


@shown_to(Who.OWNER)
@strawberry.type(description="One page of the audit trail.")
class AuditEventConnection:
    edges: list[AuditEventEdge] = strawberry.field(description="The events, newest first.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")
    export_url: str = strawberry.field(
        description="Where to download all events of the filter's time, as CSV; `&format=jsonl` makes it JSON Lines. "
        "After a step-up."
    )


@strawberry.input(description="Which events; each field that is given narrows the search.")
class AuditFilter:
    since: datetime | None = strawberry.field(name="from", default=None, description="Only at this time or later.")
    until: datetime | None = strawberry.field(default=None, description="Only before this time.")
    event: str | None = strawberry.field(
        default=None, description="A code such as `dossier.read`, or a whole topic such as `dossier.`."
    )
    actor: strawberry.ID | None = strawberry.field(
        default=None, description="Who acted: the id of an account or of a member of staff."
    )
    subject: strawberry.ID | None = strawberry.field(
        default=None, description="About what or whom: the id of a dossier, a respondent, an account or anything else."
    )
    outcome: AuditOutcome | None = strawberry.field(default=None, description="The outcome.")
    session: strawberry.ID | None = strawberry.field(default=None, description="In which login session.")
    request: str | None = strawberry.field(default=None, description="In which request, as an error reply numbers it.")
    address: str | None = strawberry.field(default=None, description="From which network address, the whole of it.")


class AuditTrailQueries:
    @query(Who.OWNER)
    async def audit_trail(
        self,
        info: Info,
        first: First = 25,
        after: After = None,
        matching: Annotated[
            AuditFilter | None, strawberry.argument(name="filter", description="Which events; null: all.")
        ] = None,
    ) -> AuditEventConnection:
        """What was done in the practice, newest first. What is not there, or not the practice's, finds nothing; the
        search is an event itself."""
        query, selection = _query(matching), Selection.of(info)
        labelled = "label" in selection.names
        page = await trail_page(info.context.app, info.context.caller, query, first, after, labelled=labelled)
        edges = [_edge(selection, page, row) for row in page.rows]
        return AuditEventConnection(
            edges=edges,
            page_info=page_info([edge.cursor for edge in edges], after, has_next=page.has_next),
            export_url=export_url(info, query.since, query.until),
        )


def _query(given: AuditFilter | None) -> TrailQuery:
    if given is None:
        return TrailQuery()
    return TrailQuery(
        since=given.since,
        until=given.until,
        event=given.event,
        actor=_named(given.actor),
        subject=_named(given.subject),
        outcome=given.outcome,
        session=_named(given.session),
        request=given.request,
        address=given.address,
    )


def _named(given: strawberry.ID | None) -> Named | None:
    return None if given is None else parse_id(given) or ("", "")


def _edge(selection: Selection, page: TrailPage, row: AuditRow) -> AuditEventEdge:
    return AuditEventEdge(cursor=cursor_of(row.at.isoformat(), row.id), node=_event(selection, page, row))


def _event(selection: Selection, page: TrailPage, row: AuditRow) -> AuditEvent:
    return AuditEvent(
        id=node_id("AuditEvent", row.id),
        at=row.at,
        event=row.event,
        what=owner_words_of(row.event, selection.locale),
        outcome=AuditOutcome(row.outcome),
        actor=AuditActor(
            account=node_id("Account", row.actor_account) if row.actor_account else None,
            staff_member=node_id("StaffMember", row.actor_member) if row.actor_member else None,
            name=row.actor_name,
            role=row.actor_role or None,
        ),
        subjects=[
            AuditSubject(type=kind, id=node_id(kind, identity), label=page.labels.get((kind, identity)))
            for kind, identity in row.subjects
        ],
        address=row.address or None,
        session=node_id("LoginSession", row.session) if row.session else None,
        request=row.request or None,
        details=[AuditDetail(key=key, value=_value(value)) for key, value in row.details.items()],
        sealed=row.segment is not None,
    )


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
