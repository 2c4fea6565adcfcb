"""What the text messages of a practice cost: how many a month to which country, and for how much."""

from decimal import Decimal
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from models.core.practice import Practice
from models.db.base import Row, practice_key
from models.db.database import execute, fetch

#: Costs are kept in millionths: exact on both databases, where SQLite has no decimals.
_MILLION = 1_000_000


class SmsCount(Row):
    """The messages of one practice to one country in one month, ``2026-11`` in UTC.

    ``cost_micros`` is in millionths of the currency in which the installation's gateway is paid.
    """

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    month = fields.CharField(max_length=7)
    country = fields.CharField(max_length=2)
    count = fields.IntField(default=0)
    cost_micros = fields.BigIntField(default=0)

    class Meta:
        table = "sms_count"
        constraints = (UniqueConstraint(fields=("practice", "month", "country"), name="sms_count_once"),)

    @property
    def cost(self) -> Decimal:
        """In whole units of the currency."""
        return Decimal(self.cost_micros) / _MILLION


async def count_sms(practice_id: UUID, month: str, country: str, price: Decimal) -> Decimal:
    """Count one message at ``price``; answers what the practice's month comes to, this message included.

    The sum is exact only for one counter of a practice at a time: hold a row of the practice's own.
    """
    await execute(
        "INSERT INTO sms_count (id, practice_id, month, country, count, cost_micros) VALUES (?, ?, ?, ?, 1, ?)"
        " ON CONFLICT (practice_id, month, country) DO UPDATE"
        " SET count = sms_count.count + 1, cost_micros = sms_count.cost_micros + excluded.cost_micros",
        uuid4(),
        practice_id,
        month,
        country,
        _micros(price),
    )
    rows = await fetch(
        "SELECT SUM(cost_micros) AS total FROM sms_count WHERE practice_id = ? AND month = ?", practice_id, month
    )
    return Decimal(rows[0]["total"]) / _MILLION


async def correct_sms(practice_id: UUID, month: str, country: str, *, cost: Decimal, count: int = 0) -> None:
    """Add what became known after counting: the difference to the true cost, or that it was never sent."""
    await execute(
        "UPDATE sms_count SET count = count + ?, cost_micros = cost_micros + ?"
        " WHERE practice_id = ? AND month = ? AND country = ?",
        count,
        _micros(cost),
        practice_id,
        month,
        country,
    )


async def sms_of_month(practice_id: UUID, month: str) -> list[SmsCount]:
    """A practice's messages of one month by country, most first."""
    return await SmsCount.filter(practice_id=practice_id, month=month).order_by("-count", "country")


def _micros(amount: Decimal) -> int:
    return int((amount * _MILLION).to_integral_value())
