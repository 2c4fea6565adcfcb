"""What a practice's text messages come to in a month, for who answers for the bill."""

import re
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flows.access.reach import manager
from flows.core.context import AppContext, Caller, SmsRules
from flows.refusals import InvalidInput, Problem
from models import SmsCount
from models.core.sms import sms_of_month

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class SmsUsage:
    """``month`` as ``2026-03``, in UTC; ``rules`` None where nothing sends text messages (any more)."""

    month: str
    countries: list[SmsCount]
    rules: SmsRules | None

    @property
    def count(self) -> int:
        return sum(country.count for country in self.countries)

    @property
    def cost(self) -> Decimal:
        return sum((country.cost for country in self.countries), Decimal(0))


async def sms_usage(app: AppContext, caller: Caller | None, month: str | None) -> SmsUsage:
    """The messages of a month by country, most first; without ``month``, of this one. Raises InvalidInput."""
    member = manager(caller)
    wanted = f"{member.day(app.now):%Y-%m}" if month is None else month
    if not _MONTH.fullmatch(wanted):
        raise InvalidInput("month", Problem.MONTH)
    return SmsUsage(wanted, await sms_of_month(UUID(member.practice_id), wanted), app.rules.sms)
