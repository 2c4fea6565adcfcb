"""Appointments as staff see them: booked, moved, cancelled and completed."""

from datetime import datetime
from typing import Annotated

import strawberry

from flows.appointments import appointment_reading as reading
from flows.appointments import appointments as flow
from flows.appointments.appointment_reading import Period, Seen
from flows.appointments.appointment_state import AppointmentStanding, standing_of
from flows.appointments.appointments import AppointmentDraft, Move
from flows.core.paging import cursor_of
from flows.refusals import (
    AppointmentClosed,
    AppointmentOverlaps,
    AppointmentTime,
    Conflict,
    DossierClosed,
    InvalidInput,
    NoAttendees,
    NotFound,
    TherapistUnavailable,
)
from models import Appointment as Stored
from models import Relation
from schema.dossiers.dossiers import Therapist
from schema.kit.arguments import GIVEN, DossierId
from schema.kit.download_urls import DocumentKind, download_url
from schema.kit.fields import Info, mutation, query, shown_to
from schema.kit.ids import node_id, raw_id
from schema.kit.inputs import discreet
from schema.kit.permissions import Who
from schema.kit.relay import Node, PageInfo


@shown_to(Who.STAFF)
@strawberry.type(description="A respondent who is expected at an appointment.")
class AppointmentAttendee:
    id: strawberry.ID = strawberry.field(description="The respondent's id.")
    name: str = strawberry.field(description="The person's name.")
    relation: Relation = strawberry.field(description="What the person is to the client.")


@shown_to(Who.STAFF)
@strawberry.type(description="A booked session of therapy.")
class Appointment(Node):
    dossier: strawberry.ID = strawberry.field(description="The dossier's id.")
    client_name: str = strawberry.field(description="The name of the client whom the dossier is about.")
    therapist: Therapist = strawberry.field(description="The therapist, by name.")
    attendees: list[AppointmentAttendee] = strawberry.field(description="The respondents who are expected, by name.")
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    colleagues: list[Therapist] = strawberry.field(
        description="Members of staff besides the therapist who were added (`addStaffToAppointment`), by name."
    )
    state: AppointmentStanding = strawberry.field(description="The state of the appointment.")
    note: str = strawberry.field(description="A line for those who come; empty where there is none.")
    video: str | None = strawberry.field(
        description="The kind of video room, as in `videoRooms`; null where people meet in person."
    )
    cancel_reason: str = strawberry.field(description="Why it was cancelled, shown to staff alone; empty otherwise.")
    version: int = strawberry.field(description="A number that rises with every change; give it with the next change.")
    calendar_url: str = strawberry.field(description="The address of a calendar file (`.ics`) of it.")


@shown_to(Who.STAFF)
@strawberry.type(description="An appointment's place in the list.")
class AppointmentEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this appointment.")
    node: Appointment = strawberry.field(description="The appointment.")


@shown_to(Who.STAFF)
@strawberry.type(description="One page of a dossier's appointments.")
class AppointmentConnection:
    edges: list[AppointmentEdge] = strawberry.field(description="The appointments, by when they begin.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")


def shown_appointments(info: Info, seen: Seen) -> list[Appointment]:
    return [_appointment(info, row, seen) for row in seen.rows]


def _connection(info: Info, seen: Seen, after: str | None) -> AppointmentConnection:
    cursors = [cursor_of(row.starts_at.isoformat(), str(row.id)) for row in seen.rows]
    nodes = shown_appointments(info, seen)
    return AppointmentConnection(
        edges=[AppointmentEdge(cursor=cursor, node=node) for cursor, node in zip(cursors, nodes, strict=True)],
        page_info=PageInfo(
            has_next_page=seen.has_next,
            has_previous_page=after is not None,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
    )


def _appointment(info: Info, row: Stored, seen: Seen) -> Appointment:
    people = [attendee.respondent for attendee in seen.attendees[row.id]]
    return Appointment(
        id=node_id("Appointment", row.id),
        dossier=node_id("Dossier", row.dossier_id),
        client_name=row.dossier.name,
        therapist=Therapist(id=node_id("StaffMember", row.staff_id), name=row.staff.name),
        attendees=[
            AppointmentAttendee(id=node_id("Respondent", one.id), name=one.name, relation=one.relation)
            for one in people
        ],
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        colleagues=[Therapist(id=node_id("StaffMember", one.id), name=one.name) for one in seen.colleagues[row.id]],
        state=standing_of(row, info.context.app.now),
        note=row.note,
        video=row.video or None,
        cancel_reason=row.cancel_reason,
        version=row.version,
        calendar_url=download_url(info, DocumentKind.APPOINTMENT, row.id),
    )


_TIMES = "With an offset, as `2026-03-02T13:00:00+01:00`."


@discreet
@strawberry.input(description="A new appointment.")
class BookAppointmentInput:
    dossier: strawberry.ID = strawberry.field(description="The dossier's id.")
    attendees: list[strawberry.ID] = strawberry.field(
        description="The ids of the dossier's respondents who are expected, at most 20."
    )
    starts_at: datetime = strawberry.field(description=_TIMES)
    ends_at: datetime = strawberry.field(description="At most 8 hours later.")
    therapist: strawberry.ID | None = strawberry.field(
        default=None, description="A member of staff who treats the client; null: the caller."
    )
    note: str = strawberry.field(default="", description="A line for those who come, up to 200 characters.")
    video: str | None = strawberry.field(
        default=None, description="The kind of video room, as in `videoRooms`; null: people meet in person."
    )
    video_link: str = strawberry.field(
        default="",
        description="The room's address (https), for a kind that takes a link. If the practice has a `videoLink`, it "
        "must be at the same host.",
    )


@strawberry.input(description="Another time for an appointment.")
class MoveAppointmentInput:
    id: strawberry.ID = strawberry.field(description="The appointment's id.")
    version: int = strawberry.field(description="The version that was read; another one is a Conflict.")
    starts_at: datetime = strawberry.field(description=_TIMES)
    ends_at: datetime = strawberry.field(description="At most 8 hours later.")
    therapist: strawberry.ID | None = strawberry.field(default=None, description="Another therapist; null: the same.")


@strawberry.input(description="An appointment that will not take place.")
class CancelAppointmentInput:
    id: strawberry.ID = strawberry.field(description="The appointment's id.")
    version: int = strawberry.field(description="The version that was read; another one is a Conflict.")
    reason: str = strawberry.field(description="Why, for staff; up to 200 characters.")


@strawberry.input(description="An appointment that took place.")
class CompleteAppointmentInput:
    id: strawberry.ID = strawberry.field(description="The appointment's id.")
    version: int = strawberry.field(description="The version that was read; another one is a Conflict.")


@shown_to(Who.STAFF)
@strawberry.interface(description="A change of an appointment.")
class AppointmentChanged:
    appointment: Appointment = strawberry.field(description="The appointment as it is now.")


@shown_to(Who.STAFF)
@strawberry.type(description="The appointment is made.")
class AppointmentBooked(AppointmentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The appointment has its new time.")
class AppointmentMoved(AppointmentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The appointment will not take place.")
class AppointmentCancelled(AppointmentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The appointment took place.")
class AppointmentCompleted(AppointmentChanged):
    pass


_SINCE = strawberry.argument(name="from", description="Only what begins then or later.")
_STATE = strawberry.argument(description="Only those that stand so; null: all. `PASSED` awaits `completeAppointment`.")
_UNTIL = strawberry.argument(name="to", description="Only what begins before.")


class AppointmentQueries:
    @query(Who.STAFF)
    async def appointments(
        self,
        info: Info,
        dossier: DossierId,
        since: Annotated[datetime | None, _SINCE] = None,
        until: Annotated[datetime | None, _UNTIL] = None,
        state: Annotated[AppointmentStanding | None, _STATE] = None,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 25,
        after: Annotated[str | None, strawberry.argument(description="The cursor to go on behind.")] = None,
    ) -> AppointmentConnection:
        """A dossier's appointments, cancelled ones too, by when they begin."""
        app, caller, identity = info.context.app, info.context.caller, raw_id("Dossier", dossier)
        seen = await reading.dossier_appointments(app, caller, identity, Period(since, until, state), first, after)
        return _connection(info, seen, after)

    @query(Who.STAFF)
    async def agenda(
        self,
        info: Info,
        since: Annotated[datetime, _SINCE],
        until: Annotated[datetime, _UNTIL],
        therapist: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Another member of staff, for owners and admins; null: one's own."),
        ] = None,
        state: Annotated[AppointmentStanding | None, _STATE] = None,
    ) -> list[Appointment]:
        """What is in an agenda, cancelled appointments too, within at most 62 days, also where the member of staff was
        added as a colleague. A therapist's shows the dossiers in the caseload."""
        app, caller = info.context.app, info.context.caller
        seen = await reading.agenda(app, caller, since, until, _staff_id(therapist), state)
        return shown_appointments(info, seen)


_PLANNING = (NotFound, InvalidInput, AppointmentTime, AppointmentOverlaps, TherapistUnavailable, DossierClosed)


class AppointmentMutations:
    @mutation(Who.STAFF, answers=(AppointmentBooked,), refuses=(*_PLANNING, NoAttendees))
    async def book_appointment(self, info: Info, given: Annotated[BookAppointmentInput, GIVEN]) -> object:
        """Make an appointment with a client, or with several people who answer for the dossier."""
        draft = AppointmentDraft(
            dossier=raw_id("Dossier", given.dossier),
            attendees=[raw_id("Respondent", one) for one in given.attendees],
            starts_at=given.starts_at,
            ends_at=given.ends_at,
            therapist=_staff_id(given.therapist),
            note=given.note,
            video=given.video,
            video_link=given.video_link,
        )
        booked = await flow.book(info.context.app, info.context.caller, draft)
        return AppointmentBooked(appointment=await reload_appointment(info, booked))

    @mutation(Who.STAFF, answers=(AppointmentMoved,), refuses=(*_PLANNING, AppointmentClosed, Conflict))
    async def move_appointment(self, info: Info, given: Annotated[MoveAppointmentInput, GIVEN]) -> object:
        """Give an appointment another time, if nobody else changed it since `version` was read."""
        to = Move(given.starts_at, given.ends_at, _staff_id(given.therapist))
        identity, app, caller = raw_id("Appointment", given.id), info.context.app, info.context.caller
        return AppointmentMoved(
            appointment=await reload_appointment(info, await flow.move(app, caller, identity, given.version, to))
        )

    @mutation(Who.STAFF, answers=(AppointmentCancelled,), refuses=(NotFound, InvalidInput, AppointmentClosed, Conflict))
    async def cancel_appointment(self, info: Info, given: Annotated[CancelAppointmentInput, GIVEN]) -> object:
        """Cancel an appointment."""
        identity, app, caller = raw_id("Appointment", given.id), info.context.app, info.context.caller
        cancelled = await flow.cancel(app, caller, identity, given.version, given.reason)
        return AppointmentCancelled(appointment=await reload_appointment(info, cancelled))

    @mutation(
        Who.STAFF, answers=(AppointmentCompleted,), refuses=(NotFound, AppointmentTime, AppointmentClosed, Conflict)
    )
    async def complete_appointment(self, info: Info, given: Annotated[CompleteAppointmentInput, GIVEN]) -> object:
        """Note that an appointment took place; possible from its beginning on."""
        identity, app, caller = raw_id("Appointment", given.id), info.context.app, info.context.caller
        completed = await flow.complete(app, caller, identity, given.version)
        return AppointmentCompleted(appointment=await reload_appointment(info, completed))


def _staff_id(given: str | None) -> str | None:
    return raw_id("StaffMember", given) if given else None


async def reload_appointment(info: Info, changed: Stored) -> Appointment:
    """The appointment as the mutation that is running left it."""
    return shown_appointments(info, await reading.changed_appointment(info.context.caller, changed.id))[0]
