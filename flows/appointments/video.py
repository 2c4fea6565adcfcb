"""Entering a video room: by those who are expected and by staff, and only around the time of the appointment."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from flows.appointments.appointments import appointment_in_reach
from flows.appointments.own_appointments import expected_as
from flows.appointments.video_rooms import is_safe, link_of, open_room
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.refusals import Conflict, JoinRefused, NotFound, Refusal, VideoUnavailable
from flows.second_factor.plugin_calls import run_plugin_with_timeout
from models import Appointment, AppointmentState, Audience, StaffMember
from models.appointments.appointment import is_unchanged
from models.appointments.appointment_staff import is_expected
from models.db.database import transaction
from plugins import VideoVisit

log = structlog.get_logger(__name__)

_LONGEST_URL = 4000


@dataclass(frozen=True, slots=True)
class _Seat:
    """Who comes in, and as what; ``expected`` is False for staff who are neither the therapist nor were added."""

    appointment: Appointment
    name: str
    moderator: bool
    expected: bool = True


async def join(app: AppContext, caller: Caller, appointment_id: str) -> str | Refusal:
    """The address by which the caller enters the room now; made for this once, and neither stored nor logged."""
    try:
        seat = await _seat(caller, appointment_id)
    except NotFound as no:
        about, details = (*audit.denied(no), ("Appointment", appointment_id)), {"reason": "NOT_FOUND"}
        await audit.record(app, caller, "appointment.joined", *about, outcome="REFUSED", details=details)
        return NotFound()
    refusal = opening(app, seat.appointment) if seat.expected else JoinRefused("NOT_EXPECTED")
    if refusal is not None:
        return await _refused(app, caller, seat, refusal)
    url = await _address(app, caller, seat)
    if url is None:
        return await _refused(app, caller, seat, VideoUnavailable())
    async with transaction():
        if not await is_unchanged(seat.appointment):
            return Conflict()
        await audit.record(app, caller, "appointment.joined", *_about(seat), details={"moderator": seat.moderator})
    return url


def opening(app: AppContext, appointment: Appointment) -> JoinRefused | None:
    """Why a room can't be entered at this moment; None if it can."""
    opens_at, now = opens(app, appointment), app.now
    if not appointment.video:
        return JoinRefused("IN_PERSON")
    if appointment.state is AppointmentState.CANCELLED:
        return JoinRefused("CANCELLED")
    if appointment.state is AppointmentState.COMPLETED or now >= appointment.ends_at:
        return JoinRefused("OVER")
    return JoinRefused("TOO_EARLY", opens_at) if now < opens_at else None


def opens(app: AppContext, appointment: Appointment) -> datetime:
    return appointment.starts_at - app.rules.video_opens_before


async def _seat(caller: Caller, appointment_id: str) -> _Seat:
    """Staff moderate where they are expected; a respondent must be expected and be allowed to see appointments.

    Raises NotFound.
    """
    if caller.audience is Audience.STAFF:
        appointment = await appointment_in_reach(caller, appointment_id)
        member = await StaffMember.get(id=caller.staff_id)
        expected = await is_expected(appointment, member.id)
        return _Seat(appointment, member.name, moderator=True, expected=expected)
    appointment, respondent = await expected_as(caller, appointment_id)
    return _Seat(appointment, respondent.name, moderator=False)


async def _refused(app: AppContext, caller: Caller, seat: _Seat, refusal: Refusal) -> Refusal:
    details = {"reason": refusal.code}
    await audit.record(app, caller, "appointment.joined", *_about(seat), outcome="REFUSED", details=details)
    return refusal


def _about(seat: _Seat) -> tuple[tuple[str, object], ...]:
    return (("Dossier", seat.appointment.dossier_id), ("Appointment", seat.appointment.id))


async def _address(app: AppContext, caller: Caller, seat: _Seat) -> str | None:
    """What the plugin answers, if that is a safe address; None otherwise, and whatever goes wrong."""
    appointment, rooms = seat.appointment, app.video.get(seat.appointment.video)
    if rooms is None:
        return None
    try:
        room = open_room(app, appointment)
        visit = VideoVisit(
            room=room.name,
            link=link_of(room, appointment.practice) if rooms.takes_link else "",
            name=seat.name,
            moderator=seat.moderator,
            locale=caller.locale,
            now=app.now,
            opens_at=opens(app, appointment),
            closes_at=appointment.ends_at,
        )
        url: object = await run_plugin_with_timeout(app, f"video rooms {appointment.video}", lambda: rooms.join(visit))
    except Exception as error:  # noqa: BLE001 - a stranger's code; its texts may quote the address
        log.error("video.failed", rooms=appointment.video, error=type(error).__name__)
        return None
    if not isinstance(url, str) or not is_safe(url, _LONGEST_URL):
        log.error("video.answered_nonsense", rooms=appointment.video)
        return None
    return url
