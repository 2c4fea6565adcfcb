"""Setting up a factor: started, and stored only after a first proof."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from flows.core import assurance, audit
from flows.core.account_mail import tell
from flows.core.assurance import Cause
from flows.core.attempts import succeed
from flows.core.context import AppContext, Caller, ClientInfo
from flows.core.ids import as_uuid
from flows.core.sealing import open_challenge, open_state, seal_state, state_of
from flows.core.sms_metering import Use
from flows.core.texts import clean, in_schema
from flows.refusals import (
    ChallengeExpired,
    FactorUnavailable,
    InvalidInput,
    NotFound,
    NotSentYet,
    PasswordNeeded,
    Problem,
    ProofRefused,
    Refusal,
    StepNotOpen,
    StepUpRequired,
)
from flows.second_factor.desk import desk_for
from flows.second_factor.holder import Holder, hold_stepped_up, holder_of_session, holder_of_sign_in
from flows.second_factor.judge import FAILED, FactorFailed, call
from flows.second_factor.plugin_removed import notify_plugin_removed
from flows.second_factor.proofs import GivenProof, ReservedProof, refuse_case, reserve
from flows.signin.challenges import call_within_send_limit, store_challenge
from flows.signin.completion import Outcome, present
from flows.signin.sign_in import enrolled
from flows.signin.step_up import fresh_for_own
from flows.signin.steps import next_step, recently_confirmed, sets_up
from models import Challenge, FactorEnrolment, Purpose
from models.db.database import IntegrityError, transaction
from models.second_factor.factor import consume_challenge, delete_enrolments, enrolments_of
from plugins import AnyFactor, EnrolmentBegun, EnrolmentConfirmed, NotSent, Opened, Reason, Refused, Role, Unusable

_LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class EnrolmentStarted:
    """The data for the first proof; ``public`` fills the factor's own enrolment type."""

    factor: AnyFactor
    challenge: Challenge
    public: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The factor is set up. ``outcome`` is the next step where this happened in a sign-in."""

    enrolment: FactorEnrolment
    factor: AnyFactor
    outcome: Outcome | None


async def holder_for(app: AppContext, origin: ClientInfo, sign_in: str | None, caller: Caller | None) -> Holder:
    """The sign-in of the given token, else the session; raises SignInExpired or NotSignedIn."""
    return await holder_of_session(caller) if sign_in is None else await holder_of_sign_in(app, origin, sign_in)


async def begin(app: AppContext, holder: Holder, factor_name: str, request: Any) -> EnrolmentStarted | Refusal:
    """Start setting up a factor. A pending secret can't sign in."""
    enrolments = await enrolments_of(holder.account.id)
    factor = app.factors.get(factor_name)
    if factor is None or factor.role is not Role.PROOF or not holder.policy.allows(factor):
        return FactorUnavailable(factor_name[:40])
    if refusal := _may_set_up(app, holder, enrolments):
        return refusal
    if not isinstance(request, factor.graphql.request or type(None)):
        return InvalidInput("request", Problem.REQUEST)
    desk = desk_for(app, holder.account, holder.practice, factor, address=holder.origin.address, use=Use.ENROL)

    async def work() -> EnrolmentBegun[Any] | Refused | Unusable:
        states = [open_state(app, factor, e) for e in enrolments if e.factor == factor.name]
        return await factor.begin_enrolment(desk, states, request)

    noted = (holder.actor, holder.account.id)
    try:
        ask = partial(call, app, factor, work, EnrolmentBegun, Refused, Unusable, noted=noted)
        started = await call_within_send_limit(app, holder, factor, ask, Use.ENROL)
    except NotSent as unsent:
        return NotSentYet.of(unsent, factor.name)
    except (FactorFailed, FactorUnavailable):
        return FactorUnavailable(factor.name)
    if isinstance(started, Refused):
        return ProofRefused(started.reason)
    if isinstance(started, Unusable):
        path = ["request", in_schema(factor.name), started.field]
        return InvalidInput(started.field, Problem.UNUSABLE, why=started.why, path=path)
    opened = Opened(public=started.public)
    async with transaction():
        challenge = await store_challenge(app, holder, Purpose.ENROL, factor, opened, pending=started.pending)
        await audit.record(app, holder.actor, "factor.enrolment_begun", *_about(holder), details=_named(factor))
    return EnrolmentStarted(factor, challenge, dict(started.public))


def _may_set_up(app: AppContext, holder: Holder, enrolments: list[FactorEnrolment]) -> Refusal | None:
    """A sign-in must be at that step, with the password confirmed. A session needs a recent step-up."""
    if holder.sign_in is not None:
        if not sets_up(next_step(app, holder, enrolments)):
            return StepNotOpen()
        return None if recently_confirmed(app, holder.sign_in, app.now) else PasswordNeeded()
    assert holder.caller is not None
    return None if fresh_for_own(app, holder.caller) else StepUpRequired()


async def confirm(
    app: AppContext, holder: Holder, start_id: str, given: GivenProof, label: str = "", replaces: str | None = None
) -> Confirmed | Refusal:
    """Finish by a first proof. An existing enrolment of a single factor is replaced in the same transaction.

    ``replaces`` is the id of a lost factor to delete as well: a step-up by a recovery code may replace a factor, but
    never leave the account without one (mission, 15).
    """
    label = clean("label", label, _LONGEST_LABEL, required=False)
    if refusal := _may_set_up(app, holder, await enrolments_of(holder.account.id)):
        return refusal
    case = await reserve(app, holder, Purpose.ENROL, start_id, given)
    if isinstance(case, Refusal):
        return case
    verdict = await _judge(case)
    if isinstance(verdict, Refused):
        await refuse_case(case, verdict, partial(_note, case))
        return ProofRefused(verdict.reason)
    try:
        async with transaction():
            await hold_stepped_up(holder)
            # Checked again under the lock: of parallel first enrolments only one is the first.
            if refusal := _may_set_up(app, holder, await enrolments_of(holder.account.id)):
                return refusal
            if not await consume_challenge(case.challenge.id, app.now):
                return ChallengeExpired()
            await succeed(app, str(holder.practice.id), case.reserved)
            gone = await _delete_replaced(case, replaces)
            enrolment = await _store(case, verdict, label, gone)
            advanced = await enrolled(app, holder, enrolment) if holder.sign_in else None
    except IntegrityError:
        # A concurrent enrolment has the same handle, or is of the same single factor.
        return ProofRefused(Reason.REPLAYED)
    except Refusal as refusal:
        return refusal
    await notify_plugin_removed(app, holder.actor, holder.account, holder.practice, gone)
    outcome = await present(app, holder, *advanced) if advanced else None
    return Confirmed(enrolment, case.factor, outcome)


async def _judge(case: ReservedProof) -> EnrolmentConfirmed[Any] | Refused:
    _, pending = open_challenge(case.app, case.challenge)
    factor = case.factor
    desk = desk_for(case.app, case.holder.account, case.holder.practice, factor)

    async def work() -> EnrolmentConfirmed[Any] | Refused:
        return await factor.confirm_enrolment(desk, state_of(factor, pending or {}), case.challenged, case.proof)

    try:
        return await call(case.app, factor, work, EnrolmentConfirmed, Refused)
    except (FactorFailed, NotSent):
        return Refused(Reason.WRONG, alert=FAILED)


async def _delete_replaced(case: ReservedProof, replaces: str | None) -> list[FactorEnrolment]:
    """Delete the enrolments that the new factor replaces, and return them. Raises NotFound."""
    app, holder = case.app, case.holder
    mine = [e for e in await enrolments_of(holder.account.id) if e.role == Role.PROOF]
    gone = [] if case.factor.multiple else [e for e in mine if e.factor == case.factor.name]
    if replaces is not None:
        lost = next((e for e in mine if str(e.id) == as_uuid(replaces)), None)
        if lost is None:
            raise NotFound
        if lost not in gone:
            gone.append(lost)
            await audit.record(app, holder.actor, "factor.removed", *_about(holder), details={"factor": lost.factor})
    for one in gone:
        # The notice of the new factor is not enough: each removed one has its own, which goes to its phone too.
        known = app.factors.get(one.factor)
        title = holder.in_words(known.title) if known else one.factor
        await tell(app, holder.account, "notice_factor_removed", [one], factor=title)
    await delete_enrolments(gone)
    return gone


async def _store(
    case: ReservedProof, confirmed: EnrolmentConfirmed[Any], label: str, gone: list[FactorEnrolment]
) -> FactorEnrolment:
    app, holder, factor = case.app, case.holder, case.factor
    identity, now = uuid4(), app.now
    enrolment = await FactorEnrolment.create(
        id=identity,
        practice_id=holder.practice.id,
        account_id=holder.account.id,
        factor=factor.name,
        role=factor.role.value,
        slot=str(identity) if factor.multiple else "only",
        handle=confirmed.handle,
        label=label or confirmed.label[:_LONGEST_LABEL],
        state=seal_state(app, str(holder.account.id), factor, confirmed.state),
        state_version=factor.state_version,
        created_at=now,
        confirmed_at=now,
        last_used_at=now,
        user_agent=holder.origin.user_agent,
    )
    deleted = await assurance.end(app, holder.account.id, Cause.FACTOR_ADDED, holder.acting, gone)
    await assurance.rest_on(holder.acting, deleted, factor.name, identity)
    await audit.record(app, holder.actor, "factor.enrolled", *_about(holder), details=_named(factor))
    await tell(app, holder.account, "notice_factor_added", factor=holder.in_words(factor.title))
    return enrolment


async def _note(case: ReservedProof, details: dict[str, str]) -> None:
    holder, details = case.holder, _named(case.factor) | details
    actor = holder.unproven_actor
    await audit.record(case.app, actor, "factor.enrolment", *_about(holder), outcome="REFUSED", details=details)


def _about(holder: Holder) -> tuple[tuple[str, Any], ...]:
    return (("Account", holder.account.id),)


def _named(factor: AnyFactor) -> dict[str, str]:
    return {"factor": factor.name}
