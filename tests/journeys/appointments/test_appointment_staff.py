"""Who of the practice is at an appointment: its therapist, and colleagues who were added for all to see."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.people.cast import Person
from tests.people.device import Answer
from tests.people.planner import HOUR, Planner, joins, looks_ahead, own_appointments, planning
from tests.people.staff import StaffPerson
from tests.support.clock import MONDAY_NOON
from tests.support.refusing import refused
from tests.support.sluis import Sluis

TOMORROW = MONDAY_NOON + timedelta(days=1)
NOT_EXPECTED = (
    "U wordt niet verwacht bij deze afspraak. De praktijk kan u er eerst aan toevoegen.",
    "You are not expected at this appointment. The practice can add you to it first.",
)
UNAVAILABLE = (
    "Deze medewerker kan geen afspraken met deze cliënt hebben.",
    "This member of staff cannot take appointments with this client.",
)
LOG = "{ whoLookedAtMyDossier(first: 100) { edges { node { what } } } }"


@pytest.fixture
def given_settings() -> dict[str, Any]:
    options = {"url": "https://meet.example.org/", "app_id": "sluis", "key": "a key that the video server has as well"}
    return {"video_rooms": ["jitsi"], "video_room_options": {"jitsi": options}}


@pytest.fixture
def vos(dr_vos: StaffPerson) -> Planner:
    return planning(dr_vos)


@pytest.fixture
def boss(olga: StaffPerson) -> Planner:
    """The owner, who reaches every dossier."""
    return planning(olga)


@pytest.fixture
async def bram_in(vos: Planner, bram: Person) -> Person:
    await vos.lets_in(bram)
    return bram


@pytest.fixture
async def booked(vos: Planner, bram_in: Person) -> Answer:
    """A session of Bram's with his therapist, by video."""
    dossier = await vos.opens_dossier("D-1002")
    alone = [one for one in dossier["respondents"] if one["name"] == bram_in.own.name]
    appointment: Answer = (await vos.books(dossier, TOMORROW, whom=alone, video="jitsi"))["appointment"]
    return appointment


async def _at_the_time(sluis: Sluis, *people: Person) -> None:
    sluis.clock.now = TOMORROW
    for person in people:
        assert (await person.signs_in())["__typename"] == "SignedIn"


@pytest.mark.security
async def test_staff_who_are_not_expected_do_not_enter(
    sluis: Sluis, vos: Planner, boss: Planner, bram_in: Person, booked: Answer
) -> None:
    await _at_the_time(sluis, vos, boss, bram_in)
    assert (await joins(vos, booked))["__typename"] == "AppointmentJoined"
    await refused(sluis, boss, partial(joins, boss, booked), "JOIN_NOT_EXPECTED", NOT_EXPECTED)
    refusals = "SELECT details FROM audit_event WHERE event = 'appointment.joined' AND outcome = 'REFUSED'"
    told = await sluis.rows(refusals)
    assert all("JOIN_NOT_EXPECTED" in str(row["details"]) for row in told)
    assert len(told) == 2


async def test_a_colleague_is_added_and_removed(
    sluis: Sluis, vos: Planner, boss: Planner, bram_in: Person, booked: Answer
) -> None:
    owner = await boss.sees_colleague(boss.own.email)
    answer = await boss.adds_colleague(booked, owner["id"])
    assert answer["__typename"] == "AppointmentStaffAdded"
    added = answer["appointment"]
    assert [one["id"] for one in added["colleagues"]] == [owner["id"]]
    assert added["version"] == booked["version"] + 1
    mail = (await bram_in.is_told("iemand anders"))["text"]
    assert owner["name"] not in mail, "a mail tells no names"
    ahead = await looks_ahead(bram_in)
    assert ahead is not None
    assert (ahead["therapistName"], ahead["colleagueNames"]) == ("Dr. T. Vos", [owner["name"]])
    (coming,) = (await own_appointments(bram_in))["edges"]
    assert coming["node"]["colleagueNames"] == [owner["name"]]
    read = [edge["node"]["what"] for edge in (await bram_in.device.ask(LOG))["edges"]]
    assert "Een collega aan een afspraak toegevoegd" in read
    period = (TOMORROW - HOUR, TOMORROW + HOUR)
    assert [one["id"] for one in await boss.sees_agenda(*period)] == [booked["id"]], "it is in the colleague's agenda"
    assert (await boss.adds_colleague(booked, owner["id"]))["code"] == "CONFLICT", "another version was read"
    twice = await boss.adds_colleague(added, owner["id"])
    assert (twice["code"], twice["field"]) == ("INVALID_INPUT", "staffMember")
    therapist = await boss.sees_colleague(vos.own.email)
    assert (await boss.adds_colleague(added, therapist["id"]))["code"] == "INVALID_INPUT", "the therapist is there"

    await _at_the_time(sluis, vos, boss, bram_in)
    assert (await joins(boss, added))["__typename"] == "AppointmentJoined"
    removed = await vos.removes_colleague(added, owner["id"])
    assert removed["__typename"] == "AppointmentStaffRemoved"
    assert removed["appointment"]["colleagues"] == []
    assert (await joins(boss, added))["code"] == "JOIN_NOT_EXPECTED"
    assert (await vos.removes_colleague(removed["appointment"], owner["id"]))["code"] == "NOT_FOUND"
    assert await boss.sees_agenda(*period) == []


async def test_who_can_be_added_and_when(
    sluis: Sluis, vos: Planner, boss: Planner, dr_else: StaffPerson, booked: Answer
) -> None:
    await boss.hires("Sam de Wit", "sam@praktijk.example", "THERAPIST")
    sam = await boss.sees_colleague("sam@praktijk.example")
    await refused(sluis, vos, partial(vos.adds_colleague, booked, sam["id"]), "THERAPIST_UNAVAILABLE", UNAVAILABLE)
    foreign = (await planning(dr_else).sees_colleague(dr_else.own.email))["id"]
    assert (await vos.adds_colleague(booked, foreign))["code"] == "NOT_FOUND"
    assert (await planning(dr_else).adds_colleague(booked, foreign))["code"] == "NOT_FOUND"
    assert (await planning(dr_else).removes_colleague(booked, foreign))["code"] == "NOT_FOUND"
    await boss.gives_caseload(sam["id"], [booked["dossier"]])
    added = (await vos.adds_colleague(booked, sam["id"]))["appointment"]
    moved = (await vos.moves(added, TOMORROW, therapist=sam["id"]))["appointment"]
    assert (moved["therapist"]["id"], moved["colleagues"]) == (sam["id"], []), "who has it is no colleague as well"
    await _at_the_time(sluis, vos, boss)
    sluis.clock.now = TOMORROW + HOUR
    await boss.signs_in()
    owner = await boss.sees_colleague(boss.own.email)
    assert (await boss.adds_colleague(moved, owner["id"]))["code"] == "APPOINTMENT_TIME_PAST"
    cancelled = (await boss.cancels(moved))["appointment"]
    assert (await boss.adds_colleague(cancelled, owner["id"]))["code"] == "APPOINTMENT_CANCELLED"
    assert (await boss.removes_colleague(cancelled, owner["id"]))["code"] == "APPOINTMENT_CANCELLED"


async def test_what_is_over_has_passed_until_staff_note_what_became_of_it(
    sluis: Sluis, vos: Planner, bram_in: Person, booked: Answer
) -> None:
    dossier = {"id": booked["dossier"]}

    async def seen(state: str) -> list[str]:
        page = await vos.sees_appointments(dossier, state=state)
        agenda = await vos.sees_agenda(TOMORROW - HOUR, TOMORROW + HOUR, state=state)
        found = [edge["node"] for edge in page["edges"]]
        assert [one["id"] for one in agenda] == [one["id"] for one in found]
        assert {one["state"] for one in found} <= {state}
        return [one["id"] for one in found]

    assert (booked["state"], await seen("BOOKED"), await seen("PASSED")) == ("BOOKED", [booked["id"]], [])
    await _at_the_time(sluis, vos, bram_in)
    sluis.clock.now = TOMORROW + HOUR - timedelta(microseconds=1)
    assert (await seen("BOOKED"), await seen("PASSED")) == ([booked["id"]], []), "it is going on"
    sluis.clock.now = TOMORROW + HOUR
    await bram_in.signs_in()
    assert (await seen("BOOKED"), await seen("PASSED")) == ([], [booked["id"]])
    (past,) = (await own_appointments(bram_in, past=True))["edges"]
    assert past["node"]["state"] == "PASSED"
    assert (await vos.sees_appointment(booked) or {})["state"] == "PASSED"
    done = (await vos.completes(booked))["appointment"]
    assert done["state"] == "COMPLETED"
    assert (await seen("PASSED"), await seen("COMPLETED")) == ([], [booked["id"]])
    (past,) = (await own_appointments(bram_in, past=True))["edges"]
    assert past["node"]["state"] == "COMPLETED"
