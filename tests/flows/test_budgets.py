"""An account's failures are counted by compare-and-swap: of two that read the same count, both are in it."""

import asyncio

from flows.core.attempts import subject_of
from models import Audience
from models.core.attempts import AttemptBudget, Budget, change_budget, clear_budgets
from security.limits import Blocked, Rule, reserve
from tests.flows.office import Office


async def test_concurrent_count_is_not_overwritten(office: Office) -> None:
    account = await office.account(Audience.RESPONDENT, name="Ada")
    subject, practice, now = subject_of(str(account.id), "password"), str(office.practice.id), office.app.now

    async def spend(budget: Budget) -> Budget | Blocked:
        return reserve(budget, now, Rule())

    async def other() -> None:
        await change_budget(subject, practice, now, spend)

    async def overtaken(budget: Budget) -> Budget | Blocked:
        if overtaking:
            # Between the reading and the writing, on a connection of its own where there are several.
            await asyncio.create_task(overtaking.pop())
        return await spend(budget)

    for counted in (2, 4):
        overtaking = [other()]
        await change_budget(subject, practice, now, overtaken)
        assert (await AttemptBudget.get(subject=subject[0])).consecutive == counted


async def test_concurrent_reset_is_not_overwritten(office: Office) -> None:
    """A guess that was being counted while staff reset it is the first of the new count, not the last of the old."""
    account = await office.account(Audience.RESPONDENT, name="Ada")
    subject, practice, now = subject_of(str(account.id), "password"), str(office.practice.id), office.app.now
    resetting = [clear_budgets([subject])]

    async def spend(budget: Budget) -> Budget | Blocked:
        if budget.consecutive == 4 and resetting:
            await asyncio.create_task(resetting.pop())
        return reserve(budget, now, Rule())

    counted = [await change_budget(subject, practice, now, spend) for _ in range(5)]
    assert counted[4] == counted[0] == reserve(Budget(), now, Rule())
    assert (await AttemptBudget.get(subject=subject[0])).consecutive == 1
