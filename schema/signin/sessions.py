"""Signing out, ending what should not go on, and the language of the account."""

from typing import Annotated, Any

import strawberry

from flows.account.account import set_language
from flows.factor_setup.own_factors import rename_device
from flows.refusals import InvalidInput, NotFound
from flows.signin import sessions as flow
from schema.account.changed import ViewerChanged
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.ids import raw_id
from schema.kit.permissions import Who


@shown_to(Who.ANYONE)
@strawberry.type(description="The session ended; in a browser its cookie is deleted.")
class SignedOut:
    signed_out: bool = strawberry.field(default=True, description="Always true.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The session ended at once.")
class SessionEnded(ViewerChanged):
    pass


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="All sessions but this one ended at once.")
class OtherSessionsEnded(ViewerChanged):
    pass


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The device is not remembered any more.")
class DeviceRevoked(ViewerChanged):
    pass


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The remembered device has its new name.")
class DeviceRenamed(ViewerChanged):
    pass


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="No device is remembered any more.")
class AllDevicesRevoked(ViewerChanged):
    pass


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="Texts and mail are in this language from now on.")
class LanguageSet(ViewerChanged):
    pass


class SessionMutations:
    @mutation(Who.ANYONE, answers=(SignedOut,))
    async def sign_out(self, info: Info) -> Any:
        """End the own session; does nothing without one. A remembered device stays remembered."""
        await flow.sign_out(info.context.app, info.context.caller)
        _clear_cookie(info)
        return SignedOut()

    @mutation(Who.SIGNED_IN, answers=(SessionEnded,), refuses=(NotFound,))
    async def end_session(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The session's id.")],  # noqa: A002
    ) -> Any:
        """End one of the own sessions, on a lost phone for example."""
        identity, caller = raw_id("LoginSession", id), info.context.caller
        refusal = await flow.end_one(info.context.app, caller, identity)
        if refusal is None and caller is not None and identity == caller.session_id:
            _clear_cookie(info)
        return refusal or SessionEnded()

    @mutation(Who.SIGNED_IN, answers=(OtherSessionsEnded,))
    async def end_other_sessions(self, info: Info) -> Any:
        """End all of the own sessions but this one."""
        return await flow.end_others(info.context.app, info.context.caller) or OtherSessionsEnded()

    @mutation(Who.SIGNED_IN, answers=(DeviceRevoked,), refuses=(NotFound,))
    async def revoke_device(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The device's id.")],  # noqa: A002
    ) -> Any:
        """Forget one of the own remembered devices."""
        identity = raw_id("FactorEnrolment", id)
        return await flow.revoke_device(info.context.app, info.context.caller, identity) or DeviceRevoked()

    @mutation(Who.SIGNED_IN, answers=(DeviceRenamed,), refuses=(NotFound, InvalidInput))
    async def rename_device(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The device's id.")],  # noqa: A002
        label: Annotated[str, strawberry.argument(description="How the person calls it; 1 to 60 characters.")],
    ) -> Any:
        """Rename one of the own remembered devices."""
        identity = raw_id("FactorEnrolment", id)
        return await rename_device(info.context.app, info.context.caller, identity, label) or DeviceRenamed()

    @mutation(Who.SIGNED_IN, answers=(AllDevicesRevoked,))
    async def revoke_all_devices(self, info: Info) -> Any:
        """Forget all of the own remembered devices."""
        return await flow.revoke_all_devices(info.context.app, info.context.caller) or AllDevicesRevoked()

    @mutation(Who.SIGNED_IN, answers=(LanguageSet,), refuses=(InvalidInput,))
    async def set_language(
        self, info: Info, language: Annotated[str, strawberry.argument(description="`nl` or `en`.")]
    ) -> Any:
        """Choose the language of the own texts and mail."""
        await set_language(info.context.app, info.context.caller, language)
        return LanguageSet()


def _clear_cookie(info: Info) -> None:
    cookies = info.context.cookies
    if cookies.practice is not None:
        cookies.clear("session", cookies.practice)
