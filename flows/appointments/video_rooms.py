"""Where an appointment by video takes place: chosen at the booking, and sealed while it waits."""

import json
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flows.core.context import AppContext
from flows.refusals import InvalidInput, Problem
from models import Appointment, Practice
from models.core.sealed import ROOM

LONGEST_LINK = 500


@dataclass(frozen=True, slots=True)
class Room:
    """``link`` is what staff typed; empty where the practice's own counts, and for rooms that take none."""

    name: str = field(repr=False)
    link: str = field(repr=False, default="")


def new_room(link: str = "") -> Room:
    """An unguessable room name: 128 random bits, in letters and digits that every provider accepts."""
    return Room(secrets.token_hex(16), link)


def chosen(app: AppContext, practice: Practice, kind: str | None, link: str) -> tuple[str, Room | None]:
    """The kind of room and the room, ``("", None)`` for meeting in person. Raises InvalidInput.

    A link that is typed for one appointment leads to the host of the practice's own, where it has one.
    """
    link = link.strip()
    if kind is None and not link:
        return "", None
    rooms = app.video.get(kind or "")
    if kind is None or rooms is None:
        raise InvalidInput("video", Problem.CHOICE, ", ".join(rooms.name for rooms in app.video))
    missing = rooms.takes_link and not link and not practice.video_link
    if missing or (link and not (rooms.takes_link and is_safe(link, LONGEST_LINK))):
        raise InvalidInput("videoLink", Problem.LINK if rooms.takes_link else Problem.EMPTY)
    if link and practice.video_link and _host(link) != (own := _host(practice.video_link)):
        # Where clients are sent is the OWNER's choice; who books chooses among the rooms there.
        raise InvalidInput("videoLink", Problem.HOST, own)
    return kind, new_room(link)


def _host(link: str) -> str:
    """Where an address leads, with its port where that is another than HTTPS has."""
    parts = urlsplit(link)
    return f"{parts.hostname}:{parts.port}" if parts.port not in (None, 443) else str(parts.hostname)


def is_safe(link: str, longest: int) -> bool:
    """Whether a browser can be sent there: an https address without credentials."""
    if len(link) > longest or not link.isascii() or not link.isprintable() or set(link) & set(' "<>\\'):
        return False
    try:
        parts = urlsplit(link)
        # Read, because only that finds a port that is none.
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


def seal_room(app: AppContext, appointment_id: object, room: Room) -> bytes:
    plain = json.dumps({"name": room.name, "link": room.link}).encode()
    return app.keys.seal(plain, *ROOM.place(appointment_id))


def open_room(app: AppContext, appointment: Appointment) -> Room:
    """The room of an appointment that was not cancelled; raises CannotOpen."""
    plain = app.keys.open(appointment.room or b"", *ROOM.place(appointment.id))
    return Room(**json.loads(plain))


def link_of(room: Room, practice: Practice) -> str:
    """Where a room that is a plain link is: as typed, else as the practice says."""
    return room.link or (practice.video_link or "").replace("{room}", room.name)
