"""Appointments as they are read: by staff within their reach, told to the audit before anything is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flows import audit
from flows.appointments import appointment_in_reach
from flows.house import Caller, House
from flows.reach import staff
from flows.refusals import NotFound
from models import Appointment, AppointmentAttendee
from models.appointment import attendees_of


@dataclass(frozen=True, slots=True)
class Seen:
    """Appointments with their dossiers and therapists, and who is expected at each, by its id."""

    rows: Sequence[Appointment]
    attendees: Mapping[UUID, Sequence[AppointmentAttendee]]


async def one_appointment(house: House, caller: Caller | None, appointment_id: str) -> Seen | None:
    """An appointment within reach; None for a foreign, forbidden or unknown one."""
    member = staff(caller)
    try:
        found = await appointment_in_reach(member, appointment_id)
    except NotFound:
        await audit.record(house, member, "appointment.read", ("Appointment", appointment_id), outcome="REFUSED")
        return None
    await audit.record(house, member, "appointment.read", ("Dossier", found.dossier_id), ("Appointment", found.id))
    return await _seen([found])


async def changed_appointment(caller: Caller | None, appointment_id: object) -> Seen:
    """The appointment that the caller just changed; the act is its own audit row."""
    return await _seen([await appointment_in_reach(staff(caller), str(appointment_id))])


async def _seen(rows: Sequence[Appointment]) -> Seen:
    expected: dict[UUID, list[AppointmentAttendee]] = {row.id: [] for row in rows}
    for attendee in await attendees_of(expected) if expected else ():
        expected[attendee.appointment_id].append(attendee)
    return Seen(rows, expected)
