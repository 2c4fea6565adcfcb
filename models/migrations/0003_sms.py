"""What text messages cost, per practice, month and country."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

from models.db.rules import Unique, together


class Migration(migrations.Migration):
    dependencies = [("models", "0002_rules")]

    operations = together(
        ops.CreateModel(
            name="SmsCount",
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
                ("month", fields.CharField(max_length=7)),
                ("country", fields.CharField(max_length=2)),
                ("count", fields.IntField(default=0)),
                ("cost_micros", fields.BigIntField(default=0)),
            ],
            options={
                "table": "sms_count",
                "app": "models",
                "constraints": [UniqueConstraint(fields=("practice", "month", "country"), name="sms_count_once")],
                "pk_attr": "id",
                "table_description": "The messages of one practice to one country in one month, ``2026-11`` in UTC.",
            },
            bases=["Row"],
        ),
        Unique("sms_count", "sms_count_once", ("practice_id", "month", "country")),
    )
