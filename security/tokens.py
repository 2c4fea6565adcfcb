"""What a person or a browser carries: secret tokens, and login codes (identifiers, no secrets)."""

import hashlib
import secrets

_TOKEN_BYTES = 32
_LONGEST_TOKEN = 256
_CODE_DIGITS = 8

NO_TOKEN = "-" * 64
"""The hash of what can't be a token. It is no SHA-256 in hex, so it matches nothing that is stored."""


def new_token() -> str:
    """256 random bits as 43 characters of base64url."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str | None) -> str:
    """The SHA-256 of `token` in hex: what is stored and looked up in its place.

    An absent, empty, over-long or non-ASCII token gives `NO_TOKEN`, so that it costs the caller the same
    look-up as an unknown one. A slow hash would add nothing to a token's 256 bits.
    """
    if not token or len(token) > _LONGEST_TOKEN or not token.isascii():
        return NO_TOKEN
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def new_readable_password() -> str:
    """Three words that can be said aloud, as in `bafile-tosena-kuvora`: 56 random bits."""
    return "-".join("".join(_syllable() for _ in range(3)) for _ in range(3))


def _syllable() -> str:
    return secrets.choice("bdfghklmnprstvz") + secrets.choice("aeiou")


def new_login_code() -> str:
    """Eight random digits; the first is never 0, which spreadsheets and number fields would drop."""
    lowest = 10 ** (_CODE_DIGITS - 1)
    return str(lowest + secrets.randbelow(9 * lowest))
