"""Mailed links other than invitations: reset a password, verify an address."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from models.core.account import Account
from models.core.practice import Practice
from models.db.base import Row, parent_key, practice_key
from models.db.database import execute


class LinkPurpose(StrEnum):
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105
    VERIFY_EMAIL = "VERIFY_EMAIL"
    CHANGE_EMAIL = "CHANGE_EMAIL"


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
    # The login session that asked for a change of address, and goes on when the others end.
    session = fields.UUIDField(null=True)

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


async def link_by_token(token_hash: str, *purposes: LinkPurpose) -> MailedLink | None:
    """The link of this token for one of these purposes, used or not, with its account."""
    return await MailedLink.filter(token_hash=token_hash, purpose__in=purposes).select_related("account").first()


async def waiting_link(link_id: object, now: datetime) -> MailedLink | None:
    """A link that can still be used, with its account."""
    waiting = MailedLink.filter(id=link_id, used_at=None, superseded_at=None, expires_at__gt=now)
    return await waiting.select_related("account").first()


async def open_email_change(account_id: object, epoch: int, now: datetime) -> MailedLink | None:
    """The change of address that only waits for its link to be used."""
    waiting = MailedLink.filter(account_id=account_id, purpose=LinkPurpose.CHANGE_EMAIL, epoch=epoch)
    return await waiting.filter(used_at=None, superseded_at=None, expires_at__gt=now).first()


async def last_mailed(account_id: object, purpose: LinkPurpose) -> datetime | None:
    """When an account's newest link of this purpose was made."""
    newest = await MailedLink.filter(account_id=account_id, purpose=purpose).order_by("-created_at").first()
    return newest.created_at if newest else None


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


async def supersede_links_of_sessions(account_id: object, now: datetime, but: object = None) -> None:
    """Have no address be changed any more that a session asked for, except one."""
    waiting = MailedLink.filter(account_id=account_id, session__isnull=False, used_at=None, superseded_at=None)
    await (waiting.exclude(session=but) if but else waiting).update(superseded_at=now)
