"""A respondent's own appointments: those that one attends, by a grant that opens appointments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flows.access.scopes import respondents_with
from flows.appointments.appointment_reading import next_page
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.ids import as_uuid
from flows.core.paging import check_size, time_position
from flows.refusals import NotFound
from models import Appointment, AppointmentAttendee, AppointmentState, Respondent, Scope, StaffMember
from models.appointments.appointment import AppointmentQuery, appointment_rows
from models.appointments.appointment_staff import colleagues_at


@dataclass(frozen=True, slots=True)
class OwnPage:
    """``colleagues`` are who else of the practice will be there, by the appointment's id."""

    rows: Sequence[Appointment]
    has_next: bool
    colleagues: Mapping[UUID, Sequence[StaffMember]]


async def own_appointments(
    app: AppContext, caller: Caller, first: int = 25, after: str | None = None, *, past: bool = False
) -> OwnPage:
    """What is to come, soonest first; with ``past`` the whole history, newest first. Four statements.

    Raises BadCursor or PageTooLarge.
    """
    check_size(app, first)
    query = AppointmentQuery(
        practice_id=caller.practice_id,
        respondents=await _own(caller),
        over_by=app.now if past else None,
        not_over_by=None if past else app.now,
        after=time_position(after),
        newest_first=past,
    )
    rows, has_next = await next_page(query, first)
    await _note(app, caller, rows)
    return OwnPage(rows, has_next, await colleagues_at([row.id for row in rows]))


async def next_appointment(app: AppContext, caller: Caller) -> OwnPage:
    """The next one that is booked, or that is going on; a page of one or none."""
    query = AppointmentQuery(
        practice_id=caller.practice_id,
        respondents=await _own(caller),
        state=AppointmentState.BOOKED,
        not_over_by=app.now,
    )
    rows = await appointment_rows(query, 1)
    await _note(app, caller, rows)
    return OwnPage(rows, has_next=False, colleagues=await colleagues_at([row.id for row in rows]))


async def expected_as(caller: Caller, appointment_id: str) -> tuple[Appointment, Respondent]:
    """An appointment of the caller's with the respondents as which the caller attends; raises NotFound."""
    identity = as_uuid(appointment_id)
    mine = {respondent.id: respondent for respondent in await respondents_with(caller, Scope.APPOINTMENTS)}
    found = (
        await AppointmentAttendee.filter(
            appointment_id=identity, respondent_id__in=list(mine), practice_id=caller.practice_id
        )
        .select_related("appointment__practice", "appointment__dossier")
        .order_by("respondent_id")
        .first()
        if identity and mine
        else None
    )
    if found is None:
        raise NotFound
    return found.appointment, mine[found.respondent_id]


async def _own(caller: Caller) -> list[object]:
    return [respondent.id for respondent in await respondents_with(caller, Scope.APPOINTMENTS)]


async def _note(app: AppContext, caller: Caller, rows: Sequence[Appointment]) -> None:
    dossiers = sorted({str(row.dossier_id) for row in rows})
    subjects = (*(("Dossier", one) for one in dossiers), *(("Appointment", row.id) for row in rows))
    await audit.record(app, caller, "appointment.listed", *subjects)
