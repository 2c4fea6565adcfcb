"""Recovery codes and the like: taken once, and confirmed as kept; in a sign-in or from the settings."""

from typing import Annotated, Any

import strawberry

from flows.factor_setup import fallbacks as flow
from flows.factor_setup.enrolment import holder_for
from flows.refusals import (
    FactorUnavailable,
    FallbackReplaced,
    NotAllowed,
    NotSignedIn,
    SignInExpired,
    StepNotOpen,
    StepUpRequired,
    TooManyAttempts,
)
from flows.refusals import Refusal as FlowRefusal
from plugins import FallbackIssue
from schema.account.changed import ViewerChanged
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.ids import node_id, parse_id
from schema.kit.inputs import discreet
from schema.kit.permissions import Who
from schema.second_factor.assembly import issue_of
from schema.signin.steps import STEPS, origin_of, step_answer

_REFUSES = (SignInExpired, NotSignedIn, NotAllowed, StepNotOpen, FactorUnavailable)


@shown_to(Who.ANYONE)
@discreet
@strawberry.type(
    description="A new set, shown this once. The old set no longer works. The new set works after `confirmFallback`."
)
class FallbackIssued:
    id: strawberry.ID = strawberry.field(description="Names this set: give it to `confirmFallback`.")
    issue: FallbackIssue = strawberry.field(description="What to keep.")
    token: str | None = strawberry.field(description="The sign-in's next token; null in a session.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The fallback that was issued works from now on.")
class FallbackConfirmed(ViewerChanged):
    pass


@discreet
@strawberry.input(description="The fallback to issue.")
class FallbackInput:
    sign_in: str | None = strawberry.field(default=None, description="The sign-in's token; left out in a session.")
    factor: str = strawberry.field(description="The factor's name, from `FallbackUnconfirmed` or `viewer.fallbacks`.")


@discreet
@strawberry.input(description="The set of codes that the person has kept.")
class ConfirmFallbackInput:
    sign_in: str | None = strawberry.field(default=None, description="The sign-in's token; left out in a session.")
    factor: str = strawberry.field(description="The factor's name, as in `FallbackInput`.")
    issued: strawberry.ID = strawberry.field(description="The `id` of the `FallbackIssued` that was shown.")


def _issued(handed: flow.IssuedFallback) -> FallbackIssued:
    identity = node_id("FactorEnrolment", handed.identity)
    return FallbackIssued(id=identity, issue=issue_of(handed), token=handed.token)


def _set_of(given: str) -> str:
    """The id of a set; what is no id of ours names none that could be open."""
    found = parse_id(given)
    return found[1] if found is not None else ""


class FallbackMutations:
    @mutation(Who.ANYONE, answers=(FallbackIssued,), refuses=(*_REFUSES, StepUpRequired, TooManyAttempts))
    async def issue_fallback(self, info: Info, given: Annotated[FallbackInput, GIVEN]) -> Any:
        """Issue a new set, which replaces any older one. It cannot be shown again."""
        app, caller = info.context.app, info.context.caller
        holder = await holder_for(app, origin_of(info), given.sign_in, caller)
        handed = await flow.issue(app, holder, given.factor)
        return handed if isinstance(handed, FlowRefusal) else _issued(handed)

    @mutation(Who.ANYONE, answers=(*STEPS, FallbackConfirmed), refuses=(*_REFUSES, FallbackReplaced))
    async def confirm_fallback(self, info: Info, given: Annotated[ConfirmFallbackInput, GIVEN]) -> Any:
        """Confirm that the person has kept the set that was shown: written down, printed or saved."""
        app, caller = info.context.app, info.context.caller
        holder = await holder_for(app, origin_of(info), given.sign_in, caller)
        outcome = await flow.confirm(app, holder, given.sign_in, given.factor, _set_of(given.issued))
        return FallbackConfirmed() if outcome is None else step_answer(info, outcome)
