"""Suspending a respondent's whole account, and lifting that again: by OWNER and ADMIN, with a reason.

A suspension is apart from the access grants: they keep their state, and come back with the account. Signing in answers
as a wrong password does. A prospect is rejected instead (`flows.onboarding.prospects`), and
staff are suspended in `flows.staff.staff`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from flows.access.office import hold_office
from flows.access.reach import manager, respondent_in_reach
from flows.core import assurance, audit
from flows.core.account_mail import tell
from flows.core.account_signals import publish_account_change
from flows.core.assurance import Cause
from flows.core.context import AppContext, Caller
from flows.core.texts import clean
from flows.refusals import (
    AccountClosed,
    AlreadySuspended,
    NoLogin,
    NotSuspended,
    Refusal,
    StepUpRequired,
)
from flows.signin.step_up import fresh_for_staff
from models import AccessGrant, Account, Respondent
from models.access.access import live_grants_of
from models.core.account import reinstate_account, suspend_account
from models.db.database import transaction
from models.locks import hold_login
from models.onboarding.invitation import close_open


async def suspend(app: AppContext, caller: Caller | None, respondent_id: str, reason: str) -> Account | Refusal:
    """Suspend the account of a respondent, in all dossiers; ends its sessions, devices, sign-ins and mailed links.

    Raises InvalidInput for the reason.
    """
    return await _changed(app, caller, respondent_id, reason, _suspended)


async def _suspended(app: AppContext, on: "_Change") -> Refusal | None:
    account = on.grant.account_id
    if not await suspend_account(account, app.now):
        return AlreadySuspended()
    about = await _about(on.respondent, on.grant)
    # The account's other respondents have no open invitation, because their grants are live.
    await close_open(app.now, superseded=False, respondent_id=on.respondent.id)
    await assurance.end(app, account, Cause.SUSPENDED)
    await tell(app, on.grant.account, "account_suspended")
    await audit.record(app, on.member, "account.suspended", *about, details={"reason": on.why})
    return None


async def reinstate(app: AppContext, caller: Caller | None, respondent_id: str, reason: str) -> Account | Refusal:
    """Lift a suspension; the person signs in again with what they had, to what their grants open.

    Raises InvalidInput for the reason.
    """
    return await _changed(app, caller, respondent_id, reason, _reinstated)


async def _reinstated(app: AppContext, on: "_Change") -> Refusal | None:
    account = on.grant.account_id
    if not await reinstate_account(account):
        return NotSuspended()
    about = await _about(on.respondent, on.grant)
    await tell(app, on.grant.account, "account_reinstated")
    await audit.record(app, on.member, "account.reinstated", *about, details={"reason": on.why})
    await publish_account_change(app, account)
    return None


@dataclass(frozen=True, slots=True)
class _Change:
    """The act of a member of staff on the account of this grant, and its reason."""

    member: Caller
    respondent: Respondent
    grant: AccessGrant
    why: str


async def _changed(
    app: AppContext,
    caller: Caller | None,
    respondent_id: str,
    reason: str,
    change: Callable[[AppContext, _Change], Awaitable[Refusal | None]],
) -> Account | Refusal:
    member = manager(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    why = clean("reason", reason, 200)
    async with transaction():
        # Locked first, so that concurrent changes of the account come before or after.
        await hold_office(member)
        _, grant = await hold_login(respondent)
        if grant is None:
            return NoLogin()
        if grant.account.closed_at is not None:
            return AccountClosed()
        return await change(app, _Change(member, respondent, grant, why)) or grant.account


async def _about(respondent: Respondent, grant: AccessGrant) -> list[tuple[str, object]]:
    """The account with each dossier and respondent that it answers for, and the given respondent."""
    concerned = {(one.respondent.dossier_id, one.respondent_id) for one in await live_grants_of(grant.account_id)}
    concerned.add((respondent.dossier_id, respondent.id))
    about: list[tuple[str, object]] = [("Account", grant.account_id)]
    for dossier, person in sorted(concerned):
        about += [("Dossier", dossier), ("Respondent", person)]
    return about
