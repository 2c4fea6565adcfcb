"""Setting up a factor, in a sign-in or from the settings: begun, proven once, and only then real."""

from typing import Annotated, Any

import strawberry

from flows.account.account import OwnFactor
from flows.factor_setup import enrolment as flow
from flows.refusals import (
    ChallengeExpired,
    FactorUnavailable,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSentYet,
    NotSignedIn,
    PasswordNeeded,
    ProofRefused,
    SignInExpired,
    StepNotOpen,
    StepUpRequired,
    TooManyAttempts,
)
from flows.refusals import Refusal as FlowRefusal
from plugins import EnrolmentStart
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.ids import raw_id
from schema.kit.inputs import discreet
from schema.kit.permissions import Who
from schema.second_factor.assembly import Assembly, challenge_id, enrolment_of, given_of, request_of
from schema.second_factor.own_factors import FactorEnrolment, own_enrolment
from schema.signin.steps import SignInStep, nested_step_answer, origin_of

_REFUSES = (SignInExpired, NotSignedIn, NotAllowed, StepNotOpen, PasswordNeeded, StepUpRequired, FactorUnavailable)
_SIGN_IN = "The sign-in's token; left out in a session."


@shown_to(Who.ANYONE)
@strawberry.type(description="A factor is being set up; it counts once `confirmEnrolment` has seen a proof.")
class EnrolmentBegun:
    enrolment: EnrolmentStart = strawberry.field(description="The data for the first proof.")


@shown_to(Who.ANYONE)
@strawberry.type(description="The factor is set up.")
class EnrolmentConfirmed:
    enrolment: FactorEnrolment = strawberry.field(description="The factor.")
    step: Any = strawberry.field(
        graphql_type=SignInStep | None, description="What comes next in the sign-in; null in a session."
    )


@discreet
@strawberry.input(description="Which factor to set up.")
class BeginEnrolmentInput:
    sign_in: str | None = strawberry.field(default=None, description=_SIGN_IN)
    factor: str = strawberry.field(description="One of the options' `factor`.")


def enrolment_mutations(assembly: Assembly) -> type:
    """The mutations of this topic: their inputs hold what the configured factors ask for."""
    begin = _begin_input(assembly)
    argument = strawberry.argument(name=GIVEN.name, description=GIVEN.description, graphql_type=begin)

    @discreet
    @strawberry.input(description="The first proof of a factor being set up.")
    class ConfirmEnrolmentInput:
        sign_in: str | None = strawberry.field(default=None, description=_SIGN_IN)
        enrolment: strawberry.ID = strawberry.field(description="The id of the `EnrolmentStart`.")
        proof: Any = strawberry.field(graphql_type=assembly.proof, description="A proof of the new factor.")
        label: str = strawberry.field(default="", description="The person's own name for it; up to 60 characters.")
        replaces: strawberry.ID | None = strawberry.field(
            default=None, description="The id of a lost factor that goes as soon as this one is proven."
        )

    class EnrolmentMutations:
        @mutation(Who.ANYONE, answers=(EnrolmentBegun,), refuses=(*_REFUSES, InvalidInput, ProofRefused, NotSentYet))
        async def begin_enrolment(self, info: Info, given: Annotated[Any, argument]) -> Any:
            """Begin to set up a factor. It does not count until it is confirmed."""
            app, caller = info.context.app, info.context.caller
            holder = await flow.holder_for(app, origin_of(info), given.sign_in, caller)
            request = request_of(getattr(given, "request", None), given.factor)
            begun = await flow.begin(app, holder, given.factor, request)
            return begun if isinstance(begun, FlowRefusal) else EnrolmentBegun(enrolment=enrolment_of(begun))

        @mutation(
            Who.ANYONE,
            answers=(EnrolmentConfirmed,),
            refuses=(*_REFUSES, InvalidInput, NotFound, ChallengeExpired, ProofRefused, TooManyAttempts),
        )
        async def confirm_enrolment(self, info: Info, given: Annotated[ConfirmEnrolmentInput, GIVEN]) -> Any:
            """Finish setting up a factor; in a sign-in this proves it as well."""
            app, caller = info.context.app, info.context.caller
            holder = await flow.holder_for(app, origin_of(info), given.sign_in, caller)
            start = challenge_id(given.enrolment)
            replaces = raw_id("FactorEnrolment", given.replaces) if given.replaces is not None else None
            confirmed = await flow.confirm(app, holder, start, given_of(given.proof), given.label, replaces)
            return confirmed if isinstance(confirmed, FlowRefusal) else _confirmed(info, confirmed)

    return EnrolmentMutations


def _begin_input(assembly: Assembly) -> type:
    """BeginEnrolmentInput, with ``request`` where a configured factor needs to be told something."""
    if assembly.request is None:
        return BeginEnrolmentInput

    optional: Any = assembly.request | None

    @discreet
    @strawberry.input(name="BeginEnrolmentInput", description="Which factor to set up.")
    class WithRequest(BeginEnrolmentInput):
        request: Any = strawberry.field(
            default=None, graphql_type=optional, description="What this factor needs for a start."
        )

    return WithRequest


def _confirmed(info: Info, confirmed: flow.Confirmed) -> EnrolmentConfirmed:
    held = OwnFactor(confirmed.enrolment, confirmed.factor, None)
    step = nested_step_answer(info, confirmed.outcome)
    return EnrolmentConfirmed(enrolment=own_enrolment(held, *info.context.languages), step=step)
