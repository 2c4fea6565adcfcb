"""A respondent's own appointments: the next one, those to come, and the history."""

from datetime import datetime

import strawberry

from flows.appointments.appointment_state import AppointmentStanding, standing_of
from flows.appointments.own_appointments import OwnPage
from flows.appointments.video import opens
from flows.core.paging import cursor_of
from models import Appointment as Stored
from schema.kit.download_urls import DocumentKind, download_url
from schema.kit.fields import Info, shown_to
from schema.kit.ids import node_id
from schema.kit.permissions import Who
from schema.kit.relay import PageInfo


@shown_to(Who.RESPONDENT)
@strawberry.type(description="An appointment that the caller is expected at.")
class OwnAppointment:
    id: strawberry.ID = strawberry.field(description="For `joinAppointment`.")
    client_name: str = strawberry.field(description="The name of the client whom it is about.")
    therapist_name: str = strawberry.field(description="With whom it is.")
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    colleague_names: list[str] = strawberry.field(description="Who else of the practice will be there, by name.")
    state: AppointmentStanding = strawberry.field(description="The state of the appointment.")
    note: str = strawberry.field(description="A line for those who come; empty where there is none.")
    opens_at: datetime | None = strawberry.field(
        description="From when `joinAppointment` opens the video room; null where people meet in person."
    )
    calendar_url: str = strawberry.field(description="The address of a calendar file (`.ics`) of it.")


@shown_to(Who.RESPONDENT)
@strawberry.type(description="An appointment's place in the list.")
class OwnAppointmentEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this appointment.")
    node: OwnAppointment = strawberry.field(description="The appointment.")


@shown_to(Who.RESPONDENT)
@strawberry.type(description="One page of the caller's appointments.")
class OwnAppointmentConnection:
    edges: list[OwnAppointmentEdge] = strawberry.field(
        description="Those to come, soonest first; of the history the newest first."
    )
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")


def own_appointments(info: Info, page: OwnPage) -> list[OwnAppointment]:
    return [_own_appointment(info, row, page) for row in page.rows]


def _own_appointment(info: Info, row: Stored, page: OwnPage) -> OwnAppointment:
    return OwnAppointment(
        id=node_id("Appointment", row.id),
        client_name=row.dossier.name,
        therapist_name=row.staff.name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        colleague_names=[one.name for one in page.colleagues[row.id]],
        state=standing_of(row, info.context.app.now),
        note=row.note,
        opens_at=opens(info.context.app, row) if row.video else None,
        calendar_url=download_url(info, DocumentKind.APPOINTMENT, row.id),
    )


def own_connection(info: Info, page: OwnPage, after: str | None) -> OwnAppointmentConnection:
    cursors = [cursor_of(row.starts_at.isoformat(), str(row.id)) for row in page.rows]
    nodes = own_appointments(info, page)
    return OwnAppointmentConnection(
        edges=[OwnAppointmentEdge(cursor=cursor, node=node) for cursor, node in zip(cursors, nodes, strict=True)],
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=after is not None,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
    )
