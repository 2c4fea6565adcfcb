"""Text messages, which cost money and can be made to cost more: metered before they are queued.

All counts are written in one transaction with the message: refused is not counted, counted is queued, and
parallel requests never exceed a cap. The password came first: only a sign-in past it, or a session, has a desk.
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
#: The number has a pace of its own, whoever asks: people share numbers.
NUMBER_BUSY = "NUMBER_BUSY"
NO_GATEWAY = "NO_GATEWAY"

_NEVER = 100
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class Use(StrEnum):
    """What a message is for. Each has a pace of its own to a number, so that none uses up another's.

    Anybody can give any number to set it up; its owner's own codes must not wait for that.
    """

    CODE = "to"
    """A code to a number that the account has proven."""
    ENROL = "enrol"
    """A code to a number that nobody has proven yet."""
    NOTICE = "notice"
    """News about the account, to a number that it has proven."""


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A message to be: ``to`` in E.164, the template of ``delivery`` and its values.

    ``until`` is when it stops to mean anything; None: when such messages do.
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
    """Queue a text message, or raise NotSent with the reason and the time from which it may work.

    ``address`` is the network address that asked; empty for news, which nobody asks for. ``respondent_id`` is as whom
    the person is told, where the account answers for several.
    """
    rules, now = app.rules.sms, app.now
    if rules is None:
        raise NotSent(NO_GATEWAY)
    country = country_of(text.to)
    if country is None or country not in _countries(practice, rules):
        raise NotSent(COUNTRY)
    async with transaction():
        await _count_windows(practice, address, rules, now)
        # The account's own pace first: who asked a moment ago is told that, and nobody else is.
        if use is not Use.NOTICE:
            await take_turn((f"sms:account:{account.id}",), str(practice.id), _rule(rules, use), now)
        number = tuple(f"sms:{use.value}:{name}" for name in hidden(app, text.to, "sms-number"))
        await take_turn(number, str(practice.id), _rule(rules, use), now, waiting=NUMBER_BUSY)
        month = month_of(practice, now)
        if await count_sms(practice.id, month, country, rules.price) > rules.practice_cost_per_month:
            raise _full(practice, "cost", _next_month(practice, now))
        # A code that arrives after its challenge has ended only confuses; news stays news for a day.
        until = text.until or now + (_DAY if use is Use.NOTICE else app.rules.challenge_life)
        payload = _payload(app, account, practice, text, country) | {"until": until.isoformat()}
        to = To(account_id=account.id, respondent_id=respondent_id)
        await post(app, str(practice.id), text.template, payload, to, channel="sms")


def unsent_because(unsent: NotSent) -> MessageFailure:
    """What staff read of a message that was not queued."""
    match unsent.reason:
        case "CAP_REACHED" | "TOO_SOON" | "NUMBER_BUSY":
            return MessageFailure.LIMIT_REACHED
        case "COUNTRY":
            return MessageFailure.COUNTRY_NOT_ALLOWED
        case _:
            return MessageFailure.SERVICE_UNAVAILABLE


def _countries(practice: Practice, rules: SmsRules) -> set[str]:
    """Where the practice's messages may go: as it settled itself, or else as the installation has it."""
    return {practice.country, *rules.countries} if practice.sms_countries is None else set(practice.sms_countries)


def _rule(rules: SmsRules, use: Use) -> Rule:
    """So many an hour and a day; between codes a wait that doubles, while news comes when it comes."""
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
    # In one statement: what is refused is rolled back, so that no narrower limit uses up a wider one.
    shared = [by_practice, by_installation]
    counts = await count_windows([by_address, *shared] if address else shared, day + _DAY)
    if address and counts[by_address] > rules.address_per_hour:
        raise NotSent(CAP_REACHED, hour + _HOUR)
    if counts[by_practice] > rules.practice_per_day:
        raise _full(practice, "day", day + _DAY)
    if counts[by_installation] > rules.installation_per_day:
        raise _full(practice, "installation", day + _DAY)


def _full(practice: Practice, cap: str, until: datetime) -> NotSent:
    """A cap that stops a whole practice, or all of them, is somebody's to look at."""
    log.warning("sms.cap_reached", practice=practice.slug, cap=cap)
    return NotSent(CAP_REACHED, until)


def month_of(practice: Practice, now: datetime) -> str:
    """Of the practice's own calendar: ``2026-03``."""
    return f"{day_in(practice.time_zone, now):%Y-%m}"


def _next_month(practice: Practice, now: datetime) -> datetime:
    first = (day_in(practice.time_zone, now).replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(first, time(), ZoneInfo(practice.time_zone)).astimezone(UTC)


def _payload(app: AppContext, account: Account, practice: Practice, text: TextMessage, country: str) -> dict[str, Any]:
    """What the worker needs, besides until when it makes sense to send."""
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
