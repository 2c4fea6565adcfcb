"""Signing in, step by step: every mutation answers the next step, or why there is none."""

from functools import partial
from typing import Annotated, Any

import strawberry

from flows.refusals import (
    ChallengeExpired,
    NotAllowed,
    NotFound,
    NotSentYet,
    NotSignedIn,
    ProofRefused,
    StepNotOpen,
    TooManyAttempts,
    WeakPassword,
    WrongCredentials,
)
from flows.refusals import Refusal as FlowRefusal
from flows.signin import sign_in as flow
from flows.signin import step_up
from flows.signin.remembered_devices import WaiverFor, any_account
from flows.signin.sign_in import SignInRequest
from models import Transport
from normalise.slugs import normal_slug
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, query
from schema.kit.ids import parse_id
from schema.kit.inputs import discreet
from schema.kit.permissions import Who
from schema.second_factor.assembly import Assembly, challenge_id, given_of
from schema.signin.step_up import StepUpBegun, step_up_begun
from schema.signin.steps import STEP_REFUSALS, STEPS, origin_of, step_answer

SignInToken = Annotated[str, strawberry.argument(description="The sign-in's token, from the step before.")]
_REFUSES = (*STEP_REFUSALS, NotAllowed, StepNotOpen)


@discreet
@strawberry.input(description="The credentials to begin a sign-in with.")
class SignInInput:
    practice: str = strawberry.field(description="The practice's slug.")
    login: str = strawberry.field(description="The login code, spaces and dashes ignored, or an e-mail address.")
    password: str = strawberry.field(description="The password.")
    transport: Transport = strawberry.field(
        default=Transport.COOKIE,
        description="How the session's token is sent. COOKIE needs the `Sluis-Practice` header at every step.",
    )
    device_token: str | None = strawberry.field(
        default=None,
        description="The device's token of `SignedIn.deviceToken`; BEARER only. With COOKIE it is a cookie.",
    )


@discreet
@strawberry.input(description="The password once more, before a factor is set up.")
class ConfirmPasswordInput:
    sign_in: str = strawberry.field(description="The sign-in's token.")
    password: str = strawberry.field(description="The password.")


@discreet
@strawberry.input(description="A password of one's own, in place of one that staff gave.")
class SetNewPasswordInput:
    sign_in: str = strawberry.field(description="The sign-in's token.")
    password: str = strawberry.field(description="The new password; length matters, no other rules.")


@discreet
@strawberry.input(description="Which challenge to open.")
class OpenChallengeInput:
    sign_in: str | None = strawberry.field(
        default=None, description="The sign-in's token; left out in a session, for a step-up."
    )
    factor: str = strawberry.field(description="The option's `factor`.")
    enrolment: strawberry.ID | None = strawberry.field(default=None, description="The option's `enrolment`.")


class SignInQueries:
    @query(Who.ANYONE, answers=STEPS, refuses=(*STEP_REFUSALS, NotAllowed))
    async def sign_in_step(self, info: Info, token: SignInToken) -> Any:
        """The step that a sign-in stands at, after a reload for example."""
        return step_answer(info, await flow.look(info.context.app, origin_of(info), token))


class SignInMutations:
    @mutation(
        Who.ANYONE,
        answers=STEPS,
        refuses=(NotFound, WrongCredentials, TooManyAttempts, NotAllowed, *STEP_REFUSALS),
    )
    async def sign_in(self, info: Info, given: Annotated[SignInInput, GIVEN]) -> Any:
        """Begin a sign-in. Unknown login, wrong password and closed access are one refusal: WrongCredentials."""
        entry = SignInRequest(given.practice, given.login, given.password, given.transport, _waiver_for(info, given))
        return step_answer(info, await flow.start(info.context.app, origin_of(info), entry))

    @mutation(Who.ANYONE, answers=STEPS, refuses=(*_REFUSES, WrongCredentials, TooManyAttempts))
    async def confirm_password(self, info: Info, given: Annotated[ConfirmPasswordInput, GIVEN]) -> Any:
        """Give the password once more; `beginEnrolment` may follow for five minutes."""
        outcome = await flow.confirm_password(info.context.app, origin_of(info), given.sign_in, given.password)
        return step_answer(info, outcome)

    @mutation(
        Who.ANYONE,
        answers=(*STEPS, StepUpBegun),
        refuses=(*_REFUSES, NotSignedIn, NotSentYet),
    )
    async def open_challenge(self, info: Info, given: Annotated[OpenChallengeInput, GIVEN]) -> Any:
        """Open a challenge of a factor: it sends its message, or replaces a challenge that expired."""
        app, enrolment = info.context.app, _enrolment_id(given.enrolment)
        if given.sign_in is not None:
            return step_answer(
                info, await flow.open_challenge(app, origin_of(info), given.sign_in, given.factor, enrolment)
            )
        questions = await step_up.open_challenge(app, info.context.caller, given.factor, enrolment)
        return questions if isinstance(questions, FlowRefusal) else step_up_begun(info, questions)

    @mutation(Who.ANYONE, answers=STEPS, refuses=_REFUSES)
    async def decline_factor(self, info: Info, sign_in: SignInToken) -> Any:
        """Sign in without setting up a second factor; possible while none is required."""
        return step_answer(info, await flow.decline(info.context.app, origin_of(info), sign_in))

    @mutation(Who.ANYONE, answers=STEPS, refuses=(*_REFUSES, WeakPassword, TooManyAttempts))
    async def set_new_password(self, info: Info, given: Annotated[SetNewPasswordInput, GIVEN]) -> Any:
        """Choose a password of one's own."""
        outcome = await flow.set_new_password(info.context.app, origin_of(info), given.sign_in, given.password)
        return step_answer(info, outcome)


def answering_mutations(assembly: Assembly) -> type:
    """The mutation of this topic that takes a proof."""

    @discreet
    @strawberry.input(description="The answer to a challenge.")
    class AnswerFactorInput:
        sign_in: str = strawberry.field(description="The sign-in's token.")
        challenge: strawberry.ID = strawberry.field(description="The challenge's id.")
        proof: Any = strawberry.field(graphql_type=assembly.proof, description="The proof that it asks for.")
        remember_seconds: int = strawberry.field(
            default=0,
            description="One of `rememberChoices`: for how many seconds this device skips the factor; 0: not. A "
            "fallback, such as a recovery code, cannot remember a device.",
        )

    class AnsweringMutations:
        @mutation(Who.ANYONE, answers=STEPS, refuses=(*_REFUSES, ChallengeExpired, ProofRefused, TooManyAttempts))
        async def answer_factor(self, info: Info, given: Annotated[AnswerFactorInput, GIVEN]) -> Any:
            """Prove a factor."""
            proof, challenge = given_of(given.proof), challenge_id(given.challenge)
            outcome = await flow.answer(
                info.context.app, origin_of(info), given.sign_in, challenge, proof, given.remember_seconds
            )
            return step_answer(info, outcome)

    return AnsweringMutations


def _waiver_for(info: Info, given: SignInInput) -> WaiverFor:
    if given.transport is Transport.BEARER:
        return any_account(given.device_token)
    return partial(info.context.cookies.device, normal_slug(given.practice) or "")


def _enrolment_id(given: str | None) -> str | None:
    """The UUID in an enrolment's id; what is no such id names nothing that there is."""
    if given is None:
        return None
    found = parse_id(given)
    return found[1] if found and found[0] == "FactorEnrolment" else ""
