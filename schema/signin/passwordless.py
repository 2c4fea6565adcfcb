"""Signing in without a password, by a factor that may stand for the whole sign-in."""

from typing import Annotated, Any

import strawberry

from flows.refusals import ChallengeExpired, FactorUnavailable, NotAllowed, NotFound, ProofRefused, TooManyAttempts
from flows.refusals import Refusal as FlowRefusal
from flows.signin import passwordless as flow
from models import Transport
from plugins import FactorChallenge
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.inputs import discreet
from schema.kit.permissions import Who
from schema.second_factor.assembly import Assembly, challenge_id, challenge_of, given_of
from schema.signin.steps import STEP_REFUSALS, STEPS, origin_of, step_answer


@shown_to(Who.ANYONE)
@discreet
@strawberry.type(description="A sign-in without login and password began. `answerPasswordless` answers its challenge.")
class PasswordlessStarted:
    token: str = strawberry.field(description="The sign-in's token, for the answer.")
    challenge: FactorChallenge = strawberry.field(description="What to answer.")


@strawberry.input(description="The factor to sign in with, without a password.")
class StartPasswordlessInput:
    practice: str = strawberry.field(description="The practice's slug.")
    factor: str = strawberry.field(description="One of the practice's `passwordlessOptions`.")
    transport: Transport = strawberry.field(
        default=Transport.COOKIE,
        description="How the session's token is sent. COOKIE needs the `Sluis-Practice` header at every step.",
    )


class PrimaryMutations:
    @mutation(
        Who.ANYONE,
        answers=(PasswordlessStarted,),
        refuses=(NotFound, NotAllowed, FactorUnavailable, TooManyAttempts),
    )
    async def start_passwordless(self, info: Info, given: Annotated[StartPasswordlessInput, GIVEN]) -> Any:
        """Begin a sign-in without login and password. FactorUnavailable if the practice does not allow it."""
        app, origin = info.context.app, origin_of(info)
        begun = await flow.begin(app, origin, given.practice, given.factor, given.transport)
        return begun if isinstance(begun, FlowRefusal) else _started(begun)


def passwordless_mutations(assembly: Assembly) -> type:
    """The mutation of this topic that takes a proof."""

    @discreet
    @strawberry.input(description="The answer to the challenge of `startPasswordless`.")
    class AnswerPasswordlessInput:
        sign_in: str = strawberry.field(description="The sign-in's token.")
        challenge: strawberry.ID = strawberry.field(description="The challenge's id.")
        proof: Any = strawberry.field(graphql_type=assembly.proof, description="The proof that it asks for.")

    class PasswordlessMutations:
        @mutation(
            Who.ANYONE,
            answers=STEPS,
            refuses=(*STEP_REFUSALS, NotAllowed, ChallengeExpired, ProofRefused, TooManyAttempts),
        )
        async def answer_passwordless(self, info: Info, given: Annotated[AnswerPasswordlessInput, GIVEN]) -> Any:
            """Answer the challenge of `startPasswordless`, which identifies the account. Unknown, wrong and closed
            access are one refusal.
            """
            proof, challenge = given_of(given.proof), challenge_id(given.challenge)
            app, origin = info.context.app, origin_of(info)
            return step_answer(info, await flow.answer(app, origin, given.sign_in, challenge, proof))

    return PasswordlessMutations


def _started(begun: flow.PasswordlessStarted) -> PasswordlessStarted | FactorUnavailable:
    challenge = challenge_of(begun.question)
    if challenge is None:
        return FactorUnavailable(begun.question.ask.factor.name)
    return PasswordlessStarted(token=begun.token, challenge=challenge)
