"""What an access opens: chosen by staff, and told to the person."""

from typing import Annotated

import strawberry

from flows.access import scopes as flow
from flows.core.context import Caller
from flows.refusals import NoLogin, NotFound, StepUpRequired
from flows.refusals import Refusal as FlowRefusal
from models import Relation, Scope
from schema.dossiers.respondents import RespondentChanged, reload_respondent
from schema.kit.arguments import RespondentId
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.ids import raw_id
from schema.kit.permissions import Who


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="One of the caller's approved accesses.")
class OwnAccessGrant:
    name: str = strawberry.field(description="The caller's name in the dossier.")
    relation: Relation = strawberry.field(description="The caller's relation to the client.")
    about: str = strawberry.field(description="The name of the client whom the dossier is about.")
    scopes: list[Scope] = strawberry.field(description="What of the dossier it opens.")


async def own_access_grants(caller: Caller) -> list[OwnAccessGrant]:
    """What the caller's approved accesses open; none for staff and before approval."""
    return [
        OwnAccessGrant(
            name=grant.respondent.name,
            relation=grant.respondent.relation,
            about=grant.respondent.dossier.name,
            scopes=flow.in_order(flow.scopes_of(grant, grant.respondent.relation)),
        )
        for grant in await flow.open_grants(caller)
    ]


@shown_to(Who.STAFF)
@strawberry.type(description="What this access opens was chosen; it holds from the next request on.")
class AccessScopesSet(RespondentChanged):
    pass


class ScopeMutations:
    @mutation(Who.STAFF, answers=(AccessScopesSet,), refuses=(NotFound, NoLogin, StepUpRequired))
    async def set_access_scopes(
        self,
        info: Info,
        respondent: RespondentId,
        scopes: Annotated[
            list[Scope] | None,
            strawberry.argument(description="All that it opens, none included; null: what the relation opens."),
        ],
    ) -> object:
        """Choose what of the dossier a respondent's access opens."""
        identity = raw_id("Respondent", respondent)
        refusal = await flow.set_scopes(info.context.app, info.context.caller, identity, scopes)
        if isinstance(refusal, FlowRefusal):
            return refusal
        return AccessScopesSet(respondent=await reload_respondent(info, identity))
