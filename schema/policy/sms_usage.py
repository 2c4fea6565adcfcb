"""What the practice's text messages come to, against what they may cost."""

from decimal import Decimal
from typing import Annotated, Any

import strawberry

from flows.policy import sms_usage as flow
from flows.refusals import InvalidInput
from schema.kit.fields import Info, query, shown_to
from schema.kit.permissions import Who


@shown_to(Who.MANAGER)
@strawberry.type(description="The text messages to one country.")
class SmsCountry:
    country: str = strawberry.field(description="ISO 3166-1 alpha-2, such as `NL`.")
    count: int = strawberry.field(description="How many were sent.")
    cost: Decimal = strawberry.field(description="What they cost.")


@shown_to(Who.MANAGER)
@strawberry.type(description="The text messages of one month.")
class SmsUsage:
    month: str = strawberry.field(description="As `2026-03`, by the practice's calendar.")
    countries: list[SmsCountry] = strawberry.field(description="By country, most first.")
    count: int = strawberry.field(description="How many were sent in all.")
    cost: Decimal = strawberry.field(description="What they cost in all.")
    currency: str | None = strawberry.field(
        description="Of all amounts (ISO 4217); null where the installation sends no text messages."
    )
    cost_cap: Decimal | None = strawberry.field(
        description="What a month may cost: beyond it nothing is sent; null where nothing is sent at all."
    )
    daily_cap: int | None = strawberry.field(description="How many may be sent in a day (UTC); null as above.")


def _shown(usage: flow.SmsUsage) -> SmsUsage:
    rules = usage.rules
    return SmsUsage(
        month=usage.month,
        countries=[SmsCountry(country=one.country, count=one.count, cost=one.cost) for one in usage.countries],
        count=usage.count,
        cost=usage.cost,
        currency=rules.currency if rules else None,
        cost_cap=rules.practice_cost_per_month if rules else None,
        daily_cap=rules.practice_per_day if rules else None,
    )


class SmsUsageQueries:
    @query(Who.MANAGER, answers=(SmsUsage,), refuses=(InvalidInput,))
    async def sms_usage(
        self,
        info: Info,
        month: Annotated[str | None, strawberry.argument(description="As `2026-03`; null: this one.")] = None,
    ) -> Any:
        """What was sent by text message in a month, and what it cost."""
        return _shown(await flow.sms_usage(info.context.app, info.context.caller, month))
