"""An authenticated session of an account on one device."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q
from tortoise.migrations.constraints import UniqueConstraint

from models.core.account import Account, Audience
from models.core.practice import Practice
from models.db.base import Row, parent_key, practice_key
from models.db.database import as_time, fetch
from models.signin.sign_in import Transport
from security.ages import latest_start


class LoginSession(Row):
    """Ends by its times, by ``ended_at``, or by the account's epoch moving on."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    account_id: UUID
    account: fields.ForeignKeyRelation[Account] = parent_key("Account")
    token_hash = fields.CharField(max_length=64)
    transport = fields.CharEnumField(Transport, max_length=6)
    # The factor, and its enrolment, which may be gone; empty and NULL where the password stood alone.
    proven_by = fields.CharField(max_length=40, default="")
    proven_with = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    ended_at = fields.DatetimeField(null=True)
    stepped_up_at = fields.DatetimeField(null=True)
    address = fields.CharField(max_length=45, default="")
    user_agent = fields.CharField(max_length=200, default="")

    class Meta:
        table = "login_session"
        constraints = (UniqueConstraint(fields=("token_hash",), name="login_session_token_once"),)


_IDENTIFY = """
SELECT s.id AS session_id, s.account_id, s.practice_id, s.last_seen_at, s.stepped_up_at,
       a.audience, a.locale, a.email_verified_at, p.slug, p.time_zone, p.locale AS practice_locale,
       m.id AS staff_id, m.role,
       (SELECT MAX(CASE g.state WHEN 'APPROVED' THEN 2 WHEN 'PENDING' THEN 1 ELSE 0 END)
          FROM access_grant g WHERE g.account_id = a.id) AS grants
  FROM login_session s
  JOIN account a ON a.id = s.account_id
  JOIN practice p ON p.id = s.practice_id
  LEFT JOIN staff_member m ON m.account_id = a.id
 WHERE {key} = ? AND s.ended_at IS NULL AND s.expires_at > ? AND s.last_seen_at > ?
   AND s.created_at <= ? AND s.last_seen_at <= ?
   AND a.suspended_at IS NULL AND m.suspended_at IS NULL
"""
_BY_TOKEN = _IDENTIFY.format(key="s.token_hash")
_BY_ID = _IDENTIFY.format(key="s.id")


async def identify(
    token_hash: str | None, now: datetime, seen_after: datetime, *, session_id: str | None = None
) -> dict[str, Any] | None:
    """Who a live session belongs to and how far they may go, in one statement; None when it ended.

    ``access`` is APPROVED, AWAITING_APPROVAL or UNVERIFIED. An account with grants that are all
    deactivated has no live session.
    """
    latest = latest_start(now)
    query = _BY_ID if session_id else _BY_TOKEN
    rows = await fetch(query, session_id or token_hash, now, seen_after, latest, latest)
    if not rows:
        return None
    row = dict(rows[0])
    for name in ("session_id", "account_id", "practice_id", "staff_id"):
        row[name] = str(row[name]) if row[name] is not None else None
    for name in ("last_seen_at", "stepped_up_at"):
        row[name] = as_time(row[name])
    access = _access(row)
    return None if access is None else row | {"access": access}


def _access(row: dict[str, Any]) -> str | None:
    if row["audience"] == Audience.STAFF:
        return "APPROVED" if row["role"] else None
    if row["grants"] is None:
        return "AWAITING_APPROVAL" if row["email_verified_at"] else "UNVERIFIED"
    return {2: "APPROVED", 1: "AWAITING_APPROVAL"}.get(row["grants"])


async def touch(session_id: str, now: datetime) -> None:
    """Remember that the session is in use."""
    await LoginSession.filter(id=session_id).update(last_seen_at=now)


async def hold_session(session_id: object) -> bool:
    """Hold a session's row until the transaction ends, if the session did not end."""
    return await LoginSession.filter(id=session_id, ended_at=None).update(ended_at=None) == 1


async def is_stepped_up(session_id: object) -> bool:
    """Whether a session's step-up, however old, was not ended; the session is held."""
    return await LoginSession.filter(id=session_id, stepped_up_at__isnull=False).exists()


async def end_account_sessions(account_id: object, now: datetime, but: str | None = None) -> None:
    """End an account's live sessions, except one."""
    live = LoginSession.filter(account_id=account_id, ended_at=None)
    await (live.exclude(id=but) if but else live).update(ended_at=now)


async def end_sessions_proven_by(
    account_id: object, now: datetime, enrolments: Sequence[object], factors: Sequence[str], but: str | None = None
) -> None:
    """End an account's live sessions that these enrolments opened, except one.

    ``factors`` are names, for the sessions of which no enrolment is known: those of before it was kept.
    """
    opened = LoginSession.filter(_opened_by(enrolments, factors), account_id=account_id, ended_at=None)
    await (opened.exclude(id=but) if but else opened).update(ended_at=now)


def _opened_by(enrolments: Sequence[object], factors: Sequence[str]) -> Q:
    return Q(proven_with__in=list(enrolments)) | Q(proven_with__isnull=True, proven_by__in=list(factors))


async def prove_again(
    session_id: object, enrolments: Sequence[object], factors: Sequence[str], factor: str, enrolment_id: object
) -> None:
    """Have a session rest on an enrolment that was just proven in it, where these opened it: they are gone."""
    session = LoginSession.filter(_opened_by(enrolments, factors), id=session_id)
    await session.update(proven_by=factor, proven_with=enrolment_id)


async def end_step_ups(account_id: object, but: str | None = None) -> None:
    """Have an account's live sessions prove who is there before the next sensitive act, except one."""
    live = LoginSession.filter(account_id=account_id, ended_at=None)
    await (live.exclude(id=but) if but else live).update(stepped_up_at=None)


async def sessions_of(account_id: object, now: datetime, seen_after: datetime) -> list[LoginSession]:
    """An account's live sessions, newest first."""
    return await LoginSession.filter(
        account_id=account_id, ended_at=None, expires_at__gt=now, last_seen_at__gt=seen_after
    ).order_by("-created_at")


async def end_expired_sessions(now: datetime, seen_after: datetime) -> None:
    """End for good what is beyond its limits: no clock that is set back brings it back to life."""
    over = Q(expires_at__lte=now) | Q(last_seen_at__lte=seen_after)
    await LoginSession.filter(over, ended_at=None).update(ended_at=now)
