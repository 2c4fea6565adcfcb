"""The slow-down after failed proofs, as pure arithmetic. Who stores a budget reserves before verifying:

    reserved = reserve(budget, now, rule)   # Blocked, or a budget to store in the same transaction
    ... verify, outside any transaction ...
    released(budget)                        # only after a success; a failure has been counted already

Parallel guesses therefore never exceed the rule, however many are under way (OWASP ASVS 5.0, 6.3.1).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_MOST_CONSECUTIVE = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """How many failures cost how much.

    From the `slow_from`th consecutive failure on a wait of `first_wait`, doubling to `longest_wait`; at most
    `per_hour` and `per_day`; at `lock_at` consecutive ones locked (NIST SP 800-63B-4, 3.2.2: at most 100).
    """

    slow_from: int = 5
    first_wait: timedelta = timedelta(seconds=30)
    longest_wait: timedelta = timedelta(minutes=15)
    per_hour: int = 20
    per_day: int = 50
    lock_at: int = 100

    def __post_init__(self) -> None:
        if not 1 <= self.slow_from <= self.lock_at <= _MOST_CONSECUTIVE:
            raise ValueError(f"failures must satisfy 1 <= slow_from <= lock_at <= {_MOST_CONSECUTIVE}")
        if not timedelta() < self.first_wait <= self.longest_wait:
            raise ValueError("waits must satisfy 0 < first_wait <= longest_wait")
        if not 1 <= self.per_hour <= self.per_day:
            raise ValueError("failures must satisfy 1 <= per_hour <= per_day")


@dataclass(frozen=True, slots=True)
class Budget:
    """The failures of one account with one factor, attempts under way included.

    A window of an hour or a day begins with its first attempt. Times are aware.
    """

    consecutive: int = 0
    hour_started: datetime | None = None
    hour_count: int = 0
    day_started: datetime | None = None
    day_count: int = 0
    blocked_until: datetime | None = None
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Blocked:
    """No attempt before `until`; None means locked until somebody resets the budget."""

    until: datetime | None


def blocked(budget: Budget, now: datetime, rule: Rule) -> Blocked | None:
    """What stands in the way of an attempt at `now`, the longest of the waits that hold; None if nothing.

    A clock that was set back prolongs a wait and opens no window.
    """
    if budget.locked or budget.consecutive >= rule.lock_at:
        return Blocked(None)
    ends = [budget.blocked_until]
    if budget.hour_count >= rule.per_hour:
        ends.append(_end(budget.hour_started, _HOUR))
    if budget.day_count >= rule.per_day:
        ends.append(_end(budget.day_started, _DAY))
    until = max((end for end in ends if end is not None and now < end), default=None)
    return Blocked(until) if until else None


def reserve(budget: Budget, now: datetime, rule: Rule) -> Budget | Blocked:
    """The budget with one more attempt, counted as the failure that it may become; or why there is none.

    The attempt that reaches `rule.lock_at` is still made; the budget is locked unless it succeeds.
    """
    if refusal := blocked(budget, now, rule):
        return refusal
    consecutive = budget.consecutive + 1
    hour_started, hour_count = _counted(budget.hour_started, budget.hour_count, _HOUR, now)
    day_started, day_count = _counted(budget.day_started, budget.day_count, _DAY, now)
    return Budget(
        consecutive=consecutive,
        hour_started=hour_started,
        hour_count=hour_count,
        day_started=day_started,
        day_count=day_count,
        blocked_until=now + _wait(consecutive, rule) if consecutive >= rule.slow_from else None,
        locked=consecutive >= rule.lock_at,
    )


def released(budget: Budget) -> Budget:
    """The budget after a reserved attempt succeeded: it is refunded, and the run of failures ends.

    The failures of the hour and the day stay counted, so a success between guesses buys no more of them.
    """
    return replace(
        budget,
        consecutive=0,
        hour_count=max(budget.hour_count - 1, 0),
        day_count=max(budget.day_count - 1, 0),
        blocked_until=None,
        locked=False,
    )


def undone(budget: Budget, rule: Rule) -> Budget:
    """The budget as if a reserved attempt, in which nothing could be judged, had not been made."""
    consecutive = max(budget.consecutive - 1, 0)
    return replace(
        budget,
        consecutive=consecutive,
        hour_count=max(budget.hour_count - 1, 0),
        day_count=max(budget.day_count - 1, 0),
        # It was reserved after the wait before it was over.
        blocked_until=None,
        locked=consecutive >= rule.lock_at,
    )


def _wait(consecutive: int, rule: Rule) -> timedelta:
    # In floats, because thirty doublings of a timedelta overflow it.
    seconds = rule.first_wait.total_seconds() * 2.0 ** (consecutive - rule.slow_from)
    return timedelta(seconds=min(seconds, rule.longest_wait.total_seconds()))


def _end(started: datetime | None, length: timedelta) -> datetime | None:
    return started + length if started else None


def _counted(started: datetime | None, count: int, length: timedelta, now: datetime) -> tuple[datetime, int]:
    """The window and its count with one more attempt; a window that has ended gives way to a new one."""
    if started is None or now >= started + length:
        return now, 1
    return started, count + 1
