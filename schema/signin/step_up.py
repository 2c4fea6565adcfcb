"""Step-up: proving again, within a session, that the right person is still there."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from flows.refusals import (
    ChallengeExpired,
    FactorUnavailable,
    NotAllowed,
    ProofRefused,
    StepUpRequired,
    TooManyAttempts,
    WrongCredentials,
)
from flows.refusals import Refusal as FlowRefusal
from flows.signin import step_up as flow
from flows.signin.challenges import FactorQuestion
from plugins import FactorChallenge
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.inputs import discreet
from schema.kit.permissions import Who
from schema.second_factor.assembly import Assembly, challenge_id, given_of
from schema.signin.steps import ProofOption, deliver_token, open_challenges, origin_of, proof_options, seconds_until


@shown_to(Who.SIGNED_IN)
@strawberry.type(
    description="The challenges that `stepUp` needs besides the password; none if the account has no factor."
)
class StepUpBegun:
    options: list[ProofOption] = strawberry.field(description="The factors that can prove it; fallbacks come last.")
    challenges: list[FactorChallenge] = strawberry.field(
        description="The challenges of the options that are open already."
    )


def step_up_begun(info: Info, questions: tuple[FactorQuestion, ...]) -> StepUpBegun:
    """Open questions as an answer."""
    options = proof_options(questions, *info.context.languages)
    return StepUpBegun(options=options, challenges=open_challenges(options))


@shown_to(Who.SIGNED_IN)
@discreet
@strawberry.type(description="The session goes on under a new token; in a browser its cookie is set.")
class SteppedUp:
    session_token: str | None = strawberry.field(description="The new token; BEARER only, shown this once.")
    stepped_up_until: datetime = strawberry.field(description="Until when own credentials can be changed.")


class StepUpMutations:
    @mutation(Who.SIGNED_IN, answers=(StepUpBegun,), refuses=(FactorUnavailable,))
    async def begin_step_up(self, info: Info) -> Any:
        """Open the challenges of a step-up, as a sensitive act asks for with StepUpRequired."""
        return step_up_begun(info, await flow.begin(info.context.app, info.context.caller))


def step_up_mutations(assembly: Assembly) -> type:
    """The mutation of this topic that takes a proof."""

    @discreet
    @strawberry.input(description="The password, and a proof where the account has a factor.")
    class StepUpInput:
        password: str = strawberry.field(description="The password.")
        challenge: strawberry.ID | None = strawberry.field(default=None, description="The challenge's id.")
        proof: Any = strawberry.field(
            default=None, graphql_type=assembly.proof | None, description="The proof that it asks for."
        )

    class ProvingMutations:
        @mutation(
            Who.SIGNED_IN,
            answers=(SteppedUp,),
            refuses=(
                WrongCredentials,
                TooManyAttempts,
                NotAllowed,
                StepUpRequired,
                ChallengeExpired,
                ProofRefused,
                FactorUnavailable,
            ),
        )
        async def step_up(self, info: Info, given: Annotated[StepUpInput, GIVEN]) -> Any:
            """Prove the password and a factor again: sensitive acts are open for some minutes."""
            challenge = challenge_id(given.challenge) if given.challenge is not None else None
            proof = given_of(given.proof) if given.proof is not None else None
            app, caller = info.context.app, info.context.caller
            outcome = await flow.confirm(app, caller, origin_of(info), given.password, challenge, proof)
            return outcome if isinstance(outcome, FlowRefusal) else _stepped_up(info, outcome)

    return ProvingMutations


def _stepped_up(info: Info, outcome: flow.SteppedUp) -> SteppedUp:
    app, caller, session = info.context.app, info.context.caller, outcome.session
    assert caller is not None
    left = seconds_until(app, session.expires_at)
    token = deliver_token(info, caller.practice_slug, session.transport, outcome.session_token, left)
    return SteppedUp(session_token=token, stepped_up_until=app.now + app.rules.step_up_own)
