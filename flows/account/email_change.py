"""Changing one's own e-mail address: the old one stays until the new one is verified, and is notified both times.

Only the mail to the new address shows whether that signs in somebody else.
"""

from uuid import UUID

from flows.core import assurance, audit
from flows.core.account_mail import post, tell
from flows.core.assurance import Acting, Cause
from flows.core.audit import Actor
from flows.core.context import AppContext, Caller, ClientInfo
from flows.core.limits import hour_is_full, request_allowed
from flows.refusals import InvalidInput, LinkRefused, Problem, Refusal, StepUpRequired
from flows.second_factor.holder import hold_stepped_up, holder_of_session
from flows.signin.step_up import fresh_for_own
from models import Account, Audience, LinkPurpose, MailedLink
from models.core.mailed_link import supersede_links, use_link
from models.db.database import IntegrityError, transaction
from models.locks import hold_epoch, hold_rows
from models.mail.outbox import settle_addresses
from models.onboarding.prospect import give_way, squatter_of
from models.staff.staff import move_staff_address, staff_of_account
from normalise.addresses import BadAddress, EmailAddress, address_key, parse_email
from security.tokens import new_token, token_hash


async def ask(app: AppContext, caller: Caller | None, email: str) -> Refusal | None:
    """Mail a link to the new address, after a step-up; nothing changes until it is used. Raises InvalidInput."""
    holder = await holder_of_session(caller)
    assert holder.caller is not None
    if not fresh_for_own(app, holder.caller):
        return StepUpRequired()
    address = _new_address(holder.account, email)
    account, practice, token = holder.account, holder.practice, new_token()
    async with transaction():
        await hold_stepped_up(holder)
        if not await request_allowed(app, "email_change", practice.id, holder.origin.address, address.key):
            return hour_is_full(app)
        await supersede_links(account.id, LinkPurpose.CHANGE_EMAIL, app.now)
        link = await MailedLink.create(
            practice_id=practice.id,
            account_id=account.id,
            purpose=LinkPurpose.CHANGE_EMAIL,
            email=address.shown,
            epoch=account.epoch,
            token_hash=token_hash(token),
            created_at=app.now,
            expires_at=app.now + app.rules.verification_life,
            session=holder.caller.session_id,
        )
        await post(app, str(practice.id), "email_change_requested", {"link": str(link.id), "token": token})
        await tell(app, account, "notice_email_change_asked")
        await audit.record(app, holder.actor, "account.email_change_asked", ("Account", account.id))
    return None


def _new_address(account: Account, email: str) -> EmailAddress:
    try:
        address = parse_email(email)
    except BadAddress as error:
        raise InvalidInput("email", Problem.EMAIL) from error
    if account.email and address.key == address_key(account.email):
        raise InvalidInput("email", Problem.SAME)
    return address


async def confirm(app: AppContext, origin: ClientInfo, link: MailedLink) -> Refusal | None:
    """The link was used, so the new address is verified: it replaces the old one, once."""
    try:
        return await _take_place(app, origin, link, parse_email(link.email).key)
    except IntegrityError:
        # It signs in another account, as in a family. Mail goes there all the same, because its reader confirmed it.
        return await _take_place(app, origin, link, None)


async def _take_place(app: AppContext, origin: ClientInfo, link: MailedLink, email_key: str | None) -> Refusal | None:
    account = link.account
    async with transaction():
        squatter = await _hold(link, email_key)
        if not await hold_epoch(account.id, link.epoch) or not await use_link(link.id, link.epoch, app.now):
            return LinkRefused("USED")
        if squatter is not None:
            await give_way(squatter)
        await Account.filter(id=account.id).update(
            email=link.email, email_key=email_key, email_verified_at=app.now, reset_requested_at=None
        )
        if account.audience is Audience.STAFF:
            await move_staff_address(account.id, link.email, email_key)
        # Links that were mailed to the old address are void.
        for purpose in LinkPurpose:
            await supersede_links(account.id, purpose, app.now)
        await settle_addresses(app.now, account_id=account.id)
        asking = Acting(session=str(link.session) if link.session else None)
        await assurance.end(app, account.id, Cause.EMAIL_CHANGED, asking)
        await tell(app, account, "notice_email_changed")
        actor = Actor(origin, str(link.practice_id), str(account.id), account.audience.value)
        await audit.record(app, actor, "account.email_changed", ("Account", account.id))
    return None


async def _hold(link: MailedLink, email_key: str | None) -> UUID | None:
    """Lock the account and its member of staff, and lock and return the account that gives way to it.

    That is an unverified sign-up with this address.
    """
    member = await staff_of_account(link.account_id)
    squatter = await squatter_of(link.practice_id, email_key) if email_key is not None else None
    await hold_rows(staff=[member.id if member else None], accounts=[link.account_id, squatter])
    return squatter if squatter != link.account_id else None
