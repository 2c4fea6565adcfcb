"""Respondents: added to a dossier, edited, and shown with their way to the portal."""

from typing import Annotated, Any

import strawberry

from flows.dossiers import dossiers as flow
from flows.dossiers.dossiers import RespondentDraft
from flows.dossiers.reading import changed_respondent
from flows.refusals import Conflict, DossierClosed, InvalidInput, NotFound
from flows.refusals import Refusal as FlowRefusal
from models import Relation
from models.access.login_status import LoginFacts
from schema.dossiers.login_status import LoginStatus, login_status
from schema.kit.arguments import GIVEN, given_changes
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.ids import node_id, raw_id
from schema.kit.lookahead import Selection
from schema.kit.permissions import Who
from schema.kit.relay import Node

#: Stands in a field that the query does not select, so that it costs nothing.
UNSELECTED: Any = None


@shown_to(Who.STAFF)
@strawberry.type(description="A person who answers for a dossier: the client, a parent, a teacher …")
class Respondent(Node):
    name: str = strawberry.field(description="The person's name.")
    relation: Relation = strawberry.field(description="What the person is to the client.")
    email: str | None = strawberry.field(description="Where invitations go; changing it changes no account's address.")
    phone: str | None = strawberry.field(description="Telephone number.")
    version: int = strawberry.field(description="Rises with every change; `updateRespondent` asks for it.")
    login_status: LoginStatus = strawberry.field(description="The person's way to the portal.")


def shown_respondent(selection: Selection, facts: LoginFacts) -> Respondent:
    return Respondent(
        id=node_id("Respondent", facts.id),
        name=facts.name,
        relation=Relation(facts.relation),
        email=facts.email,
        phone=facts.phone,
        version=facts.version,
        login_status=login_status(selection, facts) if "loginStatus" in selection.names else UNSELECTED,
    )


async def reload_respondent(info: Info, respondent_id: object) -> Respondent:
    """The respondent as the mutation that is running left it."""
    facts = await changed_respondent(info.context.app, info.context.caller, respondent_id)
    return shown_respondent(Selection.of(info), facts)


@strawberry.input(description="A person to add to a dossier.")
class AddRespondentInput:
    dossier: strawberry.ID = strawberry.field(description="The dossier's id.")
    name: str = strawberry.field(description="Up to 120 characters.")
    relation: Relation = strawberry.field(description="What the person is to the client.")
    email: str | None = strawberry.field(default=None, description="Needed before the person can be invited.")
    phone: str | None = strawberry.field(default=None, description="Up to 20 digits, spaces and + ( ) - .")


@strawberry.input(description="Changes to a respondent; what is left out stays as it is.")
class UpdateRespondentInput:
    id: strawberry.ID = strawberry.field(description="The respondent's id.")
    version: int = strawberry.field(description="The version that was read; another one is a Conflict.")
    name: strawberry.Maybe[str] = strawberry.field(description="Up to 120 characters.")
    relation: strawberry.Maybe[Relation] = strawberry.field(description="What the person is to the client.")
    email: strawberry.Maybe[str | None] = strawberry.field(
        description="Null removes it. Another address withdraws an open invitation."
    )
    phone: strawberry.Maybe[str | None] = strawberry.field(description="Null removes it.")


@shown_to(Who.STAFF)
@strawberry.interface(description="Something about a respondent was done.")
class RespondentChanged:
    respondent: Respondent = strawberry.field(description="The respondent as it is now.")


@shown_to(Who.STAFF)
@strawberry.type(description="The person was added; nobody was invited.")
class RespondentAdded(RespondentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The changes were made.")
class RespondentUpdated(RespondentChanged):
    pass


class RespondentMutations:
    @mutation(Who.STAFF, answers=(RespondentAdded,), refuses=(NotFound, InvalidInput, DossierClosed))
    async def add_respondent(self, info: Info, given: Annotated[AddRespondentInput, GIVEN]) -> object:
        """Add a person who answers for a dossier."""
        draft = RespondentDraft(given.relation, given.name, given.email, given.phone)
        identity, app, caller = raw_id("Dossier", given.dossier), info.context.app, info.context.caller
        added = await flow.add_respondent(app, caller, identity, draft)
        if isinstance(added, FlowRefusal):
            return added
        return RespondentAdded(respondent=await reload_respondent(info, added.id))

    @mutation(Who.STAFF, answers=(RespondentUpdated,), refuses=(NotFound, InvalidInput, Conflict))
    async def update_respondent(self, info: Info, given: Annotated[UpdateRespondentInput, GIVEN]) -> object:
        """Change a respondent, if nobody else did since `version` was read."""
        changes = given_changes(name=given.name, relation=given.relation, email=given.email, phone=given.phone)
        identity, app, caller = raw_id("Respondent", given.id), info.context.app, info.context.caller
        updated = await flow.update_respondent(app, caller, identity, given.version, changes)
        if isinstance(updated, FlowRefusal):
            return updated
        return RespondentUpdated(respondent=await reload_respondent(info, updated.id))
