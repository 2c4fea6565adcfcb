"""Verifying an e-mail address by the link that was mailed to it."""

from flows import audit
from flows.audit import Actor
from flows.email_change import confirm
from flows.house import Caller, House, Origin
from flows.passwords import mailed_refusal
from flows.refusals import LinkRefused, Refusal
from models import Account, LinkPurpose
from models.db import transaction
from models.mailed_link import link_by_token, use_link
from security.tokens import token_hash


async def verify_email(house: House, origin: Origin, caller: Caller | None, token: str) -> Refusal | None:
    """The holder of the link reads the account's mail: mark the address as verified, once.

    A new address takes the old one's place by this.
    """
    link = await link_by_token(token_hash(token), LinkPurpose.VERIFY_EMAIL, LinkPurpose.CHANGE_EMAIL)
    if link is not None and link.purpose is LinkPurpose.CHANGE_EMAIL:
        return await confirm(house, origin, caller, link)
    if refusal := mailed_refusal(house, link):
        return refusal
    assert link is not None
    async with transaction():
        if not await use_link(link.id, link.epoch, house.now):
            return LinkRefused("USED")
        await Account.filter(id=link.account_id, email=link.email).update(email_verified_at=house.now)
        actor = Actor(origin, str(link.practice_id), str(link.account_id), link.account.audience.value)
        await audit.record(house, actor, "account.email_verified", ("Account", link.account_id))
        await house.bell.ring(f"account:{link.account_id}")
    return None
