"""The audit trail (NEN 7513): append-only rows of actor, event, subjects and outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.core.practice import Practice
from models.db.base import Row, practice_key
from models.db.database import as_time, fetch


class AuditEvent(Row):
    """One act of one request. No foreign keys beyond the practice: it outlives what it tells about."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    at = fields.DatetimeField()
    event = fields.CharField(max_length=60)
    outcome = fields.CharField(max_length=20)
    actor_account = fields.UUIDField(null=True)
    actor_role = fields.CharField(max_length=20, default="")
    session = fields.UUIDField(null=True)
    request = fields.CharField(max_length=36, default="")
    address = fields.CharField(max_length=45, default="")
    # [{"type": "Dossier", "id": …}, …]
    subjects: list[dict[str, str]] = fields.JSONField(default=list)
    details: dict[str, Any] = fields.JSONField(default=dict)
    # The number of the segment that it is sealed in (models/core/audit_chain.py); the one thing that is added later.
    segment: int | None = fields.IntField(null=True)

    class Meta:
        table = "audit_event"
        indexes = (
            Index(fields=("practice_id", "at", "id"), name="audit_by_time"),
            Index(fields=("practice_id", "actor_account", "at", "id"), name="audit_by_actor"),
            Index(fields=("practice_id", "event", "at", "id"), name="audit_by_event"),
        )


class AuditSubject(Model):
    """One subject of one audit row, written by the database itself together with that row (a trigger)."""

    id = fields.BigIntField(primary_key=True)
    # No foreign keys: fifty of these are written for a page of dossiers, and each key would be checked.
    practice_id = fields.UUIDField()
    subject = fields.CharField(max_length=80)
    at = fields.DatetimeField()
    event = fields.UUIDField()

    class Meta:
        table = "audit_subject"
        indexes = (Index(fields=("practice_id", "subject", "at", "event"), name="audit_about"),)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An audit row as a reader sees it; ids are text. ``staff_name`` is today's, None where no staff acted."""

    id: str
    at: datetime
    event: str
    outcome: str
    actor_account: str | None
    actor_role: str
    staff_name: str | None
    address: str


# Sought in the index and not skipped: a page costs the same wherever it is.
_TOLD = """
SELECT e.id, e.at, e.event, e.outcome, e.actor_account, e.actor_role, e.address, m.name AS staff_name
  FROM (SELECT DISTINCT s.at, s.event FROM audit_subject s
         WHERE s.practice_id = ? AND s.subject IN ({subjects}) {beyond}
         ORDER BY s.at DESC, s.event DESC LIMIT ?) q
  JOIN audit_event e ON e.id = q.event
  LEFT JOIN staff_member m ON m.account_id = e.actor_account
 ORDER BY q.at DESC, q.event DESC
"""


async def told_about(
    practice_id: str, subjects: Sequence[str], limit: int, after: tuple[datetime, str] | None = None
) -> list[AuditRow]:
    """A practice's audit rows about any of these subjects, newest first: one statement."""
    if not subjects:
        return []
    places = ", ".join("?" for _ in subjects)
    beyond, position = ("AND (s.at, s.event) < (?, ?)", after) if after else ("", ())
    rows = await fetch(_TOLD.format(subjects=places, beyond=beyond), practice_id, *subjects, *position, limit)
    return [_told(row) for row in rows]


def _told(row: dict[str, Any]) -> AuditRow:
    at = as_time(row["at"])
    assert at is not None
    return AuditRow(
        id=str(row["id"]),
        at=at,
        event=row["event"],
        outcome=row["outcome"],
        actor_account=str(row["actor_account"]) if row["actor_account"] else None,
        actor_role=row["actor_role"],
        staff_name=row["staff_name"],
        address=row["address"],
    )
