"""The sign-in state machine: which step comes next before the login session.

:func:`next_step` is a pure function of stored rows and the policy, so a restart, another worker or
another tab computes the same step. The order is the specification; read it top to bottom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.core.context import AppContext
from flows.core.policy import Demand, Policy
from flows.core.sealing import uses_left
from flows.refusals import FactorUnavailable
from flows.second_factor.holder import Holder
from models import FactorEnrolment, SignIn
from plugins import AnyFactor, Role
from security.ages import is_within


@dataclass(frozen=True, slots=True)
class Ask:
    """A factor that may be proven now, and the enrolment that its challenge is for (None: any of them)."""

    factor: AnyFactor
    enrolment: FactorEnrolment | None


@dataclass(frozen=True, slots=True)
class FactorRequired:
    """A factor is set up and must be proven; FALLBACKs come last."""

    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True)
class FactorOffered:
    """No factor that the policy allows, and none required before ``deadline``: set one up, or not now."""

    deadline: datetime
    offers: tuple[AnyFactor, ...]
    password_confirmed: bool


@dataclass(frozen=True, slots=True)
class EnrolmentRequired:
    """No factor that the policy allows, and it requires one: password again, then one of ``offers``."""

    offers: tuple[AnyFactor, ...]
    password_confirmed: bool


@dataclass(frozen=True, slots=True)
class FallbackUnconfirmed:
    """Recovery codes (or another FALLBACK) must be issued and confirmed."""

    factor: AnyFactor


class NewPasswordReason(StrEnum):
    """Why a sign-in asks for another password."""

    GIVEN_BY_STAFF = "GIVEN_BY_STAFF"
    TOO_SHORT_ALONE = "TOO_SHORT_ALONE"


@dataclass(frozen=True, slots=True)
class NewPasswordRequired:
    """The person chooses another password."""

    reason: NewPasswordReason


@dataclass(frozen=True, slots=True)
class Ready:
    """No step is left before the login session."""


Step = FactorRequired | FactorOffered | EnrolmentRequired | FallbackUnconfirmed | NewPasswordRequired | Ready


def next_step(app: AppContext, holder: Holder, enrolments: Sequence[FactorEnrolment]) -> Step | FactorUnavailable:
    """The next step of this sign-in; ``enrolments`` are all of the account's, also of missing plugins."""
    sign_in = holder.sign_in
    assert sign_in is not None
    has_proof = has_factor(enrolments)
    fit = any(is_usable(app, holder.policy, e) for e in enrolments)
    # A remembered device does not authorise setting up another factor.
    proven = sign_in.proven_at is not None and (fit or not sign_in.waived)
    if has_proof and not proven:
        asks = factor_asks(app, holder.policy, enrolments)
        if asks:
            return FactorRequired(asks)
        # Only factors of plugins that are not installed: fail closed. The rows stay for when the plugins return.
        return FactorUnavailable(next(e.factor for e in enrolments if e.role == Role.PROOF))
    if not fit and (step := _set_up(app, holder, sign_in)):
        return step
    # New codes never expire: a remembered device is not enough to issue them.
    if has_proof and not sign_in.waived and (fallback := unconfirmed_fallback(app, holder, enrolments)):
        return FallbackUnconfirmed(fallback)
    # It was chosen beside a factor that the account does not have now: NIST SP 800-63B-4, 3.1.1.2.
    too_short = not has_proof and bool(holder.account.password_short)
    if holder.account.must_change_password:
        return NewPasswordRequired(NewPasswordReason.GIVEN_BY_STAFF)
    if too_short:
        return NewPasswordRequired(NewPasswordReason.TOO_SHORT_ALONE)
    return Ready()


def factor_asks(app: AppContext, policy: Policy, enrolments: Sequence[FactorEnrolment]) -> tuple[Ask, ...]:
    """The factors that an account may prove: its installed ones in the practice's order, FALLBACKs last.

    A factor that the policy does not allow (any more) is included only where no allowed one is left. The person proves
    it once more, and then sets up another.
    """
    asks: list[Ask] = []
    fit = any(is_usable(app, policy, e) for e in enrolments)
    for factor in sorted(policy.ordered(app.factors), key=lambda f: f.role is Role.FALLBACK):
        if not policy.allows(factor) and (fit or factor.role is Role.FALLBACK):
            continue
        mine = [e for e in enrolments if e.factor == factor.name and factor.role is not Role.WAIVER]
        if not mine or (factor.role is Role.FALLBACK and not stands_in(app, factor, mine[0])):
            continue
        asks += [Ask(factor, None)] if factor.names_enrolment else [Ask(factor, e) for e in mine]
    return tuple(asks)


def stands_in(app: AppContext, factor: AnyFactor, fallback: FactorEnrolment) -> bool:
    """Whether it may replace a lost factor: it is confirmed and not used up."""
    return fallback.confirmed_at is not None and uses_left(app, factor, fallback) != 0


def _set_up(app: AppContext, holder: Holder, sign_in: SignIn) -> Step | None:
    now = app.now
    confirmed = recently_confirmed(app, sign_in, now)
    offers = tuple(holder.policy.offers(app.factors))
    match holder.demand(now):
        case Demand.REQUIRED:
            return EnrolmentRequired(offers, confirmed)
        case Demand.OFFERED if sign_in.declined_at is None and holder.policy.required_from:
            return FactorOffered(holder.policy.required_from, offers, confirmed)
        case _:
            return None


def recently_confirmed(app: AppContext, sign_in: SignIn, now: datetime) -> bool:
    """Whether the password was confirmed recently enough to set up a factor."""
    again = sign_in.password_again_at
    return again is not None and is_within(again, now, app.rules.step_up_own)


def unconfirmed_fallback(app: AppContext, holder: Holder, enrolments: Sequence[FactorEnrolment]) -> AnyFactor | None:
    """The first FALLBACK that the policy allows and the person has not confirmed."""
    confirmed = {e.factor for e in enrolments if e.confirmed_at is not None}
    allowed = [f for f in app.factors.of(Role.FALLBACK) if holder.policy.allows(f)]
    return next((f for f in allowed if f.name not in confirmed), None)


def sets_up(step: Step | FactorUnavailable) -> bool:
    """Whether the person may set up a factor at this step."""
    return isinstance(step, EnrolmentRequired | FactorOffered)


def is_usable(app: AppContext, policy: Policy, enrolment: FactorEnrolment) -> bool:
    """Whether this is a PROOF that is installed and that the policy allows."""
    factor = app.factors.get(enrolment.factor)
    return factor is not None and factor.role is Role.PROOF and policy.allows(factor)


def has_factor(enrolments: Sequence[FactorEnrolment]) -> bool:
    """Whether there is a PROOF among them, besides fallbacks and waivers."""
    return any(e.role == Role.PROOF for e in enrolments)
