"""Signing in with a login, a password and a factor."""

from dataclasses import dataclass
from typing import Any

from flows.core import audit
from flows.core.attempts import counted_ahead, reserve_attempt, subject_of, succeed, unknown_subject
from flows.core.audit import Actor
from flows.core.context import AppContext, ClientInfo
from flows.core.practices import practice_by_slug
from flows.refusals import (
    Cause,
    FactorUnavailable,
    NotAllowed,
    NotFound,
    Refusal,
    SignInExpired,
    StepNotOpen,
    TooManyAttempts,
    WrongCredentials,
)
from flows.second_factor.holder import Holder, holder_of_sign_in
from flows.second_factor.proofs import GivenProof, prove
from flows.signin import remembered_devices
from flows.signin.challenges import may_answer, questions_for, reopened
from flows.signin.completion import Outcome, StepPending, StepReached, advance, advance_in_transaction, present
from flows.signin.credentials import Credentials, credentials_for, login_key
from flows.signin.notices import tell_stand_in_used
from flows.signin.password_check import checked_password, rehashed
from flows.signin.passwords import choose_password, stands_alone
from flows.signin.remembered_devices import WaiverFor, no_account
from flows.signin.steps import FactorOffered, FactorRequired, NewPasswordRequired, Ready, next_step, sets_up
from models import Account, FactorEnrolment, Practice, Purpose, SignIn, Transport
from models.core.account import account_with_practice
from models.core.attempts import Subject
from models.db.database import transaction
from models.locks import hold_account
from models.second_factor.factor import enrolments_of, use_enrolment
from models.signin.sign_in import advance_sign_in
from plugins import Role
from security.tokens import new_token, token_hash


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """The input of a sign-in. ``waiver_for`` finds the token that a remembered device stores for an account."""

    practice: str
    login: str
    password: str
    transport: Transport
    waiver_for: WaiverFor = no_account


async def start(app: AppContext, origin: ClientInfo, entry: SignInRequest) -> Outcome:
    """Check the password. An unknown, deactivated or suspended account gets the work and answer of a wrong one."""
    practice = await practice_by_slug(entry.practice)
    if practice is None:
        return NotFound()
    if not origin.reached_by(entry.transport, practice.slug):
        return NotAllowed()
    found = await credentials_for(practice, entry.login)
    waived = await remembered_devices.recognise(app, origin, found, practice, entry.waiver_for)
    subject = await _subject(app, practice, entry.login, found, waived)
    event = await counted_ahead(app, origin, str(practice.id))
    async with transaction():
        reserved = await reserve_attempt(app, event, str(practice.id), subject)
        if isinstance(reserved, TooManyAttempts):
            if reserved.cause is Cause.BUDGET:
                await _note_refused(app, origin, practice, found, "BLOCKED")
            return reserved
    right = await app.passwords.verify(found.account.password_hash if found else None, entry.password)
    if found is None or not right or not found.may_sign_in(app.now):
        async with transaction():
            await _note_refused(app, origin, practice, found, "REFUSED")
        return WrongCredentials()
    fresh_hash = await rehashed(app, found.account, entry.password)
    async with transaction():
        await hold_account(found.account.id)
        await succeed(app, str(practice.id), reserved)
        await _update_password(found.account, fresh_hash, not stands_alone(entry.password))
        if waived and not await use_enrolment(waived.id, app.now):
            # Revoked while the password was checked.
            waived = None
        token, sign_in = await begin_sign_in(
            app,
            origin,
            practice,
            entry.transport,
            account_id=found.account.id,
            epoch=found.account.epoch,
            password_at=app.now,
            proven_at=app.now if waived else None,
            proven_by=waived.factor if waived else "",
            proven_with=waived.id if waived else None,
            waived=waived is not None,
        )
        holder = Holder(origin, found.account, practice, sign_in=sign_in)
        reached = await advance_in_transaction(app, holder)
        # With a factor the password alone does not prove the person.
        proven = not isinstance(reached, FactorRequired | Refusal)
        actor = holder.actor if proven else holder.unproven_actor
        await audit.record(app, actor, "sign_in.password", ("Account", found.account.id))
    return await present(app, holder, token, reached)


async def _subject(
    app: AppContext, practice: Practice, login: str, found: Credentials | None, waived: FactorEnrolment | None
) -> Subject:
    without_account = await unknown_subject(app, practice, login_key(login))
    if found is None:
        return without_account
    # Guesses by others must not lock out the person's remembered device (NIST SP 800-63B-4, 3.2.2).
    kind = f"password@{waived.id}" if waived else "password"
    return subject_of(str(found.account.id), kind)


async def _update_password(account: Account, fresh_hash: str | None, short: bool) -> None:
    """Store the hash at today's cost, and whether the password is too short for an account without a factor."""
    changes: dict[str, object] = {"password_hash": fresh_hash} if fresh_hash else {}
    if short is not bool(account.password_short):
        account.password_short = changes["password_short"] = short
    if changes:
        await Account.filter(id=account.id, epoch=account.epoch).update(**changes)


async def begin_sign_in(
    app: AppContext, origin: ClientInfo, practice: Practice, transport: Transport, **proven: Any
) -> tuple[str, SignIn]:
    """Store a sign-in, with the columns of what is ``proven`` so far; returns its token too."""
    now, token = app.now, new_token()
    sign_in = await SignIn.create(
        practice_id=practice.id,
        token_hash=token_hash(token),
        transport=transport,
        address=origin.address,
        user_agent=origin.user_agent,
        created_at=now,
        expires_at=now + app.rules.sign_in_life,
        **proven,
    )
    return token, sign_in


async def _note_refused(
    app: AppContext, origin: ClientInfo, practice: Practice, found: Credentials | None, outcome: str
) -> None:
    """Audit it as about the account of that login, without an actor."""
    about = ("Account", found.account.id if found else None)
    await audit.record(app, Actor(origin, str(practice.id)), "sign_in.password", about, outcome=outcome)


async def look(app: AppContext, origin: ClientInfo, token: str) -> Outcome:
    """The current step of a sign-in, from the database; opens missing challenges and changes nothing else."""
    holder = await holder_of_sign_in(app, origin, token)
    step = next_step(app, holder, await enrolments_of(holder.account.id))
    if isinstance(step, Refusal):
        return step
    if isinstance(step, Ready):
        # The answer with the session was lost; only a new proof may return a session.
        return SignInExpired()
    return StepPending(step, token, holder, await questions_for(app, holder, step))


async def open_challenge(
    app: AppContext, origin: ClientInfo, token: str, factor: str, enrolment_id: str | None
) -> Outcome:
    """Open a new challenge of one factor: one that sends something, or that expired."""
    holder = await holder_of_sign_in(app, origin, token)
    step = next_step(app, holder, await enrolments_of(holder.account.id))
    if not isinstance(step, FactorRequired):
        return StepNotOpen()
    questions = await reopened(app, holder, Purpose.SIGN_IN, step.asks, factor, enrolment_id)
    return questions if isinstance(questions, Refusal) else StepPending(step, token, holder, questions)


async def confirm_password(app: AppContext, origin: ClientInfo, token: str, password: str) -> Outcome:
    """Check the password again, before a factor is set up."""
    holder = await holder_of_sign_in(app, origin, token)
    step = next_step(app, holder, await enrolments_of(holder.account.id))
    if isinstance(step, Refusal) or not sets_up(step):
        return StepNotOpen()
    refusal = await checked_password(app, holder, password)
    if refusal:
        return refusal
    return await advance(app, holder, token, password_again_at=app.now)


async def decline(app: AppContext, origin: ClientInfo, token: str) -> Outcome:
    """Decline to set up a factor, while the policy only offers it; signs in."""
    holder = await holder_of_sign_in(app, origin, token)
    step = next_step(app, holder, await enrolments_of(holder.account.id))
    if not isinstance(step, FactorOffered):
        return StepNotOpen()
    return await advance(app, holder, token, declined_at=app.now)


async def answer(
    app: AppContext, origin: ClientInfo, token: str, challenge_id: str, given: GivenProof, remember_seconds: int = 0
) -> Outcome:
    """Prove a factor. ``remember_seconds`` is one of the practice's durations, or 0."""
    holder = await holder_of_sign_in(app, origin, token)
    if remember_seconds and remember_seconds not in holder.policy.remember:
        return StepNotOpen()
    if not await may_answer(app, holder, given.factor):
        return FactorUnavailable(given.factor)
    factor = app.factors.get(given.factor)
    if factor is not None and factor.role is Role.FALLBACK:
        # A single stolen code must not skip the factor for a week.
        remember_seconds = 0
    next_token, new_device = new_token(), await remembered_devices.prepare(app, holder, remember_seconds)

    async def proven(enrolment: FactorEnrolment) -> StepReached:
        await _prove_sign_in(app, holder, next_token, enrolment, remember_seconds)
        await tell_stand_in_used(app, holder.account, enrolment, signed_in=True)
        return await advance_in_transaction(app, holder, new_device)

    reached = await prove(app, holder, Purpose.SIGN_IN, challenge_id, given, proven)
    return await present(app, holder, next_token, reached)


async def _prove_sign_in(
    app: AppContext, holder: Holder, token: str, enrolment: FactorEnrolment, remember_seconds: int = 0
) -> None:
    """Mark the sign-in as proven and give it a new token, because the assurance was raised. Raises SignInExpired."""
    assert holder.sign_in is not None
    account = await account_with_practice(holder.account.id)
    if account is None or account.epoch != holder.sign_in.epoch:
        raise SignInExpired
    advanced = await advance_sign_in(
        holder.sign_in,
        proven_at=app.now,
        proven_by=enrolment.factor,
        proven_with=enrolment.id,
        waived=False,
        remember_seconds=remember_seconds,
        token_hash=token_hash(token),
    )
    if advanced is None:
        raise SignInExpired


async def enrolled(app: AppContext, holder: Holder, enrolment: FactorEnrolment) -> tuple[str, StepReached]:
    """Setting up a factor in a sign-in proves it as well. Returns the new token and the next step.

    Call inside the transaction that stores the enrolment.
    """
    token = new_token()
    await _prove_sign_in(app, holder, token, enrolment)
    return token, await advance_in_transaction(app, holder)


async def set_new_password(app: AppContext, origin: ClientInfo, token: str, password: str) -> Outcome:
    """Replace a starter password, or one that is too short, by one's own."""
    holder = await holder_of_sign_in(app, origin, token)
    step = next_step(app, holder, await enrolments_of(holder.account.id))
    if not isinstance(step, NewPasswordRequired):
        return StepNotOpen()
    epoch = await choose_password(app, holder, password)
    if isinstance(epoch, Refusal):
        return epoch
    return await advance(app, holder, token, epoch=epoch)
