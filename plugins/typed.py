"""Reading a code as people type, paste and dictate it."""

import unicodedata

_LONGEST = 64


def typed_code(text: str) -> str | None:
    """The ASCII characters of ``text``, without its spaces and dashes of any alphabet; case stays.

    Normalised to NFKC first, so that full-width digits read as digits. None for what can't be a code: empty,
    over 64 characters as typed, or with anything else left in it.
    """
    if len(text) > _LONGEST:
        return None
    code = "".join(char for char in unicodedata.normalize("NFKC", text) if not _is_filler(char))
    return code if code and code.isascii() and code.isprintable() else None


def _is_filler(char: str) -> bool:
    # Cf holds the zero-width spaces and soft hyphens that a copy from a mail or a PDF brings along.
    return char.isspace() or char == "\N{MINUS SIGN}" or unicodedata.category(char) in ("Pd", "Cf")
