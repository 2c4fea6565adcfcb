"""Verifying an e-mail address by the link that was mailed to it."""

from flows.account.email_change import confirm
from flows.core import audit
from flows.core.audit import Actor
from flows.core.context import AppContext, Caller, ClientInfo
from flows.refusals import LinkRefused, PasswordNeeded, Refusal
from flows.second_factor.holder import Holder
from flows.signin.password_check import checked_password
from flows.signin.passwords import mailed_refusal
from models import Account, LinkPurpose, MailedLink
from models.core.account import account_with_practice
from models.core.mailed_link import link_by_token, use_link
from models.db.database import transaction
from models.locks import hold_account
from security.tokens import token_hash


async def verify_email(
    app: AppContext, origin: ClientInfo, caller: Caller | None, token: str, password: str | None
) -> Refusal | None:
    """Mark the account's address as verified, once; a new address replaces the old one by this.

    The link alone is not enough: the account's own session or password is needed too. Otherwise an attacker could sign
    up with another person's address, and that person's click would verify it for the attacker's account.
    """
    link = await link_by_token(token_hash(token), LinkPurpose.VERIFY_EMAIL, LinkPurpose.CHANGE_EMAIL)
    if refusal := mailed_refusal(app, link):
        return refusal
    assert link is not None
    if foreign := await _not_theirs(app, origin, caller, link, password):
        return foreign
    if link.purpose is LinkPurpose.CHANGE_EMAIL:
        return await confirm(app, origin, link)
    async with transaction():
        await hold_account(link.account_id)
        if not await use_link(link.id, link.epoch, app.now):
            return LinkRefused("USED")
        await Account.filter(id=link.account_id, email=link.email).update(email_verified_at=app.now)
        actor = Actor(origin, str(link.practice_id), str(link.account_id), link.account.audience.value)
        await audit.record(app, actor, "account.email_verified", ("Account", link.account_id))
        await app.signals.publish(f"account:{link.account_id}")
    return None


async def _not_theirs(
    app: AppContext, origin: ClientInfo, caller: Caller | None, link: MailedLink, password: str | None
) -> Refusal | None:
    if caller is not None:
        return None if caller.account_id == str(link.account_id) else LinkRefused("FOREIGN")
    if password is None:
        return PasswordNeeded()
    account = await account_with_practice(link.account_id)
    if account is None:
        return LinkRefused("UNKNOWN")
    return await checked_password(app, Holder(origin, account, account.practice), password)
