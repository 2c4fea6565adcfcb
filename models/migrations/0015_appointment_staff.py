"""Colleagues who were added to an appointment; prospects by when they signed up."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

from models.db.rules import Unique, together


class Migration(migrations.Migration):
    dependencies = [("models", "0014_search_keys")]

    operations = together(
        ops.RemoveIndex("Prospect", name="prospect_by_name"),
        ops.AddIndex("Prospect", Index(fields=["practice_id", "created_at", "id"], name="prospect_by_time")),
        ops.CreateModel(
            name="AppointmentColleague",
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
                    "appointment",
                    fields.ForeignKeyField(
                        "models.Appointment",
                        source_field="appointment_id",
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
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "appointment_colleague",
                "app": "models",
                "constraints": [UniqueConstraint(fields=("appointment", "staff"), name="colleague_once")],
                "pk_attr": "id",
                "table_description": "A member of staff, other than the therapist, who was added to an appointment.",
            },
            bases=["Row"],
        ),
        Unique("appointment_colleague", "colleague_once", ("appointment_id", "staff_id")),
    )
