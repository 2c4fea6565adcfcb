"""Access grants: approving and deactivating them, replacing login codes, ending sessions and resetting factors."""

from collections.abc import Collection
from datetime import datetime

from flows.access.reach import beyond_reach, respondent_in_reach, staff
from flows.core import assurance, audit
from flows.core.account_mail import tell
from flows.core.assurance import Cause
from flows.core.attempts import subject_of
from flows.core.audit import Actor
from flows.core.context import AppContext, Caller
from flows.core.ids import as_uuid
from flows.core.policy import Demand, policy_of
from flows.refusals import (
    AccountClosed,
    AccountSuspended,
    AlreadyDeactivated,
    Conflict,
    DossierClosed,
    FactorMissing,
    NoLogin,
    NotAllowed,
    NotFound,
    Refusal,
    StepUpRequired,
)
from flows.second_factor.plugin_removed import notify_plugin_removed
from flows.signin import remembered_devices
from flows.signin.sessions import end_sessions
from flows.signin.step_up import fresh_for_staff
from flows.signin.steps import has_factor
from models import AccessGrant, Account, Audience, FactorEnrolment, GrantState, Practice, Respondent
from models.access.access import approve_grant, ask_approval_again, dossiers_of, live_grant_of
from models.core.account import code_taken
from models.core.attempts import clear_budgets
from models.db.database import IntegrityError, transaction
from models.locks import hold_account, hold_login, hold_rows
from models.onboarding.invitation import close_open
from models.second_factor.factor import enrolments_of, forget_device, forget_devices
from normalise.codes import shown_login_code
from security.tokens import new_login_code


async def approve(app: AppContext, caller: Caller | None, respondent_id: str) -> AccessGrant | Refusal:
    """Approve a grant, as an extra check of identity; also one that was deactivated."""
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    try:
        async with transaction():
            current, grant = await hold_login(respondent)
            if current.dossier.closed_at is not None:
                return DossierClosed()
            if grant is None:
                return NoLogin()
            if refusal := await _approve(app, member, respondent, grant):
                return refusal
    except IntegrityError:
        # A server of an older release, which runs during an upgrade, takes no locks.
        return Conflict()
    await grant.refresh_from_db()
    return grant


async def _approve(app: AppContext, member: Caller, respondent: Respondent, grant: AccessGrant) -> Refusal | None:
    """Approve under the locks of respondent and account, so that no concurrent act closes it or resets factors."""
    if grant.account.closed_at is not None:
        return AccountClosed()
    if grant.account.suspended:
        return AccountSuspended()
    if await lacks_factor(app, respondent.practice, grant.account):
        return FactorMissing()
    # Approved already, by a colleague or a double click: the person is notified once.
    if not await approve_grant(grant.id, member.staff_id, app.now):
        # The answer shows the respondent all the same.
        await audit.record(app, member, "respondent.read", *_about(respondent, grant))
        return None
    # An invitation that was sent while the grant was closed can't be accepted any more.
    await close_open(app.now, superseded=True, respondent_id=respondent.id)
    await tell(app, grant.account, "access_approved")
    await audit.record(app, member, "access.approved", *_about(respondent, grant))
    await _publish(app, respondent, grant)
    return None


async def deactivate(app: AppContext, caller: Caller | None, respondent_id: str) -> AccessGrant | Refusal:
    """Deactivate a grant; its access ends with the next request."""
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    async with transaction():
        _, grant = await hold_login(respondent)
        if grant is None:
            return NoLogin()
        if grant.state is GrantState.DEACTIVATED:
            return AlreadyDeactivated()
        await close_grants(app, [grant])
        await audit.record(app, member, "access.deactivated", *_about(respondent, grant))
        await _publish(app, respondent, grant)
    await grant.refresh_from_db()
    return grant


async def close_grants(app: AppContext, grants: Collection[AccessGrant]) -> None:
    """Deactivate grants in the running transaction and notify; an account without an approved one is signed out.

    Locks the accounts: otherwise two transactions that close the last two grants would each see the other's.
    """
    await hold_rows(accounts=[grant.account_id for grant in grants])
    for grant in grants:
        await AccessGrant.filter(id=grant.id).update(state=GrantState.DEACTIVATED, deactivated_at=app.now)
        left = await AccessGrant.filter(account_id=grant.account_id, state=GrantState.APPROVED).exists()
        await assurance.end(app, grant.account_id, Cause.ACCESS_NARROWED if left else Cause.ACCESS_CLOSED)
        await tell(app, await Account.get(id=grant.account_id), "access_deactivated")


async def lacks_factor(app: AppContext, practice: Practice, account: Account) -> bool:
    """Whether the policy demands a factor of the account today, and it has none; lock the account first."""
    demand = policy_of(practice.policy, account.audience).demand(app.now, account.exempt_until)
    return demand is Demand.REQUIRED and not has_factor(await enrolments_of(account.id))


def is_login(grant: AccessGrant | None) -> bool:
    """Whether the grant is a usable login: not deactivated, and of an account that is not closed."""
    return grant is not None and grant.state is not GrantState.DEACTIVATED and grant.account.closed_at is None


async def close_grant_of_closed_account(
    app: AppContext, actor: Actor | Caller, respondent: Respondent, grant: AccessGrant | None
) -> None:
    """Deactivate a live grant of a closed account; the caller has locked both.

    Nobody can approve it, and it would block any other login of the respondent.
    """
    if grant is not None and grant.state is not GrantState.DEACTIVATED and grant.account.closed_at is not None:
        await close_grants(app, [grant])
        grant.state = GrantState.DEACTIVATED
        await audit.record(app, actor, "access.deactivated", *_about(respondent, grant))


async def replace_login_code(app: AppContext, caller: Caller | None, respondent_id: str) -> Account | Refusal:
    """Replace a leaked login code: the old one is void at once, the password stays."""
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    code = new_login_code()
    while await code_taken(respondent.practice_id, code):
        code = new_login_code()
    try:
        async with transaction():
            grant = await _held_live(respondent)
            if grant is None:
                return NoLogin()
            await Account.filter(id=grant.account_id).update(login_code=code)
            await tell(app, grant.account, "login_code_replaced", login_code=shown_login_code(code))
            await audit.record(app, member, "account.login_code_replaced", *await _about_everywhere(respondent, grant))
            await _publish(app, respondent, grant)
    except IntegrityError:
        return Conflict()
    account = grant.account
    account.login_code = code
    return account


async def _held_live(respondent: Respondent) -> AccessGrant | None:
    """The respondent's live grant, with the locks that an act on its account needs; None where it has none."""
    _, grant = await hold_login(respondent)
    return grant if grant is not None and grant.state is not GrantState.DEACTIVATED else None


async def end_respondent_sessions(app: AppContext, caller: Caller | None, respondent_id: str) -> Refusal | None:
    """Sign a respondent out everywhere; the password and the factor still sign in."""
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    async with transaction():
        grant = await _held_live(respondent)
        if grant is None:
            return NoLogin()
        await end_sessions(app, grant.account_id)
        await audit.record(app, member, "session.all_ended", *await _about_everywhere(respondent, grant))
    return None


async def respondent_devices(
    app: AppContext, caller: Caller | None, respondent_id: str
) -> list[tuple[FactorEnrolment, datetime]]:
    """The devices that skip the factor of a respondent, each with its end; none where there is no login."""
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    grant = await live_grant_of(respondent.id)
    about = _about(respondent, grant) if grant else (("Dossier", respondent.dossier_id), ("Respondent", respondent.id))
    await audit.record(app, member, "device.listed", *about)
    return await remembered_devices.devices_of(app, grant.account, respondent.practice) if grant else []


async def revoke_respondent_device(
    app: AppContext, caller: Caller | None, respondent_id: str, device_id: str
) -> Refusal | None:
    """Forget one device that skips the factor of a respondent; NotFound where it is not theirs."""
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    identity = as_uuid(device_id)
    async with transaction():
        grant = await _held_live(respondent)
        if grant is None:
            return NoLogin()
        if not (gone := await forget_device(grant.account_id, identity)):
            return NotFound()
        await assurance.end(app, grant.account_id, Cause.DEVICE_REVOKED, gone=gone)
        about = await _about_everywhere(respondent, grant)
        await audit.record(app, member, "device.revoked", *about, ("FactorEnrolment", identity))
    return None


async def revoke_respondent_devices(app: AppContext, caller: Caller | None, respondent_id: str) -> Refusal | None:
    """Forget every device that skips the factor of a respondent."""
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    async with transaction():
        grant = await _held_live(respondent)
        if grant is None:
            return NoLogin()
        gone = await forget_devices(grant.account_id)
        await assurance.end(app, grant.account_id, Cause.DEVICE_REVOKED, gone=gone)
        await audit.record(app, member, "device.all_revoked", *await _about_everywhere(respondent, grant))
    return None


async def reset_factors(app: AppContext, caller: Caller | None, respondent_id: str) -> AccessGrant | Refusal:
    """Delete all factors after staff checked the person's identity; every grant waits for approval again.

    It affects all of the person's dossiers, so a therapist needs every one of them in the caseload.
    """
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    async with transaction():
        _, grant = await hold_login(respondent)
        if grant is None:
            return NoLogin()
        grants = await AccessGrant.filter(account_id=grant.account_id).select_related("respondent")
        if beyond := await beyond_reach(member, [other.respondent.dossier_id for other in grants]):
            refusal = NotAllowed()
            refusal.denied = beyond
            return refusal
        gone = await forget_factors(app, grant.account)
        await ask_approval_again(grant.account_id)
        await audit.record(app, member, "account.factors_reset", *_about(respondent, grant))
        await _publish(app, respondent, grant)
    await notify_plugin_removed(app, member, grant.account, respondent.practice, gone)
    await grant.refresh_from_db()
    return grant


async def forget_factors(app: AppContext, account: Account) -> list[FactorEnrolment]:
    """Delete all factors of an account, end its sessions, reset its attempt budgets and notify the person.

    Returns the deleted enrolments; the caller notifies their plugins after the transaction
    (:func:`notify_plugin_removed`).
    """
    await hold_account(account.id)
    enrolments = await enrolments_of(account.id)
    kinds = {"password", *(e.factor for e in enrolments), *app.factors.names()}
    await FactorEnrolment.filter(account_id=account.id).delete()
    await clear_budgets(subject_of(str(account.id), kind) for kind in kinds)
    await assurance.end(app, account.id, Cause.FACTORS_RESET, gone=enrolments)
    staffs = account.audience is Audience.STAFF
    await tell(app, account, "notice_staff_factors_reset" if staffs else "notice_factors_reset", enrolments)
    return enrolments


def _about(respondent: Respondent, grant: AccessGrant) -> tuple[tuple[str, object], ...]:
    return (("Dossier", respondent.dossier_id), ("Respondent", respondent.id), ("Account", grant.account_id))


async def _about_everywhere(respondent: Respondent, grant: AccessGrant) -> tuple[tuple[str, object], ...]:
    """:func:`_about` with the other dossiers that the account answers for, which the act affects too.

    A therapist of one of them may do such an act, because it opens nothing; all of them can see it.
    """
    others = sorted(set(await dossiers_of(grant.account_id)) - {respondent.dossier_id})
    return (*_about(respondent, grant), *(("Dossier", dossier) for dossier in others))


async def _publish(app: AppContext, respondent: Respondent, grant: AccessGrant) -> None:
    await app.signals.publish(f"dossier:{respondent.dossier_id}", f"account:{grant.account_id}")
