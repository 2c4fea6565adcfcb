"""Somebody who makes appointments at a practice."""

from datetime import datetime, timedelta
from typing import Any

from tests.people.cast import Person
from tests.people.device import Answer
from tests.people.staff import StaffPerson

#: An appointment as staff see one.
APPOINTMENT = """
fragment Planned on Appointment { id dossier clientName therapist { id name } colleagues { id name }
  attendees { id name relation }
  startsAt endsAt state note video cancelReason version calendarUrl }"""
_CHANGED = "__typename ... on AppointmentChanged { appointment { ...Planned } } ... on Refusal { code message }"
_FIELD = " ... on InvalidInput { field }"
HOUR = timedelta(hours=1)


class Planner(StaffPerson):
    """A member of staff with an agenda."""

    async def books(
        self,
        dossier: Answer,
        starts: datetime,
        lasts: timedelta = HOUR,
        *,
        whom: list[Answer] | None = None,
        **more: Any,
    ) -> Answer:
        """Make an appointment with everybody who answers for a dossier, or with some of them."""
        people = dossier["respondents"] if whom is None else whom
        given = {
            "dossier": dossier["id"],
            "attendees": [one["id"] for one in people],
            "startsAt": starts.isoformat(),
            "endsAt": (starts + lasts).isoformat(),
            **more,
        }
        return await self._plans("bookAppointment", "BookAppointmentInput", given)

    async def moves(self, appointment: Answer, starts: datetime, lasts: timedelta = HOUR, **more: Any) -> Answer:
        given = {"startsAt": starts.isoformat(), "endsAt": (starts + lasts).isoformat(), **_known(appointment), **more}
        return await self._plans("moveAppointment", "MoveAppointmentInput", given)

    async def cancels(self, appointment: Answer, reason: str = "Ziek") -> Answer:
        given = {**_known(appointment), "reason": reason}
        return await self._plans("cancelAppointment", "CancelAppointmentInput", given)

    async def completes(self, appointment: Answer) -> Answer:
        return await self._plans("completeAppointment", "CompleteAppointmentInput", _known(appointment))

    async def adds_colleague(self, appointment: Answer, staff: str) -> Answer:
        """Add a member of staff to an appointment."""
        given = {**_known(appointment), "staffMember": staff}
        return await self._plans("addStaffToAppointment", "AppointmentStaffInput", given)

    async def removes_colleague(self, appointment: Answer, staff: str) -> Answer:
        """Take a member of staff away from an appointment."""
        given = {**_known(appointment), "staffMember": staff}
        return await self._plans("removeStaffFromAppointment", "AppointmentStaffInput", given)

    async def sees_appointment(self, appointment: Answer) -> Answer | None:
        """An appointment as it is now."""
        answer: Answer | None = await self.device.ask(
            "query($id: ID!) { node(id: $id) { ...Planned } }" + APPOINTMENT, id=appointment["id"]
        )
        return answer

    async def sees_appointments(self, dossier: Answer, **given: Any) -> Answer:
        """A page of a dossier's appointments."""
        page: Answer = await self.device.ask(
            """query($dossier: ID!, $from: DateTime, $to: DateTime, $first: Int! = 25, $after: String,
               $state: AppointmentState) {
                 appointments(dossier: $dossier, from: $from, to: $to, state: $state, first: $first, after: $after) {
                   edges { node { ...Planned } } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
            + APPOINTMENT,
            dossier=dossier["id"],
            **given,
        )
        return page

    async def sees_agenda(
        self, since: datetime, until: datetime, therapist: str | None = None, state: str | None = None
    ) -> list[Answer]:
        """What is in an agenda."""
        found: list[Answer] = await self.device.ask(
            """query($from: DateTime!, $to: DateTime!, $therapist: ID, $state: AppointmentState) {
                 agenda(from: $from, to: $to, therapist: $therapist, state: $state) { ...Planned } }"""
            + APPOINTMENT,
            **{"from": since.isoformat(), "to": until.isoformat(), "therapist": therapist, "state": state},
        )
        return found

    async def _plans(self, mutation: str, kind: str, given: Answer) -> Answer:
        typed = mutation not in {"completeAppointment", "removeStaffFromAppointment"}
        told = _CHANGED + _FIELD if typed else _CHANGED
        document = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {told} }} }}{APPOINTMENT}"
        answer: Answer = await self.device.ask(document, input=given)
        return answer


JOINED = """__typename ... on AppointmentJoined { url } ... on JoinRefused { reason opensAt }
  ... on Refusal { code message }"""


async def joins(person: Person, appointment: Answer) -> Answer:
    """Enter the video room of an appointment."""
    answer: Answer = await person.device.ask(
        f"mutation($id: ID!) {{ joinAppointment(appointment: $id) {{ {JOINED} }} }}", id=appointment["id"]
    )
    return answer


OWN = """id clientName therapistName colleagueNames startsAt endsAt state note opensAt calendarUrl"""


async def looks_ahead(person: Person) -> Answer | None:
    """The next appointment."""
    viewer: Answer = await person.device.ask(f"{{ viewer {{ nextAppointment {{ {OWN} }} }} }}")
    found: Answer | None = viewer["nextAppointment"]
    return found


async def own_appointments(person: Person, *, past: bool = False, first: int = 25, after: str | None = None) -> Answer:
    """A page of one's own appointments."""
    viewer: Answer = await person.device.ask(
        f"""query($past: Boolean!, $first: Int!, $after: String) {{ viewer {{
              appointments(past: $past, first: $first, after: $after) {{
                edges {{ node {{ {OWN} }} }} pageInfo {{ hasNextPage endCursor }} }} }} }}""",
        past=past,
        first=first,
        after=after,
    )
    page: Answer = viewer["appointments"]
    return page


def _known(appointment: Answer) -> Answer:
    return {"id": appointment["id"], "version": appointment["version"]}


def planning(person: StaffPerson) -> Planner:
    """The same person and device, at the agenda."""
    planner = Planner(person.sluis, person.own, person.device.transport, person.practice)
    planner.device = person.device
    return planner
