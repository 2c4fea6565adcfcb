"""Passwords: forgotten, reset and changed."""

from typing import Annotated, Any

import strawberry

from flows.core.accounts import shown_code
from flows.refusals import LinkRefused, NotFound, StepUpRequired, TooManyAttempts, WeakPassword
from flows.refusals import Refusal as FlowRefusal
from flows.signin import passwords as flow
from locales import text
from models import LinkPurpose
from schema.account.changed import ViewerChanged
from schema.kit.arguments import GIVEN, LinkToken
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.inputs import discreet
from schema.kit.permissions import Who
from schema.practice.password_rules import PASSWORD_RULES, PasswordRules
from schema.practice.practice import PublicPractice, public_practice

_MESSAGE = "A sentence about it, in the person's language."


@shown_to(Who.ANYONE)
@strawberry.type(description="The request was accepted. The answer is the same for an unknown account.")
class ResetRequested:
    message: str = strawberry.field(description=_MESSAGE)


@shown_to(Who.ANYONE)
@strawberry.type(description="The request was accepted. The answer is the same for an unknown account.")
class LoginCodeRequested:
    message: str = strawberry.field(description=_MESSAGE)


@shown_to(Who.ANYONE)
@strawberry.type(description="What the page of a reset link shows. Opening consumes nothing.")
class PasswordResetOpened:
    practice: PublicPractice = strawberry.field(description="The practice of the account.")
    password_rules: PasswordRules = strawberry.field(description=PASSWORD_RULES)
    login_code: str = strawberry.field(description="The account's login code, for a password manager: `1234 5678`.")


@shown_to(Who.ANYONE)
@strawberry.type(description="The new password holds, and all sessions ended. Signing in still asks the factor.")
class PasswordReset:
    message: str = strawberry.field(description=_MESSAGE)
    awaits_approval: bool = strawberry.field(
        description="Whether staff have to approve the access again: they gave it with a starter password, and the "
        "account has no factor that is proven when signing in."
    )


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The new password holds; the other sessions and all remembered devices ended.")
class PasswordChanged(ViewerChanged):
    pass


@strawberry.input(description="The login of the account with the forgotten password.")
class ForgotPasswordInput:
    practice: str = strawberry.field(description="The practice's slug.")
    login: str = strawberry.field(description="The login code or e-mail address.")


@strawberry.input(description="The address to mail forgotten login codes to.")
class ForgotLoginCodeInput:
    practice: str = strawberry.field(description="The practice's slug.")
    email: str = strawberry.field(description="The e-mail address; the login codes of its accounts go there.")


@discreet
@strawberry.input(description="A new password by a mailed link.")
class ResetPasswordInput:
    token: str = strawberry.field(description="The link's token, from the URL's fragment.")
    password: str = strawberry.field(description="The new password; length matters, no other rules.")


@discreet
@strawberry.input(description="A new password from the settings.")
class ChangePasswordInput:
    password: str = strawberry.field(description="The new password; length matters, no other rules.")


class PasswordMutations:
    @mutation(Who.ANYONE, answers=(PasswordResetOpened,), refuses=(LinkRefused,))
    async def open_password_reset(self, info: Info, token: LinkToken) -> Any:
        """Check whether a password reset link still works."""
        account = await flow.open_mailed(info.context.app, token, LinkPurpose.RESET_PASSWORD)
        if isinstance(account, LinkRefused):
            return account
        return PasswordResetOpened(
            practice=public_practice(info, account.practice),
            password_rules=PasswordRules(minimum=flow.shortest_for(info.context.app, account, account.practice)),
            login_code=shown_code(account),
        )

    @mutation(Who.ANYONE, answers=(ResetRequested,), refuses=(NotFound, TooManyAttempts))
    async def forgot_password(self, info: Info, given: Annotated[ForgotPasswordInput, GIVEN]) -> Any:
        """Mail a link that sets a new password."""
        context = info.context
        refusal = await flow.forgot(context.app, context.origin, given.practice, given.login)
        return refusal or ResetRequested(message=text("told.reset_requested", info.context.locale))

    @mutation(Who.ANYONE, answers=(LoginCodeRequested,), refuses=(NotFound, TooManyAttempts))
    async def forgot_login_code(self, info: Info, given: Annotated[ForgotLoginCodeInput, GIVEN]) -> Any:
        """Mail the login codes of an address to it."""
        context = info.context
        refusal = await flow.forgot_login_code(context.app, context.origin, given.practice, given.email)
        return refusal or LoginCodeRequested(message=text("told.login_code_requested", info.context.locale))

    @mutation(Who.ANYONE, answers=(PasswordReset,), refuses=(LinkRefused, WeakPassword, TooManyAttempts))
    async def reset_password(self, info: Info, given: Annotated[ResetPasswordInput, GIVEN]) -> Any:
        """Set a new password by the mailed link. Does not sign in."""
        done = await flow.reset(info.context.app, info.context.origin, given.token, given.password)
        if isinstance(done, FlowRefusal):
            return done
        said = "told.reset_waits" if done.awaits_approval else "told.reset"
        return PasswordReset(message=text(said, info.context.locale), awaits_approval=done.awaits_approval)

    @mutation(Who.SIGNED_IN, answers=(PasswordChanged,), refuses=(StepUpRequired, WeakPassword, TooManyAttempts))
    async def change_password(self, info: Info, given: Annotated[ChangePasswordInput, GIVEN]) -> Any:
        """Change the own password, after a step-up (which asks the present one)."""
        refusal = await flow.change(info.context.app, info.context.caller, given.password)
        return refusal or PasswordChanged()
