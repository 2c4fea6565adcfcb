"""Uploaded files, sealed."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from models.rules import together


class Migration(migrations.Migration):
    dependencies = [("models", "0008_appointments")]

    operations = together(
        ops.CreateModel(
            name="StoredFile",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "practice",
                    fields.ForeignKeyField(
                        "models.Practice",
                        source_field="practice_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("media_type", fields.CharField(max_length=40)),
                ("size", fields.IntField()),
                ("created_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("attached_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("content", fields.BinaryField()),
            ],
            options={
                "table": "stored_file",
                "app": "models",
                "pk_attr": "id",
                "table_description": "``content`` is sealed for this practice and this row. ``size`` is in bytes, unsealed.",
            },
            bases=["Row"],
        ),
    )
