"""A telephone number that somebody says to have, until a code that was texted to it comes back."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from models.core.account import Account
from models.core.practice import Practice
from models.db.base import Row, parent_key, practice_key
from models.signin.login_session import LoginSession
from security.ages import latest_start


class PhoneChange(Row):
    """Single use, expiring, bound to account and session, a newer one kills the older."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    account_id: UUID
    account: fields.ForeignKeyRelation[Account] = parent_key("Account")
    session_id: UUID
    session: fields.ForeignKeyRelation[LoginSession] = parent_key("LoginSession")
    number = fields.CharField(max_length=20)
    # Keyed, so that who reads the table can't try all six-digit codes on it.
    code_mac = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    used_at = fields.DatetimeField(null=True)
    superseded_at = fields.DatetimeField(null=True)

    class Meta:
        table = "phone_change"
        constraints = (
            UniqueConstraint(
                fields=("account",),
                name="phone_change_open_once",
                condition="used_at IS NULL AND superseded_at IS NULL",
            ),
        )


async def open_phone_change(account_id: object, session_id: object, now: datetime) -> PhoneChange | None:
    """The change that this session began and that can still be finished."""
    waiting = PhoneChange.filter(account_id=account_id, session_id=session_id, expires_at__gt=now)
    waiting = waiting.filter(created_at__lte=latest_start(now))
    return await waiting.filter(used_at=None, superseded_at=None).first()


async def use_phone_change(change_id: object, now: datetime) -> bool:
    """Use up a change; True for exactly one of many."""
    waiting = PhoneChange.filter(id=change_id, used_at=None, superseded_at=None, expires_at__gt=now)
    return await waiting.update(used_at=now) == 1


async def supersede_phone_changes(account_id: object, now: datetime, *, but: object = None) -> None:
    """A newer change, or the end of what it was begun on, kills the open one; one that a session began may stay."""
    waiting = PhoneChange.filter(account_id=account_id, used_at=None, superseded_at=None)
    await (waiting.exclude(session_id=but) if but else waiting).update(superseded_at=now)
