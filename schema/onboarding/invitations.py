"""An invitation's link: opened, accepted by making an account or by linking, and asked for anew."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from flows.core.accounts import shown_code
from flows.onboarding import acceptance as flow
from flows.onboarding.acceptance import AccountReopened, InvitationAccepted
from flows.refusals import (
    AccountExists,
    AwaitingApproval,
    Conflict,
    LinkRefused,
    NotAllowed,
    NothingOpen,
    TooManyAttempts,
    WeakPassword,
)
from flows.refusals import Refusal as FlowRefusal
from flows.signin.credentials import signs_in_by_email
from locales import text
from models import Invitation
from schema.account.changed import ViewerChanged
from schema.kit.arguments import GIVEN, LinkToken
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.inputs import discreet
from schema.kit.permissions import Who
from schema.practice.password_rules import PASSWORD_RULES, PasswordRules
from schema.practice.practice import PublicPractice, public_practice


@shown_to(Who.ANYONE)
@strawberry.type(description="What the link's page shows. Opening consumes nothing.")
class InvitationOpened:
    practice: PublicPractice = strawberry.field(description="The practice that invites.")
    person_name: str = strawberry.field(description="Whom it invites.")
    expires_at: datetime = strawberry.field(description="Until when it can be accepted.")
    password_rules: PasswordRules = strawberry.field(description=PASSWORD_RULES)


@shown_to(Who.ANYONE)
@strawberry.type(description="The account was made. Sign in now. The login code was mailed as well.")
class AccountMade:
    login_code: str = strawberry.field(description="The login code to sign in with, in groups: `1234 5678`.")
    signs_in_by_email: bool = strawberry.field(description="Whether the e-mail address signs in to it too.")
    portal_url: str = strawberry.field(description="Where to sign in.")


@shown_to(Who.ANYONE)
@strawberry.type(
    description="The address's account has the invitation now, by its own password: all its accesses had been closed, "
    "and signing in to link was refused. Sign in; staff still approve."
)
class LoginReopened:
    portal_url: str = strawberry.field(description="Where to sign in.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The account accepted the invitation. Staff still have to approve the access.")
class InvitationLinked(ViewerChanged):
    pass


@shown_to(Who.ANYONE)
@strawberry.type(description="A new invitation is on its way to the same address.")
class InvitationRenewalAsked:
    message: str = strawberry.field(description="A sentence about it, in the person's language.")


@discreet
@strawberry.input(description="Accepting an invitation by making an account.")
class AcceptInvitationInput:
    token: str = strawberry.field(description="The link's token, from the URL's fragment.")
    password: str = strawberry.field(description="The password; length matters, no other rules.")
    another_person: bool = strawberry.field(
        default=False,
        description="After AccountExists: the address is shared, and this is another person, who signs in by code.",
    )


class InvitationMutations:
    @mutation(Who.ANYONE, answers=(InvitationOpened,), refuses=(LinkRefused,))
    async def open_invitation(self, info: Info, token: LinkToken) -> Any:
        """Read an invitation. Staff see that it was opened."""
        opened = await flow.open_link(info.context.app, token)
        return opened if isinstance(opened, FlowRefusal) else _opened(info, opened)

    @mutation(
        Who.ANYONE,
        answers=(AccountMade, LoginReopened),
        refuses=(LinkRefused, AccountExists, WeakPassword, Conflict, TooManyAttempts),
    )
    async def accept_invitation(self, info: Info, given: Annotated[AcceptInvitationInput, GIVEN]) -> Any:
        """Set the password and make the account, once. Does not sign in. If the address has an account with all
        accesses closed, that account's password links the invitation to it instead.
        """
        context, another = info.context, given.another_person
        made = await flow.accept(context.app, context.origin, given.token, given.password, another_person=another)
        if isinstance(made, AccountReopened):
            return LoginReopened(portal_url=made.portal_url)
        return made if isinstance(made, FlowRefusal) else _made(made)

    @mutation(Who.SIGNED_IN, answers=(InvitationLinked,), refuses=(LinkRefused, NotAllowed, AwaitingApproval, Conflict))
    async def link_invitation(self, info: Info, token: LinkToken) -> Any:
        """Accept an invitation with the account that is signed in."""
        linked = await flow.link(info.context.app, info.context.caller, token)
        return linked if isinstance(linked, FlowRefusal) else InvitationLinked()

    @mutation(Who.ANYONE, answers=(InvitationRenewalAsked,), refuses=(LinkRefused, NothingOpen, TooManyAttempts))
    async def ask_new_invitation(self, info: Info, token: LinkToken) -> Any:
        """Mail a new invitation in place of an expired one."""
        refusal = await flow.ask_new(info.context.app, info.context.origin, token)
        return refusal or InvitationRenewalAsked(message=text("told.renewal_asked", info.context.locale))


def _opened(info: Info, invitation: Invitation) -> InvitationOpened:
    return InvitationOpened(
        practice=public_practice(info, invitation.practice),
        person_name=flow.name_of(invitation),
        expires_at=invitation.expires_at,
        password_rules=PasswordRules(minimum=flow.shortest_password(info.context.app, invitation)),
    )


def _made(made: InvitationAccepted) -> AccountMade:
    return AccountMade(
        login_code=shown_code(made.account),
        signs_in_by_email=signs_in_by_email(made.practice, made.account),
        portal_url=made.portal_url,
    )
