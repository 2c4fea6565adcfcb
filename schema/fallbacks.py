"""Recovery codes and the like: taken once, and confirmed as kept; in a sign-in or from the settings."""

from typing import Annotated, Any

import strawberry

from flows import fallbacks as flow
from flows.enrolment import holder_for
from flows.refusals import (
    FactorUnavailable,
    NotAllowed,
    NotSignedIn,
    SignInExpired,
    StepNotOpen,
    StepUpRequired,
    TooManyAttempts,
)
from flows.refusals import Refusal as FlowRefusal
from plugins import FallbackIssue
from schema.arguments import GIVEN
from schema.assembly import issue_of
from schema.changed import ViewerChanged
from schema.fields import Info, mutation, shown_to
from schema.inputs import discreet
from schema.permissions import Who
from schema.steps import STEPS, origin_of, told

_REFUSES = (SignInExpired, NotSignedIn, NotAllowed, StepNotOpen, FactorUnavailable)


@shown_to(Who.ANYONE)
@discreet
@strawberry.type(description="A new set, shown this once; the old one is dead, the new one works once confirmed.")
class FallbackIssued:
    issue: FallbackIssue = strawberry.field(description="What to keep.")
    token: str | None = strawberry.field(description="The sign-in's next token; null in a session.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="What was handed out in this session works from now on.")
class FallbackConfirmed(ViewerChanged):
    pass


@discreet
@strawberry.input(description="Which stand-in, and for whom.")
class FallbackInput:
    sign_in: str | None = strawberry.field(default=None, description="The sign-in's token; left out in a session.")
    factor: str = strawberry.field(description="The factor's name, from `FallbackUnconfirmed` or `viewer.fallbacks`.")


class FallbackMutations:
    @mutation(Who.ANYONE, answers=(FallbackIssued,), refuses=(*_REFUSES, StepUpRequired, TooManyAttempts))
    async def issue_fallback(self, info: Info, given: Annotated[FallbackInput, GIVEN]) -> Any:
        """Make a new set, in place of any older one. Nobody can show it again."""
        house, caller = info.context.house, info.context.caller
        holder = await holder_for(house, origin_of(info), given.sign_in, caller)
        handed = await flow.issue(house, holder, given.factor)
        return handed if isinstance(handed, FlowRefusal) else FallbackIssued(issue=issue_of(handed), token=handed.token)

    @mutation(Who.ANYONE, answers=(*STEPS, FallbackConfirmed), refuses=_REFUSES)
    async def confirm_fallback(self, info: Info, given: Annotated[FallbackInput, GIVEN]) -> Any:
        """Say that the set is kept: written down, printed or saved."""
        house, caller = info.context.house, info.context.caller
        holder = await holder_for(house, origin_of(info), given.sign_in, caller)
        outcome = await flow.confirm(house, holder, given.sign_in, given.factor)
        return FallbackConfirmed() if outcome is None else told(info, outcome)
