"""About appointments: when they can be, with whom, and when one may come in."""

from dataclasses import dataclass
from datetime import datetime

from flows.refusals.base import ReasonedRefusal, Refusal


class AppointmentOverlaps(Refusal):
    """The therapist has another appointment booked in that time."""

    kind = "APPOINTMENT_OVERLAPS"
    texts = {
        "en": "The therapist already has an appointment at this time.",
        "nl": "De behandelaar heeft op dit tijdstip al een afspraak.",
    }


@dataclass(eq=False)
class AppointmentTime(ReasonedRefusal):
    """No appointment can be at that time; the code is ``APPOINTMENT_TIME_`` and the reason."""

    kind = "APPOINTMENT_TIME"
    reason: str

    by_reason = {
        "PAST": {"en": "This time has passed already.", "nl": "Dit tijdstip is al voorbij."},
        "BACKWARDS": {
            "en": "An appointment has to end after it begins.",
            "nl": "Een afspraak moet later eindigen dan zij begint.",
        },
        "TOO_LONG": {"en": "An appointment can take 8 hours at most.", "nl": "Een afspraak duurt hooguit 8 uur."},
        "TOO_FAR": {
            "en": "Appointments can be made for the next two years.",
            "nl": "Afspraken kunnen tot twee jaar vooruit worden gemaakt.",
        },
        "NOT_BEGUN": {"en": "This appointment has not begun yet.", "nl": "Deze afspraak is nog niet begonnen."},
    }


@dataclass(eq=False)
class AppointmentClosed(ReasonedRefusal):
    """The appointment is over and done with; the code is ``APPOINTMENT_`` and its state."""

    kind = "APPOINTMENT"
    reason: str

    by_reason = {
        "CANCELLED": {"en": "This appointment was cancelled.", "nl": "Deze afspraak is afgezegd."},
        "COMPLETED": {"en": "This appointment has taken place.", "nl": "Deze afspraak heeft plaatsgevonden."},
    }


class NoAttendees(Refusal):
    """An appointment needs somebody who comes."""

    kind = "NO_ATTENDEES"
    texts = {"en": "Please choose who is expected.", "nl": "Kies wie er verwacht wordt."}


class TherapistUnavailable(Refusal):
    """The member of staff is suspended, or does not have the dossier in the caseload."""

    kind = "THERAPIST_UNAVAILABLE"
    texts = {
        "en": "This member of staff cannot take appointments with this client.",
        "nl": "Deze medewerker kan geen afspraken met deze cliënt hebben.",
    }


@dataclass(eq=False)
class JoinRefused(ReasonedRefusal):
    """The video room is not open; the code is ``JOIN_`` and the reason."""

    kind = "JOIN"
    reason: str
    opens_at: datetime | None = None

    by_reason = {
        "TOO_EARLY": {
            "en": "The video room is not open yet. Please come back a little before the appointment.",
            "nl": "De videokamer is nog niet open. Kom kort voor de afspraak terug.",
        },
        "OVER": {"en": "This appointment is over.", "nl": "Deze afspraak is voorbij."},
        "CANCELLED": {"en": "This appointment was cancelled.", "nl": "Deze afspraak is afgezegd."},
        "NOT_EXPECTED": {
            "en": "You are not expected at this appointment. The practice can add you to it first.",
            "nl": "U wordt niet verwacht bij deze afspraak. De praktijk kan u er eerst aan toevoegen.",
        },
        "IN_PERSON": {"en": "This appointment is not by video.", "nl": "Deze afspraak is niet via video."},
    }


class VideoUnavailable(Refusal):
    """The video room does not answer, or its plugin is not configured any more."""

    kind = "VIDEO_UNAVAILABLE"
    texts = {
        "en": "The video room cannot be opened right now. Please try again, or call the practice.",
        "nl": "De videokamer kan nu niet worden geopend. Probeer het opnieuw, of bel de praktijk.",
    }
