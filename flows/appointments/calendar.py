"""An appointment as a calendar file (RFC 5545), which tells of care no more than the practice's name does."""

from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from flows.appointments.appointments import appointment_in_reach
from flows.appointments.own_appointments import expected_as
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.documents.documents import Document
from flows.refusals import NotFound, NotSignedIn
from models import Appointment, AppointmentState, Audience, Practice


async def calendar_file(app: AppContext, caller: Caller | None, appointment_id: str) -> Document:
    """The file for staff within reach and for those who are expected; raises NotFound or NotSignedIn."""
    if caller is None:
        raise NotSignedIn
    try:
        appointment = await _visible(caller, appointment_id)
    except NotFound as no:
        about = (*audit.denied(no), ("Appointment", appointment_id))
        await audit.record(app, caller, "appointment.downloaded", *about, outcome="REFUSED")
        raise
    subjects = (("Dossier", appointment.dossier_id), ("Appointment", appointment.id))
    await audit.record(app, caller, "appointment.downloaded", *subjects)
    local = f"{appointment.starts_at.astimezone(ZoneInfo(appointment.practice.time_zone)):%Y-%m-%d}"
    return Document(f"{local}.ics", "text/calendar", as_calendar(app, appointment))


async def _visible(caller: Caller, appointment_id: str) -> Appointment:
    if caller.audience is Audience.STAFF:
        return await appointment_in_reach(caller, appointment_id)
    return (await expected_as(caller, appointment_id))[0]


def as_calendar(app: AppContext, appointment: Appointment) -> bytes:
    """A newer file replaces an older one: the UID stays, the sequence rises, and what was cancelled goes away."""
    practice, cancelled = appointment.practice, appointment.state is AppointmentState.CANCELLED
    event = Event()
    event.add("uid", str(appointment.id))
    event.add("sequence", appointment.version)
    event.add("dtstamp", app.now)
    event.add("created", appointment.created_at)
    event.add("last-modified", appointment.updated_at)
    # In UTC, which needs no description of a time zone and is the same moment in every calendar.
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("summary", practice.name)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    event["organizer"] = _organizer(app, practice)
    calendar = Calendar()
    calendar.add("prodid", "-//Sluis//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _organizer(app: AppContext, practice: Practice) -> vCalAddress:
    address = vCalAddress(f"mailto:{practice.helpdesk_email}" if practice.helpdesk_email else _portal(app, practice))
    address.params["cn"] = vText(practice.name)
    return address


def _portal(app: AppContext, practice: Practice) -> str:
    return practice.portal(app.rules.public_url)
