"""Mailed links other than invitations: reset a password, verify an address."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from models.account import Account
from models.base import Row, parent_key, practice_key
from models.db import execute
from models.practice import Practice


class LinkPurpose(StrEnum):
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105
    VERIFY_EMAIL = "VERIFY_EMAIL"


class MailedLink(Row):
    """Single-use, bound to the address it went to and to the account's epoch, a newer one kills the older."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    account_id: UUID
    account: fields.ForeignKeyRelation[Account] = parent_key("Account")
    purpose = fields.CharEnumField(LinkPurpose, max_length=20)
    email = fields.CharField(max_length=254)
    epoch = fields.IntField()
    token_hash = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    superseded_at = fields.DatetimeField(null=True)

    class Meta:
        table = "mailed_link"
        constraints = (
            UniqueConstraint(fields=("token_hash",), name="mailed_link_token_once"),
            UniqueConstraint(
                fields=("account", "purpose"),
                name="mailed_link_open_once",
                condition="used_at IS NULL AND superseded_at IS NULL",
            ),
        )


async def link_by_token(token_hash: str, purpose: LinkPurpose) -> MailedLink | None:
    """The link of this token, used or not, with its account."""
    return await MailedLink.filter(token_hash=token_hash, purpose=purpose).select_related("account").first()


async def use_link(link_id: object, epoch: int, now: datetime) -> bool:
    """Use up a link; True for exactly one of many, and only while its account is as it was."""
    return (
        await execute(
            "UPDATE mailed_link SET used_at = ? WHERE id = ? AND used_at IS NULL AND superseded_at IS NULL"
            " AND expires_at > ? AND EXISTS (SELECT 1 FROM account a WHERE a.id = account_id AND a.epoch = ?)",
            now,
            link_id,
            now,
            epoch,
        )
        == 1
    )


async def supersede_links(account_id: object, purpose: LinkPurpose, now: datetime) -> None:
    """A newer link, or a change of address, kills the open one."""
    await MailedLink.filter(account_id=account_id, purpose=purpose, used_at=None, superseded_at=None).update(
        superseded_at=now
    )
