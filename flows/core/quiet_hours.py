"""When a message that can wait may arrive: by day, by the clock of the practice (mission, 28).

Security notices and what a person asked for (a link, a code, a confirmation) go at once and are not listed here.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from models import Practice

#: The templates of news that can wait until the morning.
CAN_WAIT = frozenset(
    {
        "access_approved",
        "access_deactivated",
        "document_ready",
        "appointment_booked",
        "appointment_moved",
        "appointment_cancelled",
        "appointment_staff_added",
        "change_accepted",
        "change_rejected",
        "sign_up_rejected",
    }
)
FROM, UNTIL = 8 * 60, 20 * 60
#: A message in the morning is too late for an event within this time.
_LEAST_NOTICE = timedelta(hours=1)
#: How long before the end of the evening, so that there is time to send it.
_EVENING = timedelta(minutes=15)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """``start`` and ``end`` in minutes after midnight by the local clock, also when it is put forward or back."""

    zone: ZoneInfo
    start: int = FROM
    end: int = UNTIL

    @classmethod
    def of(cls, practice: Practice) -> "QuietHours":
        start, end = practice.reminders_from, practice.reminders_until
        return cls(ZoneInfo(practice.time_zone), FROM if start is None else start, UNTIL if end is None else end)

    def holds(self, moment: datetime) -> bool:
        """Whether a message may arrive now."""
        day = moment.astimezone(self.zone).date()
        return self._at(day, self.start) <= moment < self._at(day, self.end)

    def nearest(self, due: datetime, event: datetime) -> datetime:
        """When to send a message about an event that is due at ``due``.

        Instead of at night it goes in the morning, or the evening before where the morning is too late.
        """
        if self.holds(due):
            return due
        day = due.astimezone(self.zone).date()
        if due >= self._at(day, self.end):
            day += _DAY
        morning = self._at(day, self.start)
        return morning if event - morning >= _LEAST_NOTICE else self._at(day - _DAY, self.end) - _EVENING

    def next(self, moment: datetime, event: datetime | None = None) -> datetime:
        """When to send a message that can wait: at ``moment``, or in the morning where that is at night.

        A message about an ``event`` goes at once where the morning is too late for it.
        """
        if self.holds(moment):
            return moment
        day = moment.astimezone(self.zone).date()
        morning = self._at(day + _DAY if moment >= self._at(day, self.end) else day, self.start)
        return moment if event is not None and event - morning < _LEAST_NOTICE else morning

    def latest_due(self, now: datetime) -> datetime:
        """An upper bound on the due time of messages to send now: :func:`nearest` of anything later is later than now.

        Late in the evening it is the next morning: a message that is due in the night may be sent before it.
        """
        evening = self._at(now.astimezone(self.zone).date(), self.end)
        return self.next(evening) if evening - _EVENING <= now < evening else now

    def _at(self, day: date, minutes: int) -> datetime:
        hours, rest = divmod(minutes, 60)
        return datetime(day.year, day.month, day.day, hours, rest, tzinfo=self.zone).astimezone(UTC)
