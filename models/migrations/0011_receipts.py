"""Receipts and their numbers, and what of a practice stands on them."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.db.rules import AddColumn, Check, Unique, together


class Migration(migrations.Migration):
    dependencies = [("models", "0010_own_changes")]

    operations = together(
        AddColumn("Practice", "postal_address", fields.CharField(null=True, max_length=400)),
        AddColumn("Practice", "logo_id", fields.UUIDField(null=True)),
        AddColumn("Practice", "currency", fields.CharField(null=True, max_length=3)),
        ops.CreateModel(
            name="Receipt",
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
                    "dossier",
                    fields.ForeignKeyField(
                        "models.Dossier",
                        source_field="dossier_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "respondent",
                    fields.ForeignKeyField(
                        "models.Respondent",
                        source_field="respondent_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "appointment",
                    fields.ForeignKeyField(
                        "models.Appointment",
                        source_field="appointment_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "issued_by",
                    fields.ForeignKeyField(
                        "models.StaffMember",
                        source_field="issued_by_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("year", fields.IntField()),
                ("sequence", fields.IntField()),
                ("locale", fields.CharField(max_length=5)),
                ("time_zone", fields.CharField(max_length=50)),
                ("practice_name", fields.CharField(max_length=120)),
                ("practice_address", fields.CharField(default="", max_length=400)),
                ("logo_id", fields.UUIDField(null=True)),
                ("payer", fields.CharField(max_length=120)),
                ("client", fields.CharField(max_length=120)),
                ("held_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("currency", fields.CharField(max_length=3)),
                ("lines", fields.JSONField()),
                ("total_minor", fields.BigIntField()),
                ("note", fields.CharField(default="", max_length=1000)),
                ("issued_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("voided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("void_reason", fields.CharField(default="", max_length=200)),
            ],
            options={
                "table": "receipt",
                "app": "models",
                "constraints": [
                    UniqueConstraint(fields=("practice", "year", "sequence"), name="receipt_number_once"),
                    UniqueConstraint(
                        fields=("appointment", "respondent"), name="receipt_valid_once", condition="voided_at IS NULL"
                    ),
                    CheckConstraint(check="total_minor > 0", name="receipt_total_positive"),
                ],
                "indexes": [Index(fields=["dossier_id", "issued_at", "id"], name="receipt_by_time")],
                "pk_attr": "id",
                "table_description": "Given to the payer, who was ``respondent`` then. What it says is all in the row, so that nothing rewrites it.",
            },
            bases=["Row"],
        ),
        Unique("receipt", "receipt_number_once", ("practice_id", "year", "sequence")),
        Unique("receipt", "receipt_valid_once", ("appointment_id", "respondent_id"), "voided_at IS NULL"),
        Check("receipt", "receipt_total_positive", "total_minor > 0", ("total_minor",)),
        ops.CreateModel(
            name="ReceiptCounter",
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
                ("year", fields.IntField()),
                ("sequence", fields.IntField(default=0)),
            ],
            options={
                "table": "receipt_counter",
                "app": "models",
                "constraints": [UniqueConstraint(fields=("practice", "year"), name="receipt_counter_once")],
                "pk_attr": "id",
                "table_description": "The last number that a practice gave out in a year.",
            },
            bases=["Row"],
        ),
        Unique("receipt_counter", "receipt_counter_once", ("practice_id", "year")),
    )
