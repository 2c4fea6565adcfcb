"""Appointments as they are read: by staff within their reach, told to the audit before anything is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from flows.access.reach import dossier_in_reach, staff
from flows.appointments.appointment_state import AppointmentStanding, standing_query
from flows.appointments.appointments import appointment_in_reach
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.ids import as_uuid
from flows.core.paging import check_size, time_position
from flows.core.texts import moment
from flows.refusals import InvalidInput, NotAllowed, NotFound, Problem
from models import Appointment, AppointmentAttendee, StaffMember
from models.appointments.appointment import AppointmentQuery, appointment_rows, attendees_of
from models.appointments.appointment_staff import colleagues_at

LONGEST_AGENDA = timedelta(days=62)
#: No therapist has so many in that time.
_MOST = 2000


@dataclass(frozen=True, slots=True)
class Seen:
    """Appointments with their dossiers and therapists, and who is expected at each, by its id.

    ``colleagues`` are members of staff besides the therapist.
    """

    rows: Sequence[Appointment]
    attendees: Mapping[UUID, Sequence[AppointmentAttendee]]
    colleagues: Mapping[UUID, Sequence[StaffMember]]
    has_next: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """Appointments that begin from ``since`` to before ``until`` and stand so; None is open."""

    since: datetime | None = None
    until: datetime | None = None
    standing: AppointmentStanding | None = None


async def one_appointment(app: AppContext, caller: Caller | None, appointment_id: str) -> Seen | None:
    """An appointment within reach; None for a foreign, forbidden or unknown one."""
    member = staff(caller)
    try:
        found = await appointment_in_reach(member, appointment_id)
    except NotFound as no:
        about = (*audit.denied(no), ("Appointment", appointment_id))
        await audit.record(app, member, "appointment.read", *about, outcome="REFUSED")
        return None
    await audit.record(app, member, "appointment.read", ("Dossier", found.dossier_id), ("Appointment", found.id))
    return await _seen([found])


async def dossier_appointments(
    app: AppContext, caller: Caller | None, dossier_id: str, period: Period, first: int = 25, after: str | None = None
) -> Seen:
    """A dossier's appointments, cancelled ones too, by when they begin. Five statements, however many rows.

    Raises BadCursor, PageTooLarge or NotFound.
    """
    member = staff(caller)
    check_size(app, first)
    dossier = await dossier_in_reach(member, dossier_id)
    query = AppointmentQuery(
        practice_id=member.practice_id,
        dossier_id=dossier.id,
        since=moment("from", period.since) if period.since else None,
        until=moment("to", period.until) if period.until else None,
        after=time_position(after),
        **standing_query(period.standing, app.now),
    )
    rows, has_next = await next_page(query, first)
    subjects = (("Appointment", row.id) for row in rows)
    await audit.record(app, member, "appointment.listed", ("Dossier", dossier.id), *subjects)
    return replace(await _seen(rows), has_next=has_next)


async def agenda(
    app: AppContext,
    caller: Caller | None,
    since: datetime,
    until: datetime,
    therapist: str | None = None,
    standing: AppointmentStanding | None = None,
) -> Seen:
    """What is in one's own agenda, or with ``therapist`` for managers in another's, within 62 days.

    Also where the member of staff was added as a colleague. A therapist sees what is within reach.
    Raises InvalidInput, NotAllowed or NotFound.
    """
    member = staff(caller)
    since, until = moment("from", since), moment("to", until)
    if not timedelta() < until - since <= LONGEST_AGENDA:
        raise InvalidInput("to", Problem.PERIOD, LONGEST_AGENDA.days)
    query = AppointmentQuery(
        practice_id=member.practice_id,
        staff_id=await _whose(member, therapist),
        caseload_of=None if member.manages else member.staff_id,
        since=since,
        until=until,
        **standing_query(standing, app.now),
    )
    rows = await appointment_rows(query, _MOST)
    dossiers = sorted({str(row.dossier_id) for row in rows})
    await audit.record(app, member, "agenda.read", *(("Dossier", one) for one in dossiers))
    return await _seen(rows)


async def _whose(member: Caller, therapist: str | None) -> object:
    if therapist is None or therapist == member.staff_id:
        return member.staff_id
    if not member.manages:
        raise NotAllowed
    if not await StaffMember.filter(id=as_uuid(therapist), practice_id=member.practice_id).exists():
        raise NotFound
    return therapist


async def next_page(query: AppointmentQuery, first: int) -> tuple[list[Appointment], bool]:
    """The rows of a page, and whether there are more."""
    rows = await appointment_rows(query, first + 1)
    return rows[:first], len(rows) > first


async def changed_appointment(caller: Caller | None, appointment_id: object) -> Seen:
    """The appointment that the caller just changed; the act is its own audit row."""
    return await _seen([await appointment_in_reach(staff(caller), str(appointment_id))])


async def _seen(rows: Sequence[Appointment]) -> Seen:
    expected: dict[UUID, list[AppointmentAttendee]] = {row.id: [] for row in rows}
    for attendee in await attendees_of(expected) if expected else ():
        expected[attendee.appointment_id].append(attendee)
    return Seen(rows, expected, await colleagues_at(list(expected)))
