"""Changing what a practice asks: read by all staff, changed by its managers, refused where nobody could comply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from flows.access.office import hold_office
from flows.access.reach import manager, staff
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.policy import DAY, HOUR, Policy, as_stored, policy_of
from flows.core.texts import moment
from flows.refusals import PolicyRefused, Refusal, StepUpRequired
from flows.signin.step_up import fresh_for_own
from models import Audience, Practice
from models.db.database import transaction
from models.locks import hold_rows
from models.second_factor.factor import device_owners, forget_devices_beyond
from plugins import Registry, Role

SHORTEST, LONGEST = HOUR, 30 * DAY
_MOST_CHOICES = 10
#: Accounts in one statement.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Edit:
    """What changes for one audience, under the names of Policy's fields; what is not named stays."""

    audience: Audience
    changes: Mapping[str, Any]


async def policies(caller: Caller | None) -> dict[Audience, Policy]:
    """Both audiences' policies of the caller's practice."""
    practice = await Practice.get(id=staff(caller).practice_id)
    return {audience: policy_of(practice.policy, audience) for audience in Audience}


async def set_policy(app: AppContext, caller: Caller | None, edit: Edit) -> dict[Audience, Policy] | Refusal:
    """Change one audience's policy; holds from the next request on. The audit keeps the old and the new.

    Devices that were remembered for longer than it allows now are forgotten.
    """
    member = manager(caller)
    if not fresh_for_own(app, member):
        return StepUpRequired()
    owners = await device_owners(member.practice_id, edit.audience)
    async with transaction():
        practice = (await hold_office(member)).practice
        old = policy_of(practice.policy, edit.audience)
        new = edited(app.factors, old, edit.changes)
        practice.policy = {**practice.policy, edit.audience.value: as_stored(new)}
        await practice.save(update_fields=["policy"])
        details: dict[str, Any] = {"audience": edit.audience.value, "old": as_stored(old), "new": as_stored(new)}
        if new.longest_memory() < old.longest_memory():
            # For good: a list that is put back brings no device back to life.
            details["devicesForgotten"] = await _forget_devices(owners, new.longest_memory())
        await audit.record(app, member, "policy.set", ("Practice", practice.id), details=details)
    return {audience: policy_of(practice.policy, audience) for audience in Audience}


async def _forget_devices(owners: Sequence[UUID], longest: timedelta) -> int:
    """A sign-in meanwhile remembers nothing longer than the new policy says (`remembered_devices.store`)."""
    gone = 0
    for start in range(0, len(owners), _AT_ONCE):
        some = owners[start : start + _AT_ONCE]
        await hold_rows(accounts=some)
        gone += await forget_devices_beyond(some, longest)
    return gone


def edited(registry: Registry, policy: Policy, changes: Mapping[str, Any]) -> Policy:
    """The policy with these changes. Raises PolicyRefused for what can't be asked of anybody, and InvalidInput."""
    new = replace(policy, **changes)
    new = replace(
        new,
        offered_from=new.offered_from and moment("offeredFrom", new.offered_from),
        required_from=new.required_from and moment("requiredFrom", new.required_from),
    )
    if new.factors is not None:
        # A factor of a missing plugin may stay on the list, for when the plugin returns; it can't be added.
        _check_factors(registry, new.factors, known=policy.factors or ())
        new = replace(new, factors=tuple(dict.fromkeys(new.factors)))
    if not new.offers(registry):
        raise PolicyRefused("NO_FACTOR", "factors")
    _check_preferred(registry, new, policy)
    if new.offered_from is not None and (new.required_from is None or new.offered_from > new.required_from):
        raise PolicyRefused("DATES", "offeredFrom")
    _check_remembering(new)
    if new.passwordless and not any(new.trusts_alone(factor) for factor in registry):
        raise PolicyRefused("NOT_PRIMARY", "passwordless")
    return new


def _check_factors(registry: Registry, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in names:
        factor = registry.get(name)
        if (factor is None and name not in known) or (factor is not None and factor.role is not Role.PROOF):
            raise PolicyRefused("UNKNOWN_FACTOR", "factors")


def _check_preferred(registry: Registry, policy: Policy, old: Policy) -> None:
    # A preferred factor of a missing plugin may stay until another is chosen.
    chosen = (policy.preferred, policy.factors) != (old.preferred, old.factors)
    if chosen and policy.preferred and policy.preferred not in {factor.name for factor in policy.offers(registry)}:
        raise PolicyRefused("PREFERRED", "preferred")


def _check_remembering(policy: Policy) -> None:
    distinct = len(set(policy.remember)) == len(policy.remember) <= _MOST_CHOICES
    if not distinct or any(not SHORTEST <= seconds <= LONGEST for seconds in policy.remember):
        raise PolicyRefused("DURATION", "remember")
    if policy.remember and policy.remember_default not in policy.remember:
        raise PolicyRefused("DEFAULT", "rememberDefault")
