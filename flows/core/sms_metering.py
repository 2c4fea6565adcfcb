"""Metering of text messages before they are queued, because an attacker can make them cost money.

All counts are written in one transaction with the message. So a refused message is not counted, and parallel requests
never exceed a cap. Only a sign-in that has passed the password, or a session, can send one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from flows.core.context import AppContext, SmsRules
from flows.core.limits import hidden
from flows.core.outbox import To, post
from flows.core.pacing import CAP_REACHED, take_turn
from models import Account, Practice
from models.core.attempts import count_windows
from models.core.message_failure import MessageFailure
from models.core.practice import day_in
from models.core.sms import count_sms
from models.db.database import transaction
from normalise.phones import country_of
from plugins import NotSent
from security.limits import Rule

log = structlog.get_logger(__name__)

COUNTRY = "COUNTRY"
#: The number has its own limit, over all accounts that use it: people share numbers.
NUMBER_BUSY = "NUMBER_BUSY"
NO_GATEWAY = "NO_GATEWAY"

_NEVER = 100
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class Use(StrEnum):
    """The purpose of a message. Each purpose has its own limit for a number.

    Anybody can enrol any number, and that must not delay the codes of the number's owner.
    """

    CODE = "to"
    """A code to a number that the account has proven."""
    ENROL = "enrol"
    """A code to a number that nobody has proven yet."""
    NOTICE = "notice"
    """News about the account, to a number that it has proven."""


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A message to send: ``to`` in E.164, the template of ``delivery`` and its values.

    ``until`` is when the message becomes useless; None for the default of its purpose.
    """

    to: str
    template: str
    values: dict[str, str]
    until: datetime | None = None


async def send_sms(
    app: AppContext,
    account: Account,
    practice: Practice,
    address: str,
    text: TextMessage,
    use: Use = Use.CODE,
    *,
    respondent_id: object = None,
) -> None:
    """Queue a text message, or raise NotSent with the reason and the time from which it is allowed again.

    ``address`` is the network address of the request; empty for a notice, which nobody requested. ``respondent_id`` is
    the respondent that the message is about, where the account answers for several.
    """
    rules, now = app.rules.sms, app.now
    if rules is None:
        raise NotSent(NO_GATEWAY)
    country = country_of(text.to)
    if country is None or country not in _countries(practice, rules):
        raise NotSent(COUNTRY)
    async with transaction():
        await _count_windows(practice, address, rules, now)
        # The account's own limit first: only the account that just sent one learns that reason.
        if use is not Use.NOTICE:
            await take_turn((f"sms:account:{account.id}",), str(practice.id), _rule(rules, use), now)
        number = tuple(f"sms:{use.value}:{name}" for name in hidden(app, text.to, "sms-number"))
        await take_turn(number, str(practice.id), _rule(rules, use), now, waiting=NUMBER_BUSY)
        month = month_of(practice, now)
        if await count_sms(practice.id, month, country, rules.price) > rules.practice_cost_per_month:
            raise _full(practice, "cost", _next_month(practice, now))
        # A code is useless after its challenge has ended; a notice is useful for a day.
        until = text.until or now + (_DAY if use is Use.NOTICE else app.rules.challenge_life)
        payload = _payload(app, account, practice, text, country) | {"until": until.isoformat()}
        to = To(account_id=account.id, respondent_id=respondent_id)
        await post(app, str(practice.id), text.template, payload, to, channel="sms")


def unsent_because(unsent: NotSent) -> MessageFailure:
    """The failure that staff see for a message that was not queued."""
    match unsent.reason:
        case "CAP_REACHED" | "TOO_SOON" | "NUMBER_BUSY":
            return MessageFailure.LIMIT_REACHED
        case "COUNTRY":
            return MessageFailure.COUNTRY_NOT_ALLOWED
        case _:
            return MessageFailure.SERVICE_UNAVAILABLE


def _countries(practice: Practice, rules: SmsRules) -> set[str]:
    """The countries that the practice may send to: its own choice, or else the installation's."""
    return {practice.country, *rules.countries} if practice.sms_countries is None else set(practice.sms_countries)


def _rule(rules: SmsRules, use: Use) -> Rule:
    """The limits an hour and a day; between codes also a wait that doubles, but none between notices."""
    return Rule(
        slow_from=_NEVER if use is Use.NOTICE else 1,
        first_wait=rules.first_wait,
        longest_wait=max(rules.first_wait, _HOUR),
        per_hour=rules.per_hour,
        per_day=rules.per_day,
    )


async def _count_windows(practice: Practice, address: str, rules: SmsRules, now: datetime) -> None:
    at = now.astimezone(UTC)
    hour, day = at.replace(minute=0, second=0, microsecond=0), at.replace(hour=0, minute=0, second=0, microsecond=0)
    by_address = f"sms:address:{address}:{hour:%Y%m%d%H}"
    # The practice's row is held until the end of the transaction, which makes the sum of its costs exact.
    by_practice = f"sms:practice:{practice.id}:{day:%Y%m%d}"
    by_installation = f"sms:practices:{day:%Y%m%d}"
    # In one statement: a refusal rolls all counts back, so a narrower limit uses up no wider one.
    shared = [by_practice, by_installation]
    counts = await count_windows([by_address, *shared] if address else shared, day + _DAY)
    if address and counts[by_address] > rules.address_per_hour:
        raise NotSent(CAP_REACHED, hour + _HOUR)
    if counts[by_practice] > rules.practice_per_day:
        raise _full(practice, "day", day + _DAY)
    if counts[by_installation] > rules.installation_per_day:
        raise _full(practice, "installation", day + _DAY)


def _full(practice: Practice, cap: str, until: datetime) -> NotSent:
    """The refusal beyond a cap of the practice or the installation; logged, because an operator must look at it."""
    log.warning("sms.cap_reached", practice=practice.slug, cap=cap)
    return NotSent(CAP_REACHED, until)


def month_of(practice: Practice, now: datetime) -> str:
    """The month of the practice's calendar: ``2026-03``."""
    return f"{day_in(practice.time_zone, now):%Y-%m}"


def _next_month(practice: Practice, now: datetime) -> datetime:
    first = (day_in(practice.time_zone, now).replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(first, time(), ZoneInfo(practice.time_zone)).astimezone(UTC)


def _payload(app: AppContext, account: Account, practice: Practice, text: TextMessage, country: str) -> dict[str, Any]:
    """The payload for the worker, without ``until``."""
    rules, now = app.rules, app.now
    assert rules.sms is not None
    return {
        "to": text.to,
        "locale": account.locale,
        "values": text.values,
        "month": month_of(practice, now),
        "country": country,
        "price": str(rules.sms.price),
    }
