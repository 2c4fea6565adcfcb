"""Finding a respondent of the practice by name."""

from datetime import date
from typing import Annotated

import strawberry

from flows.core.paging import cursor_of
from flows.onboarding.finding import RespondentPage, RespondentSearch, respondent_page
from models.access.respondent_page import RespondentRow
from schema.dossiers.respondents import UNSELECTED, Respondent, shown_respondent
from schema.kit.fields import Info, query, shown_to
from schema.kit.ids import node_id
from schema.kit.lookahead import Selection
from schema.kit.permissions import Who
from schema.kit.relay import PageInfo


@shown_to(Who.MANAGER)
@strawberry.type(description="The dossier that a respondent answers for, in short.")
class DossierBrief:
    id: strawberry.ID = strawberry.field(description="The dossier's id.")
    reference: str = strawberry.field(description="The practice's own number for it.")
    name: str = strawberry.field(description="The client's name.")
    birth_date: date | None = strawberry.field(description="The client's birth date.")


@shown_to(Who.MANAGER)
@strawberry.type(description="A respondent's place in the list.")
class RespondentEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this respondent.")
    node: Respondent = strawberry.field(description="The respondent.")
    dossier: DossierBrief = strawberry.field(description="What the respondent answers for.")


@shown_to(Who.MANAGER)
@strawberry.type(description="One page of respondents.")
class RespondentConnection:
    edges: list[RespondentEdge] = strawberry.field(description="The respondents, by name.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")
    total_count: int = strawberry.field(description="How many there are on all pages.")


def _edge(selection: Selection, page: RespondentPage, row: RespondentRow) -> RespondentEdge:
    brief = DossierBrief(
        id=node_id("Dossier", row.dossier_id),
        reference=row.reference,
        name=row.dossier_name,
        birth_date=row.birth_date,
    )
    return RespondentEdge(
        cursor=cursor_of(row.sort_key, row.id), node=shown_respondent(selection, page.facts[row.id]), dossier=brief
    )


class FindingQueries:
    @query(Who.MANAGER)
    async def respondents(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 25,
        after: Annotated[str | None, strawberry.argument(description="The cursor to go on behind.")] = None,
        search: Annotated[
            str | None, strawberry.argument(description="A part of the respondent's or the client's name.")
        ] = None,
    ) -> RespondentConnection:
        """The respondents of the practice's open dossiers by name, to associate a prospect with one."""
        selection, query = Selection.of(info), RespondentSearch(first, after, search)
        page = await respondent_page(
            info.context.app, info.context.caller, query, counted="totalCount" in selection.names
        )
        edges = [_edge(selection, page, row) for row in page.rows]
        return RespondentConnection(
            edges=edges,
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=after is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
            total_count=UNSELECTED if page.total is None else page.total,
        )
