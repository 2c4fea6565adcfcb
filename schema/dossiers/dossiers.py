"""Dossiers: paged, searched, made, edited and closed by staff."""

from datetime import date
from typing import Annotated

import strawberry

from flows.core.paging import cursor_of
from flows.dossiers import dossiers as flow
from flows.dossiers.dossiers import DossierDraft
from flows.dossiers.reading import DossierPage, DossierParts, DossierQuery, changed_dossier, dossier_page
from flows.refusals import AlreadyExists, Conflict, DossierClosed, DossierOpen, InvalidInput, NotFound, StepUpRequired
from flows.refusals import Refusal as FlowRefusal
from models.dossiers.dossier_page import DossierRow, TherapistRow
from schema.dossiers.respondents import UNSELECTED, Respondent, shown_respondent
from schema.kit.arguments import GIVEN, DossierId, given_changes
from schema.kit.fields import Info, mutation, query, shown_to
from schema.kit.ids import node_id, raw_id
from schema.kit.lookahead import Selection
from schema.kit.permissions import Who
from schema.kit.relay import Node, PageInfo


@shown_to(Who.STAFF)
@strawberry.type(description="A member of staff who treats the client.")
class Therapist:
    id: strawberry.ID = strawberry.field(description="The member of staff's id.")
    name: str = strawberry.field(description="The member of staff's name.")


@shown_to(Who.STAFF)
@strawberry.type(description="The dossier of one client.")
class Dossier(Node):
    reference: str = strawberry.field(description="The practice's own number for it, unique in the practice.")
    name: str = strawberry.field(description="The client's name.")
    birth_date: date | None = strawberry.field(description="The client's birth date.")
    language: str = strawberry.field(description="The language of mail about it, such as `nl`.")
    closed: bool = strawberry.field(description="Whether it is closed. Nothing new is opened on a closed dossier.")
    version: int = strawberry.field(description="A number that rises with every change; give it with the next change.")
    respondents: list[Respondent] = strawberry.field(
        description="The respondents, in the order in which they were added."
    )
    therapists: list[Therapist] = strawberry.field(
        description="The members of staff with this dossier in their caseload, by name."
    )


@shown_to(Who.STAFF)
@strawberry.type(description="A dossier's place in the list.")
class DossierEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this dossier.")
    node: Dossier = strawberry.field(description="The dossier.")


@shown_to(Who.STAFF)
@strawberry.type(description="One page of dossiers.")
class DossierConnection:
    edges: list[DossierEdge] = strawberry.field(description="The dossiers, by name.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")
    total_count: int = strawberry.field(description="How many there are on all pages.")


def selected_parts(selection: Selection) -> DossierParts:
    names = selection.names
    return DossierParts("respondents" in names, "therapists" in names, "totalCount" in names)


def shown_dossiers(selection: Selection, page: DossierPage) -> list[Dossier]:
    """The dossiers of a page that was read as :func:`selected_parts`."""
    return [_dossier(selection, page, row) for row in page.rows]


def _dossier(selection: Selection, page: DossierPage, row: DossierRow) -> Dossier:
    return Dossier(
        id=node_id("Dossier", row.id),
        reference=row.reference,
        name=row.name,
        birth_date=row.birth_date,
        language=row.locale,
        closed=row.closed,
        version=row.version,
        respondents=[shown_respondent(selection, facts) for facts in page.respondents[row.id]],
        therapists=[_therapist(therapist) for therapist in page.therapists[row.id]],
    )


def _therapist(row: TherapistRow) -> Therapist:
    return Therapist(id=node_id("StaffMember", row.id), name=row.name)


def _connection(selection: Selection, page: DossierPage, query: DossierQuery) -> DossierConnection:
    cursors = [cursor_of(row.sort_key, row.id) for row in page.rows]
    nodes = shown_dossiers(selection, page)
    return DossierConnection(
        edges=[DossierEdge(cursor=cursor, node=node) for cursor, node in zip(cursors, nodes, strict=True)],
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=query.after is not None,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
        total_count=UNSELECTED if page.total is None else page.total,
    )


class DossierQueries:
    @query(Who.STAFF)
    async def dossiers(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 25,
        after: Annotated[str | None, strawberry.argument(description="The cursor to go on behind.")] = None,
        search: Annotated[
            str | None, strawberry.argument(description="A part of the name, or the beginning of the reference.")
        ] = None,
        closed: Annotated[bool | None, strawberry.argument(description="Closed ones; null: open and closed.")] = False,
    ) -> DossierConnection:
        """The practice's dossiers by name; a therapist's are those in the caseload."""
        selection, query = Selection.of(info), DossierQuery(first, after, search, closed)
        page = await dossier_page(info.context.app, info.context.caller, query, selected_parts(selection))
        return _connection(selection, page, query)


@strawberry.input(description="A new dossier.")
class CreateDossierInput:
    reference: str = strawberry.field(description="The practice's own number for it, up to 60 characters.")
    name: str = strawberry.field(description="The client's name, up to 120 characters.")
    birth_date: date | None = strawberry.field(default=None, description="The client's birth date.")
    language: str | None = strawberry.field(default=None, description="Such as `nl`; null: the caller's language.")


@strawberry.input(description="Changes to a dossier; what is left out stays as it is.")
class UpdateDossierInput:
    id: strawberry.ID = strawberry.field(description="The dossier's id.")
    version: int = strawberry.field(description="The version that was read; another one is a Conflict.")
    reference: strawberry.Maybe[str] = strawberry.field(description="Up to 60 characters.")
    name: strawberry.Maybe[str] = strawberry.field(description="Up to 120 characters.")
    birth_date: strawberry.Maybe[date | None] = strawberry.field(description="Null removes it.")
    language: strawberry.Maybe[str] = strawberry.field(description="A language, such as `nl`.")


@shown_to(Who.STAFF)
@strawberry.interface(description="A change of a dossier.")
class DossierChanged:
    dossier: Dossier = strawberry.field(description="The dossier as it is now.")


@shown_to(Who.STAFF)
@strawberry.type(description="The dossier was made. If a therapist made it, it is in the therapist's caseload.")
class DossierCreated(DossierChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The changes were made.")
class DossierUpdated(DossierChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The dossier is closed: its accesses are deactivated, its open invitations withdrawn.")
class DossierEnded(DossierChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The dossier is open; each of its accesses waits for approval again.")
class DossierReopened(DossierChanged):
    pass


Version = Annotated[int, strawberry.argument(description="The version that was read; another one is a Conflict.")]


class DossierMutations:
    @mutation(Who.STAFF, answers=(DossierCreated,), refuses=(InvalidInput, AlreadyExists))
    async def create_dossier(self, info: Info, given: Annotated[CreateDossierInput, GIVEN]) -> object:
        """Make a dossier."""
        draft = DossierDraft(given.reference, given.name, given.birth_date, given.language)
        made = await flow.create_dossier(info.context.app, info.context.caller, draft)
        return made if isinstance(made, FlowRefusal) else DossierCreated(dossier=await reload_dossier(info, made.id))

    @mutation(Who.STAFF, answers=(DossierUpdated,), refuses=(NotFound, InvalidInput, AlreadyExists, Conflict))
    async def update_dossier(self, info: Info, given: Annotated[UpdateDossierInput, GIVEN]) -> object:
        """Change a dossier, if nobody else did since `version` was read."""
        changes = given_changes(
            reference=given.reference, name=given.name, birth_date=given.birth_date, locale=given.language
        )
        identity, app, caller = raw_id("Dossier", given.id), info.context.app, info.context.caller
        updated = await flow.update_dossier(app, caller, identity, given.version, changes)
        return (
            updated
            if isinstance(updated, FlowRefusal)
            else DossierUpdated(dossier=await reload_dossier(info, updated.id))
        )

    @mutation(Who.STAFF, answers=(DossierEnded,), refuses=(NotFound, DossierClosed, StepUpRequired, Conflict))
    async def close_dossier(self, info: Info, dossier: DossierId, version: Version) -> object:
        """Close a dossier: nobody gets access through it any more, and its coming appointments are cancelled.
        `reopenDossier` opens it again."""
        identity, app, caller = raw_id("Dossier", dossier), info.context.app, info.context.caller
        closed = await flow.close_dossier(app, caller, identity, version)
        return (
            closed if isinstance(closed, FlowRefusal) else DossierEnded(dossier=await reload_dossier(info, closed.id))
        )

    @mutation(Who.STAFF, answers=(DossierReopened,), refuses=(NotFound, DossierOpen, StepUpRequired, Conflict))
    async def reopen_dossier(self, info: Info, dossier: DossierId, version: Version) -> object:
        """Open a closed dossier again. Its accesses stay deactivated until `approveAccess`; appointments that were
        cancelled and invitations that were withdrawn stay so."""
        identity, app, caller = raw_id("Dossier", dossier), info.context.app, info.context.caller
        opened = await flow.reopen_dossier(app, caller, identity, version)
        return (
            opened
            if isinstance(opened, FlowRefusal)
            else DossierReopened(dossier=await reload_dossier(info, opened.id))
        )


async def reload_dossier(info: Info, dossier_id: object) -> Dossier:
    """The dossier as the mutation that is running left it."""
    selection = Selection.of(info)
    page = await changed_dossier(info.context.app, info.context.caller, dossier_id, selected_parts(selection))
    return shown_dossiers(selection, page)[0]
