"""Changes of a name or birth date: asked for by the person, decided by staff."""

from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from flows.account import change_requests as flow
from flows.core.paging import cursor_of
from flows.refusals import (
    AlreadyAsked,
    AwaitingApproval,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    StaffAccount,
)
from flows.refusals import Refusal as FlowRefusal
from models import ChangeField, Relation, Respondent
from schema.account.changed import ViewerChanged
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, query, shown_to
from schema.kit.ids import node_id, raw_id
from schema.kit.permissions import Who
from schema.kit.relay import PageInfo

RequestId = Annotated[strawberry.ID, strawberry.argument(description="The request's id.")]


@strawberry.input(one_of=True, description="What shall be changed, into what: exactly one field.")
class RequestChangeInput:
    name: strawberry.Maybe[str] = strawberry.field(description="Up to 120 characters.")
    birth_date: strawberry.Maybe[date] = strawberry.field(description="Of the client whom the dossier is about.")


@strawberry.input(description="What staff decide about a request.")
class DecideChangeInput:
    request: strawberry.ID = strawberry.field(description="The request's id.")
    accept: bool = strawberry.field(description="True makes the change everywhere at once.")
    reason: str = strawberry.field(default="", description="For the person to read, up to 200 characters.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="Staff will decide about it.")
class ChangeRequested(ViewerChanged):
    pass


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The request is withdrawn.")
class ChangeWithdrawn(ViewerChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The request is decided. The person was notified.")
class ChangeDecided:
    accepted: bool = strawberry.field(description="Whether the change was made.")


@shown_to(Who.STAFF)
@strawberry.type(description="A dossier that accepting a change writes to.")
class TouchedDossier:
    id: strawberry.ID = strawberry.field(description="The dossier's id.")
    reference: str = strawberry.field(description="Its reference from the EPD.")
    name: str = strawberry.field(description="The client whom it is about, as the dossier says today.")
    respondent: strawberry.ID = strawberry.field(description="The person's respondent in that dossier.")
    relation: Relation = strawberry.field(
        description="What the person is to that client; of SELF the dossier itself changes, else the respondent's name."
    )


@shown_to(Who.STAFF)
@strawberry.type(description="A change that a person asked for and that waits for staff.")
class ChangeRequest:
    id: strawberry.ID = strawberry.field(description="For `decideChange`.")
    field: ChangeField = strawberry.field(description="The field to change.")
    current: str | None = strawberry.field(description="Its present value; a date as ISO 8601.")
    wanted: str = strawberry.field(description="The requested value; a date as ISO 8601.")
    person_name: str = strawberry.field(description="The person who asks, by name.")
    dossiers: list[strawberry.ID] = strawberry.field(description="The dossiers within reach that accepting changes.")
    touches: list[TouchedDossier] = strawberry.field(
        description="The same dossiers, with data to recognise them by before accepting."
    )
    beyond_reach: bool = strawberry.field(
        description="Whether the person also answers for dossiers out of reach; then somebody else has to accept it."
    )
    created_at: datetime = strawberry.field(description="When it was requested.")


@shown_to(Who.STAFF)
@strawberry.type(description="A request's place in the list.")
class ChangeRequestEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this request.")
    node: ChangeRequest = strawberry.field(description="The request.")


@shown_to(Who.STAFF)
@strawberry.type(description="One page of requests.")
class ChangeRequestConnection:
    edges: list[ChangeRequestEdge] = strawberry.field(description="The requests, oldest first.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")


class ChangeRequestQueries:
    @query(Who.STAFF)
    async def change_requests(
        self,
        info: Info,
        dossier: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only those of people who answer for this one.")
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 25,
        after: Annotated[str | None, strawberry.argument(description="The cursor to go on behind.")] = None,
    ) -> ChangeRequestConnection:
        """What people want changed and staff have not decided yet; a therapist's are those of the caseload."""
        identity = raw_id("Dossier", dossier) if dossier is not None else None
        page = await flow.asked_page(info.context.app, info.context.caller, identity, first, after)
        edges = [_edge(one) for one in page.requests]
        return ChangeRequestConnection(
            edges=edges,
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=after is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
        )


def _edge(one: flow.ShownChangeRequest) -> ChangeRequestEdge:
    request = one.request
    node = ChangeRequest(
        id=node_id("ChangeRequest", request.id),
        field=request.field,
        current=one.current,
        wanted=request.value,
        person_name=request.account.name,
        dossiers=[node_id("Dossier", dossier) for dossier in one.dossier_ids],
        touches=[_touched(respondent) for respondent in one.touched],
        beyond_reach=one.beyond_reach,
        created_at=request.created_at,
    )
    return ChangeRequestEdge(cursor=cursor_of(request.created_at.isoformat(), str(request.id)), node=node)


def _touched(respondent: Respondent) -> TouchedDossier:
    dossier = respondent.dossier
    return TouchedDossier(
        id=node_id("Dossier", dossier.id),
        reference=dossier.reference,
        name=dossier.name,
        respondent=node_id("Respondent", respondent.id),
        relation=respondent.relation,
    )


class ChangeRequestMutations:
    @mutation(
        Who.SIGNED_IN,
        answers=(ChangeRequested,),
        refuses=(InvalidInput, AlreadyAsked, AwaitingApproval, NotAllowed, StaffAccount),
    )
    async def request_change(self, info: Info, given: Annotated[RequestChangeInput, GIVEN]) -> Any:
        """Ask staff to change the own name or birth date; one open request for each."""
        name = given.name.value if given.name is not None else None
        day = given.birth_date.value if given.birth_date is not None else None
        made = await flow.ask(info.context.app, info.context.caller, name, day)
        return made if isinstance(made, FlowRefusal) else ChangeRequested()

    @mutation(Who.SIGNED_IN, answers=(ChangeWithdrawn,), refuses=(NotFound, Conflict))
    async def withdraw_change(self, info: Info, request: RequestId) -> Any:
        """Withdraw an own request that staff have not decided yet."""
        identity = raw_id("ChangeRequest", request)
        return await flow.withdraw(info.context.app, info.context.caller, identity) or ChangeWithdrawn()

    @mutation(Who.STAFF, answers=(ChangeDecided,), refuses=(NotFound, Conflict, InvalidInput))
    async def decide_change(self, info: Info, given: Annotated[DecideChangeInput, GIVEN]) -> Any:
        """Accept or reject a change request. Accepting needs every dossier of the person within reach."""
        app, caller, identity = info.context.app, info.context.caller, raw_id("ChangeRequest", given.request)
        refusal = await flow.decide(app, caller, identity, accept=given.accept, reason=given.reason)
        return refusal or ChangeDecided(accepted=given.accept)
