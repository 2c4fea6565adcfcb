"""Colleagues at an appointment: added and removed by staff within reach, seen by those who come, and told to them.

Only the therapist and who was added enter the video room, with the attendees (:mod:`flows.appointments.video`).
"""

from flows.access.reach import staff
from flows.appointments.appointment_mail import tell_attendees
from flows.appointments.appointments import (
    appointment_in_reach,
    change,
    check_booked,
    hold_usable_colleague,
    known_id,
)
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.refusals import AppointmentTime, InvalidInput, NotFound, Problem
from models import Appointment, StaffMember
from models.appointments.appointment_staff import add_colleague, colleagues_at, remove_colleague
from models.db.database import transaction

MOST_COLLEAGUES = 10


async def add(app: AppContext, caller: Caller | None, appointment_id: str, version: int, staff_id: str) -> Appointment:
    """Add a member of staff who treats the client, or manages the practice; mails those who are expected.

    Raises NotFound, TherapistUnavailable, Conflict, AppointmentClosed, AppointmentTime or InvalidInput.
    """
    member = staff(caller)
    appointment = await appointment_in_reach(member, appointment_id)
    check_booked(appointment)
    if appointment.ends_at <= app.now:
        raise AppointmentTime("PAST")
    identity = known_id(staff_id)
    async with transaction():
        colleague = await hold_usable_colleague(appointment.dossier, identity)
        await change(app, appointment, version)
        present = (await colleagues_at([appointment.id]))[appointment.id]
        if colleague.id in {appointment.staff_id, *(one.id for one in present)}:
            raise InvalidInput("staffMember", Problem.SAME)
        if len(present) >= MOST_COLLEAGUES:
            raise InvalidInput("staffMember", Problem.TOO_MANY, MOST_COLLEAGUES)
        await add_colleague(appointment, colleague.id, app.now)
        await _note(app, member, appointment, "appointment.staff_added", colleague.id)
        await tell_attendees(app, appointment, "appointment_staff_added")
    return appointment


async def remove(
    app: AppContext, caller: Caller | None, appointment_id: str, version: int, staff_id: str
) -> Appointment:
    """Take an added member of staff away again. Raises NotFound, Conflict or AppointmentClosed."""
    member = staff(caller)
    appointment = await appointment_in_reach(member, appointment_id)
    check_booked(appointment)
    colleague = await StaffMember.get_or_none(id=known_id(staff_id), practice_id=member.practice_id)
    if colleague is None:
        raise NotFound
    async with transaction():
        await change(app, appointment, version)
        if not await remove_colleague(appointment.id, colleague.id):
            raise NotFound
        await _note(app, member, appointment, "appointment.staff_removed", colleague.id)
    return appointment


async def _note(app: AppContext, member: Caller, appointment: Appointment, event: str, staff_id: object) -> None:
    subjects = (("Dossier", appointment.dossier_id), ("Appointment", appointment.id), ("StaffMember", staff_id))
    await audit.record(app, member, event, *subjects)
    await app.signals.publish(f"dossier:{appointment.dossier_id}")
