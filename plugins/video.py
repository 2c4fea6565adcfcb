"""What opens video rooms. It is found like a factor, by a hook, and the settings name those in use.

Whole video rooms::

    from plugins import Config, SecureUrl, VideoRooms, VideoVisit, hookimpl


    class TreehouseConfig(Config):
        url: SecureUrl


    class Treehouse(VideoRooms):
        name = "treehouse"
        title = {"en": "Treehouse", "nl": "Boomhut"}
        Config = TreehouseConfig

        async def join(self, visit: VideoVisit) -> str:
            return f"{self.config.url}/{visit.room}"


    @hookimpl
    def portal_video_rooms() -> list[type[VideoRooms]]:
        return [Treehouse]
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from plugins.contract import CONTRACT, Config


@dataclass(frozen=True, slots=True)
class VideoVisit:
    """One person at the door, whom the core lets in now.

    ``room`` is 32 random letters and digits, the same for all who come to an appointment, and another one once it
    has another time. ``link`` is what was typed at the booking, or the practice's own with the room in it; empty
    unless the rooms take one. ``moderator`` is true for staff alone.
    """

    room: str = field(repr=False)
    link: str = field(repr=False)
    name: str
    moderator: bool
    locale: str
    now: datetime
    opens_at: datetime
    closes_at: datetime


class VideoRooms(ABC):
    """One way of meeting by video, made once per process with its validated ``Config``."""

    contract: ClassVar[int] = CONTRACT
    name: ClassVar[str]
    """Lower-case snake_case; ``video_rooms`` in the settings names it."""
    title: ClassVar[Mapping[str, str]]
    """What staff call it, by language."""
    takes_link: ClassVar[bool] = False
    """Whether the person who books says where the room is, unless the practice has a link of its own."""
    Config: ClassVar[type[Config]] = Config

    def __init__(self, config: Any) -> None:
        """Connects to nothing: the server makes one to see whether it could start."""
        self.config = config

    @abstractmethod
    async def join(self, visit: VideoVisit) -> str:
        """The https address that lets this person in, until ``closes_at``; made anew each time and kept nowhere.

        Whatever it raises, and an address that is not https, counts as a room that cannot be entered right now.
        """
