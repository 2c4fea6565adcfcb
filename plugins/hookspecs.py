"""The hooks. They are few, synchronous, and only hand objects over; the objects act."""

import pluggy

from plugins.contract import AnyFactor
from plugins.sms import SmsGateway
from plugins.video import VideoRooms

PROJECT = "sluis"

hookspec = pluggy.HookspecMarker(PROJECT)
#: Marks a plugin's implementation of a hook.
hookimpl = pluggy.HookimplMarker(PROJECT)


class Hooks:
    @hookspec
    def portal_factors(self) -> list[type[AnyFactor]]:  # type: ignore[empty-body]
        """The factor classes of this plugin."""

    @hookspec
    def portal_sms_gateways(self) -> list[type[SmsGateway]]:  # type: ignore[empty-body]
        """The SMS gateway classes of this plugin."""

    @hookspec
    def portal_video_rooms(self) -> list[type[VideoRooms]]:  # type: ignore[empty-body]
        """The classes of this plugin that open video rooms."""
