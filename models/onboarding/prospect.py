"""Prospects: what people told who signed up by themselves, until a respondent is linked or they are sent away."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from models.core.account import Account
from models.core.practice import Practice
from models.db.base import Row, practice_key


class Prospect(Row):
    """What is known of somebody who signed up besides the account, until a respondent is linked to it."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    account_id: UUID
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", on_delete=fields.CASCADE, db_index=True, related_name="prospects"
    )
    phone = fields.CharField(max_length=20)
    birth_date = fields.DateField()
    sort_key = fields.CharField(max_length=120)
    created_at = fields.DatetimeField()

    class Meta:
        table = "prospect"
        constraints = (UniqueConstraint(fields=("account",), name="prospect_account_once"),)
        indexes = (Index(fields=("practice_id", "created_at", "id"), name="prospect_by_time"),)


async def prospect_of_practice(practice_id: object, prospect_id: object) -> Prospect | None:
    """A practice's prospect with the account and the practice; None also for a foreign one."""
    found = Prospect.filter(id=prospect_id, practice_id=practice_id)
    return await found.select_related("account", "practice").first()


async def prospect_of_account(account_id: object) -> Prospect | None:
    """What somebody told who signed up with this account, until a respondent is linked to it."""
    return await Prospect.get_or_none(account_id=account_id)


async def take_prospect(prospect_id: object) -> bool:
    """Decide about a prospect: True for exactly one of many."""
    return await Prospect.filter(id=prospect_id).delete() == 1


async def forget_prospect_of(account_id: object) -> None:
    """The account is linked to a respondent by another way, so nothing is left to decide."""
    await Prospect.filter(account_id=account_id).delete()


async def is_unproven(account_id: object) -> bool:
    """Whether an account was signed up by somebody, and nobody has shown to read its mail."""
    return await Prospect.filter(account_id=account_id, account__email_verified_at__isnull=True).exists()


async def squatter_of(practice_id: object, email_key: str) -> UUID | None:
    """The account of an unverified sign-up with this address."""
    unproven = Prospect.filter(practice_id=practice_id, account__email_key=email_key)
    found = await unproven.filter(account__email_verified_at__isnull=True).first()
    return found.account_id if found else None


async def give_way(account_id: object) -> bool:
    """Delete an unverified sign-up for the verified owner of its address; False where it was verified meanwhile."""
    # SQLite counts what goes along with it too.
    return await Account.filter(id=account_id, email_verified_at__isnull=True).delete() > 0


async def forget_unproven(before: datetime) -> None:
    """Delete the sign-ups from before then with an unverified address."""
    stale = Prospect.filter(created_at__lt=before, account__email_verified_at__isnull=True)
    # One at a time: who deletes several holds them in no order.
    for account_id in await stale.values_list("account_id", flat=True):
        await give_way(account_id)
