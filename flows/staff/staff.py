"""Staff: invited, given a role and a caseload, suspended, and helped when a phone is lost."""

from dataclasses import dataclass
from uuid import UUID

from flows.access.access import forget_factors
from flows.access.office import hold_office
from flows.access.reach import manager, owner
from flows.core import assurance, audit
from flows.core.assurance import Cause
from flows.core.context import AppContext, Caller
from flows.core.ids import as_uuid
from flows.core.limits import hour_is_full, invitation_allowed, mail_allowed
from flows.core.texts import clean, usable_email
from flows.onboarding.invitations import Invitee, send
from flows.refusals import (
    AccountSuspended,
    AlreadyExists,
    AlreadyHasLogin,
    InvalidInput,
    LastOwner,
    NoLogin,
    NotFound,
    Problem,
    Refusal,
    StepUpRequired,
)
from flows.second_factor.plugin_removed import notify_plugin_removed
from flows.signin.step_up import fresh_for_staff
from models import CaseloadEntry, Dossier, Invitation, Practice, StaffMember, StaffRole
from models.access.staff_page import StaffRow, staff_row, staff_rows
from models.db.database import IntegrityError, transaction
from models.locks import hold_account
from models.onboarding.invitation import close_open
from models.staff.staff import active_owners, add_entries
from normalise.addresses import parse_email
from normalise.search import search_key


async def staff_list(app: AppContext, caller: Caller | None) -> list[StaffRow]:
    """Everyone who works at the caller's practice, by name."""
    found = await staff_rows(manager(caller).practice_id, app.now)
    return sorted(found, key=lambda row: (search_key(row.name), row.id))


async def changed_member(app: AppContext, caller: Caller | None, staff_id: object) -> StaffRow:
    """The member of staff that the caller just changed."""
    found = await staff_row(manager(caller).practice_id, str(staff_id), app.now)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Hire:
    name: str
    email: str
    role: StaffRole


async def invite_staff(app: AppContext, caller: Caller | None, hire: Hire) -> StaffMember | Refusal:
    """Add a member of staff and mail the invitation. Only an OWNER makes an OWNER."""
    member = owner(caller) if hire.role is StaffRole.OWNER else manager(caller)
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    name, email = clean("name", hire.name, 120), usable_email("email", hire.email)
    if email is None:
        return InvalidInput("email", Problem.MISSING)
    try:
        async with transaction():
            office = await hold_office(member)
            if hire.role is StaffRole.OWNER:
                office.check_owner()
            if not await mail_allowed(app, "invitation", office.practice.id):
                return hour_is_full(app)
            hired = await add_staff(app, office.practice, Hire(name, email, hire.role))
            await _mail(app, office.practice, hired, member.staff_id)
            await audit.record(app, member, "staff.invited", ("StaffMember", hired.id))
            return hired
    except IntegrityError:
        return AlreadyExists("email")


async def add_staff(app: AppContext, practice: Practice, hire: Hire) -> StaffMember:
    """Store a member of staff without an account, inside the running transaction."""
    return await StaffMember.create(
        practice_id=practice.id,
        name=hire.name,
        email=hire.email,
        email_key=parse_email(hire.email).key,
        role=hire.role,
        created_at=app.now,
    )


async def _mail(app: AppContext, practice: Practice, hired: StaffMember, invited_by: object) -> Invitation:
    invitee = Invitee(hired.name, hired.email, practice.locale, "staff_invitation", staff_id=hired.id)
    return await send(app, practice, invitee, invited_by)


async def resend(app: AppContext, caller: Caller | None, staff_id: str) -> StaffMember | Refusal:
    """Mail a new invitation to a member of staff without an account; it supersedes the older one."""
    member = manager(caller)
    async with transaction():
        office = await hold_office(member, staff_id)
        practice, hired = office.practice, office.colleague
        if hired.account_id is not None:
            return AlreadyHasLogin()
        if hired.suspended_at is not None:
            # The link would make an account that cannot sign in: reinstating comes first.
            return AccountSuspended()
        if not await invitation_allowed(app, "invitation", practice.id, f"staff:{hired.id}", hired.email):
            return hour_is_full(app)
        await _mail(app, practice, hired, member.staff_id)
        await audit.record(app, member, "staff.invited", ("StaffMember", hired.id))
    return hired


async def set_role(app: AppContext, caller: Caller | None, staff_id: str, role: StaffRole) -> StaffMember | Refusal:
    """Change a role; holds from that person's next request. The last owner stays one."""
    member = owner(caller) if role is StaffRole.OWNER else manager(caller)
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    async with transaction():
        # Locked, so that two owners who take the role from each other are serialized.
        office = await hold_office(member, staff_id)
        if role is StaffRole.OWNER:
            office.check_owner()
        colleague = office.colleague
        await StaffMember.filter(id=colleague.id).update(role=role)
        if not await active_owners(member.practice_id):
            raise LastOwner
        if colleague.account_id is not None:
            await assurance.end(app, colleague.account_id, Cause.ACCESS_NARROWED)
        await audit.record(app, member, "staff.role_set", ("StaffMember", colleague.id), details={"role": role.value})
        await app.signals.publish(f"account:{colleague.account_id}")
    colleague.role = role
    return colleague


async def suspend(app: AppContext, caller: Caller | None, staff_id: str) -> StaffMember | Refusal:
    """Suspend a member of staff: sessions end at once, and signing in answers as for a wrong password."""
    member = manager(caller)
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    async with transaction():
        colleague = (await hold_office(member, staff_id)).colleague
        await StaffMember.filter(id=colleague.id).update(suspended_at=app.now)
        if not await active_owners(member.practice_id):
            raise LastOwner
        if colleague.account_id is not None:
            await hold_account(colleague.account_id)
            await assurance.end(app, colleague.account_id, Cause.SUSPENDED)
        await close_open(app.now, superseded=False, staff_id=colleague.id)
        await audit.record(app, member, "staff.suspended", ("StaffMember", colleague.id))
    colleague.suspended_at = app.now
    return colleague


async def reinstate(app: AppContext, caller: Caller | None, staff_id: str) -> StaffMember | Refusal:
    """Undo a suspension; the person signs in again with what they had."""
    member = manager(caller)
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    async with transaction():
        colleague = (await hold_office(member, staff_id)).colleague
        await StaffMember.filter(id=colleague.id).update(suspended_at=None)
        await audit.record(app, member, "staff.reinstated", ("StaffMember", colleague.id))
    colleague.suspended_at = None
    return colleague


async def reset_staff_factors(app: AppContext, caller: Caller | None, staff_id: str) -> StaffMember | Refusal:
    """Delete all factors of a colleague, who sets one up at the next sign-in (OWNER)."""
    member = owner(caller)
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    async with transaction():
        office = await hold_office(member, staff_id)
        office.check_owner()
        colleague = office.colleague
        account = await hold_account(colleague.account_id)
        if account is None:
            return NoLogin()
        gone = await forget_factors(app, account)
        await audit.record(app, member, "staff.factors_reset", ("StaffMember", colleague.id))
    await notify_plugin_removed(app, member, account, office.practice, gone)
    return colleague


async def set_caseload(
    app: AppContext, caller: Caller | None, staff_id: str, dossier_ids: list[str]
) -> StaffMember | Refusal:
    """Replace a therapist's caseload; dossiers that are not on the new list are out of reach."""
    member = manager(caller)
    known = await _dossiers_of_practice(member, dossier_ids)
    async with transaction():
        colleague = (await hold_office(member, staff_id)).colleague
        mine = CaseloadEntry.filter(staff_id=colleague.id)
        before = {entry.dossier_id for entry in await mine}
        await mine.delete()
        await add_entries(member.practice_id, [(colleague.id, dossier) for dossier in known])
        # Only the dossiers that were added or removed are audited.
        await _tell_caseload(app, member, "staff.caseload_set", colleague, sorted(before ^ set(known)))
    return colleague


async def add_to_caseload(
    app: AppContext, caller: Caller | None, staff_id: str, dossier_ids: list[str]
) -> StaffMember | Refusal:
    """Add dossiers to a therapist's caseload."""
    member = manager(caller)
    known = await _dossiers_of_practice(member, dossier_ids)
    async with transaction():
        colleague = (await hold_office(member, staff_id)).colleague
        await add_entries(member.practice_id, [(colleague.id, dossier) for dossier in known])
        await _tell_caseload(app, member, "staff.caseload_added", colleague, known)
    return colleague


async def remove_from_caseload(
    app: AppContext, caller: Caller | None, staff_id: str, dossier_ids: list[str]
) -> StaffMember | Refusal:
    """Remove dossiers from a therapist's caseload."""
    member = manager(caller)
    known = await _dossiers_of_practice(member, dossier_ids)
    async with transaction():
        colleague = (await hold_office(member, staff_id)).colleague
        await CaseloadEntry.filter(staff_id=colleague.id, dossier_id__in=known).delete()
        await _tell_caseload(app, member, "staff.caseload_removed", colleague, known)
    return colleague


async def _dossiers_of_practice(member: Caller, dossier_ids: list[str]) -> list[UUID]:
    """The ids of these dossiers, in order; raises NotFound unless all are the practice's."""
    wanted = {as_uuid(one) for one in dossier_ids}
    known = await Dossier.filter(id__in=wanted - {None}, practice_id=member.practice_id).only("id")
    if len(known) != len(wanted):
        raise NotFound
    return sorted(dossier.id for dossier in known)


async def _tell_caseload(
    app: AppContext, member: Caller, event: str, colleague: StaffMember, known: list[UUID]
) -> None:
    dossiers = (("Dossier", dossier) for dossier in known)
    await audit.record(app, member, event, ("StaffMember", colleague.id), *dossiers)
    await app.signals.publish(f"account:{colleague.account_id}")
