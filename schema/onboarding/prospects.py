"""Prospects: people who signed up by themselves, for owners and admins."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from flows.core.paging import cursor_of
from flows.onboarding import prospects as flow
from flows.onboarding.prospects import ProspectPage, ProspectSearch, changed_prospect, prospect_page
from flows.refusals import (
    AlreadyExists,
    AlreadyHasLogin,
    Conflict,
    DossierClosed,
    InvalidInput,
    NotFound,
    NotVerified,
    StepUpRequired,
)
from flows.refusals import Refusal as FlowRefusal
from models import Relation
from models.onboarding.prospect_page import ProspectRow
from schema.dossiers.dossiers import DossierChanged, reload_dossier
from schema.dossiers.respondents import UNSELECTED, RespondentChanged, reload_respondent
from schema.kit.arguments import GIVEN, given_changes
from schema.kit.fields import Info, mutation, query, shown_to
from schema.kit.ids import node_id, raw_id
from schema.kit.lookahead import selected_names
from schema.kit.permissions import Who
from schema.kit.relay import PageInfo


@shown_to(Who.MANAGER)
@strawberry.type(description="Somebody who signed up, and whom no respondent is linked to yet.")
class Prospect:
    id: strawberry.ID = strawberry.field(description="For `createClient` and the like.")
    name: str = strawberry.field(description="As the person entered it.")
    email: str = strawberry.field(description="As the person entered it.")
    phone: str = strawberry.field(description="As the person entered it.")
    birth_date: date = strawberry.field(description="As the person entered it.")
    language: str = strawberry.field(description="The language of mail about it, such as `nl`.")
    verified: bool = strawberry.field(description="Whether the e-mail address is known to be the person's.")
    verified_at: datetime | None = strawberry.field(description="Since when; null while it is not.")
    signed_up_at: datetime = strawberry.field(description="When the person signed up.")
    last_sign_in_at: datetime | None = strawberry.field(description="When the person last signed in.")


@shown_to(Who.MANAGER)
@strawberry.type(description="A prospect's place in the list.")
class ProspectEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this prospect.")
    node: Prospect = strawberry.field(description="The prospect.")


@shown_to(Who.MANAGER)
@strawberry.type(description="One page of prospects.")
class ProspectConnection:
    edges: list[ProspectEdge] = strawberry.field(description="The prospects, newest first.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")
    total_count: int = strawberry.field(description="How many there are on all pages.")
    verified_count: int = strawberry.field(description="How many of those that the search finds are verified.")
    unverified_count: int = strawberry.field(description="How many of those that the search finds are not.")


def _prospect(row: ProspectRow) -> Prospect:
    return Prospect(
        id=node_id("Prospect", row.id),
        name=row.name,
        email=row.email,
        phone=row.phone,
        birth_date=row.birth_date,
        language=row.locale,
        verified=row.verified_at is not None,
        verified_at=row.verified_at,
        signed_up_at=row.created_at,
        last_sign_in_at=row.last_sign_in_at,
    )


def _connection(page: ProspectPage, asked: ProspectSearch) -> ProspectConnection:
    cursors = [cursor_of(row.created_at.isoformat(), row.id) for row in page.rows]
    edges = [ProspectEdge(cursor=cursor, node=_prospect(row)) for cursor, row in zip(cursors, page.rows, strict=True)]
    counts = page.counts
    return ProspectConnection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=asked.after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        total_count=counts.of(asked.verified) if counts else UNSELECTED,
        verified_count=counts.verified if counts else UNSELECTED,
        unverified_count=counts.unverified if counts else UNSELECTED,
    )


class ProspectQueries:
    @query(Who.MANAGER)
    async def prospects(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 25,
        after: Annotated[str | None, strawberry.argument(description="The cursor to go on behind.")] = None,
        search: Annotated[str | None, strawberry.argument(description="A part of the name or e-mail address.")] = None,
        verified: Annotated[
            bool | None,
            strawberry.argument(
                description="True: only prospects with a verified address. False: only those without. Null: both."
            ),
        ] = None,
    ) -> ProspectConnection:
        """The people who signed up and wait for the practice, newest first."""
        asked = ProspectSearch(first, after, search, verified)
        counted = bool(selected_names(info) & {"totalCount", "verifiedCount", "unverifiedCount"})
        page = await prospect_page(info.context.app, info.context.caller, asked, counted=counted)
        return _connection(page, asked)


@strawberry.input(description="Verifying a prospect's e-mail address by hand.")
class VerifyProspectInput:
    prospect: strawberry.ID = strawberry.field(description="The prospect's id.")
    reason: str = strawberry.field(description="How it is known, for the audit trail; up to 200 characters.")


@strawberry.input(description="Sending a prospect away.")
class RejectProspectInput:
    prospect: strawberry.ID = strawberry.field(description="The prospect's id.")
    tell_person: bool = strawberry.field(default=True, description="Whether a mail tells the person.")


@strawberry.input(
    description="A client made of a prospect. What is left out is as the person entered it. If the client is another "
    "person, nothing was entered about the client."
)
class CreateClientInput:
    prospect: strawberry.ID = strawberry.field(description="The prospect's id; verified.")
    reference: str = strawberry.field(description="The practice's own number for the dossier, up to 60 characters.")
    name: strawberry.Maybe[str] = strawberry.field(
        description="The client's name, up to 120 characters; needed where the client is another person."
    )
    birth_date: strawberry.Maybe[date | None] = strawberry.field(description="The client's birth date.")
    language: strawberry.Maybe[str] = strawberry.field(description="A language, such as `nl`.")
    relation: Relation = strawberry.field(default=Relation.SELF, description="What the person is to the client.")
    respondent_name: strawberry.Maybe[str] = strawberry.field(
        description="The name of the person who signed up, where that is not the client."
    )
    email: strawberry.Maybe[str | None] = strawberry.field(description="The respondent's; the account keeps its own.")
    phone: strawberry.Maybe[str | None] = strawberry.field(description="The respondent's.")
    therapists: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="Members of staff who get the dossier in their caseload; without one, no therapist sees it.",
    )


@strawberry.input(description="Linking a prospect to a respondent who is known already.")
class AssociateProspectInput:
    prospect: strawberry.ID = strawberry.field(description="The prospect's id; verified.")
    respondent: strawberry.ID = strawberry.field(
        description="The respondent's id, as from `respondents`; no login yet."
    )


@shown_to(Who.MANAGER)
@strawberry.type(description="The prospect counts as verified.")
class ProspectVerified:
    prospect: Prospect = strawberry.field(description="The prospect as it is now.")


@shown_to(Who.MANAGER)
@strawberry.type(description="The prospect's account is gone, with its sessions and devices; its address is free.")
class ProspectRejected:
    rejected: bool = strawberry.field(description="Always true.", default=True)


@shown_to(Who.MANAGER)
@strawberry.type(description="Dossier, respondent and an approved access are there; a mail tells the person.")
class ClientCreated(DossierChanged):
    pass


@shown_to(Who.MANAGER)
@strawberry.type(
    description="The account answers for the respondent, with an approved access; a mail tells the person."
)
class ProspectAssociated(RespondentChanged):
    pass


class ProspectMutations:
    @mutation(Who.MANAGER, answers=(ProspectVerified,), refuses=(NotFound, InvalidInput, StepUpRequired))
    async def verify_prospect(self, info: Info, given: Annotated[VerifyProspectInput, GIVEN]) -> object:
        """Take a prospect's e-mail address as verified, for a reason that the audit trail keeps."""
        app, caller, identity = info.context.app, info.context.caller, raw_id("Prospect", given.prospect)
        verified = await flow.verify(app, caller, identity, given.reason)
        if isinstance(verified, FlowRefusal):
            return verified
        return ProspectVerified(prospect=_prospect(await changed_prospect(caller, identity)))

    @mutation(Who.MANAGER, answers=(ProspectRejected,), refuses=(NotFound, StepUpRequired, Conflict))
    async def reject_prospect(self, info: Info, given: Annotated[RejectProspectInput, GIVEN]) -> object:
        """Reject a prospect and delete what the person entered."""
        app, caller, identity = info.context.app, info.context.caller, raw_id("Prospect", given.prospect)
        return await flow.reject(app, caller, identity, tell_person=given.tell_person) or ProspectRejected()

    @mutation(
        Who.MANAGER,
        answers=(ClientCreated,),
        refuses=(NotFound, InvalidInput, AlreadyExists, NotVerified, StepUpRequired, Conflict),
    )
    async def create_client(self, info: Info, given: Annotated[CreateClientInput, GIVEN]) -> object:
        """Make a dossier and its respondent of a prospect, link the account to it and approve the access."""
        changes = given_changes(
            name=given.name,
            birth_date=given.birth_date,
            locale=given.language,
            respondent_name=given.respondent_name,
            email=given.email,
            phone=given.phone,
        )
        app, caller, identity = info.context.app, info.context.caller, raw_id("Prospect", given.prospect)
        therapists = [raw_id("StaffMember", therapist) for therapist in given.therapists or ()]
        changes = {**changes, "relation": given.relation}
        made = await flow.create_client(app, caller, identity, given.reference, changes, therapists)
        return made if isinstance(made, FlowRefusal) else ClientCreated(dossier=await reload_dossier(info, made.id))

    @mutation(
        Who.MANAGER,
        answers=(ProspectAssociated,),
        refuses=(NotFound, NotVerified, DossierClosed, AlreadyHasLogin, StepUpRequired, Conflict),
    )
    async def associate_prospect(self, info: Info, given: Annotated[AssociateProspectInput, GIVEN]) -> object:
        """Link a prospect's account to a respondent of an existing dossier, and approve the access."""
        prospect, respondent = raw_id("Prospect", given.prospect), raw_id("Respondent", given.respondent)
        linked = await flow.associate(info.context.app, info.context.caller, prospect, respondent)
        if isinstance(linked, FlowRefusal):
            return linked
        return ProspectAssociated(respondent=await reload_respondent(info, linked.id))
