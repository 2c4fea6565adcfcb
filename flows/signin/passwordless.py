"""Signing in without a password: by a primary factor alone, where the policy allows it.

The client gives no login: the challenge has no account, and the proof names the enrolment and so the account.
"""

from dataclasses import dataclass

from flows.core.attempts import may_begin, subject_of, unknown_subject
from flows.core.audit import Actor
from flows.core.context import AppContext, ClientInfo
from flows.core.policy import policy_of
from flows.core.practices import practice_by_slug
from flows.refusals import FactorUnavailable, NotAllowed, NotFound, Refusal, SignInExpired
from flows.second_factor.desk import desk_for
from flows.second_factor.holder import Holder, Visitor, visitor_of
from flows.second_factor.judge import FactorFailed, call
from flows.second_factor.proofs import GivenProof, handle_of, prove, refuse
from flows.signin.challenges import FactorQuestion, store_challenge
from flows.signin.completion import Outcome, StepReached, advance_in_transaction, present
from flows.signin.credentials import Credentials, credentials_of
from flows.signin.sign_in import begin_sign_in
from flows.signin.steps import Ask
from models import Audience, FactorEnrolment, Practice, Purpose, Transport
from models.db.database import transaction
from models.second_factor.factor import enrolment_by_handle
from models.signin.sign_in import advance_sign_in
from plugins import AnyFactor, NotSent, Opened
from security.tokens import new_token, token_hash


@dataclass(frozen=True, slots=True)
class PasswordlessStarted:
    """A sign-in without an account yet; ``token`` belongs to the answer to ``question``."""

    token: str
    question: FactorQuestion


def trusted_alone(app: AppContext, practice: Practice) -> list[AnyFactor]:
    """The factors that may sign in alone in at least one audience: the account is not known yet."""
    policies = [policy_of(practice.policy, audience) for audience in Audience]
    return [factor for factor in app.factors if any(policy.trusts_alone(factor) for policy in policies)]


async def begin(
    app: AppContext, origin: ClientInfo, practice_slug: str, factor_name: str, transport: Transport
) -> PasswordlessStarted | Refusal:
    """Open a challenge that any enrolment of the practice may answer."""
    practice = await practice_by_slug(practice_slug)
    if practice is None:
        return NotFound()
    if not origin.reached_by(transport, practice.slug):
        return NotAllowed()
    factor = next((f for f in trusted_alone(app, practice) if f.name == factor_name), None)
    if factor is None:
        return FactorUnavailable(factor_name[:40])
    if full := await may_begin(app, origin, str(practice.id)):
        return full
    desk = desk_for(app, None, practice, factor)
    anonymous = (Actor(origin, str(practice.id)), None)
    try:
        opened = await call(app, factor, lambda: factor.challenge(desk, ()), Opened, noted=anonymous)
    except (FactorFailed, NotSent):
        return FactorUnavailable(factor.name)
    async with transaction():
        token, sign_in = await begin_sign_in(app, origin, practice, transport)
        visitor = Visitor(origin, practice, sign_in)
        challenge = await store_challenge(app, visitor, Purpose.SIGN_IN, factor, opened)
    return PasswordlessStarted(token, FactorQuestion(Ask(factor, None), challenge, opened.public))


async def answer(app: AppContext, origin: ClientInfo, token: str, challenge_id: str, given: GivenProof) -> Outcome:
    """Prove the factor. An account that is unknown, foreign, deactivated or not trusted alone is a wrong proof."""
    visitor = await visitor_of(app, origin, token)
    factor = app.factors.get(given.factor)
    if factor is None:
        return FactorUnavailable(given.factor)
    handle = handle_of(factor, given.proof)
    found = await _named(visitor.practice, factor, handle)
    without_account = await unknown_subject(app, visitor.practice, handle or "")
    if found is None:
        return await refuse(app, visitor, Purpose.SIGN_IN, challenge_id, given, without_account)
    holder = visitor.known_as(found.account)
    if not found.may_sign_in(app.now) or not holder.policy.trusts_alone(factor):
        subject = subject_of(str(found.account.id), factor.name)
        return await refuse(app, holder, Purpose.SIGN_IN, challenge_id, given, subject)
    next_token = new_token()

    async def proven(enrolment: FactorEnrolment) -> StepReached:
        await _bind(app, holder, next_token, enrolment)
        return await advance_in_transaction(app, holder)

    reached = await prove(app, holder, Purpose.SIGN_IN, challenge_id, given, proven)
    return await present(app, holder, next_token, reached)


async def _named(practice: Practice, factor: AnyFactor, handle: str | None) -> Credentials | None:
    """The account that the proof names, in this practice only."""
    enrolment = await enrolment_by_handle(practice.id, factor.name, handle) if handle else None
    return await credentials_of(enrolment.account if enrolment else None)


async def _bind(app: AppContext, holder: Holder, token: str, enrolment: FactorEnrolment) -> None:
    """Bind the sign-in to this account and its epoch, so that a later change of the account ends it.

    The token is new, because the assurance was raised. Raises SignInExpired.
    """
    assert holder.sign_in is not None
    bound = await advance_sign_in(
        holder.sign_in,
        account_id=holder.account.id,
        epoch=holder.account.epoch,
        proven_at=app.now,
        proven_by=enrolment.factor,
        proven_with=enrolment.id,
        token_hash=token_hash(token),
    )
    if bound is None:
        raise SignInExpired
