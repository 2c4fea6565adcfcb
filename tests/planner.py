"""Somebody who makes appointments at a practice."""

from datetime import datetime, timedelta
from typing import Any

from tests.speaking import Answer
from tests.staff import StaffPerson

#: An appointment as staff see one.
APPOINTMENT = """
fragment Planned on Appointment { id dossier clientName therapist { id name } attendees { id name relation }
  startsAt endsAt state note cancelReason version }"""
_CHANGED = """__typename ... on AppointmentChanged { appointment { ...Planned } }
  ... on InvalidInput { field } ... on Refusal { code message }"""
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

    async def sees_appointment(self, appointment: Answer) -> Answer | None:
        """An appointment as it is now."""
        answer: Answer | None = await self.device.ask(
            "query($id: ID!) { node(id: $id) { ...Planned } }" + APPOINTMENT, id=appointment["id"]
        )
        return answer

    async def _plans(self, mutation: str, kind: str, given: Answer) -> Answer:
        document = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {_CHANGED} }} }}{APPOINTMENT}"
        answer: Answer = await self.device.ask(document, input=given)
        return answer


def _known(appointment: Answer) -> Answer:
    return {"id": appointment["id"], "version": appointment["version"]}


def planning(person: StaffPerson) -> Planner:
    """The same person and device, at the agenda."""
    planner = Planner(person.sluis, person.own, person.device.transport, person.practice)
    planner.device = person.device
    return planner
