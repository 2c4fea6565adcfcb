"""Staff: listed, invited, given a role and a caseload, suspended, and helped when a phone is lost."""

from datetime import datetime
from typing import Annotated

import strawberry

from flows.refusals import (
    AccountSuspended,
    AlreadyExists,
    AlreadyHasLogin,
    InvalidInput,
    LastOwner,
    NoLogin,
    NotFound,
    StepUpRequired,
    TooManyAttempts,
)
from flows.refusals import Refusal as FlowRefusal
from flows.staff import staff as flow
from flows.staff.staff import Hire
from models import StaffMember as StoredMember
from models import StaffRole
from models.access.staff_page import StaffRow
from schema.dossiers.login_status import InvitationStatus, shown_invitation
from schema.kit.arguments import GIVEN, StaffMemberId
from schema.kit.fields import Info, mutation, query, shown_to
from schema.kit.ids import node_id, raw_id
from schema.kit.permissions import Who


@shown_to(Who.MANAGER)
@strawberry.type(description="A person who works at the practice.")
class StaffMember:
    id: strawberry.ID = strawberry.field(description="An opaque id, unique among all objects.")
    name: str = strawberry.field(description="The person's name.")
    email: str = strawberry.field(description="Where mail goes, and what the person signs in with.")
    role: StaffRole = strawberry.field(description="What the person may do.")
    suspended: bool = strawberry.field(description="A suspended person can't sign in.")
    has_account: bool = strawberry.field(description="Whether the invitation was accepted.")
    invitation: InvitationStatus | None = strawberry.field(description="The newest invitation; null without one.")
    caseload_size: int = strawberry.field(description="How many dossiers are in the person's caseload.")
    agb_code: str | None = strawberry.field(description="The person's code with health insurers; null without one.")
    big_number: str | None = strawberry.field(description="In the BIG register of professions; null without one.")
    exempt_until: datetime | None = strawberry.field(
        description="Until when the person need not have a factor; null where that is not so."
    )


@shown_to(Who.MANAGER)
@strawberry.interface(description="A change of a member of staff.")
class StaffMemberChanged:
    staff_member: StaffMember = strawberry.field(description="The person as they are now.")


@shown_to(Who.MANAGER)
@strawberry.type(description="The invitation is on its way; older ones no longer work.")
class StaffInvited(StaffMemberChanged):
    pass


@shown_to(Who.MANAGER)
@strawberry.type(description="The role holds from the person's next request.")
class StaffRoleSet(StaffMemberChanged):
    pass


@shown_to(Who.MANAGER)
@strawberry.type(description="The caseload is exactly the dossiers that were given.")
class CaseloadSet(StaffMemberChanged):
    pass


@shown_to(Who.MANAGER)
@strawberry.type(description="The given dossiers were added to the caseload.")
class AddedToCaseload(StaffMemberChanged):
    pass


@shown_to(Who.MANAGER)
@strawberry.type(description="The dossiers that were given are no longer in the caseload; the others are.")
class RemovedFromCaseload(StaffMemberChanged):
    pass


@shown_to(Who.MANAGER)
@strawberry.type(description="The person is signed out, and can't sign in.")
class StaffSuspended(StaffMemberChanged):
    pass


@shown_to(Who.MANAGER)
@strawberry.type(description="The person can sign in again with what they had.")
class StaffReinstated(StaffMemberChanged):
    pass


@shown_to(Who.OWNER)
@strawberry.type(description="All of the person's factors are gone; the next sign-in sets up new ones.")
class StaffFactorsReset(StaffMemberChanged):
    pass


@strawberry.input(description="A person to invite to work here.")
class InviteStaffInput:
    name: str = strawberry.field(description="Up to 120 characters.")
    email: str = strawberry.field(description="Where the invitation goes.")
    role: StaffRole = strawberry.field(description="Only an OWNER makes an OWNER.")


@strawberry.input(description="Another role for a member of staff.")
class SetStaffRoleInput:
    staff_member: strawberry.ID = strawberry.field(description="The member of staff's id.")
    role: StaffRole = strawberry.field(description="Only an OWNER makes an OWNER.")


@strawberry.input(description="Another caseload for a member of staff.")
class SetCaseloadInput:
    staff_member: strawberry.ID = strawberry.field(description="The member of staff's id.")
    dossiers: list[strawberry.ID] = strawberry.field(description="All of it: what is not listed is taken away.")


def shown_member(row: StaffRow, now: datetime, locale: str) -> StaffMember:
    """A member of staff as of now."""
    return StaffMember(
        id=node_id("StaffMember", row.id),
        name=row.name,
        email=row.email,
        role=row.role,
        suspended=row.suspended,
        has_account=row.has_account,
        invitation=shown_invitation(row, locale),
        caseload_size=row.caseload,
        agb_code=row.agb_code,
        big_number=row.big_number,
        exempt_until=row.exempt_until if row.exempt_until and now < row.exempt_until else None,
    )


async def done(info: Info, outcome: StoredMember | FlowRefusal, success: type[StaffMemberChanged]) -> object:
    if isinstance(outcome, FlowRefusal):
        return outcome
    row = await flow.changed_member(info.context.app, info.context.caller, outcome.id)
    return success(staff_member=shown_member(row, info.context.app.now, info.context.locale))


Dossiers = Annotated[list[strawberry.ID], strawberry.argument(description="The dossiers' ids.")]


class StaffQueries:
    @query(Who.MANAGER)
    async def staff(self, info: Info) -> list[StaffMember]:
        """Everyone who works at the practice, by name."""
        app = info.context.app
        return [
            shown_member(row, app.now, info.context.locale) for row in await flow.staff_list(app, info.context.caller)
        ]


class StaffMutations:
    @mutation(
        Who.MANAGER, answers=(StaffInvited,), refuses=(InvalidInput, AlreadyExists, StepUpRequired, TooManyAttempts)
    )
    async def invite_staff(self, info: Info, given: Annotated[InviteStaffInput, GIVEN]) -> object:
        """Add a member of staff and mail the invitation."""
        hire = Hire(given.name, given.email, given.role)
        return await done(info, await flow.invite_staff(info.context.app, info.context.caller, hire), StaffInvited)

    @mutation(
        Who.MANAGER, answers=(StaffInvited,), refuses=(NotFound, AlreadyHasLogin, AccountSuspended, TooManyAttempts)
    )
    async def resend_staff_invitation(self, info: Info, staff_member: StaffMemberId) -> object:
        """Mail a new invitation to someone who has not accepted yet, and is not suspended."""
        identity = raw_id("StaffMember", staff_member)
        return await done(info, await flow.resend(info.context.app, info.context.caller, identity), StaffInvited)

    @mutation(Who.MANAGER, answers=(StaffRoleSet,), refuses=(NotFound, LastOwner, StepUpRequired))
    async def set_staff_role(self, info: Info, given: Annotated[SetStaffRoleInput, GIVEN]) -> object:
        """Give a member of staff another role."""
        identity, app, caller = raw_id("StaffMember", given.staff_member), info.context.app, info.context.caller
        return await done(info, await flow.set_role(app, caller, identity, given.role), StaffRoleSet)

    @mutation(Who.MANAGER, answers=(CaseloadSet,), refuses=(NotFound,))
    async def set_caseload(self, info: Info, given: Annotated[SetCaseloadInput, GIVEN]) -> object:
        """Set the whole caseload of a member of staff."""
        identity, app, caller = raw_id("StaffMember", given.staff_member), info.context.app, info.context.caller
        dossiers = [raw_id("Dossier", dossier) for dossier in given.dossiers]
        return await done(info, await flow.set_caseload(app, caller, identity, dossiers), CaseloadSet)

    @mutation(Who.MANAGER, answers=(AddedToCaseload,), refuses=(NotFound,))
    async def add_to_caseload(self, info: Info, staff_member: StaffMemberId, dossiers: Dossiers) -> object:
        """Add dossiers to the caseload of a member of staff."""
        identity, app, caller = raw_id("StaffMember", staff_member), info.context.app, info.context.caller
        these = [raw_id("Dossier", dossier) for dossier in dossiers]
        return await done(info, await flow.add_to_caseload(app, caller, identity, these), AddedToCaseload)

    @mutation(Who.MANAGER, answers=(RemovedFromCaseload,), refuses=(NotFound,))
    async def remove_from_caseload(self, info: Info, staff_member: StaffMemberId, dossiers: Dossiers) -> object:
        """Remove dossiers from the caseload of a member of staff."""
        identity, app, caller = raw_id("StaffMember", staff_member), info.context.app, info.context.caller
        these = [raw_id("Dossier", dossier) for dossier in dossiers]
        return await done(info, await flow.remove_from_caseload(app, caller, identity, these), RemovedFromCaseload)

    @mutation(Who.MANAGER, answers=(StaffSuspended,), refuses=(NotFound, LastOwner, StepUpRequired))
    async def suspend_staff(self, info: Info, staff_member: StaffMemberId) -> object:
        """Suspend a member of staff: all sessions end, and no sign-in is possible."""
        identity = raw_id("StaffMember", staff_member)
        return await done(info, await flow.suspend(info.context.app, info.context.caller, identity), StaffSuspended)

    @mutation(Who.MANAGER, answers=(StaffReinstated,), refuses=(NotFound, StepUpRequired))
    async def reinstate_staff(self, info: Info, staff_member: StaffMemberId) -> object:
        """Let a suspended member of staff sign in again."""
        identity, app, caller = raw_id("StaffMember", staff_member), info.context.app, info.context.caller
        return await done(info, await flow.reinstate(app, caller, identity), StaffReinstated)

    @mutation(Who.OWNER, answers=(StaffFactorsReset,), refuses=(NotFound, NoLogin, StepUpRequired))
    async def reset_staff_factors(self, info: Info, staff_member: StaffMemberId) -> object:
        """Remove all factors of a colleague who lost them. Check the person's identity first."""
        identity, app, caller = raw_id("StaffMember", staff_member), info.context.app, info.context.caller
        return await done(info, await flow.reset_staff_factors(app, caller, identity), StaffFactorsReset)
