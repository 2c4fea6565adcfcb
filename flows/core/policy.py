"""A practice's policy for an audience: which factors, from when, and for how long a device is remembered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from models import Audience
from plugins import AnyFactor, Registry, Role

HOUR, DAY = 3600, 86400


class Demand(StrEnum):
    """What the policy demands on a date of an account without a factor."""

    SILENT = "SILENT"
    OFFERED = "OFFERED"
    REQUIRED = "REQUIRED"


@dataclass(frozen=True, slots=True)
class Policy:
    """One audience's policy. ``factors`` None allows all that are configured, in their order.

    ``preferred`` comes first wherever one chooses, so that it is preselected; None: the first of ``factors``.
    ``required_from`` None means at once; ``offered_from`` None means never before it is required.
    """

    factors: tuple[str, ...] | None = None
    preferred: str | None = None
    offered_from: datetime | None = None
    required_from: datetime | None = None
    remember: tuple[int, ...] = (12 * HOUR, DAY, 3 * DAY, 7 * DAY)
    remember_default: int = 12 * HOUR
    fallback: bool = True
    passwordless: bool = False

    def demand(self, now: datetime, exempt_until: datetime | None = None) -> Demand:
        """The demand on a date for an account without a factor; SILENT until the end of its exemption."""
        if exempt_until is not None and now < exempt_until:
            return Demand.SILENT
        if self.required_from is None or self.required_from <= now:
            return Demand.REQUIRED
        if self.offered_from is not None and self.offered_from <= now:
            return Demand.OFFERED
        return Demand.SILENT

    def allows(self, factor: AnyFactor) -> bool:
        if factor.role is Role.WAIVER:
            return bool(self.remember)
        if factor.role is Role.FALLBACK:
            return self.fallback
        return self.factors is None or factor.name in self.factors

    def trusts_alone(self, factor: AnyFactor) -> bool:
        """Whether this factor alone may sign in, without a password."""
        return self.passwordless and factor.primary and factor.role is Role.PROOF and self.allows(factor)

    def offers(self, registry: Registry) -> list[AnyFactor]:
        """The factors one can set up here, in the practice's order; the first is preselected."""
        return self.ordered(factor for factor in registry.of(Role.PROOF) if self.allows(factor))

    def ordered(self, factors: Iterable[AnyFactor]) -> list[AnyFactor]:
        """The preferred one first, then in the practice's order, then in the given order."""
        names = (*filter(None, [self.preferred]), *(self.factors or ()))
        return sorted(factors, key=lambda f: names.index(f.name) if f.name in names else len(names))

    def longest_memory(self) -> timedelta:
        """The longest time that a device is remembered, also one that was remembered under an older policy."""
        return timedelta(seconds=max(self.remember, default=0))


def policy_of(stored: Mapping[str, Any], audience: Audience) -> Policy:
    """Read one audience's policy from ``Practice.policy``; what is not stored is the default."""
    part = stored.get(audience.value, {})
    default = Policy()
    return Policy(
        factors=tuple(part["factors"]) if part.get("factors") is not None else None,
        preferred=part.get("preferred"),
        offered_from=_date(part.get("offered_from")),
        required_from=_date(part.get("required_from")),
        remember=tuple(part.get("remember", default.remember)),
        remember_default=part.get("remember_default", default.remember_default),
        fallback=part.get("fallback", default.fallback),
        passwordless=part.get("passwordless", default.passwordless),
    )


def as_stored(policy: Policy) -> dict[str, Any]:
    """One audience's part of ``Practice.policy``; :func:`policy_of` reads it back."""
    return {
        "factors": None if policy.factors is None else list(policy.factors),
        "preferred": policy.preferred,
        "offered_from": policy.offered_from.isoformat() if policy.offered_from else None,
        "required_from": policy.required_from.isoformat() if policy.required_from else None,
        "remember": list(policy.remember),
        "remember_default": policy.remember_default,
        "fallback": policy.fallback,
        "passwordless": policy.passwordless,
    }


def _date(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
