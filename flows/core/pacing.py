"""A pace: so many messages or prompts an hour and a day for one subject, and a wait between them."""

from dataclasses import replace
from datetime import datetime, timedelta

from models.core.attempts import Subject, change_budget
from plugins import NotSent
from security.limits import Blocked, Budget, Rule, blocked, reserve, undone

TOO_SOON = "TOO_SOON"
CAP_REACHED = "CAP_REACHED"

_HOUR = timedelta(hours=1)


async def take_turn(subject: Subject, practice_id: str, rule: Rule, now: datetime, *, waiting: str = TOO_SOON) -> None:
    """Count one; raises NotSent with the reason and the time from which it may work.

    ``waiting`` is the reason while only the wait has to pass. A run of them, which makes waits longer, ends with its
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
    """Nothing was sent after all: the turn is not counted."""

    async def undo(budget: Budget) -> Budget | Blocked:
        return undone(budget, rule)

    await change_budget(subject, practice_id, now, undo)
