"""The own e-mail address and phone number: a change needs a proof of the new one."""

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
@strawberry.type(description="A link was mailed to the new address. The address changes when the link is used.")
class EmailChangeAsked(ViewerChanged):
    message: str = strawberry.field(description="A sentence about it, in the person's language.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="A code is on its way to the new number; nothing changed yet.")
class PhoneCodeSent:
    expires_at: datetime = strawberry.field(description="Until when the code can come back.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The number was changed. The old number was notified.")
class PhoneChanged(ViewerChanged):
    pass


@strawberry.input(description="A new e-mail address for the own account.")
class ChangeEmailInput:
    email: str = strawberry.field(description="The new e-mail address.")


@strawberry.input(description="A new phone number for the own account.")
class ChangePhoneInput:
    phone: str = strawberry.field(description="A mobile number; without a country code it is one of the practice's.")


@discreet
@strawberry.input(description="The code from the text message.")
class ConfirmPhoneInput:
    code: str = strawberry.field(description="The six digits as typed; spaces and dashes are ignored.")


class OwnContactMutations:
    @mutation(Who.SIGNED_IN, answers=(EmailChangeAsked,), refuses=(StepUpRequired, InvalidInput, TooManyAttempts))
    async def change_email(self, info: Info, given: Annotated[ChangeEmailInput, GIVEN]) -> Any:
        """Mail a link to a new address, after a step-up. `verifyEmail` with its token makes the change."""
        refusal = await email_change.ask(info.context.app, info.context.caller, given.email)
        return refusal or EmailChangeAsked(message=text("told.email_change_asked", info.context.locale))

    @mutation(
        Who.SIGNED_IN,
        answers=(PhoneCodeSent,),
        refuses=(StepUpRequired, InvalidInput, NoTextMessages, NotSentYet),
    )
    async def change_phone(self, info: Info, given: Annotated[ChangePhoneInput, GIVEN]) -> Any:
        """Text a code to a new number, after a step-up. `confirmPhone` makes the change."""
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
