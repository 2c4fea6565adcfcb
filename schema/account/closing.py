"""Closing one's own account."""

from typing import Annotated, Any

import strawberry

from flows.account import closing as flow
from flows.refusals import StaffAccount, StepUpRequired, TooManyAttempts, WrongCredentials
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.inputs import discreet
from schema.kit.permissions import Who


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The account is closed, and so are all its sessions. A mail confirms it.")
class AccountEnded:
    closed: bool = strawberry.field(default=True, description="Always true.")


@discreet
@strawberry.input(description="Closing the own account.")
class CloseAccountInput:
    password: str = strawberry.field(description="The password, once more.")


class ClosingMutations:
    @mutation(
        Who.SIGNED_IN,
        answers=(AccountEnded,),
        refuses=(StaffAccount, StepUpRequired, WrongCredentials, TooManyAttempts),
    )
    async def close_account(self, info: Info, given: Annotated[CloseAccountInput, GIVEN]) -> Any:
        """Close the own account for good, after a step-up. Dossiers stay: the practice has to keep them by law."""
        refusal = await flow.close(info.context.app, info.context.caller, given.password)
        if refusal is None and info.context.cookies.practice is not None:
            info.context.cookies.clear("session", info.context.cookies.practice)
        return refusal or AccountEnded()
