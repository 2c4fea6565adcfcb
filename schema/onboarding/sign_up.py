"""Signing up without an invitation, and having the address verified."""

from datetime import date
from typing import Annotated, Any

import strawberry

from flows.onboarding import sign_up as flow
from flows.onboarding.sign_up import SignUpRequest
from flows.refusals import (
    AlreadyVerified,
    Conflict,
    InvalidInput,
    MailedJustNow,
    NotFound,
    SignUpClosed,
    TooManyAttempts,
    WeakPassword,
)
from locales import text
from schema.account.changed import ViewerChanged
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.inputs import discreet
from schema.kit.permissions import Who


@shown_to(Who.ANYONE)
@strawberry.type(
    description="The request was accepted. The answer is the same for a new, a known and an invited address. The "
    "address gets a mail."
)
class SignUpRequested:
    message: str = strawberry.field(description="A sentence about it, in the person's language.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="A new link that verifies the address is on its way; the older one no longer works.")
class VerificationSent(ViewerChanged):
    pass


@discreet
@strawberry.input(description="What a person enters to make an account without an invitation.")
class SignUpInput:
    practice: str = strawberry.field(description="The practice's slug.")
    email: str = strawberry.field(description="Where the verification is mailed; once verified it signs in.")
    name: str = strawberry.field(description="Up to 120 characters.")
    phone: str = strawberry.field(description="Up to 20 digits, spaces and + ( ) - .")
    birth_date: date = strawberry.field(description="The person's birth date.")
    password: str = strawberry.field(description="The password; length matters, no other rules.")
    language: str | None = strawberry.field(default=None, description="`nl` or `en`; null: that of the request.")


class SignUpMutations:
    @mutation(
        Who.ANYONE,
        answers=(SignUpRequested,),
        refuses=(NotFound, SignUpClosed, InvalidInput, WeakPassword, TooManyAttempts),
    )
    async def sign_up(self, info: Info, given: Annotated[SignUpInput, GIVEN]) -> Any:
        """Make an account without an invitation, if `signUpOpen`. The login code in the mail signs in, and the address
        too once it is verified. Until the practice links the account, only the own account page is open.
        """
        entered = SignUpRequest(given.email, given.name, given.phone, given.birth_date, given.password, given.language)
        refusal = await flow.sign_up(info.context.app, info.context.origin, given.practice, entered)
        return refusal or SignUpRequested(message=text("told.sign_up_requested", info.context.locale))

    @mutation(
        Who.SIGNED_IN, answers=(VerificationSent,), refuses=(AlreadyVerified, MailedJustNow, TooManyAttempts, Conflict)
    )
    async def resend_verification(self, info: Info) -> Any:
        """Mail the verification link of the own e-mail address again; once a minute, five times an hour."""
        refusal = await flow.resend_verification(info.context.app, info.context.caller)
        return refusal or VerificationSent()
