"""About appointments: when they can be, with whom, and when one may come in."""

from dataclasses import dataclass
from datetime import datetime

from flows.refusals.base import ReasonedRefusal, Refusal


class AppointmentOverlaps(Refusal):
    """The therapist has another appointment booked in that time."""

    kind = "APPOINTMENT_OVERLAPS"


@dataclass(eq=False)
class AppointmentTime(ReasonedRefusal):
    """No appointment can be at that time; the code is ``APPOINTMENT_TIME_`` and the reason."""

    kind = "APPOINTMENT_TIME"
    reason: str

    reasons = (
        "PAST",
        "BACKWARDS",
        "TOO_LONG",
        "TOO_FAR",
        "NOT_BEGUN",
    )


@dataclass(eq=False)
class AppointmentClosed(ReasonedRefusal):
    """The appointment is over and done with; the code is ``APPOINTMENT_`` and its state."""

    kind = "APPOINTMENT"
    reason: str

    reasons = (
        "CANCELLED",
        "COMPLETED",
    )


class NoAttendees(Refusal):
    """An appointment needs somebody who comes."""

    kind = "NO_ATTENDEES"


class TherapistUnavailable(Refusal):
    """The member of staff is suspended, or does not have the dossier in the caseload."""

    kind = "THERAPIST_UNAVAILABLE"


@dataclass(eq=False)
class JoinRefused(ReasonedRefusal):
    """The video room is not open; the code is ``JOIN_`` and the reason."""

    kind = "JOIN"
    reason: str
    opens_at: datetime | None = None

    reasons = (
        "TOO_EARLY",
        "OVER",
        "CANCELLED",
        "NOT_EXPECTED",
        "IN_PERSON",
    )


class VideoUnavailable(Refusal):
    """The video room does not answer, or its plugin is not configured any more."""

    kind = "VIDEO_UNAVAILABLE"
