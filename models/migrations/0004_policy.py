"""Exemptions from the second factor, with an end."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

from models.db.rules import AddColumn, Unique, together


class Migration(migrations.Migration):
    dependencies = [("models", "0003_sms")]

    operations = together(
        AddColumn("Account", "exempt_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
        ops.CreateModel(
            name="FactorExemption",
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
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "models.StaffMember",
                        source_field="staff_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("reason", fields.CharField(max_length=200)),
                ("until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "factor_exemption",
                "app": "models",
                "constraints": [
                    UniqueConstraint(fields=("account",), name="exemption_open_once", condition="ended_at IS NULL")
                ],
                "pk_attr": "id",
                "table_description": "Kept when it is over. The account carries the end of the one that holds, so that a sign-in reads no more.",
            },
            bases=["Row"],
        ),
        Unique("factor_exemption", "exemption_open_once", ("account_id",), "ended_at IS NULL"),
    )
