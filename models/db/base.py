"""What every stored row has: an id, its practice, and times in UTC.

A row carries its practice even where a parent already does, so that a query can never
leave the tenant by a forgotten join and the data can be distributed by practice.
"""

from typing import Any
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model


class Row(Model):
    """An identified row, ids are random and tell nothing about when or how many."""

    id = fields.UUIDField(primary_key=True, default=uuid4)

    class Meta:
        abstract = True


def practice_key() -> fields.ForeignKeyRelation["Practice"]:  # type: ignore[name-defined]  # noqa: F821
    """The tenant of a row: indexed, and never orphaned by deleting a practice."""
    return fields.ForeignKeyField("models.Practice", on_delete=fields.RESTRICT, db_index=True)


def parent_key(model: str, *, null: bool = False) -> Any:
    """A foreign key that is indexed (Tortoise indexes none by itself); cascades, or is set to NULL."""
    rule = fields.SET_NULL if null else fields.CASCADE
    return fields.ForeignKeyField(f"models.{model}", on_delete=rule, db_index=True, null=null)  # type: ignore[call-overload]


#: An id that no row has: looking for nobody costs the same statement as looking for somebody.
NOBODY = UUID(int=0)
