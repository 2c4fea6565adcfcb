"""How an appointment stands at a moment: what is stored, and of what is booked whether its time is over."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from models import Appointment, AppointmentState


class AppointmentStanding(StrEnum):
    """As AppointmentState, but for what was booked and is over without a note of what became of it."""

    BOOKED = "BOOKED"
    PASSED = "PASSED"
    CANCELLED = "CANCELLED"
    COMPLETED = "COMPLETED"


def standing_of(appointment: Appointment, now: datetime) -> AppointmentStanding:
    """PASSED from the moment of its end, until staff complete or cancel it."""
    if appointment.state is AppointmentState.BOOKED and appointment.ends_at <= now:
        return AppointmentStanding.PASSED
    return AppointmentStanding(appointment.state.value)


def standing_query(standing: AppointmentStanding | None, now: datetime) -> dict[str, Any]:
    """The same as values for AppointmentQuery; none for None."""
    match standing:
        case None:
            return {}
        case AppointmentStanding.BOOKED:
            return {"state": AppointmentState.BOOKED, "not_over_by": now}
        case AppointmentStanding.PASSED:
            return {"state": AppointmentState.BOOKED, "over_by": now}
        case _:
            return {"state": AppointmentState(standing.value)}
