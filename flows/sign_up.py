"""Signing up without an invitation, where the practice lets people; and having the address verified."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from flows import audit
from flows.audit import Actor
from flows.holder import hold, holder_of_session
from flows.house import Caller, House, Origin
from flows.limits import hour_is_full, network_of, once_more, request_allowed
from flows.passwords import weak
from flows.post import post
from flows.practices import practice_by_slug
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
from flows.texts import clean, known_language, past_date, usable_email, usable_phone
from models import Account, Audience, LinkPurpose, Practice
from models.db import IntegrityError, transaction
from models.mailed_link import last_mailed
from models.practice import day_in
from models.sign_up import open_verification
from normalise.addresses import parse_email
from normalise.codes import shown_login_code
from security.tokens import new_token, token_hash

#: Before a verification can be mailed again.
_RESEND_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person enters to sign up. ``locale`` None: the language that the request asks
    for, or else the practice's."""

    email: str
    name: str
    phone: str
    birth_date: date
    password: str = field(repr=False)
    locale: str | None = None


async def sign_up(house: House, origin: Origin, practice_slug: str, entered: Entered) -> Refusal | None:
    """Ask for an account. Whoever has the address: the same answer, the same work and the same row in the outbox.

    The outbox's worker makes the account, or tells the owner of an address that is known or invited already.
    """
    practice = await practice_by_slug(practice_slug)
    if practice is None:
        return NotFound()
    if not practice.sign_up_open:
        return SignUpClosed()
    tidy = _tidy(house, practice, origin, entered)
    words = (tidy["name"], tidy["email"], tidy["phone"])
    whom = f"address:{network_of(origin.address)}"
    if too_weak := await weak(house, practice, Audience.RESPONDENT, words, entered.password, whom=whom):
        return too_weak
    key, most = parse_email(tidy["email"]).key, house.rules.windows.sign_ups_per_hour
    async with transaction():
        if not await request_allowed(house, "sign_up", practice.id, origin.address, key, most=most):
            return hour_is_full(house)
    encoded = await house.passwords.hash(entered.password)
    async with transaction():
        await post(house, str(practice.id), "sign_up_requested", {**tidy, "password_hash": encoded})
        await audit.record(house, Actor(origin, str(practice.id)), "account.sign_up_requested")
    return None


def _tidy(house: House, practice: Practice, origin: Origin, entered: Entered) -> dict[str, str]:
    """What was entered, as the outbox keeps it; raises InvalidInput."""
    email, phone = usable_email("email", entered.email), usable_phone("phone", entered.phone)
    if email is None or phone is None:
        raise InvalidInput("phone" if email else "email", Problem.MISSING)
    birth_date = past_date("birthDate", entered.birth_date, day_in(practice.time_zone, house.now))
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


async def resend_verification(house: House, caller: Caller | None) -> Refusal | None:
    """Mail a new link that verifies the address; the older one dies."""
    holder = await holder_of_session(caller)
    account = holder.account
    if account.email is None or account.email_verified_at is not None:
        return AlreadyVerified()
    last = await last_mailed(account.id, LinkPurpose.VERIFY_EMAIL)
    if last is not None and house.now < last + _RESEND_AFTER:
        return MailedJustNow(last + _RESEND_AFTER)
    try:
        async with transaction():
            await hold(holder)
            if not await once_more(house, "verification", f"account:{account.id}"):
                return hour_is_full(house)
            await _mail_link(house, holder.practice, account)
            await audit.record(house, holder.actor, "account.verification_sent", ("Account", account.id))
    except IntegrityError:
        return Conflict()
    return None


async def _mail_link(house: House, practice: Practice, account: Account) -> None:
    token, expires_at = new_token(), house.now + house.rules.verification_life
    await open_verification(account, token_hash(token), house.now, expires_at)
    values = {
        "login_code": shown_login_code(account.login_code),
        "link": practice.link(house.rules.public_url, "verify", token, staff=False),
        "expires_at": expires_at.isoformat(),
    }
    await post(
        house, str(practice.id), "verify_email", {"to": account.email, "locale": account.locale, "values": values}
    )
