"""Registered factors, and the challenges they answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from models.core.account import Account, Audience
from models.core.practice import Practice
from models.db.base import Row, parent_key, practice_key
from models.signin.login_session import LoginSession
from models.signin.sign_in import SignIn
from security.ages import latest_start


class FactorEnrolment(Row):
    """One registered factor of an account, its state is sealed and changes by compare-and-swap on ``version``.

    ``slot`` is ``"only"`` for a factor that an account can have once, else the row's own id:
    one constraint holds both rules. ``handle`` names the enrolment in a proof.
    """

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    account_id: UUID
    account: fields.ForeignKeyRelation[Account] = parent_key("Account")
    factor = fields.CharField(max_length=40)
    role = fields.CharField(max_length=10)
    slot = fields.CharField(max_length=36)
    handle = fields.CharField(max_length=400, null=True)
    label = fields.CharField(max_length=60, default="")
    state = fields.BinaryField()
    state_version = fields.IntField()
    version = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    # A FALLBACK's codes were kept by the person; other roles confirm by proof.
    confirmed_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True)
    user_agent = fields.CharField(max_length=200, default="")

    class Meta:
        table = "factor_enrolment"
        constraints = (
            UniqueConstraint(fields=("account", "factor", "slot"), name="enrolment_slot_once"),
            UniqueConstraint(fields=("practice", "factor", "handle"), name="enrolment_handle_once"),
        )


class Purpose(StrEnum):
    """What answering a challenge will do; a proof for one purpose is worth nothing for another."""

    SIGN_IN = "SIGN_IN"
    ENROL = "ENROL"
    STEP_UP = "STEP_UP"
    REMOVE = "REMOVE"


class Challenge(Row):
    """Single use, expiring, bound to account, practice, factor, purpose and to one sign-in or session.

    ``body`` is sealed: the factor's public and secret parts, and for ENROL its pending state.
    """

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    account_id: UUID | None
    account: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", on_delete=fields.CASCADE, db_index=True, null=True
    )
    sign_in_id: UUID | None
    sign_in: fields.ForeignKeyNullableRelation[SignIn] = fields.ForeignKeyField(
        "models.SignIn", on_delete=fields.CASCADE, db_index=True, null=True
    )
    session_id: UUID | None
    session: fields.ForeignKeyNullableRelation[LoginSession] = fields.ForeignKeyField(
        "models.LoginSession", on_delete=fields.CASCADE, db_index=True, null=True
    )
    enrolment_id: UUID | None
    enrolment: fields.ForeignKeyNullableRelation[FactorEnrolment] = fields.ForeignKeyField(
        "models.FactorEnrolment", on_delete=fields.CASCADE, db_index=True, null=True
    )
    factor = fields.CharField(max_length=40)
    purpose = fields.CharEnumField(Purpose, max_length=10)
    body = fields.BinaryField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    consumed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "challenge"


async def enrolments_of(account_id: object) -> list[FactorEnrolment]:
    """All registered factors of an account, oldest first; those of missing plugins too."""
    return await FactorEnrolment.filter(account_id=account_id).order_by("created_at", "id")


async def enrolment_by_handle(practice_id: object, factor: str, handle: str) -> FactorEnrolment | None:
    """The enrolment of that name in the practice, with its account."""
    named = FactorEnrolment.filter(practice_id=practice_id, factor=factor, handle=handle)
    return await named.select_related("account").first()


async def use_enrolment(enrolment_id: object, now: datetime) -> bool:
    """Mark an enrolment as used, if it is still there; holds its row until the transaction ends."""
    return await FactorEnrolment.filter(id=enrolment_id).update(last_used_at=now) == 1


async def live_challenge(
    challenge_id: str, purpose: Purpose, now: datetime, binding: dict[str, Any]
) -> Challenge | None:
    """The unanswered challenge of that id, if it is bound to exactly this holder and purpose."""
    challenge = await Challenge.get_or_none(
        id=challenge_id, purpose=purpose, consumed_at=None, expires_at__gt=now, **binding
    )
    return challenge if challenge is not None and challenge.created_at <= latest_start(now) else None


async def open_challenges(purpose: Purpose, after: datetime, binding: dict[str, Any]) -> list[Challenge]:
    """The holder's unanswered challenges that live beyond ``after``, the newest last."""
    live = Challenge.filter(purpose=purpose, consumed_at=None, expires_at__gt=after, **binding)
    return await live.order_by("created_at", "id")


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """An open challenge, and the network address of the sign-in or session that it belongs to."""

    id: UUID
    address: str


async def open_places(account_id: object, now: datetime) -> list[OpenPlace]:
    """The account's challenges that can still be answered, the oldest first."""
    live = Challenge.filter(account_id=account_id, consumed_at=None, expires_at__gt=now).order_by("created_at", "id")
    return [
        OpenPlace(identity, begun or signed_in or "")
        for identity, begun, signed_in in await live.values_list("id", "sign_in__address", "session__address")
    ]


async def close_challenges(ids: Sequence[UUID]) -> None:
    """Nobody can answer these any more."""
    if ids:
        await Challenge.filter(id__in=ids).delete()


async def consume_challenge(challenge_id: object, now: datetime) -> bool:
    """Use up a challenge; True for exactly one of many."""
    return await Challenge.filter(id=challenge_id, consumed_at=None).update(consumed_at=now) == 1


async def swap_state(enrolment: FactorEnrolment, state: bytes, state_version: int, now: datetime | None) -> bool:
    """Store a factor's new state if nobody did since it was read; the version always rises.

    ``now`` marks the enrolment as used; None leaves that alone (a refused proof).
    """
    used = {"last_used_at": now} if now else {}
    changed = await FactorEnrolment.filter(id=enrolment.id, version=enrolment.version).update(
        state=state, state_version=state_version, version=enrolment.version + 1, **used
    )
    return changed == 1


async def keep_fallback(enrolment_id: object, now: datetime) -> bool:
    """The person says to have kept what was issued; from now on it may stand in."""
    unconfirmed = FactorEnrolment.filter(id=enrolment_id, role="FALLBACK", confirmed_at=None)
    return await unconfirmed.update(confirmed_at=now) == 1


async def end_challenges(account_id: object, now: datetime, session: object = None) -> None:
    """End the open challenges of an account's sessions, except those of one; those of sign-ins expire."""
    opened = Challenge.filter(account_id=account_id, consumed_at=None, session_id__isnull=False)
    await (opened.exclude(session_id=session) if session else opened).update(consumed_at=now)


async def forget_devices(account_id: object) -> list[FactorEnrolment]:
    """Have none of an account's remembered devices skip the factor any more; answers them."""
    devices = await FactorEnrolment.filter(account_id=account_id, role="WAIVER")
    await delete_enrolments(devices)
    return devices


async def forget_device(account_id: object, device_id: str | None) -> list[FactorEnrolment]:
    """The same of one; answers it, and nothing where there is no such device."""
    devices = await FactorEnrolment.filter(account_id=account_id, role="WAIVER", id=device_id) if device_id else []
    await delete_enrolments(devices)
    return devices


async def device_owners(practice_id: object, audience: Audience) -> list[UUID]:
    """The accounts of an audience that have a device remembered, by id."""
    devices = FactorEnrolment.filter(practice_id=practice_id, role="WAIVER", account__audience=audience)
    return sorted(set(await devices.values_list("account_id", flat=True)))  # type: ignore[arg-type]


async def forget_devices_beyond(account_ids: Sequence[object], longest: timedelta) -> int:
    """Forget these accounts' devices that were remembered for longer than this; answers how many. They are held."""
    devices = await FactorEnrolment.filter(account_id__in=list(account_ids), role="WAIVER")
    beyond = [one for one in devices if one.expires_at is None or one.expires_at - one.created_at > longest]
    await delete_enrolments(beyond)
    return len(beyond)


async def delete_enrolments(enrolments: Sequence[FactorEnrolment]) -> None:
    """Remove these enrolments, with the challenges that only they can answer."""
    await FactorEnrolment.filter(id__in=[enrolment.id for enrolment in enrolments]).delete()
