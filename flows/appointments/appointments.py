"""Appointments: booked, moved, cancelled and completed by staff, within their reach."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flows.access.reach import beyond_reach, check_reach, dossier_in_reach, staff
from flows.appointments.appointment_mail import tell_attendees
from flows.appointments.video_rooms import chosen, new_room, open_room, seal_room
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.ids import as_uuid
from flows.core.texts import clean, moment
from flows.refusals import (
    AppointmentClosed,
    AppointmentOverlaps,
    AppointmentTime,
    Conflict,
    DossierClosed,
    InvalidInput,
    NoAttendees,
    NotFound,
    Problem,
    TherapistUnavailable,
)
from locales import text
from models import (
    Appointment,
    AppointmentAttendee,
    AppointmentState,
    Dossier,
    Practice,
    Respondent,
    StaffMember,
    StaffRole,
)
from models.appointments.appointment import is_taken
from models.appointments.appointment_staff import remove_colleague
from models.db.database import transaction
from models.locks import hold_rows
from models.staff.staff import in_caseload

LONGEST = timedelta(hours=8)
FARTHEST = timedelta(days=731)
MOST_ATTENDEES = 20


@dataclass(frozen=True, slots=True)
class AppointmentDraft:
    """``therapist`` None is the caller who books; ``attendees`` are ids of the dossier's respondents.

    ``video`` is a kind of room, None for meeting in person; ``video_link`` where the room is, for kinds that ask it.
    """

    dossier: str
    attendees: Sequence[str]
    starts_at: datetime
    ends_at: datetime
    therapist: str | None = None
    note: str = ""
    video: str | None = None
    video_link: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Move:
    """A new time, and with ``therapist`` somebody else to have it with."""

    starts_at: datetime
    ends_at: datetime
    therapist: str | None = None


async def book(app: AppContext, caller: Caller | None, draft: AppointmentDraft) -> Appointment:
    """An appointment with one therapist and one or more of a dossier's respondents."""
    member = staff(caller)
    dossier = await dossier_in_reach(member, draft.dossier)
    starts_at, ends_at = _times(app, draft.starts_at, draft.ends_at)
    note = clean("note", draft.note, 200, required=False)
    expected = await _respondents(member, dossier, draft.attendees)
    therapist = known_id(draft.therapist or str(member.staff_id))
    kind, room = chosen(app, await Practice.get(id=member.practice_id), draft.video, draft.video_link)
    identity = uuid4()
    async with transaction():
        await _free(dossier, therapist, starts_at, ends_at)
        appointment = await Appointment.create(
            id=identity,
            practice_id=dossier.practice_id,
            dossier_id=dossier.id,
            staff_id=therapist,
            starts_at=starts_at,
            ends_at=ends_at,
            note=note,
            video=kind,
            room=seal_room(app, identity, room) if room else None,
            timed_at=app.now,
            created_at=app.now,
            updated_at=app.now,
        )
        for respondent in expected:
            await AppointmentAttendee.create(
                practice_id=dossier.practice_id, appointment_id=appointment.id, respondent_id=respondent.id
            )
        await _tell(app, member, appointment, "appointment.booked", _when(appointment))
        await tell_attendees(app, appointment, "appointment_booked")
    return appointment


async def move(app: AppContext, caller: Caller | None, appointment_id: str, version: int, to: Move) -> Appointment:
    """Another time or therapist, if nobody changed the appointment since ``version``."""
    member = staff(caller)
    appointment = await appointment_in_reach(member, appointment_id)
    check_booked(appointment)
    starts_at, ends_at = _times(app, to.starts_at, to.ends_at)
    therapist = known_id(to.therapist or str(appointment.staff_id))
    details = _when(appointment)
    values = {"starts_at": starts_at, "ends_at": ends_at, "staff_id": therapist, "timed_at": app.now}
    if appointment.video:
        # Who was let in for the old time must not walk in on the new one.
        values["room"] = seal_room(app, appointment.id, new_room(open_room(app, appointment).link))
    async with transaction():
        await _free(appointment.dossier, therapist, starts_at, ends_at, appointment)
        await change(app, appointment, version, **values)
        # Who has it now is no colleague of the therapist's any more.
        await remove_colleague(appointment.id, therapist)
        await _tell(app, member, appointment, "appointment.moved", {"from": details, "to": _when(appointment)})
        await tell_attendees(app, appointment, "appointment_moved", was_at=details["starts_at"])
    return appointment


async def cancel(app: AppContext, caller: Caller | None, appointment_id: str, version: int, reason: str) -> Appointment:
    """Call an appointment off; the ``reason`` is for staff."""
    member = staff(caller)
    appointment = await appointment_in_reach(member, appointment_id)
    check_booked(appointment)
    reason = clean("reason", reason, 200)
    async with transaction():
        await _call_off(app, appointment, version, reason)
        await _tell(app, member, appointment, "appointment.cancelled", _when(appointment))
        if app.now < appointment.ends_at:
            await tell_attendees(app, appointment, "appointment_cancelled")
    return appointment


async def cancel_coming(app: AppContext, caller: Caller, dossier: Dossier) -> list[Appointment]:
    """Call off what has not begun as its dossier is closed: in that transaction, before the grants are.

    The dossier's row is held by then, so that nothing is booked or moved meanwhile.
    """
    coming = Appointment.filter(dossier_id=dossier.id, state=AppointmentState.BOOKED, starts_at__gt=app.now)
    cancelled = []
    for appointment in await coming.order_by("starts_at", "id"):
        try:
            await _call_off(app, appointment, appointment.version, text("appointment.dossier_closed", caller.locale))
        except Conflict:
            # A colleague did so in this moment, and those who are expected were told.
            continue
        await tell_attendees(app, appointment, "appointment_cancelled")
        cancelled.append(appointment)
    return cancelled


async def complete(app: AppContext, caller: Caller | None, appointment_id: str, version: int) -> Appointment:
    """An appointment that has begun took place."""
    member = staff(caller)
    appointment = await appointment_in_reach(member, appointment_id)
    check_booked(appointment)
    if app.now < appointment.starts_at:
        raise AppointmentTime("NOT_BEGUN")
    async with transaction():
        await change(app, appointment, version, state=AppointmentState.COMPLETED)
        await _tell(app, member, appointment, "appointment.completed", _when(appointment))
    return appointment


async def appointment_in_reach(caller: Caller, appointment_id: str) -> Appointment:
    """The appointment with its dossier, practice and therapist, if the dossier is in reach; raises NotFound."""
    identity = as_uuid(appointment_id)
    found = (
        await Appointment.filter(id=identity, practice_id=caller.practice_id)
        .select_related("dossier", "practice", "staff")
        .first()
        if identity
        else None
    )
    if found is None:
        raise NotFound
    await check_reach(caller, found.dossier_id)
    return found


def _times(app: AppContext, starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """Both to the second, in UTC. Raises InvalidInput or AppointmentTime."""
    starts, ends = moment("startsAt", starts_at), moment("endsAt", ends_at)
    if ends <= starts:
        raise AppointmentTime("BACKWARDS")
    if ends - starts > LONGEST:
        raise AppointmentTime("TOO_LONG")
    if starts < app.now:
        raise AppointmentTime("PAST")
    if starts > app.now + FARTHEST:
        raise AppointmentTime("TOO_FAR")
    return starts, ends


async def _respondents(member: Caller, dossier: Dossier, attendees: Sequence[str]) -> list[Respondent]:
    """The dossier's respondents of these ids; raises NotFound for any other id."""
    wanted = set(attendees)
    if not wanted:
        raise NoAttendees
    if len(wanted) > MOST_ATTENDEES:
        raise InvalidInput("attendees", Problem.TOO_MANY, MOST_ATTENDEES)
    known = await Respondent.filter(id__in=_uuids(wanted), practice_id=dossier.practice_id)
    found = [one for one in known if one.dossier_id == dossier.id]
    if len(found) < len(wanted):
        raise NotFound.out_of_reach(*await beyond_reach(member, [one.dossier_id for one in known]))
    return found


def _uuids(texts: Iterable[str]) -> list[str]:
    return [identity for identity in map(as_uuid, texts) if identity]


def known_id(staff_id: str) -> str:
    """A member of staff's id as the database has it; raises NotFound for what is none."""
    identity = as_uuid(staff_id)
    if identity is None:
        raise NotFound
    return identity


async def _free(
    dossier: Dossier, therapist: str, starts_at: datetime, ends_at: datetime, moved: Appointment | None = None
) -> None:
    """Hold the dossier and the therapist's agenda until the transaction ends; raises what stands in the way."""
    member = await hold_usable_colleague(dossier, therapist)
    if await is_taken(member.id, starts_at, ends_at, moved.id if moved else None):
        raise AppointmentOverlaps


async def hold_usable_colleague(dossier: Dossier, staff_id: str) -> StaffMember:
    """Hold the dossier and a member of staff who may meet its client; raises what stands in the way."""
    held = await hold_rows(staff=[staff_id], dossiers=[dossier.id])
    if held.dossiers[dossier.id].closed_at is not None:
        raise DossierClosed
    member = held.staff.get(UUID(staff_id))
    if member is None or member.practice_id != dossier.practice_id:
        raise NotFound
    manages = member.role in (StaffRole.OWNER, StaffRole.ADMIN)
    if member.suspended_at is not None or not (manages or await in_caseload(member.id, dossier.id)):
        raise TherapistUnavailable
    return member


def check_booked(appointment: Appointment) -> None:
    """Raises AppointmentClosed unless it is booked."""
    if appointment.state is not AppointmentState.BOOKED:
        raise AppointmentClosed(appointment.state.value)


async def _call_off(app: AppContext, appointment: Appointment, version: int, reason: str) -> None:
    values = {"state": AppointmentState.CANCELLED, "cancel_reason": reason, "cancelled_at": app.now}
    await change(app, appointment, version, **values, room=None)


async def change(app: AppContext, appointment: Appointment, version: int, **values: Any) -> None:
    """Compare-and-swap on the version of a booked appointment; raises Conflict."""
    booked = Appointment.filter(id=appointment.id, version=version, state=AppointmentState.BOOKED)
    if not await booked.update(**values, version=version + 1, updated_at=app.now):
        raise Conflict
    await appointment.refresh_from_db()


async def _tell(app: AppContext, member: Caller, appointment: Appointment, event: str, details: dict[str, Any]) -> None:
    subjects = (("Dossier", appointment.dossier_id), ("Appointment", appointment.id))
    await audit.record(app, member, event, *subjects, details=details)
    await app.signals.publish(f"dossier:{appointment.dossier_id}")


def _when(appointment: Appointment) -> dict[str, Any]:
    return {
        "starts_at": appointment.starts_at.isoformat(),
        "ends_at": appointment.ends_at.isoformat(),
        "staff": str(appointment.staff_id),
    }
