"""Dossiers, and the respondents who answer for them."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.expressions import F
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from models.core.practice import Practice
from models.db.base import Row, parent_key, practice_key


class Dossier(Row):
    """The file about one client. ``sort_key`` orders and ``search_key`` finds it, accents and case aside."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    reference = fields.CharField(max_length=60)
    name = fields.CharField(max_length=120)
    sort_key = fields.CharField(max_length=120)
    birth_date = fields.DateField(null=True)
    locale = fields.CharField(max_length=5, default="nl")
    closed_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=0)
    created_at = fields.DatetimeField()

    class Meta:
        table = "dossier"
        constraints = (UniqueConstraint(fields=("practice", "reference"), name="dossier_reference_once"),)
        indexes = (Index(fields=("practice_id", "sort_key", "id"), name="dossier_by_name"),)


class Relation(StrEnum):
    """What a respondent is to the client; SELF is the client."""

    SELF = "SELF"
    PARENT = "PARENT"
    PARTNER = "PARTNER"
    CHILD = "CHILD"
    SIBLING = "SIBLING"
    GUARDIAN = "GUARDIAN"
    TEACHER = "TEACHER"
    OTHER = "OTHER"


class Respondent(Row):
    """A person who answers for a dossier. The e-mail here is where invitations go, nothing more."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    dossier_id: UUID
    dossier: fields.ForeignKeyRelation[Dossier] = parent_key("Dossier")
    relation = fields.CharEnumField(Relation, max_length=10)
    name = fields.CharField(max_length=120)
    # As a dossier's; None where it was stored before there was one.
    sort_key = fields.CharField(max_length=120, null=True)
    email = fields.CharField(max_length=254, null=True)
    phone = fields.CharField(max_length=20, null=True)
    version = fields.IntField(default=0)
    created_at = fields.DatetimeField()

    class Meta:
        table = "respondent"


async def dossier_by_reference(practice_id: object, reference: object) -> Dossier | None:
    """The dossier of the practice that has this reference."""
    return await Dossier.get_or_none(practice_id=practice_id, reference=reference)


async def rename_person(
    respondent_ids: Sequence[object], own_dossier_ids: Sequence[object], name: str, sort_key: str
) -> None:
    """Somebody is called otherwise from now on: where they answer, and the dossiers that are about them."""
    answering = Respondent.filter(id__in=list(respondent_ids))
    await answering.update(name=name, sort_key=sort_key, version=F("version") + 1)
    about = Dossier.filter(id__in=list(own_dossier_ids))
    await about.update(name=name, sort_key=sort_key, version=F("version") + 1)


async def give_birth_date(dossier_ids: Sequence[object], day: date) -> None:
    """Correct the birth date of the client of these dossiers."""
    await Dossier.filter(id__in=list(dossier_ids)).update(birth_date=day, version=F("version") + 1)
