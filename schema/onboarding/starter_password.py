"""Giving a respondent a login with a starter password."""

from datetime import datetime
from typing import Annotated

import strawberry

from flows.core.accounts import shown_code
from flows.onboarding import starter_password as flow
from flows.refusals import (
    AccountSuspended,
    AlreadyHasLogin,
    Conflict,
    DossierClosed,
    NoEmailAddress,
    NotFound,
    StepUpRequired,
    TooManyAttempts,
    WeakPassword,
)
from flows.refusals import Refusal as FlowRefusal
from schema.dossiers.respondents import RespondentChanged, reload_respondent
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.ids import raw_id
from schema.kit.inputs import discreet
from schema.kit.permissions import Who


@discreet
@shown_to(Who.STAFF)
@strawberry.type(
    description="The login is there, and its access approved. Pass this on in person: the password is shown only here."
)
class StarterPasswordGiven(RespondentChanged):
    email: str = strawberry.field(description="Where mail about the login goes. It was told of, without the password.")
    login_code: str = strawberry.field(description="The login code to sign in with, in groups: `1234 5678`.")
    signs_in_by_email: bool = strawberry.field(
        description="Whether the e-mail address signs in too; not where it is another account's already."
    )
    portal_url: str = strawberry.field(description="Where to sign in.")
    password: str = strawberry.field(description="To sign in with once; then the person chooses another one.")
    expires_at: datetime = strawberry.field(description="From when the password no longer works.")


@discreet
@strawberry.input(description="A login for a respondent, to be passed on by staff.")
class GiveStarterPasswordInput:
    respondent: strawberry.ID = strawberry.field(description="The respondent's id; needs an e-mail address.")
    password: str | None = strawberry.field(default=None, description="The password; null: one is made.")


class StarterPasswordMutations:
    @mutation(
        Who.STAFF,
        answers=(StarterPasswordGiven,),
        refuses=(
            NotFound,
            NoEmailAddress,
            DossierClosed,
            AccountSuspended,
            AlreadyHasLogin,
            WeakPassword,
            StepUpRequired,
            TooManyAttempts,
            Conflict,
        ),
    )
    async def give_starter_password(self, info: Info, given: Annotated[GiveStarterPasswordInput, GIVEN]) -> object:
        """Make a respondent's login and approve its access. Check the person's identity first. Open invitations end. A
        starter password that was never replaced can be given again. Invite a person who has an account here already:
        this always makes another account. If the address belongs to another account, the new one signs in by its login
        code alone.
        """
        identity, context = raw_id("Respondent", given.respondent), info.context
        done = await flow.give(context.app, context.caller, identity, given.password)
        if isinstance(done, FlowRefusal):
            return done
        return StarterPasswordGiven(
            respondent=await reload_respondent(info, identity),
            email=done.account.email or "",
            login_code=shown_code(done.account),
            signs_in_by_email=done.signs_in_by_email,
            portal_url=done.portal_url,
            password=done.password,
            expires_at=done.expires_at,
        )
