"""People who signed up by themselves, and by what respondents are found."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

from models.db.rules import AddColumn, Unique, together


class Migration(migrations.Migration):
    dependencies = [("models", "0011_receipts")]

    operations = together(
        AddColumn("Respondent", "sort_key", fields.CharField(max_length=120, null=True)),
        ops.CreateModel(
            name="Prospect",
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
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="prospects",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("phone", fields.CharField(max_length=20)),
                ("birth_date", fields.DateField()),
                ("sort_key", fields.CharField(max_length=120)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "prospect",
                "app": "models",
                "constraints": [UniqueConstraint(fields=("account",), name="prospect_account_once")],
                "indexes": [Index(fields=["practice_id", "sort_key", "id"], name="prospect_by_name")],
                "pk_attr": "id",
                "table_description": "What is known of somebody who signed up besides the account, until a respondent is linked to it.",
            },
            bases=["Row"],
        ),
        Unique("prospect", "prospect_account_once", ("account_id",)),
    )
