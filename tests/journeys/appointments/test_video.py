"""Appointments by video: a room opens a little before and closes at the end, for those who are expected alone."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from tests.people.cast import Belongings, Person
from tests.people.device import Answer
from tests.people.planner import HOUR, Planner, joins, looks_ahead, own_appointments, planning
from tests.people.staff import StaffPerson
from tests.support.clock import MONDAY_NOON
from tests.support.sluis import Sluis

TOMORROW = MONDAY_NOON + timedelta(days=1)
KEY = "a key that the video server has as well"


@pytest.fixture
def given_settings() -> dict[str, Any]:
    options = {"url": "https://meet.example.org/", "app_id": "sluis", "key": KEY}
    return {"video_rooms": ["jitsi", "link"], "video_room_options": {"jitsi": options}}


@pytest.fixture
def vos(dr_vos: StaffPerson) -> Planner:
    """The therapist, at her agenda."""
    return planning(dr_vos)


@pytest.fixture
async def jansen(vos: Planner) -> Answer:
    """The dossier of Bram, for whom Carla answers too."""
    return await vos.opens_dossier("D-1002")


@pytest.fixture
async def bram_in(vos: Planner, bram: Person) -> Person:
    """Bram, let in."""
    await vos.lets_in(bram)
    return bram


@pytest.fixture
def carla(sluis: Sluis) -> Person:
    """Bram's mother."""
    return Person(sluis, Belongings("Carla Jansen", "carla@clients.example"))


async def at(sluis: Sluis, moment: datetime, *people: Person) -> None:
    """It becomes that time, and these people sign in again."""
    sluis.clock.now = moment
    for person in people:
        assert (await person.signs_in())["__typename"] == "SignedIn"


def claims_in(url: str, **expected: Any) -> Answer:
    """What a room's token says; its signature is checked with the key."""
    (token,) = parse_qs(urlsplit(url).query)["jwt"]
    options: Any = {"verify_exp": False, "verify_nbf": False}
    claims: Answer = jwt.decode(token, KEY, ["HS256"], options, audience="jitsi", issuer="sluis", **expected)
    return claims


async def test_from_the_booking_to_the_end(sluis: Sluis, vos: Planner, bram_in: Person, jansen: Answer) -> None:
    booked = (await vos.books(jansen, TOMORROW, video="jitsi"))["appointment"]
    assert booked["video"] == "jitsi"
    ahead = await looks_ahead(bram_in)
    assert ahead is not None
    assert (ahead["id"], ahead["clientName"], ahead["therapistName"]) == (booked["id"], "Bram Jansen", "Dr. T. Vos")
    opens_at = TOMORROW - timedelta(minutes=15)
    assert datetime.fromisoformat(ahead["opensAt"]) == opens_at

    await at(sluis, opens_at - timedelta(microseconds=1), bram_in, vos)
    early = await joins(bram_in, ahead)
    assert (early["code"], early["reason"], early["opensAt"]) == ("JOIN_TOO_EARLY", "TOO_EARLY", ahead["opensAt"])
    assert (await joins(vos, booked))["code"] == "JOIN_TOO_EARLY", "staff wait too"

    sluis.clock.now = opens_at
    joined, host = await joins(bram_in, ahead), await joins(vos, booked)
    guest_of, host_of = claims_in(joined["url"]), claims_in(host["url"])
    room = urlsplit(joined["url"]).path.removeprefix("/")
    assert urlsplit(host["url"]).path == f"/{room}"
    assert (len(room), guest_of["room"], host_of["room"]) == (32, room, room)
    assert (guest_of["sub"], guest_of["nbf"]) == ("meet.example.org", int(opens_at.timestamp()))
    assert guest_of["exp"] == int((TOMORROW + HOUR).timestamp())
    assert (guest_of["moderator"], host_of["moderator"]) == (False, True)
    assert guest_of["context"]["user"] == {"name": "Bram Jansen", "moderator": "false", "affiliation": "member"}
    assert host_of["context"]["user"] == {"name": "Dr. T. Vos", "moderator": "true", "affiliation": "owner"}
    for secret in (room, joined["url"]):
        assert secret not in str(await sluis.database.tables()), "neither the address nor the room is stored in clear"

    sluis.clock.now = TOMORROW + HOUR - timedelta(microseconds=1)
    assert (await joins(bram_in.elsewhere("BEARER"), ahead))["code"] == "NOT_SIGNED_IN"
    await at(sluis, TOMORROW + HOUR - timedelta(microseconds=1), bram_in)
    assert (await joins(bram_in, ahead))["__typename"] == "AppointmentJoined"
    sluis.clock.now = TOMORROW + HOUR
    over = await joins(bram_in, ahead)
    assert (over["code"], over["opensAt"]) == ("JOIN_OVER", None)
    assert await looks_ahead(bram_in) is None
    history = await own_appointments(bram_in, past=True)
    assert [edge["node"]["id"] for edge in history["edges"]] == [ahead["id"]]
    outcomes = await sluis.rows("SELECT outcome FROM audit_event WHERE event = 'appointment.joined'")
    assert sorted(row["outcome"] for row in outcomes) == ["REFUSED"] * 3 + ["SUCCESS"] * 3


async def test_a_couple_meets_in_one_room(
    sluis: Sluis, vos: Planner, bram_in: Person, carla: Person, jansen: Answer
) -> None:
    await vos.lets_in(carla)
    booked = (await vos.books(jansen, TOMORROW, video="jitsi"))["appointment"]
    await at(sluis, TOMORROW, bram_in, carla)
    urls = [(await joins(person, booked))["url"] for person in (bram_in, carla)]
    assert len({urlsplit(url).path for url in urls}) == 1
    assert [claims_in(url)["context"]["user"]["name"] for url in urls] == ["Bram Jansen", "Carla Jansen"]


@pytest.mark.security
async def test_nobody_else_gets_in(
    sluis: Sluis,
    vos: Planner,
    bram_in: Person,
    carla: Person,
    ada: Person,
    olga: StaffPerson,
    dr_else: StaffPerson,
    jansen: Answer,
) -> None:
    boss = planning(olga)
    await vos.lets_in(carla)
    await vos.lets_in(ada)
    bram_alone = [one for one in jansen["respondents"] if one["name"] == "Bram Jansen"]
    booked = (await vos.books(jansen, TOMORROW, whom=bram_alone, video="jitsi"))["appointment"]
    therapist = await boss.sees_colleague(vos.own.email)
    await boss.gives_caseload(therapist["id"], [])
    await at(sluis, TOMORROW, bram_in, carla, ada, vos, boss, dr_else)
    for other in (carla, ada, vos, dr_else):
        assert (await joins(other, booked))["code"] == "NOT_FOUND"
        assert (await own_appointments(other))["edges"] == []
        assert await looks_ahead(other) is None
    assert (await joins(bram_in, booked))["__typename"] == "AppointmentJoined"
    assert (await joins(boss, booked))["code"] == "JOIN_NOT_EXPECTED", "an owner sees it, and was not added"


@pytest.mark.security
async def test_the_right_to_enter_ends_with_the_grant(
    sluis: Sluis, vos: Planner, bram_in: Person, bram: Person, jansen: Answer
) -> None:
    booked = (await vos.books(jansen, TOMORROW, video="jitsi"))["appointment"]
    await at(sluis, TOMORROW, bram_in)
    await sluis.database.rows("UPDATE access_grant SET scopes = '[\"ANSWERS\"]' WHERE state = 'APPROVED' RETURNING id")
    assert (await joins(bram_in, booked))["code"] == "NOT_FOUND"
    assert await looks_ahead(bram_in) is None
    await sluis.database.rows("UPDATE access_grant SET scopes = '[\"APPOINTMENTS\"]' RETURNING id")
    assert (await joins(bram_in, booked))["__typename"] == "AppointmentJoined"
    await vos.signs_in()
    await vos.deactivates(next(one["id"] for one in jansen["respondents"] if one["name"] == "Bram Jansen"))
    assert (await joins(bram_in, booked))["code"] == "NOT_SIGNED_IN"


async def test_a_cancelled_room_is_dead_and_a_moved_one_is_another(
    sluis: Sluis, vos: Planner, bram_in: Person, jansen: Answer
) -> None:
    booked = (await vos.books(jansen, TOMORROW, video="jitsi"))["appointment"]
    await at(sluis, TOMORROW, bram_in, vos)
    before = urlsplit((await joins(bram_in, booked))["url"]).path
    moved = (await vos.moves(booked, TOMORROW + HOUR))["appointment"]
    assert (await joins(bram_in, moved))["code"] == "JOIN_TOO_EARLY"
    sluis.clock.forward(minutes=45)
    assert urlsplit((await joins(bram_in, moved))["url"]).path != before
    assert (await vos.cancels(moved))["__typename"] == "AppointmentCancelled"
    for person in (bram_in, vos):
        assert (await joins(person, moved))["code"] == "JOIN_CANCELLED"
    assert await sluis.count("appointment", "room IS NOT NULL") == 0


async def test_in_person_there_is_no_room(sluis: Sluis, vos: Planner, bram_in: Person, jansen: Answer) -> None:
    booked = (await vos.books(jansen, TOMORROW))["appointment"]
    assert booked["video"] is None
    ahead = await looks_ahead(bram_in)
    assert ahead is not None
    assert ahead["opensAt"] is None
    await at(sluis, TOMORROW, bram_in)
    assert (await joins(bram_in, booked))["code"] == "JOIN_IN_PERSON"


async def test_a_room_that_is_there_already(sluis: Sluis, vos: Planner, bram_in: Person, jansen: Answer) -> None:
    link = "https://video.example.org/kamer/7?pin=42"
    refused: list[dict[str, Any]] = [
        {"video": "link"},
        {"video": "link", "videoLink": "http://video.example.org/kamer/7"},
        {"video": "link", "videoLink": "javascript:alert(1)"},
        {"video": "link", "videoLink": "https://praktijk@video.example.org"},
        {"video": "link", "videoLink": "https://video.example.org:abc/"},
        {"video": "link", "videoLink": "https://video.example.org/" + "x" * 500},
        {"video": "jitsi", "videoLink": link},
        {"video": "zoom"},
        {"videoLink": link},
    ]
    for wrong in refused:
        assert (await vos.books(jansen, TOMORROW, **wrong))["code"] == "INVALID_INPUT", wrong
    booked = (await vos.books(jansen, TOMORROW, video="link", videoLink=link))["appointment"]
    assert link not in str(await sluis.database.tables())
    await at(sluis, TOMORROW, bram_in, vos)
    assert (await joins(bram_in, booked))["url"] == link
    moved = (await vos.moves(booked, TOMORROW + HOUR))["appointment"]
    await at(sluis, TOMORROW + HOUR, bram_in)
    assert (await joins(bram_in, moved))["url"] == link, "it was typed for this appointment, whenever that is"


async def test_the_practice_has_a_link_of_its_own(sluis: Sluis, vos: Planner, jansen: Answer) -> None:
    await sluis.rows("UPDATE practice SET video_link = 'https://video.example.org/{room}' RETURNING id")
    urls = set()
    for n in range(2):
        booked = (await vos.books(jansen, TOMORROW + n * HOUR, video="link"))["appointment"]
        await at(sluis, TOMORROW + n * HOUR, vos)
        urls.add((await joins(vos, booked))["url"])
    assert len(urls) == 2
    assert all(len(url.removeprefix("https://video.example.org/")) == 32 for url in urls)


async def test_a_booking_leads_to_no_other_host_than_the_practices(
    sluis: Sluis, vos: Planner, olga: StaffPerson, jansen: Answer
) -> None:
    """Where clients are sent is an OWNER's to set; who books chooses a room there."""
    await sluis.rows("UPDATE practice SET video_link = 'https://video.example.org/{room}' RETURNING id")
    for link in (
        "https://elsewhere.example/7",
        "https://video.example.org.elsewhere.example/7",
        "https://video.example.org:8443/7",
        "https://example.org/7",
    ):
        refused = await vos.books(jansen, TOMORROW, video="link", videoLink=link)
        assert refused["code"] == "INVALID_INPUT", link
        assert "video.example.org" in refused["message"]
    for n, link in enumerate(("https://video.example.org/7", "https://VIDEO.example.org:443/8")):
        booked = await vos.books(jansen, TOMORROW + n * HOUR, video="link", videoLink=link)
        assert booked["__typename"] == "AppointmentBooked", booked


async def test_the_kinds_of_rooms_are_told_to_staff(vos: Planner, bram_in: Person) -> None:
    document = "{ videoRooms { video title takesLink } }"
    rooms = await vos.device.ask(document)
    assert [(one["video"], one["takesLink"]) for one in rooms] == [("jitsi", False), ("link", True)]
    assert await bram_in.device.refused(document) == ["NOT_ALLOWED"]
