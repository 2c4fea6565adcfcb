"""Adding colleagues to an appointment, and taking them away again."""

from typing import Annotated

import strawberry

from flows.appointments import appointment_staff as flow
from flows.refusals import (
    AppointmentClosed,
    AppointmentTime,
    Conflict,
    DossierClosed,
    InvalidInput,
    NotFound,
    TherapistUnavailable,
)
from schema.appointments.appointments import AppointmentChanged, reload_appointment
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.ids import raw_id
from schema.kit.permissions import Who


@strawberry.input(description="A colleague at an appointment.")
class AppointmentStaffInput:
    id: strawberry.ID = strawberry.field(description="The appointment's id.")
    version: int = strawberry.field(description="The version that was read; another one is a Conflict.")
    staff_member: strawberry.ID = strawberry.field(
        description="A member of staff who treats the client, or an owner or admin; may be oneself."
    )


@shown_to(Who.STAFF)
@strawberry.type(
    description="The colleague is expected too and may enter the video room. Those who attend see the name and are "
    "mailed that somebody joins."
)
class AppointmentStaffAdded(AppointmentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The colleague was removed from the appointment.")
class AppointmentStaffRemoved(AppointmentChanged):
    pass


class AppointmentStaffMutations:
    @mutation(
        Who.STAFF,
        answers=(AppointmentStaffAdded,),
        refuses=(
            NotFound,
            InvalidInput,
            AppointmentTime,
            AppointmentClosed,
            TherapistUnavailable,
            DossierClosed,
            Conflict,
        ),
    )
    async def add_staff_to_appointment(self, info: Info, given: Annotated[AppointmentStaffInput, GIVEN]) -> object:
        """Add a colleague to an appointment that is not over, at most ten. Nobody else of the practice but the
        therapist may enter its video room."""
        added = await flow.add(
            info.context.app,
            info.context.caller,
            raw_id("Appointment", given.id),
            given.version,
            raw_id("StaffMember", given.staff_member),
        )
        return AppointmentStaffAdded(appointment=await reload_appointment(info, added))

    @mutation(Who.STAFF, answers=(AppointmentStaffRemoved,), refuses=(NotFound, AppointmentClosed, Conflict))
    async def remove_staff_from_appointment(self, info: Info, given: Annotated[AppointmentStaffInput, GIVEN]) -> object:
        """Remove a colleague who was added to an appointment."""
        removed = await flow.remove(
            info.context.app,
            info.context.caller,
            raw_id("Appointment", given.id),
            given.version,
            raw_id("StaffMember", given.staff_member),
        )
        return AppointmentStaffRemoved(appointment=await reload_appointment(info, removed))
