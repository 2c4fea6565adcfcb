"""A dry run of a policy: the people that it would keep out, or require to set up a factor, on a date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flows.access.reach import manager
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.paging import check_size, position
from flows.core.policy import Demand, Policy, policy_of
from flows.core.texts import moment
from flows.policy.policy_editing import Edit, edited
from models import Practice
from models.policy.policy_gaps import Fit, Gap, count_gaps, gaps
from plugins import Role


@dataclass(frozen=True, slots=True)
class DryRun:
    """One page of those who are not ready; ``totals`` are by reason and whether they are locked out."""

    policy: Policy
    demand: Demand
    rows: Sequence[Gap]
    has_next: bool
    totals: Mapping[tuple[str, bool], int]


async def dry_run(
    app: AppContext, caller: Caller | None, edit: Edit, on: datetime, first: int, after: str | None
) -> DryRun:
    """Under the policy with these changes, or as it stands without any; nothing is stored but that it was asked.

    Five statements however many people. Raises PolicyRefused, InvalidInput, PageTooLarge and BadCursor.
    """
    member = manager(caller)
    check_size(app, first)
    after_row, on = position(after), moment("on", on)
    practice = await Practice.get(id=member.practice_id)
    old = policy_of(practice.policy, edit.audience)
    policy = edited(app.factors, old, edit.changes) if edit.changes else old
    demand = policy.demand(on)
    fit = Fit(
        practice_id=member.practice_id,
        audience=edit.audience,
        on=on,
        allowed=[factor.name for factor in policy.offers(app.factors)],
        installed=[factor.name for factor in app.factors.of(Role.PROOF)],
        fallbacks=[factor.name for factor in app.factors.of(Role.FALLBACK) if policy.allows(factor)],
        required=demand is Demand.REQUIRED,
    )
    rows, totals = await gaps(fit, first + 1, after_row), await count_gaps(fit)
    details = {"audience": edit.audience.value, "on": on.isoformat()}
    about = [("Account", row.account_id) for row in rows[:first]]
    await audit.record(app, member, "policy.dry_run", ("Practice", practice.id), *about, details=details)
    return DryRun(policy, demand, rows[:first], len(rows) > first, totals)
