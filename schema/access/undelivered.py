"""Messages that did not arrive, for the staff who rely on them."""

from typing import Annotated

import strawberry

from flows.access import undelivered as flow
from flows.core.paging import cursor_of
from models.mail.undelivered import UndeliveredRow
from schema.dossiers.message_problem import MessageProblem, message_problem
from schema.dossiers.respondents import UNSELECTED
from schema.kit.fields import Info, query, shown_to
from schema.kit.ids import node_id
from schema.kit.lookahead import selected_names
from schema.kit.permissions import Who
from schema.kit.relay import PageInfo, page_info


@shown_to(Who.MANAGER)
@strawberry.type(description="A message that did not arrive, and the person whom it was for.")
class UndeliveredMessage:
    problem: MessageProblem = strawberry.field(description="What became of it.")
    name: str | None = strawberry.field(description="The person; null where that is not known any more.")
    respondent: strawberry.ID | None = strawberry.field(description="The respondent's id; null for others.")
    dossier: strawberry.ID | None = strawberry.field(description="The id of the respondent's dossier; null for others.")
    staff_member: strawberry.ID | None = strawberry.field(description="The id of the member of staff; null for others.")
    prospect: strawberry.ID | None = strawberry.field(description="The prospect's id; null for others.")


@shown_to(Who.MANAGER)
@strawberry.type(description="A message's place in the list.")
class UndeliveredMessageEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this message.")
    node: UndeliveredMessage = strawberry.field(description="The message.")


@shown_to(Who.MANAGER)
@strawberry.type(description="One page of messages that did not arrive.")
class UndeliveredMessageConnection:
    edges: list[UndeliveredMessageEdge] = strawberry.field(description="The messages, newest first.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")
    total_count: int = strawberry.field(description="How many there are on all pages.")


def _edge(row: UndeliveredRow, locale: str) -> UndeliveredMessageEdge:
    node = UndeliveredMessage(
        problem=message_problem(row, locale),
        name=row.name,
        respondent=_id("Respondent", row.respondent_id),
        dossier=_id("Dossier", row.dossier_id),
        staff_member=_id("StaffMember", row.staff_id),
        prospect=_id("Prospect", row.prospect_id),
    )
    return UndeliveredMessageEdge(cursor=cursor_of(row.created_at.isoformat(), row.id), node=node)


def _id(kind: str, identity: str | None) -> strawberry.ID | None:
    return node_id(kind, identity) if identity else None


class UndeliveredQueries:
    @query(Who.MANAGER)
    async def undelivered_messages(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 25,
        after: Annotated[str | None, strawberry.argument(description="The cursor to go on behind.")] = None,
    ) -> UndeliveredMessageConnection:
        """Mail and text messages of the last 30 days that did not arrive or are tried again, newest first. One is gone
        from the list once its address was changed, or a later message of the kind was taken over."""
        context, counted = info.context, "totalCount" in selected_names(info)
        page = await flow.undelivered_page(context.app, context.caller, first, after, counted=counted)
        edges = [_edge(row, context.locale) for row in page.rows]
        return UndeliveredMessageConnection(
            edges=edges,
            page_info=page_info([edge.cursor for edge in edges], after, has_next=page.has_next),
            total_count=UNSELECTED if page.total is None else page.total,
        )
