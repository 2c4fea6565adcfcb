"""Appointments: booked, moved, cancelled and completed by staff, and refused where they can not be."""

import asyncio
import json
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.people.cast import Person
from tests.people.device import Answer
from tests.people.planner import HOUR, Planner, planning
from tests.people.staff import StaffPerson
from tests.support.clock import MONDAY_NOON
from tests.support.refusing import refused
from tests.support.sluis import Sluis

TOMORROW = MONDAY_NOON + timedelta(days=1)


@pytest.fixture
def vos(dr_vos: StaffPerson) -> Planner:
    """The therapist, at her agenda."""
    return planning(dr_vos)


@pytest.fixture
async def jansen(vos: Planner) -> Answer:
    """The dossier of Bram, for whom Carla answers too."""
    return await vos.opens_dossier("D-1002")


async def audited(sluis: Sluis, event: str) -> int:
    return await sluis.count("audit_event", "event = ?", event)


async def test_an_appointment_is_booked_moved_and_completed(sluis: Sluis, vos: Planner, jansen: Answer) -> None:
    booked = await vos.books(jansen, TOMORROW, note="Neem uw agenda mee")
    appointment = booked["appointment"]
    assert (booked["__typename"], appointment["state"], appointment["version"]) == ("AppointmentBooked", "BOOKED", 0)
    assert (appointment["dossier"], appointment["clientName"]) == (jansen["id"], "Bram Jansen")
    assert [one["name"] for one in appointment["attendees"]] == ["Bram Jansen", "Carla Jansen"]
    assert appointment["therapist"]["name"] == "Dr. T. Vos"
    assert datetime.fromisoformat(appointment["startsAt"]) == TOMORROW
    assert appointment["note"] == "Neem uw agenda mee"

    moved = (await vos.moves(appointment, TOMORROW + HOUR, 2 * HOUR))["appointment"]
    assert (moved["id"], moved["version"]) == (appointment["id"], 1)
    assert datetime.fromisoformat(moved["startsAt"]) == TOMORROW + HOUR
    assert datetime.fromisoformat(moved["endsAt"]) == TOMORROW + 3 * HOUR
    assert (await vos.moves(appointment, TOMORROW))["code"] == "CONFLICT", "somebody moved it in the meantime"
    assert (await vos.completes(moved))["code"] == "APPOINTMENT_TIME_NOT_BEGUN"

    sluis.clock.now = TOMORROW + HOUR
    await vos.signs_in()
    completed = (await vos.completes(moved))["appointment"]
    assert (completed["state"], completed["version"]) == ("COMPLETED", 2)
    for again in (vos.completes(completed), vos.cancels(completed), vos.moves(completed, TOMORROW + 5 * HOUR)):
        assert (await again)["code"] == "APPOINTMENT_COMPLETED"
    assert await vos.sees_appointment(completed) == completed
    for event in ("booked", "moved", "completed", "read"):
        assert await audited(sluis, f"appointment.{event}") == 1, event


async def test_a_cancelled_appointment_leaves_its_time(vos: Planner, jansen: Answer) -> None:
    booked = (await vos.books(jansen, TOMORROW))["appointment"]
    assert (await vos.books(jansen, TOMORROW))["code"] == "APPOINTMENT_OVERLAPS"
    cancelled = (await vos.cancels(booked, "Behandelaar ziek"))["appointment"]
    assert (cancelled["state"], cancelled["cancelReason"], cancelled["version"]) == ("CANCELLED", "Behandelaar ziek", 1)
    for again in (vos.completes(cancelled), vos.cancels(cancelled), vos.moves(cancelled, TOMORROW)):
        assert (await again)["code"] == "APPOINTMENT_CANCELLED"
    assert (await vos.books(jansen, TOMORROW))["__typename"] == "AppointmentBooked"


@pytest.mark.parametrize(
    ("starts", "lasts", "taken"),
    [(-60, 60, False), (-60, 61, True), (0, 60, True), (10, 20, True), (-10, 100, True), (59, 1, True), (60, 9, False)],
)
async def test_a_therapist_is_in_one_place_at_a_time(
    vos: Planner, jansen: Answer, starts: int, lasts: int, taken: bool
) -> None:
    other = await vos.opens_dossier("D-1001")
    assert (await vos.books(jansen, TOMORROW))["__typename"] == "AppointmentBooked"
    tried = await vos.books(other, TOMORROW + timedelta(minutes=starts), timedelta(minutes=lasts))
    assert (tried.get("code") == "APPOINTMENT_OVERLAPS") is taken
    assert (tried["__typename"] == "AppointmentBooked") is not taken


async def test_moving_may_overlap_itself_and_nothing_else(vos: Planner, jansen: Answer) -> None:
    first = (await vos.books(jansen, TOMORROW))["appointment"]
    second = (await vos.books(jansen, TOMORROW + 3 * HOUR))["appointment"]
    assert (await vos.moves(first, TOMORROW + HOUR / 2))["__typename"] == "AppointmentMoved"
    assert (await vos.moves(second, TOMORROW + HOUR))["code"] == "APPOINTMENT_OVERLAPS"


@pytest.mark.parametrize(
    ("starts", "lasts", "code", "said"),
    [
        (-1, 3600, "APPOINTMENT_TIME_PAST", ("Dit tijdstip is al voorbij.", "This time has passed already.")),
        (
            9,
            0,
            "APPOINTMENT_TIME_BACKWARDS",
            ("Een afspraak moet later eindigen dan zij begint.", "An appointment has to end after it begins."),
        ),
        (
            9,
            8 * 3600 + 1,
            "APPOINTMENT_TIME_TOO_LONG",
            ("Een afspraak duurt hooguit 8 uur.", "An appointment can take 8 hours at most."),
        ),
        (
            731 * 86400 + 1,
            3600,
            "APPOINTMENT_TIME_TOO_FAR",
            (
                "Afspraken kunnen tot twee jaar vooruit worden gemaakt.",
                "Appointments can be made for the next two years.",
            ),
        ),
    ],
)
async def test_a_time_that_can_not_be(
    sluis: Sluis, vos: Planner, jansen: Answer, starts: int, lasts: int, code: str, said: tuple[str, str]
) -> None:
    booked = (await vos.books(jansen, TOMORROW))["appointment"]
    at, long = sluis.clock.now + timedelta(seconds=starts), timedelta(seconds=lasts)
    await refused(sluis, vos, partial(vos.books, jansen, at, long), code, said)
    assert (await vos.moves(booked, at, long))["code"] == code


async def test_what_is_given_is_checked(sluis: Sluis, vos: Planner, jansen: Answer) -> None:
    naive = TOMORROW.replace(tzinfo=None)
    for act, field in (
        (partial(vos.books, jansen, naive), "startsAt"),
        (partial(vos.books, jansen, TOMORROW, note="x" * 201), "note"),
    ):
        answer = await act()
        assert (answer["code"], answer["field"]) == ("INVALID_INPUT", field)
    said = ("Kies wie er verwacht wordt.", "Please choose who is expected.")
    await refused(sluis, vos, partial(vos.books, jansen, TOMORROW, whom=[]), "NO_ATTENDEES", said)
    booked = (await vos.books(jansen, TOMORROW))["appointment"]
    assert (await vos.cancels(booked, "  "))["code"] == "INVALID_INPUT"
    assert await sluis.count("appointment") == 1


@pytest.mark.security
async def test_only_the_dossiers_own_respondents_are_expected(sluis: Sluis, vos: Planner, jansen: Answer) -> None:
    ada = (await vos.opens_dossier("D-1001"))["respondents"][0]
    unknown = {"id": ada["id"][:-4] + "AAAA"}
    for whom in ([ada], [*jansen["respondents"], ada], [unknown], [{"id": jansen["id"]}]):
        assert (await vos.books(jansen, TOMORROW, whom=whom))["code"] == "NOT_FOUND"
    twice = await vos.books(jansen, TOMORROW, whom=jansen["respondents"][:1] * 2)
    assert len(twice["appointment"]["attendees"]) == 1


@pytest.mark.security
async def test_appointments_are_out_of_reach_with_their_dossier(
    sluis: Sluis, vos: Planner, olga: StaffPerson, dr_else: StaffPerson, jansen: Answer
) -> None:
    boss, stranger = planning(olga), planning(dr_else)
    booked = (await vos.books(jansen, TOMORROW))["appointment"]
    therapist = await boss.sees_colleague(vos.own.email)
    assert (await boss.gives_caseload(therapist["id"], []))["__typename"] == "CaseloadSet"
    later = TOMORROW + 5 * HOUR
    for other in (vos, stranger):
        assert await other.sees_appointment(booked) is None
        for act in (
            partial(other.books, jansen, later),
            partial(other.moves, booked, later),
            partial(other.cancels, booked),
            partial(other.completes, booked),
        ):
            await refused(sluis, other, act, "NOT_FOUND")
    said = (
        "Deze medewerker kan geen afspraken met deze cliënt hebben.",
        "This member of staff cannot take appointments with this client.",
    )
    with_vos = partial(boss.books, jansen, later, therapist=therapist["id"])
    await refused(sluis, boss, with_vos, "THERAPIST_UNAVAILABLE", said)
    assert (await boss.cancels(booked))["__typename"] == "AppointmentCancelled"


async def test_a_manager_books_for_a_therapist_who_is_not_suspended(
    vos: Planner, olga: StaffPerson, dr_else: StaffPerson, jansen: Answer
) -> None:
    boss = planning(olga)
    therapist = await boss.sees_colleague(vos.own.email)
    booked = (await boss.books(jansen, TOMORROW, therapist=therapist["id"]))["appointment"]
    assert booked["therapist"]["id"] == therapist["id"]
    own = (await boss.books(jansen, TOMORROW))["appointment"]
    assert own["therapist"]["name"] == "Olga Owner"
    assert (await boss.moves(own, TOMORROW, therapist=therapist["id"]))["code"] == "APPOINTMENT_OVERLAPS"
    later = TOMORROW + HOUR
    assert (await boss.moves(own, later, therapist=therapist["id"]))["appointment"]["therapist"] == booked["therapist"]
    foreign = (await dr_else.sees_colleague(dr_else.own.email))["id"]
    for nobody in (foreign, jansen["id"]):
        assert (await boss.books(jansen, TOMORROW + 9 * HOUR, therapist=nobody))["code"] == "NOT_FOUND"
    await boss.suspends(therapist["id"])
    refusal = await boss.books(jansen, TOMORROW + 9 * HOUR, therapist=therapist["id"])
    assert refusal["code"] == "THERAPIST_UNAVAILABLE"


async def test_nothing_is_booked_on_a_closed_dossier(sluis: Sluis, vos: Planner, jansen: Answer) -> None:
    begun = (await vos.books(jansen, sluis.clock.now))["appointment"]
    await vos.closes_dossier(jansen["id"])
    await refused(sluis, vos, partial(vos.books, jansen, TOMORROW + HOUR), "DOSSIER_CLOSED")
    await refused(sluis, vos, partial(vos.moves, begun, TOMORROW + HOUR), "DOSSIER_CLOSED")
    assert (await vos.completes(begun))["__typename"] == "AppointmentCompleted"


async def test_closing_a_dossier_cancels_what_is_to_come(
    sluis: Sluis, vos: Planner, bram: Person, jansen: Answer
) -> None:
    await vos.lets_in(bram)
    elsewhere = await vos.opens_dossier("D-1001")
    begun = (await vos.books(jansen, sluis.clock.now))["appointment"]
    coming = [(await vos.books(jansen, TOMORROW + n * HOUR))["appointment"] for n in range(3)]
    other = (await vos.books(elsewhere, TOMORROW + 5 * HOUR))["appointment"]
    already = (await vos.cancels(coming.pop()))["appointment"]
    told = await sluis.count("outbox_message", "template = 'appointment_cancelled'")
    await vos.speaks("nl")
    assert (await vos.closes_dossier(jansen["id"]))["__typename"] == "DossierEnded"
    for one in coming:
        seen = await vos.sees_appointment(one)
        assert seen is not None
        assert (seen["state"], seen["cancelReason"]) == ("CANCELLED", "Het dossier is gesloten")
        assert seen["version"] == one["version"] + 1
    for one, state in ((begun, "BOOKED"), (other, "BOOKED"), (already, "CANCELLED")):
        assert await vos.sees_appointment(one) == one | {"state": state}, "left as it was"
    expected = len(coming) * len(jansen["respondents"])
    assert await sluis.count("outbox_message", "template = 'appointment_cancelled'") == told + expected
    for _ in range(3):
        await bram.is_told("gaat niet door")
    (closing,) = await sluis.rows("SELECT subjects FROM audit_event WHERE event = 'dossier.closed'")
    assert [one["type"] for one in json.loads(closing["subjects"])] == ["Dossier"] + ["Appointment"] * len(coming)


async def test_eight_at_once_for_one_hour_are_one_appointment(sluis: Sluis, vos: Planner, jansen: Answer) -> None:
    dossiers = [jansen, await vos.opens_dossier("D-1001")] * 4
    tries: list[Any] = [vos.books(one, TOMORROW + timedelta(minutes=n)) for n, one in enumerate(dossiers)]
    answers = await asyncio.gather(*tries)
    kinds = sorted(answer.get("code") or answer["__typename"] for answer in answers)
    assert kinds == ["APPOINTMENT_OVERLAPS"] * 7 + ["AppointmentBooked"]
    assert await sluis.count("appointment") == 1
    appointment = next(answer["appointment"] for answer in answers if "appointment" in answer)
    moves = [vos.moves(appointment, TOMORROW + n * HOUR) for n in range(8)]
    answers = await asyncio.gather(*moves)
    assert [answer.get("code") for answer in answers].count(None) == 1
    assert {answer.get("code") for answer in answers} == {None, "CONFLICT"}
