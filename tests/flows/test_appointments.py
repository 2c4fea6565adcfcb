"""Appointments as they are read: by page and within reach, at a cost that does not grow with what is there."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from models import (
    AccessGrant,
    Appointment,
    AppointmentAttendee,
    AuditEvent,
    CaseloadEntry,
    Dossier,
    GrantState,
    Relation,
    Respondent,
    StaffMember,
    StaffRole,
)
from schema.kit.ids import node_id
from tests.flows.office import Desk, Office

_PAGE = """query($dossier: ID!, $first: Int!, $after: String, $from: DateTime, $to: DateTime) {
  appointments(dossier: $dossier, first: $first, after: $after, from: $from, to: $to) {
    pageInfo { hasNextPage endCursor }
    edges { node { id clientName startsAt therapist { name } attendees { name relation } } } } }"""
_AGENDA = """query($from: DateTime!, $to: DateTime!, $therapist: ID) {
  agenda(from: $from, to: $to, therapist: $therapist) { id attendees { name } } }"""
_OWN = """query($past: Boolean!, $first: Int!, $after: String) { viewer {
  appointments(past: $past, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { id startsAt therapistName clientName } } } } }"""


@pytest.fixture
async def owner(office: Office) -> Desk:
    return await office.hire("olga", StaffRole.OWNER)


async def planned(office: Office, owner: Desk, dossier: Dossier, number: int, first_hour: int = 1) -> list[str]:
    """So many appointments, an hour apart, with everybody of the dossier; the ids in that order."""
    member = await StaffMember.get(id=owner.caller.staff_id)
    people = await Respondent.filter(dossier_id=dossier.id)
    made: list[str] = []
    for n in range(number):
        starts_at = office.app.now + timedelta(hours=first_hour + n)
        values: dict[str, Any] = dict.fromkeys(("timed_at", "created_at", "updated_at"), office.app.now)
        values |= {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=50)}
        row = await Appointment.create(practice=office.practice, dossier=dossier, staff=member, **values)
        for person in people:
            await AppointmentAttendee.create(practice=office.practice, appointment=row, respondent=person)
        made.append(node_id("Appointment", row.id))
    return made


async def test_page_of_appointments_takes_the_same_statements_for_any_size(office: Office, owner: Desk) -> None:
    (dossier,) = await office.dossiers("Anna")
    made = await planned(office, owner, dossier, 30)
    costs = set()
    for first in (1, 10, 30):
        page = await owner.ask(_PAGE, dossier=node_id("Dossier", dossier.id), first=first)
        assert [edge["node"]["id"] for edge in page["edges"]] == made[:first]
        assert [len(edge["node"]["attendees"]) for edge in page["edges"]] == [2] * first
        costs.add(owner.statements)
    assert costs == {5}  # the dossier, the rows, the audit's, the attendees, the colleagues
    since, until = office.app.now, office.app.now + timedelta(days=2)
    for end in (since + timedelta(hours=2), until):
        await owner.ask(_AGENDA, **{"from": since.isoformat(), "to": end.isoformat()})
        assert owner.statements == 4


async def test_pages_of_appointments_have_no_gap_and_no_repeat(office: Office, owner: Desk) -> None:
    (dossier,) = await office.dossiers("Anna")
    made = await planned(office, owner, dossier, 12)
    await Appointment.all().update(starts_at=office.app.now + timedelta(hours=1))
    await Appointment.filter(id__in=[one.id for one in await Appointment.all().limit(3)]).update(
        starts_at=office.app.now + timedelta(minutes=30)
    )
    seen: list[str] = []
    after, more = None, True
    while more:
        page = await owner.ask(_PAGE, dossier=node_id("Dossier", dossier.id), first=5, after=after)
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert (len(seen), set(seen)) == (12, set(made))


@pytest.mark.parametrize("after", ["", "xx", "WyJhIiwiYiJd", "é"])
async def test_appointments_with_a_made_up_cursor_are_refused(office: Office, owner: Desk, after: str) -> None:
    (dossier,) = await office.dossiers("Anna")
    assert await owner.ask(_PAGE, dossier=node_id("Dossier", dossier.id), first=1, after=after) == "BAD_CURSOR"
    assert await owner.ask(_PAGE, dossier=node_id("Dossier", dossier.id), first=101) == "PAGE_TOO_LARGE"


async def test_period_of_appointments_includes_its_start_and_excludes_its_end(office: Office, owner: Desk) -> None:
    (dossier,) = await office.dossiers("Anna")
    made = await planned(office, owner, dossier, 4)
    at = [(office.app.now + timedelta(hours=hours)).isoformat() for hours in (1, 2, 4)]
    page = await owner.ask(_PAGE, dossier=node_id("Dossier", dossier.id), first=9, **{"from": at[1], "to": at[2]})
    assert [edge["node"]["id"] for edge in page["edges"]] == made[1:3]
    within = await owner.ask(_AGENDA, **{"from": at[0], "to": at[1]})
    assert [one["id"] for one in within] == made[:1]
    naive = at[0][:19]
    for wrong in (
        {"from": naive, "to": at[1]},
        {"from": at[1], "to": at[1]},
        {"from": at[0], "to": "2027-01-01T00:00:00Z"},
    ):
        assert await owner.ask(_AGENDA, **wrong) == "INVALID_INPUT"


async def test_agenda_shows_appointments_in_reach_only(office: Office, other_office: Office, owner: Desk) -> None:
    mine, other = await office.dossiers("Anna", "Bert")
    tom = await office.hire("tom", StaffRole.THERAPIST)
    await CaseloadEntry.create(practice=office.practice, staff_id=tom.caller.staff_id, dossier=mine)
    made = await planned(office, tom, mine, 2)
    await planned(office, tom, other, 2, first_hour=5)
    period = {"from": office.app.now.isoformat(), "to": (office.app.now + timedelta(days=1)).isoformat()}
    assert [one["id"] for one in await tom.ask(_AGENDA, **period)] == made
    assert await owner.ask(_AGENDA, **period) == []
    therapist = node_id("StaffMember", tom.caller.staff_id)
    assert len(await owner.ask(_AGENDA, **period, therapist=therapist)) == 4
    assert await tom.ask(_AGENDA, **period, therapist=node_id("StaffMember", owner.caller.staff_id)) == "NOT_ALLOWED"
    stranger = await other_office.hire("else", StaffRole.OWNER)
    assert await stranger.ask(_AGENDA, **period, therapist=therapist) == "NOT_FOUND"
    assert await tom.ask(_PAGE, dossier=node_id("Dossier", other.id), first=1) == "NOT_FOUND"
    assert await stranger.ask(_PAGE, dossier=node_id("Dossier", mine.id), first=1) == "NOT_FOUND"


async def test_own_appointments_are_those_of_approved_grants(office: Office, owner: Desk) -> None:
    """The history newest first, what is to come soonest first; each page for as many statements."""
    dossier, _, account = await office.waiting()
    anna = await office.desk(account)
    past = await planned(office, owner, dossier, 3, first_hour=-9)
    coming = await planned(office, owner, dossier, 3)
    assert (await anna.ask(_OWN, past=True, first=9))["appointments"]["edges"] == []
    await AccessGrant.all().update(state=GrantState.APPROVED, approved_at=office.app.now)
    assert (await anna.ask(_OWN, past=True, first=9))["appointments"]["edges"] == [], "a grant opens what it opens"
    await Respondent.all().update(relation=Relation.SELF)
    for first in (1, 3):
        page = (await anna.ask(_OWN, past=True, first=first))["appointments"]
        assert [edge["node"]["id"] for edge in page["edges"]] == past[::-1][:first]
        assert anna.statements == 5  # the account, the grants, the rows, the audit's, the colleagues
    after = page["pageInfo"]["endCursor"]
    assert (await anna.ask(_OWN, past=True, first=3, after=after))["appointments"]["edges"] == []
    page = (await anna.ask(_OWN, past=False, first=2))["appointments"]
    assert [edge["node"]["id"] for edge in page["edges"]] == coming[:2]
    after = page["pageInfo"]["endCursor"]
    page = (await anna.ask(_OWN, past=False, first=2, after=after))["appointments"]
    assert [edge["node"]["id"] for edge in page["edges"]] == coming[2:]
    events = await AuditEvent.filter(event="appointment.listed").order_by("at")
    assert len(events) == 7
    assert {"type": "Dossier", "id": str(dossier.id)} in events[-2].subjects


async def test_concurrent_bookings_are_serialized(office: Office, owner: Desk) -> None:
    (dossier,) = await office.dossiers("Anna", respondents=1)
    person = await Respondent.get(dossier_id=dossier.id)
    at = office.app.now + timedelta(hours=1)
    given = {
        "dossier": node_id("Dossier", dossier.id),
        "attendees": [node_id("Respondent", person.id)],
        "startsAt": at.isoformat(),
        "endsAt": (at + timedelta(hours=1)).isoformat(),
    }
    document = "mutation($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename } }"
    answers = await asyncio.gather(*(owner.ask(document, input=given) for _ in range(8)))
    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["AppointmentBooked"] + ["AppointmentOverlaps"] * 7
