"""Managing a respondent's login: inviting, approving, deactivating, and helping when something was lost."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

import strawberry

from flows.access import access
from flows.account import account_email
from flows.core.context import AppContext, Caller
from flows.onboarding import invitations
from flows.refusals import (
    AccountClosed,
    AccountSuspended,
    AlreadyDeactivated,
    AlreadyHasLogin,
    Conflict,
    DossierClosed,
    FactorMissing,
    InvalidInput,
    LoginDeactivated,
    NoEmailAddress,
    NoLogin,
    NotFound,
    NothingOpen,
    StepUpRequired,
    TooManyAttempts,
)
from flows.refusals import Refusal as FlowRefusal
from schema.dossiers.respondents import RespondentChanged, reload_respondent
from schema.kit.arguments import GIVEN, RespondentId
from schema.kit.fields import Info, mutation, query, shown_to
from schema.kit.ids import raw_id
from schema.kit.permissions import Who
from schema.second_factor.own_factors import RememberedDevice


@shown_to(Who.STAFF)
@strawberry.type(description="The invitation is on its way; older ones no longer work.")
class RespondentInvited(RespondentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The invitation's link no longer works.")
class InvitationRevoked(RespondentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The old login code no longer works; the new one was mailed. The password stays.")
class LoginCodeReplaced(RespondentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="Mail about the account goes to the new address. The old address was notified.")
class AccountEmailCorrected(RespondentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The portal is open for this person; a mail says so.")
class AccessApproved(RespondentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(
    description="The access is closed. If it was the person's last one, all sessions and remembered devices ended too."
)
class AccessDeactivated(RespondentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="All of the person's factors are gone, and every access waits for approval again.")
class FactorsReset(RespondentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The person is signed out everywhere.")
class RespondentSessionsEnded(RespondentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The person's device is not remembered any more.")
class RespondentDeviceRevoked(RespondentChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="No device of the person skips the factor any more.")
class RespondentDevicesRevoked(RespondentChanged):
    pass


Act = Callable[[AppContext, Caller | None, str], Awaitable[object]]


async def _done(info: Info, respondent: strawberry.ID, act: Act, success: type[RespondentChanged]) -> object:
    identity = raw_id("Respondent", respondent)
    outcome = await act(info.context.app, info.context.caller, identity)
    return outcome if isinstance(outcome, FlowRefusal) else success(respondent=await reload_respondent(info, identity))


class AccessQueries:
    @query(Who.STAFF)
    async def remembered_devices(self, info: Info, respondent: RespondentId) -> list[RememberedDevice]:
        """The devices that skip the second factor of a respondent, newest first."""
        identity = raw_id("Respondent", respondent)
        devices = await access.respondent_devices(info.context.app, info.context.caller, identity)
        return [RememberedDevice.of(device, end) for device, end in devices]


@strawberry.input(description="Another e-mail address for a respondent's account.")
class CorrectAccountEmailInput:
    respondent: strawberry.ID = strawberry.field(description="The respondent's id; has a login.")
    email: str = strawberry.field(description="The address at which the person reads mail.")


class AccessMutations:
    @mutation(
        Who.STAFF,
        answers=(AccountEmailCorrected,),
        refuses=(NotFound, NoLogin, AccountClosed, InvalidInput, StepUpRequired, Conflict),
    )
    async def correct_account_email(self, info: Info, given: Annotated[CorrectAccountEmailInput, GIVEN]) -> object:
        """Give a respondent's account another e-mail address, if mail does not arrive at the old one. Check the
        person's identity first. Mailed links and all login sessions end; password and factors stay.
        """
        act = partial(account_email.correct, email=given.email)
        return await _done(info, given.respondent, act, AccountEmailCorrected)

    @mutation(
        Who.STAFF,
        answers=(RespondentInvited,),
        refuses=(
            NotFound,
            NoEmailAddress,
            DossierClosed,
            AccountSuspended,
            AlreadyHasLogin,
            LoginDeactivated,
            TooManyAttempts,
            Conflict,
        ),
    )
    async def invite_respondent(self, info: Info, respondent: RespondentId) -> object:
        """Mail an invitation to make an account, or mail it again."""
        return await _done(info, respondent, invitations.invite, RespondentInvited)

    @mutation(Who.STAFF, answers=(InvitationRevoked,), refuses=(NotFound, NothingOpen))
    async def revoke_invitation(self, info: Info, respondent: RespondentId) -> object:
        """Withdraw the open invitation."""
        return await _done(info, respondent, invitations.revoke, InvitationRevoked)

    @mutation(Who.STAFF, answers=(LoginCodeReplaced,), refuses=(NotFound, NoLogin, Conflict))
    async def replace_login_code(self, info: Info, respondent: RespondentId) -> object:
        """Replace a login code that leaked."""
        return await _done(info, respondent, access.replace_login_code, LoginCodeReplaced)

    @mutation(
        Who.STAFF,
        answers=(AccessApproved,),
        refuses=(
            NotFound,
            NoLogin,
            AccountClosed,
            AccountSuspended,
            FactorMissing,
            DossierClosed,
            StepUpRequired,
            Conflict,
        ),
    )
    async def approve_access(self, info: Info, respondent: RespondentId) -> object:
        """Open the portal for a respondent; also after it was closed. Check the person's identity first."""
        return await _done(info, respondent, access.approve, AccessApproved)

    @mutation(Who.STAFF, answers=(AccessDeactivated,), refuses=(NotFound, NoLogin, AlreadyDeactivated))
    async def deactivate_access(self, info: Info, respondent: RespondentId) -> object:
        """Close the portal for a respondent, at once."""
        return await _done(info, respondent, access.deactivate, AccessDeactivated)

    @mutation(Who.STAFF, answers=(FactorsReset,), refuses=(NotFound, NoLogin, StepUpRequired))
    async def reset_factors(self, info: Info, respondent: RespondentId) -> object:
        """Remove all factors of a respondent who lost them. Check the person's identity first."""
        return await _done(info, respondent, access.reset_factors, FactorsReset)

    @mutation(Who.STAFF, answers=(RespondentSessionsEnded,), refuses=(NotFound, NoLogin))
    async def end_respondent_sessions(self, info: Info, respondent: RespondentId) -> object:
        """Sign a respondent out everywhere."""
        return await _done(info, respondent, access.end_respondent_sessions, RespondentSessionsEnded)

    @mutation(Who.STAFF, answers=(RespondentDeviceRevoked,), refuses=(NotFound, NoLogin))
    async def revoke_respondent_device(
        self,
        info: Info,
        respondent: RespondentId,
        device: Annotated[strawberry.ID, strawberry.argument(description="The remembered device's id.")],
    ) -> object:
        """Forget one remembered device of a respondent."""
        act = partial(access.revoke_respondent_device, device_id=raw_id("FactorEnrolment", device))
        return await _done(info, respondent, act, RespondentDeviceRevoked)

    @mutation(Who.STAFF, answers=(RespondentDevicesRevoked,), refuses=(NotFound, NoLogin))
    async def revoke_respondent_devices(self, info: Info, respondent: RespondentId) -> object:
        """Forget all remembered devices of a respondent."""
        return await _done(info, respondent, access.revoke_respondent_devices, RespondentDevicesRevoked)
