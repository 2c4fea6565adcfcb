"""What respondents answered to questionnaires: one sealed form for each time that somebody filled one in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from models.core.practice import Practice
from models.db.base import Row, parent_key, practice_key
from models.dossiers.dossier import Dossier, Respondent
from models.staff.staff import StaffMember


class AnswerForm(Row):
    """``content`` is sealed for this practice and this row. ``reference`` is the sender's own, once in a practice."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    dossier_id: UUID
    dossier: fields.ForeignKeyRelation[Dossier] = parent_key("Dossier")
    respondent_id: UUID
    respondent: fields.ForeignKeyRelation[Respondent] = parent_key("Respondent")
    reference = fields.CharField(max_length=60)
    completed_at = fields.DatetimeField()
    delivered_by_id: UUID | None
    delivered_by: fields.ForeignKeyNullableRelation[StaffMember] = parent_key("StaffMember", null=True)
    delivered_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)
    withdrawn_reason = fields.CharField(max_length=200, default="")
    content = fields.BinaryField()

    class Meta:
        table = "answer_form"
        constraints = (UniqueConstraint(fields=("practice", "reference"), name="answers_reference_once"),)
        indexes = (
            Index(fields=("dossier_id", "completed_at", "id"), name="answers_of_dossier"),
            Index(fields=("respondent_id", "completed_at", "id"), name="answers_of_respondent"),
        )


async def forms(
    practice_id: object, limit: int, after: tuple[datetime, str] | None = None, **where: Any
) -> list[AnswerForm]:
    """Forms with their respondents and who delivered them, the one completed last first: one statement."""
    found = AnswerForm.filter(practice_id=practice_id, **where).order_by("-completed_at", "-id")
    if after:
        at, identity = after
        found = found.filter(Q(completed_at__lt=at) | Q(completed_at=at, id__lt=identity))
    return await found.limit(limit).select_related("respondent__dossier", "delivered_by")


async def forms_of(
    practice_id: object, respondent_ids: Sequence[UUID], limit: int, after: tuple[datetime, str] | None = None
) -> list[AnswerForm]:
    """What these respondents gave themselves and nobody withdrew: one statement."""
    if not respondent_ids:
        return []
    return await forms(practice_id, limit, after, respondent_id__in=respondent_ids, withdrawn_at=None)
