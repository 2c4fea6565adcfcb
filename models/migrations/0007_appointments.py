"""Appointments with their attendees and reminders, and when and how a practice reminds."""

from uuid import uuid4

from models.appointments.appointment import AppointmentState
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.db.rules import AddColumn, Check, Unique, together

KNOWN = "state IN ('BOOKED', 'COMPLETED') OR (state = 'CANCELLED' AND cancelled_at IS NOT NULL)"


class Migration(migrations.Migration):
    dependencies = [("models", "0006_practice_settings")]

    operations = together(
        AddColumn("Practice", "reminder_minutes", fields.JSONField(null=True)),
        AddColumn("Practice", "reminder_sms", fields.BooleanField(null=True)),
        AddColumn("Practice", "reminders_from", fields.IntField(null=True)),
        AddColumn("Practice", "reminders_until", fields.IntField(null=True)),
        AddColumn("Practice", "video_link", fields.CharField(null=True, max_length=500)),
        ops.CreateModel(
            name="Appointment",
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
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "state",
                    fields.CharEnumField(
                        default=AppointmentState.BOOKED,
                        description="BOOKED: BOOKED\nCANCELLED: CANCELLED\nCOMPLETED: COMPLETED",
                        enum_type=AppointmentState,
                        max_length=9,
                    ),
                ),
                ("note", fields.CharField(default="", max_length=200)),
                ("cancel_reason", fields.CharField(default="", max_length=200)),
                ("cancelled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("video", fields.CharField(default="", max_length=40)),
                ("room", fields.BinaryField(null=True)),
                ("version", fields.IntField(default=0)),
                ("timed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "appointment",
                "app": "models",
                "constraints": [
                    CheckConstraint(check="ends_at > starts_at", name="appointment_ends_after_start"),
                    CheckConstraint(check=KNOWN, name="appointment_state_known"),
                ],
                "indexes": [
                    Index(fields=["staff_id", "starts_at"], name="appointment_by_therapist"),
                    Index(fields=["dossier_id", "starts_at", "id"], name="appointment_by_dossier"),
                    Index(fields=["state", "starts_at"], name="appointment_coming"),
                ],
                "pk_attr": "id",
                "table_description": "A booked session. ``version`` rises with every change, ``timed_at`` is when its present time was set.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="AppointmentAttendee",
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
                    "respondent",
                    fields.ForeignKeyField(
                        "models.Respondent",
                        source_field="respondent_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "appointment_attendee",
                "app": "models",
                "constraints": [
                    UniqueConstraint(fields=("appointment", "respondent"), name="attendee_once"),
                ],
                "pk_attr": "id",
                "table_description": "A respondent of the appointment's dossier who is expected there.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="AppointmentReminder",
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
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("minutes", fields.IntField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "appointment_reminder",
                "app": "models",
                "constraints": [
                    UniqueConstraint(fields=("appointment", "starts_at", "minutes"), name="appointment_reminded_once"),
                ],
                "pk_attr": "id",
                "table_description": "That the reminder so many ``minutes`` before this ``starts_at`` was dealt with, so that it is once.",
            },
            bases=["Row"],
        ),
        Check("appointment", "appointment_ends_after_start", "ends_at > starts_at", ("starts_at", "ends_at")),
        Check("appointment", "appointment_state_known", KNOWN, ("state", "cancelled_at")),
        Unique("appointment_attendee", "attendee_once", ("appointment_id", "respondent_id")),
        Unique("appointment_reminder", "appointment_reminded_once", ("appointment_id", "starts_at", "minutes")),
    )
