"""Codes as people type, paste and dictate them: login codes, one-time codes, recovery codes, codes of a factor."""

import unicodedata

from normalise.characters import ascii_digits, is_invisible

LONGEST_TYPED = 64
"""In characters as typed: what is longer is no code."""

DIGITS = "0123456789"
LOGIN_CODE_LENGTH = 8


def typed_code(text: str) -> str | None:
    """The ASCII characters of ``text``, without its spaces and dashes of any alphabet; case stays.

    Normalised to NFKC first, and the digits of every script are 0 to 9. None for what can't be a code: empty,
    over 64 characters as typed, or with anything else left in it. For a code of a known alphabet and length
    :func:`read_code` takes more of what is copied along.
    """
    if len(text) > LONGEST_TYPED:
        return None
    code = "".join(char for char in _plain(text) if not _separates(char))
    return code if code and code.isascii() and code.isprintable() else None


def read_code(text: str, length: int, alphabet: str = DIGITS) -> str | None:
    """The ``length`` symbols of ``alphabet`` that ``text`` holds, or None for anything else.

    Spaces, dashes and full stops are ignored wherever they are, any punctuation around the code too. Capitals make
    no difference for an alphabet without small letters.
    """
    if len(text) > LONGEST_TYPED:
        return None
    inside = "".join(char for char in _plain(text) if not _separates(char) and char not in _STOPS)
    code = _without_punctuation_around(inside)
    # ASCII only: the capital of one letter may be two.
    code = code.upper() if alphabet == alphabet.upper() and code.isascii() else code
    return code if len(code) == length and set(code) <= set(alphabet) else None


def normal_login_code(text: str) -> str | None:
    """The eight digits of a login code, or None, such as for an e-mail address."""
    return read_code(text, LOGIN_CODE_LENGTH)


def shown_login_code(code: str) -> str:
    """A login code as people read it: `12345678` becomes `1234 5678`."""
    return f"{code[:4]} {code[4:]}"


# Full stops between groups or copied along; NFKC makes the full-width and the half-width one of these.
_STOPS = frozenset(".\N{MIDDLE DOT}\N{IDEOGRAPHIC FULL STOP}\N{ARABIC FULL STOP}\N{DEVANAGARI DANDA}")


def _plain(text: str) -> str:
    return ascii_digits(unicodedata.normalize("NFKC", text))


def _separates(char: str) -> bool:
    # What is invisible comes along with a copy from a mail or a PDF.
    return char.isspace() or char == "\N{MINUS SIGN}" or unicodedata.category(char) == "Pd" or is_invisible(char)


def _without_punctuation_around(text: str) -> str:
    start, end = 0, len(text)
    while start < end and unicodedata.category(text[start])[0] == "P":
        start += 1
    while end > start and unicodedata.category(text[end - 1])[0] == "P":
        end -= 1
    return text[start:end]
