"""Appointments: sessions of therapy with a time, who is expected there, and which reminders went out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.expressions import Q, Subquery
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.core.practice import Practice
from models.db.base import NOBODY, Row, parent_key, practice_key
from models.db.database import fetch
from models.dossiers.dossier import Dossier, Respondent
from models.staff.staff import CaseloadEntry, StaffMember


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


class AppointmentColleague(Row):
    """A member of staff, other than the therapist, who was added to an appointment."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    appointment_id: UUID
    appointment: fields.ForeignKeyRelation[Appointment] = parent_key("Appointment")
    staff_id: UUID
    staff: fields.ForeignKeyRelation[StaffMember] = parent_key("StaffMember")
    created_at = fields.DatetimeField()

    class Meta:
        table = "appointment_colleague"
        constraints = (UniqueConstraint(fields=("appointment", "staff"), name="colleague_once"),)


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


async def is_unchanged(appointment: Appointment) -> bool:
    """Whether an appointment that was read as booked is still just so."""
    same = Appointment.filter(id=appointment.id, version=appointment.version, state=AppointmentState.BOOKED)
    return await same.exists()


@dataclass(frozen=True, slots=True)
class AppointmentQuery:
    """Which appointments of a practice; None narrows nothing.

    ``caseload_of`` is a member of staff who reaches no other dossier. ``after`` is the time and id of the row to go
    on behind. ``since`` and ``until`` bound the beginning, ``over_by`` and ``not_over_by`` the end.
    """

    practice_id: object
    dossier_id: object = None
    staff_id: object = None
    caseload_of: object = None
    respondents: Sequence[object] | None = None
    state: AppointmentState | None = None
    since: datetime | None = None
    until: datetime | None = None
    over_by: datetime | None = None
    not_over_by: datetime | None = None
    after: tuple[datetime, str] | None = None
    newest_first: bool = False


async def appointment_rows(query: AppointmentQuery, limit: int) -> list[Appointment]:
    """Up to so many, by when they begin, with their dossiers, therapists and practice; one statement."""
    given = {
        "dossier_id": query.dossier_id,
        "state": query.state,
        "starts_at__gte": query.since,
        "starts_at__lt": query.until,
        "ends_at__lte": query.over_by,
        "ends_at__gt": query.not_over_by,
    }
    found = Appointment.filter(
        practice_id=query.practice_id, **{name: value for name, value in given.items() if value is not None}
    )
    if query.caseload_of is not None:
        mine = CaseloadEntry.filter(staff_id=query.caseload_of).values("dossier_id")
        found = found.filter(dossier_id__in=Subquery(mine))
    if query.staff_id is not None:
        added = AppointmentColleague.filter(staff_id=query.staff_id).values("appointment_id")
        found = found.filter(Q(staff_id=query.staff_id) | Q(id__in=Subquery(added)))
    if query.respondents is not None:
        theirs = AppointmentAttendee.filter(respondent_id__in=list(query.respondents)).values("appointment_id")
        found = found.filter(id__in=Subquery(theirs))
    if query.after is not None:
        at, identity = query.after
        older = Q(starts_at__lt=at) | Q(starts_at=at, id__lt=identity)
        newer = Q(starts_at__gt=at) | Q(starts_at=at, id__gt=identity)
        found = found.filter(older if query.newest_first else newer)
    order = ("-starts_at", "-id") if query.newest_first else ("starts_at", "id")
    return await found.select_related("dossier", "staff", "practice").order_by(*order).limit(limit)


@dataclass(frozen=True, slots=True)
class ReminderQuery:
    """What to remind of in these practices: ``bounds`` gives each number of minutes before its latest beginning."""

    practices: Sequence[object]
    now: datetime
    bounds: Mapping[int, datetime]


_UNREMINDED = """(a.starts_at <= ? AND NOT EXISTS (
       SELECT 1 FROM appointment_reminder r
        WHERE r.appointment_id = a.id AND r.starts_at = a.starts_at AND r.minutes = ?))"""


async def to_be_reminded(query: ReminderQuery, after: Appointment | None, limit: int) -> list[Appointment]:
    """Up to so many that are booked on open dossiers and lack a reminder, with the dossiers, after that one."""
    start = (query.now, NOBODY) if after is None else (after.starts_at, after.id)
    rows = await fetch(
        "SELECT a.id FROM appointment a JOIN dossier d ON d.id = a.dossier_id"  # noqa: S608 - placeholders only
        " WHERE a.state = 'BOOKED' AND d.closed_at IS NULL AND a.starts_at > ? AND (a.starts_at, a.id) > (?, ?)"
        f" AND a.practice_id IN ({', '.join('?' for _ in query.practices)})"
        f" AND ({' OR '.join(_UNREMINDED for _ in query.bounds)})"
        " ORDER BY a.starts_at, a.id LIMIT ?",
        query.now,
        *start,
        *query.practices,
        *(value for minutes, bound in query.bounds.items() for value in (bound, minutes)),
        limit,
    )
    if not rows:
        return []
    found = Appointment.filter(id__in=[row["id"] for row in rows]).select_related("dossier")
    return await found.order_by("starts_at", "id")


async def claim_reminders(appointment: Appointment, minutes: Iterable[int], now: datetime) -> list[int]:
    """Which of these reminders are the caller's to send: of all workers each is one's, once and for all."""
    rows = [
        (uuid4(), appointment.practice_id, appointment.id, appointment.starts_at, before, now) for before in minutes
    ]
    places = ", ".join("(?, ?, ?, ?, ?, ?)" for _ in rows)
    claimed = await fetch(
        "INSERT INTO appointment_reminder (id, practice_id, appointment_id, starts_at, minutes, created_at)"  # noqa: S608
        f" VALUES {places} ON CONFLICT (appointment_id, starts_at, minutes) DO NOTHING RETURNING minutes",
        *(value for row in rows for value in row),
    )
    return [row["minutes"] for row in claimed]


async def is_coming(appointment_id: object, starts_at: datetime, now: datetime) -> bool:
    """Whether an appointment is still booked for that time, and that time is to come."""
    booked = Appointment.filter(id=appointment_id, starts_at=starts_at, state=AppointmentState.BOOKED)
    return starts_at > now and await booked.exists()
