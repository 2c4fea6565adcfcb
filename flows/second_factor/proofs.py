"""Judging a proof so that it is spent exactly once, also under concurrent requests.

Three parts; no transaction is open while the factor works:

1. reserve: the challenge is found and, in one transaction, an attempt counted as a failure;
2. judge: the factor verifies, with a time limit, over the state as it was read;
3. settle: in one transaction, the challenge is consumed, the new state stored by compare-and-swap and
   the caller's own change made. A proof that loses the swap is judged once more, against the winner's state.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flows.core import audit
from flows.core.account_mail import tell
from flows.core.attempts import Reserved, counted_ahead, give_back, reserve_attempt, subject_of, succeed
from flows.core.context import AppContext
from flows.core.ids import as_uuid
from flows.core.sealing import open_challenge, open_state, seal_state
from flows.refusals import Cause, ChallengeExpired, FactorUnavailable, ProofRefused, Refusal, TooManyAttempts
from flows.second_factor.desk import desk_for
from flows.second_factor.holder import Holder, Visitor
from flows.second_factor.judge import FAILED, FactorFailed, call, is_handle
from models import Challenge, FactorEnrolment, Purpose
from models.core.attempts import Subject
from models.db.database import transaction
from models.locks import hold_account
from models.second_factor.factor import consume_challenge, enrolments_of, live_challenge, swap_state
from plugins import Accepted, AnyFactor, Challenged, NotSent, Reason, Refused

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GivenProof:
    """A proof as received: the factor's name, and the factor's own proof object."""

    factor: str
    proof: Any


@dataclass(frozen=True, slots=True)
class ReservedProof:
    """A proof that is counted and can be judged."""

    app: AppContext
    holder: Holder
    factor: AnyFactor
    challenge: Challenge
    challenged: Challenged
    reserved: Reserved
    proof: Any


class _LostRace(Exception):
    """Another proof changed the enrolment first."""


async def reserve(
    app: AppContext, holder: Holder, purpose: Purpose, challenge_id: str, given: GivenProof
) -> ReservedProof | Refusal:
    """Part 1."""
    subject = subject_of(str(holder.account.id), given.factor)
    counted = await _count(app, holder, purpose, challenge_id, given, subject)
    if isinstance(counted, Refusal):
        return counted
    challenge, factor, reserved = counted
    return ReservedProof(app, holder, factor, challenge, open_challenge(app, challenge)[0], reserved, given.proof)


async def _count(
    app: AppContext, prover: Holder | Visitor, purpose: Purpose, challenge_id: str, given: GivenProof, subject: Subject
) -> tuple[Challenge, AnyFactor, Reserved] | Refusal:
    """Count one attempt. Nothing is counted for a challenge of another holder, which can't be guessed."""
    identity = as_uuid(challenge_id)
    challenge = await live_challenge(identity, purpose, app.now, prover.binding) if identity else None
    if challenge is None or challenge.factor != given.factor:
        return ChallengeExpired()
    factor = app.factors.get(challenge.factor)
    if factor is None:
        return FactorUnavailable(challenge.factor)
    event = await counted_ahead(app, prover.origin, str(prover.practice.id))
    async with transaction():
        reserved = await reserve_attempt(app, event, str(prover.practice.id), subject)
        if isinstance(reserved, TooManyAttempts):
            if reserved.cause is Cause.BUDGET:
                await _note(app, prover, factor, "BLOCKED", purpose)
            return reserved
    return challenge, factor, reserved


async def refuse(
    app: AppContext, prover: Holder | Visitor, purpose: Purpose, challenge_id: str, given: GivenProof, subject: Subject
) -> Refusal:
    """Refuse a proof without judging it, counted and answered as a wrong one."""
    counted = await _count(app, prover, purpose, challenge_id, given, subject)
    if isinstance(counted, Refusal):
        return counted
    async with transaction():
        await _note(app, prover, counted[1], "REFUSED", purpose, {"reason": Reason.WRONG.value})
    return ProofRefused(Reason.WRONG)


async def prove(
    app: AppContext,
    holder: Holder,
    purpose: Purpose,
    challenge_id: str,
    given: GivenProof,
    on_accept: Callable[[FactorEnrolment], Awaitable[T]],
) -> T | Refusal:
    """Judge ``given``; when it is accepted, run ``on_accept`` in the transaction that spends it.

    ``on_accept`` may raise a Refusal: then nothing is spent, and the attempt stays counted.
    """
    case = await reserve(app, holder, purpose, challenge_id, given)
    if isinstance(case, Refusal):
        return case
    for lost_before in (False, True):
        enrolment = await _named_enrolment(case)
        try:
            verdict = await _judge(case, enrolment)
        except FactorUnavailable as unavailable:
            await _refuse(case, None, Refused(Reason.WRONG, alert=FAILED))
            return unavailable
        if isinstance(verdict, Refused):
            # Losing a race is no reason for an alert.
            return await _refuse(case, enrolment, replace(verdict, alert=None) if lost_before else verdict)
        try:
            return await _settle(case, *verdict, on_accept)
        except _LostRace:
            continue
    return await _refuse(case, None, Refused(Reason.REPLAYED))


async def _named_enrolment(case: ReservedProof) -> FactorEnrolment | None:
    """The enrolment that the proof is about: the challenge's own, or the one that the proof names."""
    mine = [e for e in await enrolments_of(case.holder.account.id) if e.factor == case.factor.name]
    if case.challenge.enrolment_id is not None:
        return next((e for e in mine if e.id == case.challenge.enrolment_id), None)
    handle = handle_of(case.factor, case.proof)
    return next((e for e in mine if handle is not None and e.handle == handle), None)


def handle_of(factor: AnyFactor, proof: Any) -> str | None:
    """The handle of the enrolment that a proof names; None for an invalid one."""
    try:
        handle = factor.handle(proof)
    except Exception:  # noqa: BLE001
        # The plugin may raise anything for a malformed proof: then the proof names no enrolment.
        return None
    return handle if is_handle(handle) else None


async def _judge(
    case: ReservedProof, enrolment: FactorEnrolment | None
) -> tuple[FactorEnrolment, Accepted[Any]] | Refused:
    if enrolment is None:
        return Refused(Reason.WRONG)
    desk = desk_for(case.app, case.holder.account, case.holder.practice, case.factor)

    async def work() -> Accepted[Any] | Refused:
        state = open_state(case.app, case.factor, enrolment)
        return await case.factor.verify(desk, state, case.challenged, case.proof)

    try:
        verdict = await call(case.app, case.factor, work, Accepted, Refused)
    except (FactorFailed, NotSent):
        return Refused(Reason.WRONG, alert=FAILED)
    return verdict if isinstance(verdict, Refused) else (enrolment, verdict)


async def _settle(
    case: ReservedProof,
    enrolment: FactorEnrolment,
    verdict: Accepted[Any],
    on_accept: Callable[[FactorEnrolment], Awaitable[T]],
) -> T | Refusal:
    app, holder = case.app, case.holder
    sealed = seal_state(app, str(holder.account.id), case.factor, verdict.state)
    try:
        async with transaction():
            await hold_account(holder.account.id)
            if not await consume_challenge(case.challenge.id, app.now):
                return ChallengeExpired()
            if not await swap_state(enrolment, sealed, case.factor.state_version, app.now):
                raise _LostRace
            await succeed(app, str(holder.practice.id), case.reserved)
            await _note(app, holder, case.factor, "SUCCESS", case.challenge.purpose)
            return await on_accept(enrolment)
    except Refusal as refusal:
        return refusal


async def _refuse(case: ReservedProof, enrolment: FactorEnrolment | None, refused: Refused) -> Refusal:
    app, holder = case.app, case.holder
    reason = refused.reason

    async def note(details: dict[str, str]) -> None:
        nonlocal reason
        if enrolment is not None and refused.state is not None:
            sealed = seal_state(app, str(holder.account.id), case.factor, refused.state)
            if not await swap_state(enrolment, sealed, case.factor.state_version, None):
                # The factor's reason goes with its new state. That is not stored, so the reason is not shown.
                reason = Reason.WRONG
                details = details | {"reason": reason.value}
        await _note(app, holder, case.factor, "REFUSED", case.challenge.purpose, details)

    await refuse_case(case, refused, note)
    return ProofRefused(reason)


async def refuse_case(case: ReservedProof, refused: Refused, note: Callable[[dict[str, str]], Awaitable[None]]) -> None:
    """In one transaction: ``note`` writes the audit row with these details, and the person is notified of an alert.

    The attempt was counted when it was reserved. It is refunded where the factor failed, or a genuine key changed:
    those are no guesses.
    """
    app, holder = case.app, case.holder
    failed = refused.alert == FAILED
    async with transaction():
        if failed or refused.reason is Reason.CHANGED:
            await give_back(app, str(holder.practice.id), case.reserved)
        await note({"reason": refused.reason.value} | ({"alert": refused.alert} if refused.alert else {}))
        if refused.alert and not failed:
            await tell(app, holder.account, "notice_factor_alert", factor=holder.in_words(case.factor.title))


async def _note(
    app: AppContext,
    prover: Holder | Visitor,
    factor: AnyFactor,
    outcome: str,
    purpose: Purpose,
    details: dict[str, Any] | None = None,
) -> None:
    await audit.record(
        app,
        prover.actor if outcome == "SUCCESS" else prover.unproven_actor,
        "factor.verify",
        ("Account", prover.account_id),
        outcome=outcome,
        details={"factor": factor.name, "purpose": purpose.value, **(details or {})},
    )
