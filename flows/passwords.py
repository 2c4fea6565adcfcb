"""Passwords: choosing, checking, forgetting, resetting and changing them."""

from datetime import datetime

from flows import audit, waivers
from flows.attempts import may_choose_password, subject_of
from flows.audit import Actor
from flows.credentials import login_key
from flows.farewell import say_farewell
from flows.holder import Holder, hold, holder_of_session
from flows.house import Caller, House, Origin
from flows.limits import hour_is_full, once_more, request_allowed
from flows.policy import Demand, policy_of
from flows.post import post, tell
from flows.practices import practice_by_slug
from flows.refusals import (
    LinkRefused,
    NotFound,
    Refusal,
    StepUpRequired,
    TooManyAttempts,
    WeakPassword,
)
from flows.sessions import end_sessions
from flows.step_up import fresh_for_own
from models import Account, Audience, FactorEnrolment, LinkPurpose, MailedLink, Practice
from models.access import ask_approval_again
from models.account import account_with_practice, raise_epoch
from models.attempts import clear_budgets
from models.db import transaction
from models.factor import enrolments_of
from models.locks import hold_epoch
from models.mailed_link import link_by_token, use_link
from models.prospect import is_unproven
from security.strength import LONGEST_CHOSEN, Weakness, length, weaknesses
from security.tokens import token_hash

#: NIST SP 800-63B-4, 3.1.1.2: at least 8 where a second factor follows, 15 where it stands alone.
WITH_FACTOR, ALONE = 8, 15
LONGEST = LONGEST_CHOSEN


async def weak(
    house: House,
    practice: Practice,
    audience: Audience,
    words: tuple[str, ...],
    password: str,
    *,
    whom: str,
    exempt_until: datetime | None = None,
) -> WeakPassword | TooManyAttempts | None:
    """What is wrong with a password for this person, or None.

    It is counted for ``whom`` before it is looked at; see :func:`flows.attempts.may_choose_password`.
    """
    if too_often := await may_choose_password(house, whom):
        return too_often
    minimum = shortest(house, practice, audience, exempt_until)
    found = weaknesses(password, words=(*words, practice.name, practice.slug), minimum=minimum)
    return WeakPassword([weakness.value for weakness in found], minimum, LONGEST) if found else None


def shortest(house: House, practice: Practice, audience: Audience, exempt_until: datetime | None = None) -> int:
    """How many characters a password needs today; fewer will do where a factor is asked as well."""
    demand = policy_of(practice.policy, audience).demand(house.now, exempt_until)
    return WITH_FACTOR if demand is Demand.REQUIRED else ALONE


async def weak_for(
    house: House, account: Account, practice: Practice, password: str
) -> WeakPassword | TooManyAttempts | None:
    """The same for somebody who has an account already."""
    words, whom = (account.name, account.email or "", account.login_code), f"account:{account.id}"
    exempt = account.exempt_until
    return await weak(house, practice, account.audience, words, password, whom=whom, exempt_until=exempt)


def shortest_for(house: House, account: Account, practice: Practice) -> int:
    """The same for somebody who has an account already."""
    return shortest(house, practice, account.audience, account.exempt_until)


def stands_alone(password: str) -> bool:
    """Whether it is long enough for an account that no second factor protects."""
    return length(password) >= ALONE


async def choose_password(house: House, holder: Holder, password: str) -> int | Refusal:
    """Set one's own password. Everything that stood on the old one ends; answers the account's new epoch."""
    if too_weak := await weak_for(house, holder.account, holder.practice, password):
        return too_weak
    given = holder.account.must_change_password
    if given and await house.passwords.verify(holder.account.password_hash, password):
        # The staff who gave it know it.
        minimum = shortest_for(house, holder.account, holder.practice)
        return WeakPassword([Weakness.SAME.value], minimum, LONGEST)
    encoded = await house.passwords.hash(password)
    async with transaction():
        await hold(holder)
        await _store_password(house, holder.account, encoded)
        await audit.record(house, holder.actor, "account.password_set", ("Account", holder.account.id))
    return holder.account.epoch + 1


async def _store_password(house: House, account: Account, encoded: str, *, keep_session: str | None = None) -> None:
    await Account.filter(id=account.id).update(
        password_hash=encoded,
        password_set_at=house.now,
        password_expires_at=None,
        must_change_password=False,
        password_short=None,
        reset_requested_at=None,
    )
    account.must_change_password, account.password_short = False, None
    await raise_epoch(account.id)
    await end_sessions(house, account.id, but=keep_session)
    await waivers.forget_all(account.id)
    await tell(house, account, "notice_password_changed")


async def forgot(house: House, origin: Origin, practice_slug: str, login: str) -> Refusal | None:
    """Ask for a reset mail. Known or unknown, the same row is written; the outbox worker resolves it."""
    return await _ask_mail(house, origin, practice_slug, "reset_requested", {"login": login})


async def forgot_login_code(house: House, origin: Origin, practice_slug: str, email: str) -> Refusal | None:
    """Ask for the login codes of an address, mailed to it; the answer tells nothing."""
    return await _ask_mail(house, origin, practice_slug, "login_code_requested", {"email": email})


async def _ask_mail(
    house: House, origin: Origin, practice_slug: str, template: str, payload: dict[str, str]
) -> Refusal | None:
    practice = await practice_by_slug(practice_slug)
    if practice is None:
        return NotFound()
    typed = next(iter(payload.values()))[:254]
    async with transaction():
        if not await request_allowed(house, template, practice.id, origin.address, login_key(typed)):
            return hour_is_full(house)
        await post(house, str(practice.id), template, {key: value[:254] for key, value in payload.items()})
        await audit.record(house, Actor(origin, str(practice.id)), f"account.{template}")
    return None


async def reset(house: House, origin: Origin, token: str, password: str) -> Refusal | None:
    """Set a new password by a mailed link. Does not sign in; the second factor is still asked."""
    link = await link_by_token(token_hash(token), LinkPurpose.RESET_PASSWORD)
    refusal = mailed_refusal(house, link)
    if refusal or link is None:
        return refusal
    account = await account_with_practice(link.account_id)
    if account is None:
        return LinkRefused("UNKNOWN")
    if too_weak := await weak_for(house, account, account.practice, password):
        return too_weak
    if not await once_more(house, "reset", f"link:{link.id}"):
        return hour_is_full(house)
    encoded = await house.passwords.hash(password)
    async with transaction():
        if not await hold_epoch(account.id, link.epoch) or not await use_link(link.id, link.epoch, house.now):
            return LinkRefused("USED")
        gone = await _prove_mailbox(house, account, link.email)
        await _store_password(house, account, encoded)
        # The mailbox's owner is there: what others guessed wrong no longer keeps them out.
        await clear_budgets([subject_of(str(account.id), "password")])
        # Reading the mail is half of who it is: it signs nobody in, and the trail names nobody for it.
        actor = Actor(origin, str(account.practice_id))
        await audit.record(house, actor, "account.password_reset", ("Account", account.id))
    await say_farewell(house, actor, account, account.practice, gone)
    return None


async def _prove_mailbox(house: House, account: Account, email: str) -> list[FactorEnrolment]:
    """Whoever holds the link reads the account's mail: that verifies the address. Answers the factors that go.

    An account that was signed up and never verified may have been made by somebody else, who must keep no way in. One
    that staff gave a starter password may have a mistyped address: approving it was for whom they gave the password.
    """
    gone = []
    if await is_unproven(account.id):
        gone = await enrolments_of(account.id)
        await FactorEnrolment.filter(account_id=account.id).delete()
    if account.email_verified_at is None:
        await ask_approval_again(account.id)
        await Account.filter(id=account.id, email=email).update(email_verified_at=house.now)
    return gone


async def open_mailed(house: House, token: str, *purposes: LinkPurpose) -> Account | LinkRefused:
    """The account, with its practice, that a mailed link is for. Looks and changes nothing."""
    link = await link_by_token(token_hash(token), *purposes)
    if refusal := mailed_refusal(house, link):
        return refusal
    assert link is not None
    account = await account_with_practice(link.account_id)
    return account or LinkRefused("UNKNOWN")


def mailed_refusal(house: House, link: MailedLink | None) -> LinkRefused | None:
    """Why a mailed link does nothing; None while it is good."""
    if link is None:
        return LinkRefused("UNKNOWN")
    if link.used_at is not None:
        return LinkRefused("USED")
    if link.superseded_at is not None or link.epoch != link.account.epoch:
        return LinkRefused("SUPERSEDED")
    if link.expires_at <= house.now:
        return LinkRefused("EXPIRED")
    return None


async def change(house: House, caller: Caller | None, password: str) -> Refusal | None:
    """Change one's own password from the settings, after a step-up; other sessions and all devices end."""
    holder = await holder_of_session(caller)
    assert holder.caller is not None
    if not fresh_for_own(house, holder.caller):
        return StepUpRequired()
    if too_weak := await weak_for(house, holder.account, holder.practice, password):
        return too_weak
    if not await once_more(house, "change_password", f"account:{holder.account.id}"):
        return hour_is_full(house)
    encoded = await house.passwords.hash(password)
    async with transaction():
        await hold(holder)
        await _store_password(house, holder.account, encoded, keep_session=holder.caller.session_id)
        await audit.record(house, holder.actor, "account.password_changed", ("Account", holder.account.id))
    return None
