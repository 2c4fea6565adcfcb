"""A sign-in under way, before it became a login session."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.expressions import F, Q
from tortoise.migrations.constraints import UniqueConstraint

from models.core.account import Account
from models.core.practice import Practice
from models.db.base import Row, practice_key
from security.ages import latest_start


class Transport(StrEnum):
    """How the session will be carried: a browser's cookie or a native client's bearer token."""

    COOKIE = "COOKIE"
    BEARER = "BEARER"


class SignIn(Row):
    """What has been proven so far, the next step is computed from this row, never stored.

    ``version`` serialises parallel requests of one sign-in; ``epoch`` is the account's at the
    start, so that a password change, deactivation or reset in between ends it.
    """

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    account_id: UUID | None
    account: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", on_delete=fields.CASCADE, db_index=True, null=True
    )
    epoch = fields.IntField(default=0)
    token_hash = fields.CharField(max_length=64)
    transport = fields.CharEnumField(Transport, max_length=6)
    password_at = fields.DatetimeField(null=True)
    # The password asked once more before a factor is set up.
    password_again_at = fields.DatetimeField(null=True)
    # A factor (or its stand-in) proved itself; which, for the session and the audit.
    proven_at = fields.DatetimeField(null=True)
    proven_by = fields.CharField(max_length=40, default="")
    proven_with = fields.UUIDField(null=True)
    waived = fields.BooleanField(default=False)
    declined_at = fields.DatetimeField(null=True)
    # Asked for at the proof: how many seconds this device shall be remembered.
    remember_seconds = fields.IntField(default=0)
    address = fields.CharField(max_length=45, default="")
    user_agent = fields.CharField(max_length=200, default="")
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    completed_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=0)

    class Meta:
        table = "sign_in"
        constraints = (UniqueConstraint(fields=("token_hash",), name="sign_in_token_once"),)


async def live_sign_in(token_hash: str, now: datetime) -> SignIn | None:
    """The unfinished, unexpired sign-in of this token, with its account and practice."""
    return (
        await SignIn.filter(
            token_hash=token_hash, completed_at=None, expires_at__gt=now, created_at__lte=latest_start(now)
        )
        .select_related("account", "account__practice")
        .first()
    )


async def advance_sign_in(sign_in: SignIn, **changes: Any) -> SignIn | None:
    """Change a sign-in by compare-and-swap on its version; None when another request was first."""
    changed = await SignIn.filter(id=sign_in.id, version=sign_in.version, completed_at=None).update(
        **changes, version=sign_in.version + 1
    )
    if changed != 1:
        return None
    sign_in.update_from_dict({**changes, "version": sign_in.version + 1})
    return sign_in


async def end_proven_sign_ins(
    account_id: object, now: datetime, *, but: object = None, by: Sequence[object] | None = None
) -> None:
    """End sign-ins under way in which a factor was proven, or the password once more to set one up, except one.

    With ``by``, those alone that these enrolments proved.
    """
    proven = Q(proven_at__isnull=False) | Q(password_again_at__isnull=False)
    under_way = SignIn.filter(proven if by is None else Q(proven_with__in=list(by)), account_id=account_id)
    under_way = under_way.filter(completed_at=None, expires_at__gt=now)
    # The version rises, so that a request that has read it before does not go on.
    await (under_way.exclude(id=but) if but else under_way).update(expires_at=now, version=F("version") + 1)
