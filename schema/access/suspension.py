"""Suspending a respondent's whole account, and lifting that again."""

from typing import Annotated

import strawberry

from flows.access import suspension as flow
from flows.refusals import (
    AccountClosed,
    AlreadySuspended,
    InvalidInput,
    NoLogin,
    NotFound,
    NotSuspended,
    StepUpRequired,
)
from flows.refusals import Refusal as FlowRefusal
from schema.dossiers.respondents import RespondentChanged, reload_respondent
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.ids import raw_id
from schema.kit.permissions import Who


@strawberry.input(description="An account to suspend or to reinstate.")
class AccountSuspensionInput:
    respondent: strawberry.ID = strawberry.field(description="The id of the respondent who has the account.")
    reason: str = strawberry.field(description="Why, for the audit trail; up to 200 characters. It is not mailed.")


@shown_to(Who.STAFF)
@strawberry.type(
    description="Nobody can sign in with the account, in any dossier. Its sessions, remembered devices, sign-ins under "
    "way and mailed links ended; its accesses keep their state. A mail tells the person."
)
class SuspensionSet(RespondentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The person signs in again as before; a mail says so.")
class SuspensionLifted(RespondentChanged):
    pass


class SuspensionMutations:
    @mutation(
        Who.MANAGER,
        answers=(SuspensionSet,),
        refuses=(NotFound, InvalidInput, NoLogin, AccountClosed, AlreadySuspended, StepUpRequired),
    )
    async def suspend_account(self, info: Info, given: Annotated[AccountSuspensionInput, GIVEN]) -> object:
        """Suspend the whole account of a respondent, in every dossier, until `reinstateAccount`."""
        identity, context = raw_id("Respondent", given.respondent), info.context
        done = await flow.suspend(context.app, context.caller, identity, given.reason)
        if isinstance(done, FlowRefusal):
            return done
        return SuspensionSet(respondent=await reload_respondent(info, identity))

    @mutation(
        Who.MANAGER,
        answers=(SuspensionLifted,),
        refuses=(NotFound, InvalidInput, NoLogin, AccountClosed, NotSuspended, StepUpRequired),
    )
    async def reinstate_account(self, info: Info, given: Annotated[AccountSuspensionInput, GIVEN]) -> object:
        """Lift the suspension of a respondent's account."""
        identity, context = raw_id("Respondent", given.respondent), info.context
        done = await flow.reinstate(context.app, context.caller, identity, given.reason)
        if isinstance(done, FlowRefusal):
            return done
        return SuspensionLifted(respondent=await reload_respondent(info, identity))
