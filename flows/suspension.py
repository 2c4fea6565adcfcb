"""Suspending a respondent's whole account, and lifting that again: by OWNER and ADMIN, with a reason.

A suspension is apart from the access grants: they keep their state, and come back with the account. Signing in answers
as a wrong password does. A prospect is rejected instead (:mod:`flows.prospects`), and staff have flows.staff.
"""

from flows import assurance, audit
from flows.assurance import Cause
from flows.house import Caller, House
from flows.office import hold_office
from flows.post import tell
from flows.reach import manager, respondent_in_reach
from flows.refusals import (
    AccountClosed,
    AlreadySuspended,
    NoLogin,
    NotSuspended,
    Refusal,
    StepUpRequired,
)
from flows.ringing import ring_account
from flows.step_up import fresh_for_staff
from flows.texts import clean
from models import AccessGrant, Account, Respondent
from models.access import live_grants_of
from models.account import reinstate_account, suspend_account
from models.db import transaction
from models.invitation import close_open
from models.locks import hold_login


async def suspend(house: House, caller: Caller | None, respondent_id: str, reason: str) -> Account | Refusal:
    """Suspend the account of a respondent, in all dossiers; ends its sessions, devices, sign-ins and mailed links.

    Raises InvalidInput for the reason.
    """
    member, respondent = await _reached(caller, respondent_id)
    if not fresh_for_staff(house, member):
        return StepUpRequired()
    why = clean("reason", reason, 200)
    async with transaction():
        # Held first: what is under way with the account is seen here, or finds it suspended.
        await hold_office(member)
        _, grant = await hold_login(respondent)
        if grant is None:
            return NoLogin()
        if grant.account.closed_at is not None:
            return AccountClosed()
        if not await suspend_account(grant.account_id, house.now):
            return AlreadySuspended()
        about = await _about(respondent, grant)
        # Of the others whom the account answers for none is invited: their grants are live.
        await close_open(house.now, superseded=False, respondent_id=respondent.id)
        await assurance.end(house, grant.account_id, Cause.SUSPENDED)
        await tell(house, grant.account, "account_suspended")
        await audit.record(house, member, "account.suspended", *about, details={"reason": why})
    return grant.account


async def reinstate(house: House, caller: Caller | None, respondent_id: str, reason: str) -> Account | Refusal:
    """Lift a suspension; the person signs in again with what they had, to what their grants open.

    Raises InvalidInput for the reason.
    """
    member, respondent = await _reached(caller, respondent_id)
    if not fresh_for_staff(house, member):
        return StepUpRequired()
    why = clean("reason", reason, 200)
    async with transaction():
        await hold_office(member)
        _, grant = await hold_login(respondent)
        if grant is None:
            return NoLogin()
        if grant.account.closed_at is not None:
            return AccountClosed()
        if not await reinstate_account(grant.account_id):
            return NotSuspended()
        about = await _about(respondent, grant)
        await tell(house, grant.account, "account_reinstated")
        await audit.record(house, member, "account.reinstated", *about, details={"reason": why})
        await ring_account(house, grant.account_id)
    return grant.account


async def _reached(caller: Caller | None, respondent_id: str) -> tuple[Caller, Respondent]:
    member = manager(caller)
    return member, await respondent_in_reach(member, respondent_id)


async def _about(respondent: Respondent, grant: AccessGrant) -> list[tuple[str, object]]:
    """The account with each dossier and respondent that it answers for, and the respondent whom staff looked at."""
    concerned = {(one.respondent.dossier_id, one.respondent_id) for one in await live_grants_of(grant.account_id)}
    concerned.add((respondent.dossier_id, respondent.id))
    about: list[tuple[str, object]] = [("Account", grant.account_id)]
    for dossier, person in sorted(concerned):
        about += [("Dossier", dossier), ("Respondent", person)]
    return about
