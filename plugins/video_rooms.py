"""Finding and checking the video rooms that the settings name."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plugins.contract import CONTRACT, Config
from plugins.loading import PluginProblem, check_hooks, handed_over, load, plugin_manager, refuse_repeats, validated
from plugins.registry import NAME
from plugins.video import VideoRooms

#: By the public door, like the factors: each module implements the hook as a stranger's does.
BUILT_IN: Mapping[str, str] = {"jitsi": "delivery.video.jitsi", "link": "delivery.video.link"}

_SETTING = "video_rooms"


class VideoRegistry:
    """The configured ways of meeting by video, in the configured order."""

    def __init__(self, rooms: Sequence[VideoRooms] = ()) -> None:
        self._rooms = {one.name: one for one in rooms}

    def __iter__(self) -> Iterator[VideoRooms]:
        return iter(self._rooms.values())

    def get(self, name: str) -> VideoRooms | None:
        """The rooms of that name, or None where their plugin is not configured (any more)."""
        return self._rooms.get(name)


def build_video_rooms(names: Sequence[str], options: Mapping[str, Mapping[str, Any]]) -> VideoRegistry:
    """The rooms called ``names``, each from the plugin of that name, in that order.

    Raises PluginProblem for an unknown or repeated name, a class that is not well-formed, or a bad option.
    """
    refuse_repeats(_SETTING, names)
    if unknown := sorted(set(options) - set(names)):
        raise PluginProblem(f"video_room_options: {unknown[0]!r} is not among the video_rooms.")
    return VideoRegistry([_rooms(name, options.get(name, {})) for name in names])


def _rooms(name: str, options: Mapping[str, Any]) -> VideoRooms:
    manager = plugin_manager()
    plugin = load(manager, _SETTING, name, BUILT_IN)
    found = handed_over(plugin, _SETTING, name, "portal_video_rooms", "video rooms")
    check_hooks(manager, _SETTING)
    kind = next((one for one in found if getattr(one, "name", None) == name), None)
    if kind is None:
        raise PluginProblem(f"{_SETTING}: the plugin {name!r} has no video rooms of that name.")
    if not (isinstance(kind, type) and issubclass(kind, VideoRooms)):
        raise PluginProblem(f"{_SETTING}: {name!r} hands over {kind!r}, which is not a VideoRooms class.")
    if wrong := _first_problem(kind):
        raise PluginProblem(f"{_SETTING}: the rooms {kind.__name__} of {name!r} {wrong}.")
    made: VideoRooms = kind(validated(f"video_room_options.{name}", kind.Config, options))
    return made


def _first_problem(rooms: type[VideoRooms]) -> str | None:
    if rooms.contract != CONTRACT:
        return f"were written for contract {rooms.contract}; this is {CONTRACT}"
    if not NAME.match(rooms.name) or len(rooms.name) > 40:
        return "need a name in lower-case snake_case of at most 40 characters"
    if missing := sorted(rooms.__abstractmethods__):
        return f"do not implement {', '.join(missing)}"
    title = getattr(rooms, "title", None)
    if not isinstance(title, Mapping) or not title.get("en"):
        return "need their title in en"
    options: object = rooms.Config
    if not (isinstance(options, type) and issubclass(options, Config)):
        return "need a Config that subclasses plugins.Config"
    return None
