"""Clocks that are handed to the product, as its own is."""

from datetime import UTC, datetime, timedelta

#: When the people of the template set up their apps, long ago: every code of a test is newer.
LONG_AGO = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MONDAY_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Clock:
    """Stands still until a test sets it forward."""

    def __init__(self, now: datetime = MONDAY_NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        self.now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


class RunningClock(Clock):
    """The machine's clock, which may be ahead: for people at a server in a process of its own."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    @now.setter
    def now(self, now: datetime) -> None:
        self._ahead = now - datetime.now(UTC)
