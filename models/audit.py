"""Who did what about whom (NEN 7513): rows are only ever added."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, practice_key
from models.practice import Practice


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
    # [{"type": "Dossier", "id": …}, …]: about whom.
    subjects: list[dict[str, str]] = fields.JSONField(default=list)
    details: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "audit_event"
        indexes = (Index(fields=("practice_id", "at"), name="audit_when"),)
