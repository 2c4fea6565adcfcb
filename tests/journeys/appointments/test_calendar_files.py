"""An appointment for one's own calendar: a file that is newer than the one before, and that tells of no care."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from tests.people.cast import Person
from tests.people.device import Answer
from tests.people.planner import HOUR, Planner, looks_ahead, planning
from tests.people.staff import StaffPerson
from tests.support.clock import MONDAY_NOON
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


async def download(person: Person, url: str) -> httpx.Response:
    """The file behind an address, by the person's cookie or token."""
    token = person.device.session_token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    # The address may be one that somebody else was given.
    return await person.device.http.get(url.partition("&viewer=")[0], headers=headers)


def event_in(reply: httpx.Response) -> tuple[Any, Any]:
    """The calendar and its one event, as another program reads them."""
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar: Any = Calendar.from_ical(reply.content)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


async def test_a_newer_file_replaces_the_older(sluis: Sluis, vos: Planner, bram: Person, jansen: Answer) -> None:
    await vos.lets_in(bram)
    booked = (await vos.books(jansen, TOMORROW, note="Geheim", video="link", videoLink="https://v.example.org/7"))[
        "appointment"
    ]
    own = await looks_ahead(bram)
    assert own is not None
    for person, seen in ((vos, booked), (bram, own)):
        reply = await download(person, seen["calendarUrl"])
        calendar, event = event_in(reply)
        assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("PUBLISH", "CONFIRMED", 0)
        assert (event["SUMMARY"], event["CLASS"]) == ("Praktijk De Sluis", "PRIVATE")
        assert event.start == TOMORROW
        assert event.end == TOMORROW + HOUR
        assert event["DTSTART"].to_ical().endswith(b"Z"), "no time zone to be described"
        assert event["ORGANIZER"].params["CN"] == "Praktijk De Sluis"
        for secret in (b"Geheim", b"Bram", b"Jansen", b"Vos", b"v.example.org"):
            assert secret not in reply.content
    uid = str(event["UID"])

    moved = (await vos.moves(booked, TOMORROW + HOUR))["appointment"]
    _, event = event_in(await download(bram, own["calendarUrl"]))
    assert (str(event["UID"]), event["SEQUENCE"], event.start) == (uid, 1, TOMORROW + HOUR)
    await vos.cancels(moved)
    calendar, event = event_in(await download(bram, own["calendarUrl"]))
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 2)
    assert str(event["UID"]) == uid
    assert await sluis.count("audit_event", "event = 'appointment.downloaded' AND outcome = 'SUCCESS'") == 4


@pytest.mark.security
async def test_it_is_for_those_who_are_expected_and_staff_in_reach(
    vos: Planner, olga: StaffPerson, bram: Person, ada: Person, dr_else: StaffPerson, mallory: Person, jansen: Answer
) -> None:
    await vos.lets_in(bram)
    await vos.lets_in(ada)
    carla = [one for one in jansen["respondents"] if one["name"] == "Carla Jansen"]
    booked = (await vos.books(jansen, TOMORROW, whom=carla))["appointment"]
    assert (await download(olga, booked["calendarUrl"])).status_code == 200, "with a bearer token"
    for other in (bram, ada, dr_else, mallory):
        assert (await download(other, booked["calendarUrl"])).status_code in (401, 404)
    therapist = await olga.sees_colleague(vos.own.email)
    await olga.gives_caseload(therapist["id"], [])
    assert (await download(vos, booked["calendarUrl"])).status_code == 404


@pytest.mark.parametrize(
    "starts_at",
    [
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ],
)
async def test_the_nights_on_which_the_clock_changes(vos: Planner, jansen: Answer, starts_at: datetime) -> None:
    """The hour that comes twice has no name of its own in a time zone; in UTC every hour has."""
    booked = (await vos.books(jansen, starts_at))["appointment"]
    calendar, event = event_in(await download(vos, booked["calendarUrl"]))
    assert not calendar.walk("VTIMEZONE")
    assert [when.astimezone(UTC) for when in (event.start, event.end)] == [starts_at, starts_at + HOUR]
