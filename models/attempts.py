"""Failure counts that live in the database always: per account and factor, and per short window."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise import fields
from tortoise.exceptions import OperationalError
from tortoise.expressions import Q
from tortoise.models import Model

from models.base import practice_key
from models.db import fetch, wait_for_writer
from models.practice import Practice
from security.limits import Blocked, Budget

__all__ = [
    "MINUTE",
    "AttemptBudget",
    "Budget",
    "Window",
    "WindowCount",
    "change_budget",
    "clear_budgets",
    "count_windows",
    "forget_old_counts",
    "refund_windows",
    "within_windows",
]


class AttemptBudget(Model):
    """How many proofs of one kind failed for one subject, changed by compare-and-swap on ``version``.

    ``subject`` is an account and factor, or the keyed hash of an identifier that no account has, so that
    guessing at either looks the same.
    """

    subject = fields.CharField(max_length=120, primary_key=True)
    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    consecutive = fields.IntField(default=0)
    hour_started = fields.DatetimeField(null=True)
    hour_count = fields.IntField(default=0)
    day_started = fields.DatetimeField(null=True)
    day_count = fields.IntField(default=0)
    blocked_until = fields.DatetimeField(null=True)
    locked = fields.BooleanField(default=False)
    version = fields.IntField(default=0)
    touched_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "attempt_budget"


class WindowCount(Model):
    """Events in one fixed window, e.g. failed proofs from one address in one minute."""

    key = fields.CharField(max_length=160, primary_key=True)
    count = fields.IntField(default=0)
    ends_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "window_count"


@dataclass(frozen=True, slots=True)
class Window:
    """What is counted under ``key``, and how many of it are let through."""

    key: str
    limit: int


MINUTE = timedelta(minutes=1)
_TRIES = 60


async def change_budget(
    subject: str, practice_id: str, now: datetime, change: Callable[[Budget], Awaitable[Budget | Blocked]]
) -> Budget | Blocked:
    """Apply ``change`` to the subject's budget by compare-and-swap; a Blocked answer stores nothing.

    Loses to parallel changes and tries again with what they left, so no attempt is ever counted twice or not.
    """
    for attempt in range(_TRIES):
        row = await AttemptBudget.get_or_none(subject=subject)
        changed = await change(_budget(row))
        if isinstance(changed, Blocked):
            return changed
        if await _store(subject, practice_id, now, row, changed):
            return changed
        await wait_for_writer(attempt)
    raise OperationalError(f"attempt budget stayed contended for {_TRIES} tries")


def _budget(row: AttemptBudget | None) -> Budget:
    if row is None:
        return Budget()
    return Budget(
        consecutive=row.consecutive,
        hour_started=row.hour_started,
        hour_count=row.hour_count,
        day_started=row.day_started,
        day_count=row.day_count,
        blocked_until=row.blocked_until,
        locked=row.locked,
    )


async def _store(subject: str, practice_id: str, now: datetime, row: AttemptBudget | None, budget: Budget) -> bool:
    values = asdict(budget)
    if row is not None:
        changed = await AttemptBudget.filter(subject=subject, version=row.version).update(
            **values, version=row.version + 1, touched_at=now
        )
        return changed == 1
    made = await fetch(
        "INSERT INTO attempt_budget (subject, practice_id, consecutive, hour_started, hour_count, day_started,"
        " day_count, blocked_until, locked, version, touched_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)"
        " ON CONFLICT (subject) DO NOTHING RETURNING subject",
        subject,
        practice_id,
        *values.values(),
        now,
    )
    return len(made) == 1


async def clear_budgets(subjects: Iterable[str]) -> None:
    """Forget the failures of these subjects: a reset by staff."""
    await AttemptBudget.filter(subject__in=list(subjects)).delete()


async def count_windows(keys: list[str], now: datetime) -> dict[str, int]:
    """Count one event in each window, in one statement; answers the counts, this event included."""
    return await _add(1, keys, now)


async def within_windows(windows: Sequence[Window], now: datetime) -> bool:
    """Count one event in each window, in their order, until one is over its limit; answers whether none was."""
    for window in windows:
        counts = await count_windows([window.key], now)
        if counts[window.key] > window.limit:
            return False
    return True


async def refund_windows(keys: list[str], now: datetime) -> None:
    """Take one event back out of each window: only failures count."""
    await _add(-1, keys, now)


async def _add(number: int, keys: list[str], now: datetime) -> dict[str, int]:
    # Row by row in the keys' order, whichever way it counts: two that share windows must not wait for each other.
    places = ", ".join("(?, ?, ?)" for _ in keys)
    params = [value for key in sorted(keys) for value in (key, max(number, 0), now + 2 * MINUTE)]
    rows = await fetch(
        f"INSERT INTO window_count (key, count, ends_at) VALUES {places}"  # noqa: S608 - places and a number only
        f" ON CONFLICT (key) DO UPDATE SET count = window_count.count + {number:d} RETURNING key, count",
        *params,
    )
    return {row["key"]: row["count"] for row in rows}


async def forget_old_counts(now: datetime) -> None:
    """Housekeeping: windows that ended, and budgets whose every wait is over."""
    await WindowCount.filter(ends_at__lt=now).delete()
    old = AttemptBudget.filter(touched_at__lt=now - timedelta(days=2), locked=False)
    # A run of failures is remembered however long it pauses; one of text messages ends with its hour.
    await old.filter(Q(consecutive__lt=5) | Q(subject__startswith="sms:")).delete()
