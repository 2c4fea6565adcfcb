"""One's own e-mail address and telephone number: changed by whoever proves to have the new one."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from flows.account import email_change, phone_change
from flows.refusals import (
    ChallengeExpired,
    InvalidInput,
    NoTextMessages,
    NotSentYet,
    ProofRefused,
    StepUpRequired,
    TooManyAttempts,
)
from flows.refusals import Refusal as FlowRefusal
from locales import text
from schema.account.changed import ViewerChanged
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.inputs import discreet
from schema.kit.permissions import Who


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="A link is on its way to the new address, whoever reads there; nothing changed yet.")
class EmailChangeAsked(ViewerChanged):
    message: str = strawberry.field(description="The same in words, in the person's language.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="A code is on its way to the new number; nothing changed yet.")
class PhoneCodeSent:
    expires_at: datetime = strawberry.field(description="Until when the code can come back.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The number was changed; the old one was told.")
class PhoneChanged(ViewerChanged):
    pass


@strawberry.input(description="Where mail shall go from now on.")
class ChangeEmailInput:
    email: str = strawberry.field(description="The new e-mail address.")


@strawberry.input(description="The number to be reached at from now on.")
class ChangePhoneInput:
    phone: str = strawberry.field(description="A mobile number; without a country code it is one of the practice's.")


@discreet
@strawberry.input(description="The code from the text message.")
class ConfirmPhoneInput:
    code: str = strawberry.field(description="The six digits as typed; spaces and dashes are ignored.")


class OwnContactMutations:
    @mutation(Who.SIGNED_IN, answers=(EmailChangeAsked,), refuses=(StepUpRequired, InvalidInput, TooManyAttempts))
    async def change_email(self, info: Info, given: Annotated[ChangeEmailInput, GIVEN]) -> Any:
        """Have a link mailed to a new address, after a step-up. `verifyEmail` with its token makes the change."""
        refusal = await email_change.ask(info.context.app, info.context.caller, given.email)
        return refusal or EmailChangeAsked(message=text("told.email_change_asked", info.context.locale))

    @mutation(
        Who.SIGNED_IN,
        answers=(PhoneCodeSent,),
        refuses=(StepUpRequired, InvalidInput, NoTextMessages, NotSentYet),
    )
    async def change_phone(self, info: Info, given: Annotated[ChangePhoneInput, GIVEN]) -> Any:
        """Have a code texted to a new number, after a step-up. `confirmPhone` makes the change."""
        asked = await phone_change.ask(info.context.app, info.context.caller, given.phone)
        return asked if isinstance(asked, FlowRefusal) else PhoneCodeSent(expires_at=asked.expires_at)

    @mutation(
        Who.SIGNED_IN,
        answers=(PhoneChanged,),
        refuses=(StepUpRequired, ChallengeExpired, ProofRefused, TooManyAttempts),
    )
    async def confirm_phone(self, info: Info, given: Annotated[ConfirmPhoneInput, GIVEN]) -> Any:
        """Change the number by the code that was texted to it."""
        return await phone_change.confirm(info.context.app, info.context.caller, given.code) or PhoneChanged()
