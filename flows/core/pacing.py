"""Rate limits on messages and prompts to one subject: a number an hour and a day, and a wait between two."""

from dataclasses import replace
from datetime import datetime, timedelta

from models.core.attempts import Subject, change_budget
from plugins import NotSent
from security.limits import Blocked, Budget, Rule, blocked, reserve, undone

TOO_SOON = "TOO_SOON"
CAP_REACHED = "CAP_REACHED"

_HOUR = timedelta(hours=1)


async def take_turn(subject: Subject, practice_id: str, rule: Rule, now: datetime, *, waiting: str = TOO_SOON) -> None:
    """Count one; raises NotSent with the reason and the time from which it is allowed again.

    ``waiting`` is the reason where only the wait is not over. A run of sends makes the wait longer, and ends with its
    hour.
    """

    async def take(budget: Budget) -> Budget | Blocked:
        if budget.hour_started is None or now >= budget.hour_started + _HOUR:
            budget = replace(budget, consecutive=0)
        taken = reserve(budget, now, rule)
        if isinstance(taken, Blocked):
            full = blocked(replace(budget, blocked_until=None), now, rule)
            raise NotSent(CAP_REACHED if full else waiting, taken.until)
        return taken

    await change_budget(subject, practice_id, now, take)


async def give_turn_back(subject: Subject, practice_id: str, rule: Rule, now: datetime) -> None:
    """Refund a turn in which nothing was sent."""

    async def undo(budget: Budget) -> Budget | Blocked:
        return undone(budget, rule)

    await change_budget(subject, practice_id, now, undo)
