"""The slug of a practice: part of its portal's address and of its cookies' names."""

import re

LONGEST = 40
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


def normal_slug(text: str) -> str | None:
    """The slug that somebody means by ``text``: capitals are taken as small letters. None for what can be no slug."""
    # Measured first: to change the case of a megabyte costs something.
    if len(text) > LONGEST or not text.isascii():
        return None
    slug = text.lower()
    return slug if _SLUG.fullmatch(slug) else None
