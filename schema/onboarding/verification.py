"""Verifying an e-mail address."""

from typing import Annotated, Any

import strawberry

from flows.onboarding import verification as flow
from flows.refusals import LinkRefused, PasswordNeeded, TooManyAttempts, WrongCredentials
from flows.signin.passwords import open_mailed
from models import LinkPurpose
from schema.kit.arguments import LinkToken
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.permissions import Who
from schema.practice.practice import PublicPractice, public_practice


@shown_to(Who.ANYONE)
@strawberry.type(description="The address is verified.")
class EmailVerified:
    verified: bool = strawberry.field(description="Always true.", default=True)


@shown_to(Who.ANYONE)
@strawberry.type(description="What the page of a verification link shows. Opening consumes nothing.")
class VerificationOpened:
    practice: PublicPractice = strawberry.field(description="The practice that asks.")


class VerificationMutations:
    @mutation(Who.ANYONE, answers=(VerificationOpened,), refuses=(LinkRefused,))
    async def open_verification(self, info: Info, token: LinkToken) -> Any:
        """Check whether an address verification link still works."""
        purposes = (LinkPurpose.VERIFY_EMAIL, LinkPurpose.CHANGE_EMAIL)
        account = await open_mailed(info.context.app, token, *purposes)
        if isinstance(account, LinkRefused):
            return account
        return VerificationOpened(practice=public_practice(info, account.practice))

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
        refusal = await flow.verify_email(context.app, context.origin, context.caller, token, password)
        return refusal or EmailVerified()
