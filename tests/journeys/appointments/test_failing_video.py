"""Video rooms that raise, hang, answer nonsense or are gone: nobody is sent anywhere, and the next try is as good."""

import json
from collections.abc import MutableMapping
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from plugins import VideoVisit
from tests.people.cast import Person
from tests.people.device import Answer
from tests.people.planner import HOUR, joins, planning
from tests.people.staff import StaffPerson
from tests.support.clock import MONDAY_NOON
from tests.support.failing import ALL, Broken, video_rooms
from tests.support.refusing import refused
from tests.support.sluis import Sluis

pytestmark = pytest.mark.security

SAID = (
    "De videokamer kan nu niet worden geopend. Probeer het opnieuw, of bel de praktijk.",
    "The video room cannot be opened right now. Please try again, or call the practice.",
)
OPTIONS = {"url": "https://meet.example.org/", "app_id": "sluis", "key": "a key that the video server has as well"}
#: Whom it is told and how long: what a log may not say.
NAMES = ("Bram Jansen", "Dr. T. Vos", "meet.example.org")


async def tells_the_room(_: Any, visit: VideoVisit) -> str:
    raise ValueError(f"https://meet.example.org/{visit.room} of {visit.name} does not answer")


def answering(answer: object) -> Broken:
    """The room is in what is wrong, so that a log of it would tell."""

    async def join(_: Any, visit: VideoVisit) -> object:
        return answer.replace("{room}", visit.room) if isinstance(answer, str) else answer

    join.__name__ = f"answers {str(answer)[:40]}"
    return join


NONSENSE = [
    answering(wrong)
    for wrong in (
        "",
        "http://meet.example.org/{room}",
        "javascript:alert('{room}')",
        "data:text/html,{room}",
        "//meet.example.org/{room}",
        "https://",
        "https://user:pass@meet.example.org/{room}",
        "https://meet.example.org/{room}\r\nSet-Cookie: a=b",
        "https://meet.example.org/{room}/" + "x" * 5000,
        b"https://meet.example.org/{room}",
        ["https://meet.example.org/{room}"],
        42,
    )
]


@pytest.fixture
def given_settings() -> dict[str, Any]:
    return {"video_rooms": ["jitsi", "link"], "video_room_options": {"jitsi": OPTIONS}}


@pytest.fixture
async def booked(sluis: Sluis, dr_vos: StaffPerson, bram: Person) -> Answer:
    """An appointment of Bram's by video; its room is open now."""
    await dr_vos.lets_in(bram)
    vos = planning(dr_vos)
    begins = MONDAY_NOON + timedelta(minutes=10)
    appointment: Answer = (await vos.books(await vos.opens_dossier("D-1002"), begins, HOUR, video="jitsi"))[
        "appointment"
    ]
    return appointment


async def tries(sluis: Sluis) -> list[tuple[str, Any]]:
    """Of each try to enter a room: its outcome and the reason."""
    rows = await sluis.rows("SELECT outcome, details FROM audit_event WHERE event = 'appointment.joined' ORDER BY at")
    return [(row["outcome"], json.loads(row["details"]).get("reason")) for row in rows]


def said(lines: list[MutableMapping[str, Any]], caplog: pytest.LogCaptureFixture) -> str:
    return str(lines) + caplog.text


@pytest.mark.parametrize("who", ["bram", "dr_vos"])
async def test_whatever_it_does_nobody_is_sent_there(
    request: pytest.FixtureRequest, sluis: Sluis, booked: Answer, who: str, caplog: pytest.LogCaptureFixture
) -> None:
    person: Person = request.getfixturevalue(who)
    room = urlsplit((await joins(person, booked))["url"]).path.removeprefix("/")
    broken = [*ALL, tells_the_room, *NONSENSE]
    for number, join in enumerate(broken, 1):
        with capture_logs() as lines, video_rooms(sluis, "jitsi", join):
            answer = await joins(person, booked)
        assert answer["code"] == "VIDEO_UNAVAILABLE", join.__name__
        assert len(await tries(sluis)) == 1 + number, "one row for each try"
        assert [line["event"] for line in lines if line["log_level"] == "error"] in (
            ["video.failed"],
            ["video.answered_nonsense"],
        )
        assert not any(secret in said(lines, caplog) for secret in (room, *NAMES)), join.__name__
    assert sorted(await tries(sluis), key=str)[: len(broken)] == [("REFUSED", "VIDEO_UNAVAILABLE")] * len(broken)
    assert room not in str(await sluis.database.tables())
    assert (await joins(person, booked))["__typename"] == "AppointmentJoined", "mended, the room is the same"


async def test_rooms_whose_plugin_is_gone(
    sluis: Sluis, booked: Answer, bram: Person, dr_vos: StaffPerson, caplog: pytest.LogCaptureFixture
) -> None:
    vos = planning(dr_vos)
    room = urlsplit((await joins(bram, booked))["url"]).path.removeprefix("/")
    with capture_logs() as lines, video_rooms(sluis, "jitsi", None):
        for person in (bram, dr_vos):
            await refused(sluis, person, partial(joins, person, booked), "VIDEO_UNAVAILABLE", SAID)
        assert (await tries(sluis)).count(("REFUSED", "VIDEO_UNAVAILABLE")) == 4, "each in two languages"
        dossier = await vos.opens_dossier("D-1002")
        assert (await vos.books(dossier, MONDAY_NOON + 2 * HOUR, video="jitsi"))["code"] == "INVALID_INPUT"
        seen = await vos.sees_appointment(booked)
        assert seen is not None
        assert seen["video"] == "jitsi", "what was booked is still read"
        booked = (await vos.moves(booked, MONDAY_NOON + timedelta(minutes=12)))["appointment"]
    assert room not in said(lines, caplog)
    assert (await joins(bram, booked))["__typename"] == "AppointmentJoined", "and holds when the plugin returns"
