"""Appointments: sessions of therapy with a time, who is expected there, and which reminders went out."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Row, parent_key, practice_key
from models.dossier import Dossier, Respondent
from models.practice import Practice
from models.staff import StaffMember


class AppointmentState(StrEnum):
    BOOKED = "BOOKED"
    CANCELLED = "CANCELLED"
    COMPLETED = "COMPLETED"


class Appointment(Row):
    """A booked session. ``version`` rises with every change, ``timed_at`` is when its present time was set.

    ``video`` is the kind of room, empty where people meet in person. ``room`` is where, sealed, gone when cancelled.
    """

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    dossier_id: UUID
    dossier: fields.ForeignKeyRelation[Dossier] = parent_key("Dossier")
    staff_id: UUID
    staff: fields.ForeignKeyRelation[StaffMember] = parent_key("StaffMember")
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    state = fields.CharEnumField(AppointmentState, max_length=9, default=AppointmentState.BOOKED)
    # For those who come.
    note = fields.CharField(max_length=200, default="")
    # For staff.
    cancel_reason = fields.CharField(max_length=200, default="")
    cancelled_at = fields.DatetimeField(null=True)
    video = fields.CharField(max_length=40, default="")
    room = fields.BinaryField(null=True)
    version = fields.IntField(default=0)
    timed_at = fields.DatetimeField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "appointment"
        constraints = (
            CheckConstraint(check="ends_at > starts_at", name="appointment_ends_after_start"),
            CheckConstraint(
                check="state IN ('BOOKED', 'COMPLETED') OR (state = 'CANCELLED' AND cancelled_at IS NOT NULL)",
                name="appointment_state_known",
            ),
        )
        indexes = (
            Index(fields=("staff_id", "starts_at"), name="appointment_by_therapist"),
            Index(fields=("dossier_id", "starts_at", "id"), name="appointment_by_dossier"),
            Index(fields=("state", "starts_at"), name="appointment_coming"),
        )


class AppointmentAttendee(Row):
    """A respondent of the appointment's dossier who is expected there."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    appointment_id: UUID
    appointment: fields.ForeignKeyRelation[Appointment] = parent_key("Appointment")
    respondent_id: UUID
    respondent: fields.ForeignKeyRelation[Respondent] = parent_key("Respondent")

    class Meta:
        table = "appointment_attendee"
        constraints = (UniqueConstraint(fields=("appointment", "respondent"), name="attendee_once"),)


class AppointmentReminder(Row):
    """That the reminder so many ``minutes`` before this ``starts_at`` was dealt with, so that it is once."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    appointment_id: UUID
    appointment: fields.ForeignKeyRelation[Appointment] = parent_key("Appointment")
    starts_at = fields.DatetimeField()
    minutes = fields.IntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "appointment_reminder"
        constraints = (
            UniqueConstraint(fields=("appointment", "starts_at", "minutes"), name="appointment_reminded_once"),
        )


async def hold_therapist(practice_id: object, staff_id: object) -> StaffMember | None:
    """The member of staff, whose agenda nobody else changes until the transaction ends."""
    return await StaffMember.select_for_update(no_key=True).get_or_none(id=staff_id, practice_id=practice_id)


async def is_taken(staff_id: object, starts_at: datetime, ends_at: datetime, other_than: object = None) -> bool:
    """Whether anything is booked with this member of staff in that time; one may begin as another ends."""
    booked = Appointment.filter(
        staff_id=staff_id, state=AppointmentState.BOOKED, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    return await (booked.exclude(id=other_than) if other_than else booked).exists()


async def attendees_of(appointment_ids: Iterable[object]) -> list[AppointmentAttendee]:
    """Who is expected, with the respondents, by name; one statement."""
    found = AppointmentAttendee.filter(appointment_id__in=list(appointment_ids)).select_related("respondent")
    return await found.order_by("respondent__name", "id")
