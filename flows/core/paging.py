"""Pages of a list that is ordered by one text and an id: cursors, which are opaque to clients, and sizes."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import orjson

from flows.core.context import AppContext
from flows.core.ids import as_uuid
from flows.refusals import BadCursor, PageTooLarge

_LONGEST_CURSOR = 600

#: Where the next page starts: after the row with this key and, among equal keys, this id.
Position = tuple[str, str]


def cursor_of(key: str, identity: str) -> str:
    """The cursor of a row; ``key`` is what the list is ordered by, a time as ISO 8601."""
    return urlsafe_b64encode(orjson.dumps([key, identity])).decode().rstrip("=")


def position(cursor: str | None) -> Position | None:
    """The position in a cursor; raises BadCursor for a text that :func:`cursor_of` did not make."""
    if cursor is None:
        return None
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise BadCursor
        key, identity = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError) as error:
        raise BadCursor from error
    canonical = as_uuid(identity) if isinstance(identity, str) else None
    if not isinstance(key, str) or canonical is None or "\0" in key:
        raise BadCursor
    return key, canonical


def time_position(cursor: str | None) -> tuple[datetime, str] | None:
    """The position in a cursor of a list that is ordered by time; raises BadCursor."""
    found = position(cursor)
    if found is None:
        return None
    try:
        at = datetime.fromisoformat(found[0])
        if at.tzinfo is None:
            raise BadCursor
        # The database has no times before the year 1 or after the year 9999.
        return at.astimezone(UTC), found[1]
    except (ValueError, OverflowError) as error:
        raise BadCursor from error


def check_size(app: AppContext, first: int) -> None:
    """Raises PageTooLarge unless a page may have ``first`` rows."""
    if not 1 <= first <= app.rules.page_size:
        raise PageTooLarge(app.rules.page_size)
