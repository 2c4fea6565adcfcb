"""Who need not have a factor for a while, why, and who said so."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from models.core.account import Account
from models.core.practice import Practice
from models.db.base import Row, parent_key, practice_key
from models.staff.staff import StaffMember


class FactorExemption(Row):
    """Kept when it is over. The account carries the end of the one that holds, so that a sign-in reads no more."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    account_id: UUID
    account: fields.ForeignKeyRelation[Account] = parent_key("Account")
    staff_id: UUID | None
    staff: fields.ForeignKeyNullableRelation[StaffMember] = parent_key("StaffMember", null=True)
    reason = fields.CharField(max_length=200)
    until = fields.DatetimeField()
    created_at = fields.DatetimeField()
    # Ended by hand, or by a newer one; an exemption that ran out has none.
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "factor_exemption"
        constraints = (UniqueConstraint(fields=("account",), name="exemption_open_once", condition="ended_at IS NULL"),)


async def end_exemption(account_id: object, now: datetime) -> bool:
    """End what holds for an account; False where nothing did."""
    await FactorExemption.filter(account_id=account_id, ended_at=None).update(ended_at=now)
    return await Account.filter(id=account_id, exempt_until__gt=now).update(exempt_until=None) == 1


async def exempt(exemption: FactorExemption) -> None:
    """Store an exemption in place of any other, inside the running transaction."""
    await end_exemption(exemption.account_id, exemption.created_at)
    await exemption.save(force_create=True)
    await Account.filter(id=exemption.account_id).update(exempt_until=exemption.until)
