"""When a reminder goes out: by the practice's clock, on the nights too on which the clock changes."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flows.core.quiet_hours import QuietHours

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOURS = QuietHours(AMSTERDAM)


def local(text: str) -> datetime:
    """A time of 2026 by the practice's clock."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=AMSTERDAM).astimezone(UTC)


@pytest.mark.parametrize(
    ("event", "hours", "sent"),
    [
        ("03-05 10:00", 24, "03-04 10:00"),
        ("03-05 08:00", 24, "03-04 08:00"),
        ("03-05 20:00", 24, "03-05 08:00"),
        ("03-05 21:30", 24, "03-05 08:00"),
        ("03-05 07:30", 24, "03-04 08:00"),
        ("03-05 09:00", 2, "03-05 08:00"),
        ("03-05 08:59", 2, "03-04 19:45"),
        ("03-05 03:00", 2, "03-04 19:45"),
        ("03-05 10:00", 2, "03-05 08:00"),
        ("03-05 19:00", 168, "02-26 19:00"),
        ("03-29 12:00", 24, "03-28 11:00"),
        ("03-29 08:30", 1, "03-28 19:45"),
        ("10-25 12:00", 24, "10-24 13:00"),
        ("10-25 09:00", 2, "10-25 08:00"),
    ],
)
def test_reminder_due_at_night_is_sent_by_day(event: str, hours: int, sent: str) -> None:
    at = local(event)
    assert HOURS.nearest(at - timedelta(hours=hours), at) == local(sent)


@pytest.mark.parametrize(
    ("moment", "safe"),
    [
        ("03-05 07:59", False),
        ("03-05 08:00", True),
        ("03-05 19:59", True),
        ("03-05 20:00", False),
        ("03-29 08:00", True),
        ("03-29 07:59", False),
        ("10-25 08:00", True),
        ("10-25 07:59", False),
    ],
)
def test_hours_are_those_of_the_local_clock(moment: str, safe: bool) -> None:
    assert HOURS.holds(local(moment)) is safe


@pytest.mark.parametrize(
    ("moment", "event", "sent"),
    [
        ("03-05 10:00", None, "03-05 10:00"),
        ("03-05 20:00", None, "03-06 08:00"),
        ("03-06 03:00", None, "03-06 08:00"),
        ("03-06 03:00", "03-06 09:00", "03-06 08:00"),
        ("03-06 03:00", "03-06 08:59", "03-06 03:00"),
        ("03-28 21:00", None, "03-29 08:00"),
        ("10-24 21:00", None, "10-25 08:00"),
    ],
)
def test_message_at_night_waits_for_the_morning_unless_that_is_too_late(
    moment: str, event: str | None, sent: str
) -> None:
    assert HOURS.next(local(moment), local(event) if event else None) == local(sent)


def test_latest_due_includes_every_reminder_that_is_due() -> None:
    for minutes in range(0, 24 * 60, 25):
        now = local("03-28 00:00") + timedelta(minutes=minutes)
        dues = [now + timedelta(minutes=30 * number) for number in range(-48, 49)] if HOURS.holds(now) else []
        for due, notice in itertools.product(dues, (0, 1, 2, 24)):
            if HOURS.nearest(due, due + timedelta(hours=notice)) <= now:
                assert due <= HOURS.latest_due(now)
