"""Colleagues of the therapist who were added to an appointment: nobody else of the practice is expected there."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from models.appointments.appointment import Appointment, AppointmentColleague
from models.staff.staff import StaffMember


async def colleagues_at(appointment_ids: Collection[UUID]) -> dict[UUID, list[StaffMember]]:
    """The colleagues of each appointment, by name; no statement for none, else one."""
    found: dict[UUID, list[StaffMember]] = {identity: [] for identity in appointment_ids}
    if found:
        added = AppointmentColleague.filter(appointment_id__in=list(found)).select_related("staff")
        for row in await added.order_by("staff__name", "id"):
            found[row.appointment_id].append(row.staff)
    return found


async def is_expected(appointment: Appointment, staff_id: object) -> bool:
    """Whether a member of staff is the appointment's therapist, or was added to it."""
    if str(appointment.staff_id) == str(staff_id):
        return True
    return await AppointmentColleague.filter(appointment_id=appointment.id, staff_id=staff_id).exists()


async def add_colleague(appointment: Appointment, staff_id: object, now: datetime) -> None:
    await AppointmentColleague.create(
        practice_id=appointment.practice_id, appointment_id=appointment.id, staff_id=staff_id, created_at=now
    )


async def remove_colleague(appointment_id: object, staff_id: object) -> bool:
    """False where the member of staff was not added."""
    return await AppointmentColleague.filter(appointment_id=appointment_id, staff_id=staff_id).delete() > 0
