"""A mailed, expiring, single-use right to make an account for a respondent or a member of staff."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.core.message_failure import MessageFailure
from models.core.practice import Practice
from models.db.base import Row, practice_key
from models.db.database import as_time
from models.dossiers.dossier import Respondent
from models.staff.staff import StaffMember
from security.ages import latest_start


class Invitation(Row):
    """For exactly one respondent or one member of staff, to the address it was mailed to.

    The database holds that at most one is open per person; times tell its state.
    """

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    respondent_id: UUID | None
    respondent: fields.ForeignKeyNullableRelation[Respondent] = fields.ForeignKeyField(
        "models.Respondent", on_delete=fields.CASCADE, db_index=True, null=True
    )
    staff_id: UUID | None
    staff: fields.ForeignKeyNullableRelation[StaffMember] = fields.ForeignKeyField(
        "models.StaffMember", on_delete=fields.CASCADE, db_index=True, null=True, related_name="invitations"
    )
    invited_by_id: UUID | None
    invited_by: fields.ForeignKeyNullableRelation[StaffMember] = fields.ForeignKeyField(
        "models.StaffMember", on_delete=fields.SET_NULL, db_index=True, null=True, related_name="invited"
    )
    email = fields.CharField(max_length=254)
    token_hash = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    # Handed to the mail relay.
    relayed_at = fields.DatetimeField(null=True)
    # Why its mail did not arrive; with failed_at for good, with retry_at while it is tried again.
    failure: MessageFailure | None = fields.CharEnumField(  # type: ignore[assignment]
        MessageFailure, max_length=20, null=True
    )
    failed_at = fields.DatetimeField(null=True)
    retry_at = fields.DatetimeField(null=True)
    opened_at = fields.DatetimeField(null=True)
    accepted_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    superseded = fields.BooleanField(default=False)
    # The holder of an expired link asked for a new one.
    renewal_asked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "invitation"
        constraints = (
            UniqueConstraint(fields=("token_hash",), name="invitation_token_once"),
            UniqueConstraint(
                fields=("respondent",),
                name="invitation_open_once",
                condition="accepted_at IS NULL AND revoked_at IS NULL",
            ),
            UniqueConstraint(
                fields=("staff",),
                name="invitation_staff_open_once",
                condition="accepted_at IS NULL AND revoked_at IS NULL",
            ),
            CheckConstraint(check="(respondent_id IS NULL) <> (staff_id IS NULL)", name="invitation_for_one"),
        )

    def state(self, now: datetime) -> str:
        """ACCEPTED, REVOKED, SUPERSEDED, EXPIRED, FAILED, OPENED, DELIVERED (to the relay) or SENT."""
        return invitation_state(
            accepted=self.accepted_at is not None,
            revoked=self.revoked_at is not None,
            superseded=self.superseded,
            failed=self.failed_at is not None,
            expired=self.expires_at <= now or self.created_at > latest_start(now),
            opened=self.opened_at is not None,
            relayed=self.relayed_at is not None,
        )


def invitation_state(
    *, accepted: bool, revoked: bool, superseded: bool, failed: bool, expired: bool, opened: bool, relayed: bool
) -> str:
    """What an invitation's times mean, the last thing that happened first."""
    if accepted:
        return "ACCEPTED"
    if revoked:
        return "SUPERSEDED" if superseded else "REVOKED"
    if expired:
        return "EXPIRED"
    # Where the form was opened, somebody has the link whatever a report says.
    if failed and not opened:
        return "FAILED"
    if opened:
        return "OPENED"
    return "DELIVERED" if relayed else "SENT"


#: What a raw statement selects of invitation ``i`` for :func:`told`.
TOLD = """i.email AS invitation_email, i.created_at AS invitation_sent_at, i.relayed_at AS invitation_relayed_at,
       i.opened_at AS invitation_opened_at, i.expires_at AS invitation_expires_at, i.accepted_at, i.revoked_at,
       i.superseded, i.failure AS invitation_failure, i.failed_at AS invitation_failed_at,
       i.retry_at AS invitation_retry_at"""
_TOLD_TIMES = (
    "invitation_sent_at",
    "invitation_relayed_at",
    "invitation_opened_at",
    "invitation_expires_at",
    "invitation_failed_at",
    "invitation_retry_at",
)


def told(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The ``invitation_…`` values of a raw row that selected TOLD; all are None where nobody was invited."""
    times = {name: as_time(row[name]) for name in _TOLD_TIMES}
    expires_at = times["invitation_expires_at"]
    state = expires_at and invitation_state(
        accepted=row["accepted_at"] is not None,
        revoked=row["revoked_at"] is not None,
        superseded=bool(row["superseded"]),
        failed=times["invitation_failed_at"] is not None,
        expired=expires_at <= now,
        opened=times["invitation_opened_at"] is not None,
        relayed=times["invitation_relayed_at"] is not None,
    )
    failure = row["invitation_failure"] and MessageFailure(row["invitation_failure"])
    return {
        "invitation_state": state,
        "invitation_email": row["invitation_email"],
        "invitation_failure": failure or None,
        **times,
    }


async def invitation_by_token(token_hash: str) -> Invitation | None:
    """The invitation of this token, in any state, with the invited person."""
    return (
        await Invitation.filter(token_hash=token_hash)
        .select_related("practice", "respondent", "respondent__dossier", "staff")
        .first()
    )


async def accept_once(invitation_id: object, now: datetime) -> bool:
    """Consume an open, unexpired invitation; True for exactly one of many."""
    changed = await Invitation.filter(id=invitation_id, accepted_at=None, revoked_at=None, expires_at__gt=now).update(
        accepted_at=now
    )
    return changed == 1


async def close_open(now: datetime, *, superseded: bool, **invitee: object) -> int:
    """Revoke the open invitation of ``respondent_id=`` or ``staff_id=``; answers how many there were."""
    return await Invitation.filter(**invitee, accepted_at=None, revoked_at=None).update(
        revoked_at=now, superseded=superseded
    )


async def respell_open(respondent_id: object, email: str) -> None:
    """Give the open invitation the address as it is spelled now; it is the same address."""
    await Invitation.filter(respondent_id=respondent_id, accepted_at=None, revoked_at=None).update(email=email)


async def mark_opened(invitation_id: object, now: datetime) -> None:
    await Invitation.filter(id=invitation_id, opened_at=None).update(opened_at=now)
