"""At night nobody gets mail that can wait (mission, 28); security notices and what was asked for go at once."""

from datetime import timedelta

import pytest

from tests.journeys.family import Family, gathered
from tests.people.cast import Person
from tests.people.planner import HOUR, planning
from tests.people.staff import StaffPerson
from tests.support.clock import MONDAY_NOON
from tests.support.sluis import Sluis

#: Tuesday 03:00 and 08:00 by the practice's clock.
NIGHT = MONDAY_NOON + timedelta(hours=14)
MORNING = MONDAY_NOON + timedelta(hours=19)


@pytest.fixture
async def family(sluis: Sluis, dr_vos: StaffPerson, bram: Person) -> Family:
    return await gathered(sluis, dr_vos, bram)


async def falls_asleep(sluis: Sluis, *people: Person) -> None:
    """It becomes night, and they sign in once more."""
    sluis.clock.now = NIGHT
    for person in people:
        assert (await person.signs_in())["__typename"] == "SignedIn"


async def due(sluis: Sluis, template: str) -> list[str]:
    """When messages of a template leave that have not left yet."""
    rows = await sluis.rows("SELECT due_at FROM outbox_message WHERE template = ? AND state = 'WAITING'", template)
    return [str(row["due_at"])[:16].replace("T", " ") for row in rows]


async def test_news_of_the_night_comes_in_the_morning(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    await falls_asleep(sluis, dr_vos)
    report = (await dr_vos.adds_report(family.dossier, text="Verslag"))["report"]
    await dr_vos.releases(report["id"], family.bram_id)
    dossier = await dr_vos.opens_dossier("D-1002")
    vos = planning(dr_vos)
    booked = (await vos.books(dossier, NIGHT + timedelta(days=3)))["appointment"]
    moved = (await vos.moves(booked, NIGHT + timedelta(days=4)))["appointment"]
    await vos.cancels(moved)
    people = 2  # Bram and Carla; a teacher sees no appointments.
    expected = {"document_ready": 1, "appointment_booked": people, "appointment_moved": people}
    for template, number in (expected | {"appointment_cancelled": people}).items():
        assert await due(sluis, template) == ["2026-03-03 07:00"] * number, template
    before = len(sluis.mailbox.sent_to(family.bram.own.email))
    sluis.clock.now = MORNING
    subjects = [(await sluis.mailbox.wait_for(family.bram.own.email, beyond=before + n))["subject"] for n in range(4)]
    # Written at the same moment of a clock that stands still, they leave in any order.
    assert sorted(subjects) == [
        "Iets nieuws in uw portaal",
        "Voor uw agenda",
        "Wijziging in uw agenda",
        "Wijziging in uw agenda",
    ]


async def test_what_the_morning_is_too_late_for_goes_at_once(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    await falls_asleep(sluis, dr_vos)
    vos = planning(dr_vos)
    dossier = await dr_vos.opens_dossier("D-1002")
    early = (await vos.books(dossier, MORNING + timedelta(minutes=30)))["appointment"]
    assert await family.bram.is_told("U hebt een afspraak")
    await vos.moves(early, MORNING + timedelta(days=2), HOUR)
    assert await family.bram.is_told("is verzet"), "or they would come for the old time"


@pytest.mark.security
async def test_security_notices_and_what_was_asked_for_do_not_wait(
    sluis: Sluis, dr_vos: StaffPerson, family: Family
) -> None:
    bram = family.bram
    await falls_asleep(sluis, bram, dr_vos)
    await bram.forgets_password()
    link = await bram.gets_link("reset")
    await bram.resets(link, "een heel ander wachtwoord 7")
    await bram.is_told("wachtwoord van uw account")
    assert await sluis.count("outbox_message", "due_at > created_at") == 0
