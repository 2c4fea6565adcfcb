"""Correcting the e-mail address of an account by staff, where mail does not arrive there any more."""

from flows.access.reach import beyond_reach, respondent_in_reach, staff
from flows.core import audit
from flows.core.account_mail import tell
from flows.core.account_signals import publish_account_change
from flows.core.accounts import email_taken
from flows.core.context import AppContext, Caller
from flows.core.texts import usable_email
from flows.refusals import (
    AccountClosed,
    Conflict,
    InvalidInput,
    NoLogin,
    NotAllowed,
    Problem,
    Refusal,
    StepUpRequired,
)
from flows.signin.sessions import end_sessions
from flows.signin.step_up import fresh_for_staff
from models import AccessGrant, Account, GrantState, LinkPurpose
from models.core.account import raise_epoch
from models.core.mailed_link import supersede_links
from models.db.database import IntegrityError, transaction
from models.locks import hold_login
from models.mail.outbox import settle_addresses
from normalise.addresses import address_key, parse_email


async def correct(app: AppContext, caller: Caller | None, respondent_id: str, email: str) -> Account | Refusal:
    """Replace an address that takes no mail, after staff checked the person's identity.

    Touches all of the person's dossiers, so a therapist needs every one of them in the caseload. Links that were
    mailed to the old address and all login sessions end; password and factors stay. The old address is told.

    Nobody has proven the new one: a password that is reset by it, without a factor, waits for approval again.
    """
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    address = usable_email("email", email)
    if address is None:
        return InvalidInput("email", Problem.MISSING)
    try:
        async with transaction():
            _, grant = await hold_login(respondent)
            if grant is None or grant.state is GrantState.DEACTIVATED:
                return NoLogin()
            if refusal := await _not_possible(member, grant, address):
                return refusal
            subjects = (("Dossier", respondent.dossier_id), ("Respondent", respondent.id))
            await audit.record(app, member, "account.email_corrected", *subjects, ("Account", grant.account_id))
            await _replace(app, grant.account, address)
    except IntegrityError:
        return Conflict()
    return grant.account


async def _not_possible(member: Caller, grant: AccessGrant, address: str) -> Refusal | None:
    if grant.account.closed_at is not None:
        return AccountClosed()
    grants = await AccessGrant.filter(account_id=grant.account_id).select_related("respondent")
    if beyond := await beyond_reach(member, [other.respondent.dossier_id for other in grants]):
        refusal = NotAllowed()
        refusal.denied = beyond
        return refusal
    same = grant.account.email is not None and address_key(address) == address_key(grant.account.email)
    return InvalidInput("email", Problem.SAME) if same else None


async def _replace(app: AppContext, account: Account, address: str) -> None:
    """Inside the transaction that holds the account; ``account`` keeps its old address, which is told."""
    key = parse_email(address).key
    # Where it signs in somebody else, as in a family, mail goes there all the same.
    taken = await email_taken(account.practice_id, key, but=account.id)
    await Account.filter(id=account.id).update(email=address, email_key=None if taken else key, email_verified_at=None)
    for purpose in LinkPurpose:
        await supersede_links(account.id, purpose, app.now)
    await settle_addresses(app.now, account_id=account.id)
    await raise_epoch(account.id)
    await end_sessions(app, account.id)
    await tell(app, account, "notice_email_changed")
    await publish_account_change(app, account.id)
