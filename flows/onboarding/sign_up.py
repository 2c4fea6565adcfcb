"""Signing up without an invitation, where the practice allows it, and verifying the address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from flows.core import audit
from flows.core.account_mail import post
from flows.core.audit import Actor
from flows.core.context import AppContext, Caller, ClientInfo
from flows.core.limits import hour_is_full, network_of, request_allowed, within_request_limit
from flows.core.practices import practice_by_slug
from flows.core.texts import clean, known_language, past_date, usable_email, usable_phone
from flows.refusals import (
    AlreadyVerified,
    Conflict,
    InvalidInput,
    MailedJustNow,
    NotFound,
    Problem,
    Refusal,
    SignUpClosed,
)
from flows.second_factor.holder import hold, holder_of_session
from flows.signin.passwords import weak
from models import Account, Audience, LinkPurpose, Practice
from models.core.mailed_link import last_mailed
from models.core.practice import day_in
from models.db.database import IntegrityError, transaction
from models.locks import hold_account, hold_practice
from models.onboarding.sign_up import (
    SignUp,
    SignUpMail,
    account_of_address,
    invited_address,
    open_verification,
    store_prospect,
)
from normalise.addresses import EmailAddress, parse_email
from normalise.codes import shown_login_code
from normalise.search import search_key
from security.tokens import new_token, token_hash

#: Before a verification can be mailed again.
_RESEND_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignUpRequest:
    """What a person enters to sign up. ``locale`` None: the language that the request asks
    for, or else the practice's."""

    email: str
    name: str
    phone: str
    birth_date: date
    password: str = field(repr=False)
    locale: str | None = None


async def sign_up(app: AppContext, origin: ClientInfo, practice_slug: str, entered: SignUpRequest) -> Refusal | None:
    """Request an account. A known and an unknown address get the same answer, the same work and the same outbox row.

    The worker of the outbox calls :func:`answer_sign_up`.
    """
    practice = await practice_by_slug(practice_slug)
    if practice is None:
        return NotFound()
    if not practice.sign_up_open:
        return SignUpClosed()
    tidy = _tidy(app, practice, origin, entered)
    words = (tidy["name"], tidy["email"], tidy["phone"])
    chooser = f"address:{network_of(origin.address)}"
    if too_weak := await weak(app, practice, Audience.RESPONDENT, words, entered.password, chooser=chooser):
        return too_weak
    key, most = parse_email(tidy["email"]).key, app.rules.windows.sign_ups_per_hour
    async with transaction():
        if not await request_allowed(app, "sign_up", practice.id, origin.address, key, most=most):
            return hour_is_full(app)
    encoded = await app.passwords.hash(entered.password)
    async with transaction():
        await post(app, str(practice.id), "sign_up_requested", {**tidy, "password_hash": encoded})
        await audit.record(app, Actor(origin, str(practice.id)), "account.sign_up_requested")
    return None


def _tidy(app: AppContext, practice: Practice, origin: ClientInfo, entered: SignUpRequest) -> dict[str, str]:
    """The validated input, for the outbox; raises InvalidInput."""
    email, phone = usable_email("email", entered.email), usable_phone("phone", entered.phone)
    if email is None or phone is None:
        raise InvalidInput("phone" if email else "email", Problem.MISSING)
    birth_date = past_date("birthDate", entered.birth_date, day_in(practice.time_zone, app.now))
    assert birth_date is not None
    locale = known_language("language", entered.locale or origin.locale or practice.locale)
    name = clean("name", entered.name, 120)
    return {
        "email": email,
        "name": name,
        "phone": phone,
        "birth_date": birth_date.isoformat(),
        "locale": locale,
    }


async def answer_sign_up(app: AppContext, practice: Practice, asked: Mapping[str, str]) -> SignUpMail | None:
    """Create the account of a sign-up, unless the address is known or invited: then its owner is notified.

    ``asked`` is the payload that :func:`sign_up` queued. Returns the mail to send. It runs inside the worker's
    transaction, which locks the practice: of two sign-ups with one address the second finds the account of the first.
    """
    practice, wanted = await hold_practice(practice.id), _wanted(asked)
    known = await _known(practice, wanted.address)
    if known is not None:
        return _sign_up_mail("account_exists", known, {"name": known.name})
    # An invitation that is accepted later makes the account that is stored here give way.
    if invited := await invited_address(practice.id, wanted.address, app.now):
        return SignUpMail("sign_up_invited", invited, practice.locale, {})
    account = await make_prospect(app, practice, wanted)
    return _sign_up_mail("verify_email", account, await _verification(app, practice, account))


async def make_prospect(app: AppContext, practice: Practice, wanted: SignUp) -> Account:
    """Store an unverified account and audit it, without an actor because nobody is authenticated.

    Call inside the running transaction; an existing account of that address raises IntegrityError.
    """
    account = await store_prospect(practice.id, wanted, app.now)
    await audit.record(app, Actor(ClientInfo(), str(practice.id)), "account.signed_up", ("Account", account.id))
    return account


async def _known(practice: Practice, address: EmailAddress) -> Account | None:
    """The account that the address signs in to, locked; None also where its address has changed meanwhile."""
    found = await account_of_address(practice.id, address)
    held = await hold_account(found.id) if found else None
    return held if held and held.email_key == address.key else None


def _wanted(asked: Mapping[str, str]) -> SignUp:
    return SignUp(
        name=asked["name"],
        sort_key=search_key(asked["name"]),
        address=parse_email(asked["email"]),
        phone=asked["phone"],
        birth_date=date.fromisoformat(asked["birth_date"]),
        locale=asked["locale"],
        password_hash=asked["password_hash"],
    )


def _sign_up_mail(template: str, account: Account, values: Mapping[str, str]) -> SignUpMail | None:
    return SignUpMail(template, account.email, account.locale, values, account.id) if account.email else None


async def resend_verification(app: AppContext, caller: Caller | None) -> Refusal | None:
    """Mail a new link that verifies the address; it supersedes the older one."""
    holder = await holder_of_session(caller)
    account = holder.account
    if account.email is None or account.email_verified_at is not None:
        return AlreadyVerified()
    last = await last_mailed(account.id, LinkPurpose.VERIFY_EMAIL)
    if last is not None and app.now < last + _RESEND_AFTER:
        return MailedJustNow(last + _RESEND_AFTER)
    try:
        async with transaction():
            await hold(holder)
            if not await within_request_limit(app, "verification", f"account:{account.id}"):
                return hour_is_full(app)
            await _mail_link(app, holder.practice, account)
            await audit.record(app, holder.actor, "account.verification_sent", ("Account", account.id))
    except IntegrityError:
        return Conflict()
    return None


async def _mail_link(app: AppContext, practice: Practice, account: Account) -> None:
    values = await _verification(app, practice, account)
    await post(app, str(practice.id), "verify_email", {"to": account.email, "locale": account.locale, "values": values})


async def _verification(app: AppContext, practice: Practice, account: Account) -> dict[str, str]:
    """Create the account's link that verifies its address; returns the values of its mail."""
    token, expires_at = new_token(), app.now + app.rules.verification_life
    await open_verification(account, token_hash(token), app.now, expires_at)
    # Without the name: otherwise anybody could have Sluis mail any words to anybody.
    return {
        "login_code": shown_login_code(account.login_code),
        "link": practice.link(app.rules.public_url, "verify", token, staff=False),
        "expires_at": expires_at.isoformat(),
    }
