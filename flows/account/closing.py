"""Closing one's own account, for good: credentials are wiped, the row stays for the audit trail.

The address is free again and the login code is not: an old code must never lead to somebody else. Dossiers, and what
is in them, are the practice's to keep and stay as they are.
"""

from flows.access.access import close_grants
from flows.core import assurance, audit
from flows.core.account_mail import tell
from flows.core.assurance import Cause
from flows.core.context import AppContext, Caller
from flows.refusals import Refusal, StaffAccount, StepUpRequired
from flows.second_factor.holder import hold, holder_of_session
from flows.second_factor.plugin_removed import notify_plugin_removed
from flows.signin.password_check import checked_password
from flows.signin.step_up import fresh_for_own
from models import Account, Audience, FactorEnrolment
from models.access.access import live_grants_of
from models.account.change_request import withdraw_changes
from models.core.account import wipe_account
from models.db.database import transaction
from models.onboarding.prospect import forget_prospect_of
from models.second_factor.factor import enrolments_of


async def close(app: AppContext, caller: Caller | None, password: str) -> Refusal | None:
    """Close the caller's account, after a step-up and with the password; unfinished sign-ins and links end."""
    holder = await holder_of_session(caller)
    assert holder.caller is not None
    account = holder.account
    if account.audience is Audience.STAFF:
        return StaffAccount()
    if not fresh_for_own(app, holder.caller):
        return StepUpRequired()
    if refusal := await checked_password(app, holder, password):
        return refusal
    async with transaction():
        await hold(holder)
        gone = await enrolments_of(account.id)
        about = await _end_all(app, account)
        await audit.record(app, holder.actor, "account.closed", ("Account", account.id), *about)
    await notify_plugin_removed(app, holder.actor, account, holder.practice, gone)
    return None


async def _end_all(app: AppContext, account: Account) -> list[tuple[str, object]]:
    """End everything of the account inside the transaction; returns the dossiers and respondents concerned."""
    grants = await live_grants_of(account.id)
    await tell(app, account, "account_closed")
    await close_grants(app, grants)
    await FactorEnrolment.filter(account_id=account.id).delete()
    await forget_prospect_of(account.id)
    await wipe_account(account.id, app.now)
    await withdraw_changes(account.id, app.now)
    await assurance.end(app, account.id, Cause.CLOSED)
    about: list[tuple[str, object]] = []
    for grant in grants:
        about += [("Dossier", grant.respondent.dossier_id), ("Respondent", grant.respondent_id)]
    return about
