"""Failure counts that live in the database always: per account and factor, and per short window."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise import fields
from tortoise.exceptions import OperationalError
from tortoise.expressions import F, Q
from tortoise.models import Model

from models.core.practice import Practice
from models.db.base import practice_key
from models.db.database import fetch, wait_for_writer
from security.limits import Blocked, Budget

__all__ = [
    "MINUTE",
    "AttemptBudget",
    "Budget",
    "Subject",
    "Window",
    "WindowCount",
    "all_within",
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
    guessing at either looks the same. Under several keys it has a row for each (see :data:`Subject`).
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


Subject = tuple[str, ...]
"""The names of one budget: one, or its hash under each key of the ring, in any order.

All are written together, so that it goes on whichever key is first, and with any one of them alone.
"""

MINUTE = timedelta(minutes=1)
_TRIES = 60


async def change_budget(
    subject: Subject, practice_id: str, now: datetime, change: Callable[[Budget], Awaitable[Budget | Blocked]]
) -> Budget | Blocked:
    """Apply ``change`` to the subject's budget by compare-and-swap; a Blocked answer stores nothing.

    Loses to parallel changes and tries again with what they left, so no attempt is ever counted twice or not.
    """
    for attempt in range(_TRIES):
        rows = await AttemptBudget.filter(subject__in=subject)
        # A worker with fewer keys does not update the other rows; the row that all write has the highest version.
        row = max(rows, key=lambda row: row.version, default=None)
        changed = await change(_budget(row))
        if isinstance(changed, Blocked):
            return changed
        if await _store(subject, practice_id, now, row.version + 1 if row else 0, changed):
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


async def _store(subject: Subject, practice_id: str, now: datetime, version: int, budget: Budget) -> bool:
    """Whether no row was as far as ``version`` already; one that was makes the caller read again."""
    values = asdict(budget) | {"version": version, "touched_at": now}
    # In their order, as below: two that share rows must not wait for each other.
    rows = [(name, practice_id, *values.values()) for name in sorted(subject)]
    places = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
    stored = await fetch(
        f"INSERT INTO attempt_budget (subject, practice_id, {', '.join(values)}) VALUES {places}"  # noqa: S608 - names
        f" ON CONFLICT (subject) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in values)}"
        " WHERE attempt_budget.version < excluded.version RETURNING subject",
        *(value for row in rows for value in row),
    )
    return len(stored) == len(rows)


async def clear_budgets(subjects: Iterable[Subject]) -> None:
    """Forget the failures of these subjects: a reset by staff."""
    # The rows stay, one version on: a guess that read them before would otherwise store again what was forgotten.
    rows = AttemptBudget.filter(subject__in=[name for subject in subjects for name in subject])
    await rows.update(**asdict(Budget()), version=F("version") + 1)


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


async def all_within(windows: Sequence[Window], now: datetime) -> bool:
    """As :func:`within_windows`, in one statement, and a second one only where the answer is no.

    Inside a transaction: it holds the windows, so that nobody sees what is taken back out of them.
    """
    counts = await count_windows([window.key for window in windows], now)
    over = next((place for place, window in enumerate(windows) if counts[window.key] > window.limit), None)
    if over is None:
        return True
    if beyond := [window.key for window in windows[over + 1 :]]:
        await refund_windows(beyond, now)
    return False


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
    """Housekeeping: delete windows that ended, and budgets without a wait that is left."""
    await WindowCount.filter(ends_at__lt=now).delete()
    old = AttemptBudget.filter(touched_at__lt=now - timedelta(days=2), locked=False)
    # A run of failures is remembered however long it pauses; one of messages or prompts ends with its hour.
    send_limits = Q(subject__startswith="sms:") | Q(subject__startswith="send:")
    await old.filter(Q(consecutive__lt=5) | send_limits).delete()
