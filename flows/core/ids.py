"""Ids as clients send them."""

import uuid


def as_uuid(text: str) -> str | None:
    """The canonical form of an id that a client sent, or None for a malformed one, which names nothing."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None
