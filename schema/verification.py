"""Verifying an e-mail address."""

from typing import Annotated, Any

import strawberry

from flows import verification as flow
from flows.refusals import LinkRefused, PasswordNeeded, TooManyAttempts, WrongCredentials
from schema.fields import Info, mutation, shown_to
from schema.permissions import Who


@shown_to(Who.ANYONE)
@strawberry.type(description="The address is verified.")
class EmailVerified:
    verified: bool = strawberry.field(description="Always true.", default=True)


class VerificationMutations:
    @mutation(
        Who.ANYONE, answers=(EmailVerified,), refuses=(LinkRefused, PasswordNeeded, WrongCredentials, TooManyAttempts)
    )
    async def verify_email(
        self,
        info: Info,
        token: Annotated[str, strawberry.argument(description="The token of the mailed link.")],
        password: Annotated[
            str | None, strawberry.argument(description="The account's password, where it is not signed in here.")
        ] = None,
    ) -> Any:
        """
        Verify the e-mail address that the link was mailed to, signed in to its account or with its password. Only
        this uses up the link; opening it does not.
        """
        context = info.context
        refusal = await flow.verify_email(context.house, context.origin, context.caller, token, password)
        return refusal or EmailVerified()
