"""What is downloaded: bytes with a name and a media type, whatever made them; at once, or a piece at a time."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from flows.core.context import AppContext, Caller


@dataclass(frozen=True, slots=True)
class Document:
    """``name`` is the file's name as entered; the sender of the file escapes it."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stream:
    """What is too long to be held whole: the same, a piece at a time."""

    name: str
    media_type: str
    pieces: AsyncIterator[bytes] = field(repr=False)


#: Finds a document by its row's id, within the caller's reach, and tells the audit before it answers. Raises a refusal.
Fetch = Callable[[AppContext, Caller | None, str], Awaitable[Document]]
