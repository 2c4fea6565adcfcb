"""Passwords: choosing, checking, forgetting, resetting and changing them."""

from dataclasses import dataclass
from datetime import datetime

from flows.core import assurance, audit
from flows.core.account_mail import post, tell
from flows.core.assurance import Acting, Cause
from flows.core.attempts import may_choose_password, subject_of
from flows.core.audit import Actor
from flows.core.context import AppContext, Caller, ClientInfo
from flows.core.limits import hour_is_full, request_allowed, within_request_limit
from flows.core.policy import Demand, policy_of
from flows.core.practices import practice_by_slug
from flows.refusals import (
    LinkRefused,
    NotFound,
    Refusal,
    StepUpRequired,
    TooManyAttempts,
    WeakPassword,
)
from flows.second_factor.holder import Holder, hold, hold_stepped_up, holder_of_session
from flows.second_factor.plugin_removed import notify_plugin_removed
from flows.signin.credentials import login_key
from flows.signin.step_up import fresh_for_own
from flows.signin.steps import has_factor
from models import Account, Audience, FactorEnrolment, LinkPurpose, MailedLink, Practice
from models.access.access import approved_grants_of, ask_approval_again
from models.core.account import account_with_practice
from models.core.attempts import clear_budgets
from models.core.mailed_link import link_by_token, use_link
from models.db.database import transaction
from models.locks import hold_epoch
from models.onboarding.prospect import is_unproven
from models.second_factor.factor import delete_enrolments, enrolments_of
from security.ages import latest_start
from security.strength import LONGEST_CHOSEN, Weakness, length, weaknesses
from security.tokens import token_hash

#: NIST SP 800-63B-4, 3.1.1.2: at least 8 where a second factor follows, 15 where it stands alone.
WITH_FACTOR, ALONE = 8, 15
LONGEST = LONGEST_CHOSEN


async def weak(
    app: AppContext,
    practice: Practice,
    audience: Audience,
    words: tuple[str, ...],
    password: str,
    *,
    chooser: str,
    exempt_until: datetime | None = None,
) -> WeakPassword | TooManyAttempts | None:
    """What is wrong with a password for this person, or None.

    It is counted for ``chooser`` before it is looked at; see :func:`flows.core.attempts.may_choose_password`.
    """
    if too_often := await may_choose_password(app, chooser):
        return too_often
    minimum = shortest(app, practice, audience, exempt_until)
    found = weaknesses(password, words=(*words, practice.name, practice.slug), minimum=minimum)
    return WeakPassword([weakness.value for weakness in found], minimum, LONGEST) if found else None


def shortest(app: AppContext, practice: Practice, audience: Audience, exempt_until: datetime | None = None) -> int:
    """How many characters a password needs today; fewer will do where a factor is asked as well."""
    demand = policy_of(practice.policy, audience).demand(app.now, exempt_until)
    return WITH_FACTOR if demand is Demand.REQUIRED else ALONE


async def weak_for(
    app: AppContext, account: Account, practice: Practice, password: str
) -> WeakPassword | TooManyAttempts | None:
    """The same for somebody who has an account already."""
    words, chooser = (account.name, account.email or "", account.login_code), f"account:{account.id}"
    exempt = account.exempt_until
    return await weak(app, practice, account.audience, words, password, chooser=chooser, exempt_until=exempt)


def shortest_for(app: AppContext, account: Account, practice: Practice) -> int:
    """The same for somebody who has an account already."""
    return shortest(app, practice, account.audience, account.exempt_until)


def stands_alone(password: str) -> bool:
    """Whether it is long enough for an account that no second factor protects."""
    return length(password) >= ALONE


async def choose_password(app: AppContext, holder: Holder, password: str) -> int | Refusal:
    """Set one's own password. Everything that stood on the old one ends; answers the account's new epoch."""
    if too_weak := await weak_for(app, holder.account, holder.practice, password):
        return too_weak
    given = holder.account.must_change_password
    if given and await app.passwords.verify(holder.account.password_hash, password):
        # The staff who gave it know it.
        minimum = shortest_for(app, holder.account, holder.practice)
        return WeakPassword([Weakness.SAME.value], minimum, LONGEST)
    encoded = await app.passwords.hash(password)
    async with transaction():
        await hold(holder)
        await _store_password(app, holder.account, encoded, Cause.PASSWORD_CHOSEN)
        await audit.record(app, holder.actor, "account.password_set", ("Account", holder.account.id))
    return holder.account.epoch + 1


async def _store_password(
    app: AppContext, account: Account, encoded: str, cause: Cause, *, session: str | None = None
) -> None:
    await Account.filter(id=account.id).update(
        password_hash=encoded,
        password_set_at=app.now,
        password_expires_at=None,
        must_change_password=False,
        password_short=None,
        reset_requested_at=None,
    )
    account.must_change_password, account.password_short = False, None
    await assurance.end(app, account.id, cause, Acting(session=session))
    await tell(app, account, "notice_password_changed")


async def forgot(app: AppContext, origin: ClientInfo, practice_slug: str, login: str) -> Refusal | None:
    """Ask for a reset mail. Known or unknown, the same row is written; the outbox worker resolves it."""
    return await _ask_mail(app, origin, practice_slug, "reset_requested", {"login": login})


async def forgot_login_code(app: AppContext, origin: ClientInfo, practice_slug: str, email: str) -> Refusal | None:
    """Ask for the login codes of an address, mailed to it; the answer tells nothing."""
    return await _ask_mail(app, origin, practice_slug, "login_code_requested", {"email": email})


async def _ask_mail(
    app: AppContext, origin: ClientInfo, practice_slug: str, template: str, payload: dict[str, str]
) -> Refusal | None:
    practice = await practice_by_slug(practice_slug)
    if practice is None:
        return NotFound()
    typed = next(iter(payload.values()))[:254]
    async with transaction():
        if not await request_allowed(app, template, practice.id, origin.address, login_key(typed)):
            return hour_is_full(app)
        await post(app, str(practice.id), template, {key: value[:254] for key, value in payload.items()})
        await audit.record(app, Actor(origin, str(practice.id)), f"account.{template}")
    return None


@dataclass(frozen=True, slots=True)
class WasReset:
    """``awaits_approval``: what staff had approved waits for them again."""

    awaits_approval: bool


async def reset(app: AppContext, origin: ClientInfo, token: str, password: str) -> WasReset | Refusal:
    """Set a new password by a mailed link. Does not sign in; the second factor is still asked."""
    link = await link_by_token(token_hash(token), LinkPurpose.RESET_PASSWORD)
    refusal = mailed_refusal(app, link)
    if link is None or refusal is not None:
        return refusal or LinkRefused("UNKNOWN")
    account = await account_with_practice(link.account_id)
    if account is None:
        return LinkRefused("UNKNOWN")
    if too_weak := await weak_for(app, account, account.practice, password):
        return too_weak
    if not await within_request_limit(app, "reset", f"link:{link.id}"):
        return hour_is_full(app)
    encoded = await app.passwords.hash(password)
    async with transaction():
        if not await hold_epoch(account.id, link.epoch) or not await use_link(link.id, link.epoch, app.now):
            return LinkRefused("USED")
        # Reading the mail is half of who it is: it signs nobody in, and the trail names nobody for it.
        actor = Actor(origin, str(account.practice_id))
        gone = await _forget_strangers_factors(account)
        closed = await _ask_approval_again(app, actor, account)
        await _store_password(app, account, encoded, Cause.PASSWORD_RESET)
        # The mailbox's owner is there: what others guessed wrong no longer keeps them out.
        await clear_budgets([subject_of(str(account.id), "password")])
        await audit.record(app, actor, "account.password_reset", ("Account", account.id))
    await notify_plugin_removed(app, actor, account, account.practice, gone)
    return WasReset(awaits_approval=closed)


async def _forget_strangers_factors(account: Account) -> list[FactorEnrolment]:
    """Who holds the link reads the account's mail. Answers the factors that go.

    An account that was signed up and never verified may have been made by somebody else, who must keep no way in.
    """
    if not await is_unproven(account.id):
        return []
    gone = await enrolments_of(account.id)
    await delete_enrolments(gone)
    return gone


async def open_mailed(app: AppContext, token: str, *purposes: LinkPurpose) -> Account | LinkRefused:
    """The account, with its practice, that a mailed link is for. Looks and changes nothing."""
    link = await link_by_token(token_hash(token), *purposes)
    if refusal := mailed_refusal(app, link):
        return refusal
    assert link is not None
    account = await account_with_practice(link.account_id)
    return account or LinkRefused("UNKNOWN")


async def _ask_approval_again(app: AppContext, actor: Actor, account: Account) -> bool:
    """Take approvals back that were given to whom staff gave a starter password; answers whether there were any.

    Its address was typed by staff, and may be another person's. Where the account has a factor of its own, that is
    proven before anybody is in, and the access stays; the address stays unproven, for the factor may go. Without one
    the mailbox would be all that is proven: staff look who it is. Access, dossiers, person and staff are told.
    """
    if account.email_verified_at is not None or has_factor(await enrolments_of(account.id)):
        return False
    await Account.filter(id=account.id).update(email_verified_at=app.now)
    grants = await approved_grants_of(account.id)
    if not await ask_approval_again(account.id, app.now):
        return False
    for grant in grants:
        about = (("Dossier", grant.respondent.dossier_id), ("Respondent", grant.respondent_id), ("Account", account.id))
        await audit.record(app, actor, "access.taken_back", ("AccessGrant", grant.id), *about)
    await tell(app, account, "notice_access_waits")
    return True


def mailed_refusal(app: AppContext, link: MailedLink | None) -> LinkRefused | None:
    """Why a mailed link does nothing; None while it is good."""
    if link is None:
        return LinkRefused("UNKNOWN")
    if link.used_at is not None:
        return LinkRefused("USED")
    if link.superseded_at is not None or link.epoch != link.account.epoch:
        return LinkRefused("SUPERSEDED")
    if link.created_at > latest_start(app.now):
        return LinkRefused("EXPIRED")
    if link.expires_at <= app.now:
        return LinkRefused("EXPIRED")
    return None


async def change(app: AppContext, caller: Caller | None, password: str) -> Refusal | None:
    """Change one's own password from the settings, after a step-up; other sessions and all devices end."""
    holder = await holder_of_session(caller)
    assert holder.caller is not None
    if not fresh_for_own(app, holder.caller):
        return StepUpRequired()
    if too_weak := await weak_for(app, holder.account, holder.practice, password):
        return too_weak
    if not await within_request_limit(app, "change_password", f"account:{holder.account.id}"):
        return hour_is_full(app)
    encoded = await app.passwords.hash(password)
    async with transaction():
        await hold_stepped_up(holder)
        session = holder.caller.session_id
        await _store_password(app, holder.account, encoded, Cause.PASSWORD_CHANGED, session=session)
        await audit.record(app, holder.actor, "account.password_changed", ("Account", holder.account.id))
    return None
