"""Those who are expected are told at once of every change, and reminded once, by day, of what will take place."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from flows.appointments.reminders import remind
from tests.delivery.provider import Provider, providing
from tests.people.cast import Belongings, Person
from tests.people.device import Answer
from tests.people.manager import Manager, managing
from tests.people.planner import HOUR, Planner, planning
from tests.people.staff import StaffPerson
from tests.support.clock import MONDAY_NOON
from tests.support.sluis import Sluis

#: Tuesday 13:00 by the practice's clock.
TOMORROW = MONDAY_NOON + timedelta(days=1)
IN_TWO_DAYS = MONDAY_NOON + timedelta(days=2)
DAY = timedelta(days=1)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with providing() as up:
        yield up


@pytest.fixture
def given_settings(provider: Provider) -> dict[str, Any]:
    return {"sms_gateway": "http", "sms_gateway_options": {"url": provider.url}}


@pytest.fixture
def vos(dr_vos: StaffPerson) -> Planner:
    """The therapist, at her agenda."""
    return planning(dr_vos)


@pytest.fixture
async def jansen(vos: Planner) -> Answer:
    """The dossier of Bram, for whom Carla answers too."""
    return await vos.opens_dossier("D-1002")


@pytest.fixture
def carla(sluis: Sluis) -> Person:
    """Bram's mother."""
    return Person(sluis, Belongings("Carla Jansen", "carla@clients.example"))


@pytest.fixture
def manager(olga: StaffPerson) -> Manager:
    return managing(olga)


async def round_at(sluis: Sluis, moment: datetime) -> int:
    """It becomes that time, and a worker looks what is due."""
    assert sluis.app is not None
    sluis.clock.now = moment
    return await remind(sluis.app)


async def reminders(sluis: Sluis) -> int:
    return await sluis.count("outbox_message", "template = 'appointment_reminder'")


async def sets(manager: Manager, **changes: Any) -> Answer:
    """Change the practice's settings."""
    version = (await manager.device.ask("{ practiceSettings { version } }"))["version"]
    answer: Answer = await manager.device.ask(
        """mutation($input: UpdatePracticeInput!) { updatePractice(input: $input) { __typename
             ... on PracticeUpdated { settings { reminderMinutes reminderSms remindersFrom remindersUntil videoLink } }
             ... on InvalidInput { field } ... on Refusal { code } } }""",
        input={"version": version, **changes},
    )
    return answer


async def test_every_change_is_told_at_once(
    sluis: Sluis, vos: Planner, bram: Person, carla: Person, jansen: Answer
) -> None:
    await vos.lets_in(bram)
    booked = (await vos.books(jansen, TOMORROW, note="Geheim", video="link", videoLink="https://v.example.org/7"))[
        "appointment"
    ]
    mail = await bram.is_told("U hebt een afspraak")
    text = " ".join(mail["text"].split())
    assert "Die begint op dinsdag 3 maart 2026 om 13:00 uur (tijd in Amsterdam, UTC+1) en duurt 60 minuten." in text
    assert "waar de kamer 15 minuten van tevoren opengaat" in text
    assert mail["subject"] == "Voor uw agenda"
    without_login = await carla.is_told("U hebt een afspraak")
    assert "video" not in without_login["text"], "she has no login yet"
    moved = (await vos.moves(booked, IN_TWO_DAYS, 2 * HOUR))["appointment"]
    mail_of_move = " ".join((await bram.is_told("is verzet"))["text"].split())
    assert (
        "woensdag 4 maart 2026 om 13:00 uur (tijd in Amsterdam, UTC+1) en duurt 120 minuten; dat was op dinsdag 3 maart"
        in mail_of_move
    )
    await vos.cancels(moved, "Behandelaar ziek")
    cancelled = (await bram.is_told("gaat niet door"))["text"]
    for secret in ("Geheim", "v.example.org", "Vos", "ziek"):
        assert not any(secret in one for one in (mail["text"], mail_of_move, cancelled))


async def test_a_reminder_is_sent_once_a_day_before(sluis: Sluis, vos: Planner, bram: Person, jansen: Answer) -> None:
    await vos.lets_in(bram)
    await vos.books(jansen, IN_TWO_DAYS)
    assert await round_at(sluis, IN_TWO_DAYS - DAY - timedelta(microseconds=1)) == 0
    assert sluis.app is not None
    sluis.clock.now = IN_TWO_DAYS - DAY
    assert sum(await asyncio.gather(*(remind(sluis.app) for _ in range(8)))) == 1
    assert await reminders(sluis) == 2, "to Bram and to Carla"
    mail = await bram.is_told("woensdag 4 maart 2026 om 13:00 uur")
    while mail["subject"] != "Een herinnering":
        mail = await bram.reads_mail()
    for later in (timedelta(minutes=1), timedelta(hours=3), timedelta(hours=23)):
        assert await round_at(sluis, IN_TWO_DAYS - DAY + later) == 0


async def test_what_was_moved_or_cancelled_is_not_reminded_of(sluis: Sluis, vos: Planner, jansen: Answer) -> None:
    first = (await vos.books(jansen, IN_TWO_DAYS))["appointment"]
    second = (await vos.books(jansen, IN_TWO_DAYS + HOUR))["appointment"]
    await vos.moves(first, IN_TWO_DAYS + 3 * DAY)
    await vos.cancels(second)
    assert await round_at(sluis, IN_TWO_DAYS - DAY + 2 * HOUR) == 0
    assert await round_at(sluis, IN_TWO_DAYS + 2 * DAY) == 1
    await vos.signs_in()
    moved = await vos.sees_appointment(first)
    assert moved is not None
    await vos.moves(moved, IN_TWO_DAYS + 5 * DAY)
    assert await round_at(sluis, IN_TWO_DAYS + 4 * DAY) == 1, "another time, another reminder"
    assert await reminders(sluis) == 4


async def test_one_that_waits_in_the_outbox_is_dropped_when_it_holds_no_longer(
    sluis: Sluis, vos: Planner, jansen: Answer
) -> None:
    booked = (await vos.books(jansen, IN_TWO_DAYS))["appointment"]
    await sluis.mailbox.stop()
    assert await round_at(sluis, IN_TWO_DAYS - DAY) == 1
    await vos.signs_in()
    await vos.cancels(booked)
    await sluis.mailbox.start()
    sluis.clock.forward(hours=2)
    dropped = "template = 'appointment_reminder' AND state = 'DROPPED'"
    for _ in range(200):
        if await sluis.count("outbox_message", dropped) == 2:
            break
        await asyncio.sleep(0.1)
    assert await sluis.count("outbox_message", dropped) == 2


async def test_the_booking_itself_is_the_reminder_of_what_is_soon(sluis: Sluis, vos: Planner, jansen: Answer) -> None:
    await vos.books(jansen, sluis.clock.now + 3 * HOUR)
    assert await round_at(sluis, sluis.clock.now + HOUR) == 0


async def test_nobody_is_reminded_at_night_or_of_what_has_begun(sluis: Sluis, vos: Planner, jansen: Answer) -> None:
    await vos.books(jansen, IN_TWO_DAYS)
    due = IN_TWO_DAYS - DAY
    for asleep in (due.replace(hour=19), due.replace(hour=23), (due + DAY).replace(hour=6)):
        assert await round_at(sluis, asleep) == 0
    assert await round_at(sluis, (due + DAY).replace(hour=7)) == 1, "late, but not too late"
    await vos.signs_in()
    await vos.books(jansen, IN_TWO_DAYS + 3 * DAY)
    assert await round_at(sluis, IN_TWO_DAYS + 3 * DAY) == 0


@pytest.mark.security
async def test_only_those_who_may_see_appointments_are_told(
    sluis: Sluis, vos: Planner, bram: Person, jansen: Answer
) -> None:
    identity = await vos.lets_in(bram)
    await sluis.rows("UPDATE access_grant SET scopes = '[\"ANSWERS\"]' RETURNING id")
    await vos.books(jansen, IN_TWO_DAYS)
    assert await sluis.count("outbox_message", "template = 'appointment_booked'") == 1, "Carla alone"
    await vos.deactivates(identity)
    await vos.books(jansen, IN_TWO_DAYS + HOUR)
    assert await sluis.count("outbox_message", "template = 'appointment_booked'") == 2, "Carla alone"
    await vos.closes_dossier(jansen["id"])
    assert await round_at(sluis, IN_TWO_DAYS - DAY) == 0


async def test_the_practice_says_when(sluis: Sluis, vos: Planner, manager: Manager, jansen: Answer) -> None:
    done = await sets(
        manager, reminderMinutes=[60, 2880, 60], reminderSms=True, remindersFrom="09:30", remindersUntil="17:00"
    )
    assert done["settings"] == {
        "reminderMinutes": [2880, 60],
        "reminderSms": True,
        "remindersFrom": "09:30",
        "remindersUntil": "17:00",
        "videoLink": None,
    }
    at = IN_TWO_DAYS + DAY
    await vos.books(jansen, at)
    assert [await round_at(sluis, at - timedelta(hours=hours)) for hours in (49, 48, 24, 2, 1)] == [0, 1, 0, 0, 1]
    await manager.signs_in()
    await vos.signs_in()
    assert (await sets(manager, reminderMinutes=[]))["settings"]["reminderMinutes"] == []
    await vos.books(jansen, at + DAY)
    assert await round_at(sluis, at + 2 * HOUR) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reminderMinutes", [14]),
        ("reminderMinutes", [10081]),
        ("reminderMinutes", [15, 30, 45, 60, 75, 90]),
        ("remindersFrom", "12:01"),
        ("remindersFrom", "8:00"),
        ("remindersUntil", "12:59"),
        ("remindersUntil", "24:00"),
        ("videoLink", "http://video.example.org"),
        ("videoLink", "javascript:alert(1)"),
    ],
)
async def test_a_setting_that_can_not_be(sluis: Sluis, manager: Manager, field: str, value: Any) -> None:
    answer = await sets(manager, **{field: value})
    assert (answer["code"], answer["field"]) == ("INVALID_INPUT", field)


async def test_a_text_message_is_for_those_without_an_address(
    sluis: Sluis, vos: Planner, manager: Manager, provider: Provider, bram: Person, jansen: Answer
) -> None:
    await vos.lets_in(bram)
    for table in ("account", "respondent"):
        await sluis.rows(f"UPDATE {table} SET email = NULL WHERE name = 'Bram Jansen' RETURNING id")
    await sluis.rows("UPDATE respondent SET phone = '06 12345678' RETURNING id")
    for allowed in (False, True):
        await sets(manager, reminderSms=allowed)
        at = sluis.clock.now + 2 * DAY
        await vos.books(jansen, at)
        assert await round_at(sluis, at - DAY) == 1
        assert await sluis.count("outbox_message", "channel = 'sms'") == int(allowed)
        await manager.signs_in()
        await vos.signs_in()
    text = await provider.wait_for("+31612345678", beyond=0)
    assert text == "Een herinnering: 05-03-2026, 13:00 (Amsterdam, UTC+1)."
    (row,) = await sluis.rows("SELECT * FROM outbox_message WHERE channel = 'sms'")
    assert "12345678" not in str(row)
