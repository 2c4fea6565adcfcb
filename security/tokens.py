"""What a person or a browser carries: secret tokens, and login codes (identifiers, no secrets)."""

import hashlib
import secrets
import unicodedata

_TOKEN_BYTES = 32
_LONGEST_TOKEN = 256
_LONGEST_TYPED_CODE = 64
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


def normal_login_code(text: str) -> str | None:
    """The eight digits in `text` as a person typed or pasted it, without spaces and dashes of any alphabet.

    None if anything else is in it, such as when it is an e-mail address.
    """
    if len(text) > _LONGEST_TYPED_CODE:
        return None
    code = "".join(char for char in text if not _is_filler(char))
    return code if len(code) == _CODE_DIGITS and code.isascii() and code.isdigit() else None


def shown_login_code(code: str) -> str:
    """A login code as people read it: `12345678` becomes `1234 5678`."""
    return f"{code[:4]} {code[4:]}"


def _is_filler(char: str) -> bool:
    # Cf holds the zero-width spaces and soft hyphens that a copy from a mail or a PDF brings along.
    return char.isspace() or char == "\N{MINUS SIGN}" or unicodedata.category(char) in ("Pd", "Cf")
