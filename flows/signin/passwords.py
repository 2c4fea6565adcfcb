"""Passwords: choosing, changing and resetting them, and mailing a forgotten login code."""

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
    """Why a new password is refused for this person, or None.

    It is counted for ``chooser`` before it is checked; see :func:`flows.core.attempts.may_choose_password`.
    """
    if too_often := await may_choose_password(app, chooser):
        return too_often
    minimum = shortest(app, practice, audience, exempt_until)
    found = weaknesses(password, words=(*words, practice.name, practice.slug), minimum=minimum)
    return WeakPassword([weakness.value for weakness in found], minimum, LONGEST) if found else None


def shortest(app: AppContext, practice: Practice, audience: Audience, exempt_until: datetime | None = None) -> int:
    """The least number of characters of a password today; fewer where the policy demands a factor too."""
    demand = policy_of(practice.policy, audience).demand(app.now, exempt_until)
    return WITH_FACTOR if demand is Demand.REQUIRED else ALONE


async def weak_for(
    app: AppContext, account: Account, practice: Practice, password: str
) -> WeakPassword | TooManyAttempts | None:
    """:func:`weak` for an existing account."""
    words, chooser = (account.name, account.email or "", account.login_code), f"account:{account.id}"
    exempt = account.exempt_until
    return await weak(app, practice, account.audience, words, password, chooser=chooser, exempt_until=exempt)


def shortest_for(app: AppContext, account: Account, practice: Practice) -> int:
    """:func:`shortest` for an existing account."""
    return shortest(app, practice, account.audience, account.exempt_until)


def stands_alone(password: str) -> bool:
    """Whether it is long enough for an account without a second factor."""
    return length(password) >= ALONE


async def choose_password(app: AppContext, holder: Holder, password: str) -> int | Refusal:
    """Set one's own password and end what the old one proved; returns the account's new epoch."""
    if too_weak := await weak_for(app, holder.account, holder.practice, password):
        return too_weak
    given = holder.account.must_change_password
    if given and await app.passwords.verify(holder.account.password_hash, password):
        # Staff know the password that they gave.
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
    """Request a reset mail. The same row is written for a known and an unknown login; the outbox worker resolves it."""
    return await _ask_mail(app, origin, practice_slug, "reset_requested", {"login": login})


async def forgot_login_code(app: AppContext, origin: ClientInfo, practice_slug: str, email: str) -> Refusal | None:
    """Request the login codes of an address by mail; the answer does not show whether it is known."""
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
    """``awaits_approval``: the approved accesses wait for approval again."""

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
        # The mailed link alone does not authenticate: it does not sign in, and the audit row has no actor.
        actor = Actor(origin, str(account.practice_id))
        gone = await _delete_factors_of_unverified(account)
        closed = await _ask_approval_again(app, actor, account)
        await _store_password(app, account, encoded, Cause.PASSWORD_RESET)
        # The mailbox's owner set the password: wrong guesses by others must not lock them out.
        await clear_budgets([subject_of(str(account.id), "password")])
        await audit.record(app, actor, "account.password_reset", ("Account", account.id))
    await notify_plugin_removed(app, actor, account, account.practice, gone)
    return WasReset(awaits_approval=closed)


async def _delete_factors_of_unverified(account: Account) -> list[FactorEnrolment]:
    """Delete the factors of a sign-up with an unverified address, and return them.

    Somebody else may have signed up with the address, and must not keep a way in: the holder of the link reads its
    mail.
    """
    if not await is_unproven(account.id):
        return []
    gone = await enrolments_of(account.id)
    await delete_enrolments(gone)
    return gone


async def open_mailed(app: AppContext, token: str, *purposes: LinkPurpose) -> Account | LinkRefused:
    """The account, with its practice, that a mailed link is for. Read-only."""
    link = await link_by_token(token_hash(token), *purposes)
    if refusal := mailed_refusal(app, link):
        return refusal
    assert link is not None
    account = await account_with_practice(link.account_id)
    return account or LinkRefused("UNKNOWN")


async def _ask_approval_again(app: AppContext, actor: Actor, account: Account) -> bool:
    """Withdraw the approvals of an account with an unverified address and no factor; returns whether there were any.

    That is an account with a starter password: staff typed its address, which may be another person's. With a factor
    the access stays, because the factor must be proven next; the address stays unverified, because the factor may be
    removed. Without a factor the mailbox is the only proof, so staff must check the identity again. The audit trail
    and the person are told.
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
