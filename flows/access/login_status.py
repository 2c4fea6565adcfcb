"""The four steps from a respondent to the portal, and the blockers that are left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

import orjson

from flows.access.scopes import in_order, opened_by
from flows.access.undelivered import Delivery, act_for, delivery_of
from flows.core.policy import Demand, Policy, policy_of
from locales import text
from models import Audience, Relation, Scope
from models.access.login_status import LoginFacts
from models.core.message_failure import ADDRESS_FAILURES
from models.mail.undelivered import UndeliveredRow
from normalise.codes import shown_login_code


class LoginStep(StrEnum):
    """The steps in order; each has a party that must act."""

    INVITATION_MAILED = "INVITATION_MAILED"
    PASSWORD_SET = "PASSWORD_SET"  # noqa: S105
    SECOND_FACTOR_SET = "SECOND_FACTOR_SET"
    ACCESS_APPROVED = "ACCESS_APPROVED"


class Party(StrEnum):
    """The party that must act."""

    STAFF = "STAFF"
    RESPONDENT = "RESPONDENT"


@dataclass(frozen=True, slots=True)
class StepState:
    step: LoginStep
    party: Party
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing between a person and the portal. ``mutation`` names what does it away, done by ``party``."""

    code: str
    party: Party
    mutation: str
    message: str


Stands = tuple[str, Party, str]
"""A blocker's code, who must act, and the mutation that does it away."""

#: The states of an invitation with a usable link.
OPEN_INVITATIONS = frozenset({"SENT", "DELIVERED", "OPENED"})


def steps_of(facts: LoginFacts) -> Sequence[StepState]:
    """The four steps, each with its party and when it was done."""
    # A mail that did not arrive leaves the step open, but an existing login closes it.
    mailed = None if facts.invitation_state == "FAILED" else facts.invitation_sent_at
    invited = mailed or facts.granted_at
    approved = facts.approved_at if facts.grant_state == "APPROVED" else None
    return (
        StepState(LoginStep.INVITATION_MAILED, Party.STAFF, invited),
        StepState(LoginStep.PASSWORD_SET, Party.RESPONDENT, facts.password_set_at),
        StepState(LoginStep.SECOND_FACTOR_SET, Party.RESPONDENT, facts.factor_set_at),
        StepState(LoginStep.ACCESS_APPROVED, Party.STAFF, approved),
    )


def blockers_of(facts: LoginFacts, now: datetime, locale: str) -> Sequence[Blocker]:
    """The blockers between this person and the portal under today's policy, in the order to remove them."""
    factor_required = _respondents_policy(facts.policy).demand(now, facts.exempt_until) is Demand.REQUIRED
    return tuple(_blocker(*one, locale) for one in _blockers(facts, factor_required, now))


def _blocker(code: str, party: Party, mutation: str, locale: str) -> Blocker:
    return Blocker(code, party, mutation, text(f"blocker.{code}", locale))


def prospect_blockers(*, verified: bool, locale: str) -> Sequence[Blocker]:
    """The blockers between a prospect and the portal."""
    unverified = [] if verified else [("EMAIL_UNVERIFIED", Party.RESPONDENT, "verifyEmail")]
    every = [*unverified, ("NOT_LINKED", Party.STAFF, "createClient")]
    return tuple(_blocker(code, party, mutation, locale) for code, party, mutation in every)


def shortest_way(every: Sequence[LoginFacts], now: datetime, locale: str) -> Sequence[Blocker]:
    """The blockers of a person who needs only one grant: those of the grant that is nearest to approval."""
    nearest = sorted(every, key=lambda facts: facts.grant_state == "DEACTIVATED")
    return min((blockers_of(facts, now, locale) for facts in nearest), key=len, default=())


def shown_code(facts: LoginFacts) -> str | None:
    """The login code as people read it."""
    return shown_login_code(facts.login_code) if facts.login_code else None


def opened_scopes(facts: LoginFacts) -> Sequence[Scope] | None:
    """What the grant opens, or will once it is approved; None where there is none."""
    return _scopes(facts.grant_scopes, facts.relation) if facts.grant_state else None


@lru_cache(256)
def _scopes(stored: str | None, relation: str) -> Sequence[Scope]:
    return in_order(opened_by(orjson.loads(stored) if stored else None, Relation(relation)))


@lru_cache(256)
def _respondents_policy(stored: str) -> Policy:
    return policy_of(orjson.loads(stored), Audience.RESPONDENT)


def _blockers(facts: LoginFacts, factor_required: bool, now: datetime) -> Iterator[Stands]:
    if facts.dossier_closed:
        yield "DOSSIER_CLOSED", Party.STAFF, "reopenDossier"
    if facts.grant_state is None or facts.closed_at is not None:
        yield from _before_account(facts, factor_required)
        return
    if facts.suspended_at is not None:
        yield "SUSPENDED", Party.STAFF, "reinstateAccount"
    # A closed access has no login to repair; approving it comes first.
    closed = facts.grant_state == "DEACTIVATED"
    if not closed and facts.reset_requested_at is not None and (failed := _failed_reset(facts)) is not None:
        # Without an act of staff for it, the person requests another mail.
        act = act_for(failed)
        yield ("RESET_NOT_DELIVERED", *((Party.STAFF, act) if act else (Party.RESPONDENT, "forgotPassword")))
    lacks_factor = factor_required and facts.factor_set_at is None
    if facts.starter_until is not None:
        yield from _before_own_password(facts, facts.starter_until, lacks_factor, now)
    elif closed:
        yield from _deactivated(facts, lacks_factor)
    else:
        yield from _before_approval(facts, lacks_factor)


def _before_account(facts: LoginFacts, factor_required: bool) -> Iterator[Stands]:
    """The blockers of a person without an account, or who closed it."""
    invited_since = facts.closed_at is None or (facts.invitation_sent_at or facts.closed_at) > facts.closed_at
    open_now = invited_since and facts.invitation_state in OPEN_INVITATIONS
    if not facts.email and not open_now:
        yield "NO_EMAIL_ADDRESS", Party.STAFF, "updateRespondent"
    yield _invitation_blocker(facts) if invited_since else ("ACCOUNT_CLOSED", Party.STAFF, "inviteRespondent")
    if not open_now:
        yield "NO_PASSWORD", Party.RESPONDENT, "acceptInvitation"
    if factor_required:
        yield "NO_FACTOR", Party.RESPONDENT, "beginEnrolment"
    yield "NOT_APPROVED", Party.STAFF, "approveAccess"


def _before_own_password(facts: LoginFacts, until: datetime, lacks_factor: bool, now: datetime) -> Iterator[Stands]:
    """The blockers with a starter password that is not replaced yet. Giving another one approves the access too."""
    deactivated = facts.grant_state == "DEACTIVATED"
    given_anew = until <= now or (deactivated and lacks_factor)
    if given_anew and not facts.email:
        yield "NO_EMAIL_ADDRESS", Party.STAFF, "updateRespondent"
    if deactivated:
        yield "DEACTIVATED", Party.STAFF, "giveStarterPassword" if given_anew else "approveAccess"
    elif given_anew:
        yield "STARTER_PASSWORD_EXPIRED", Party.STAFF, "giveStarterPassword"
    if not given_anew or deactivated:
        yield "STARTER_PASSWORD_UNUSED", Party.RESPONDENT, "signIn"
    if lacks_factor:
        yield "NO_FACTOR", Party.RESPONDENT, "beginEnrolment"
    if facts.grant_state == "PENDING" and not given_anew:
        yield "NOT_APPROVED", Party.STAFF, "approveAccess"


def _deactivated(facts: LoginFacts, lacks_factor: bool) -> Iterator[Stands]:
    """The blockers of a deactivated access. Without the factor that approving needs an invitation comes first."""
    if not lacks_factor:
        yield "DEACTIVATED", Party.STAFF, "approveAccess"
        return
    if facts.invitation_state in OPEN_INVITATIONS:
        yield _invitation_blocker(facts)
    else:
        if not facts.email:
            yield "NO_EMAIL_ADDRESS", Party.STAFF, "updateRespondent"
        yield "DEACTIVATED", Party.STAFF, "inviteRespondent"
    yield from _before_approval(facts, lacks_factor)


def _before_approval(facts: LoginFacts, lacks_factor: bool) -> Iterator[Stands]:
    if lacks_factor:
        yield "NO_FACTOR", Party.RESPONDENT, "beginEnrolment"
    if facts.grant_state != "APPROVED":
        waits = "NOT_APPROVED" if facts.taken_back_at is None else "NOT_APPROVED_SINCE_RESET"
        yield waits, Party.STAFF, "approveAccess"


def _failed_reset(facts: LoginFacts) -> UndeliveredRow | None:
    """The undelivered mail with a link for a new password, without which the person can't sign in."""
    last = facts.undelivered
    if last is None or last.template != "reset_requested" or delivery_of(last.state) is Delivery.RETRYING:
        return None
    return last


def _invitation_blocker(facts: LoginFacts) -> Stands:
    match facts.invitation_state:
        case None:
            return "NOT_INVITED", Party.STAFF, "inviteRespondent"
        case "FAILED" if facts.invitation_failure in ADDRESS_FAILURES:
            return "INVITATION_ADDRESS_REFUSED", Party.STAFF, "updateRespondent"
        case "FAILED":
            return "INVITATION_NOT_DELIVERED", Party.STAFF, "inviteRespondent"
        case "EXPIRED":
            return "INVITATION_EXPIRED", Party.STAFF, "inviteRespondent"
        case "REVOKED" | "SUPERSEDED":
            return "INVITATION_REVOKED", Party.STAFF, "inviteRespondent"
        case _:
            return "INVITATION_OPEN", Party.RESPONDENT, "acceptInvitation"
