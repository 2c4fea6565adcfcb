"""Names and other short texts that people type, as they are stored; and longer ones, line by line."""

import unicodedata

from normalise.characters import ZWJ, ZWNJ, visible, with_bounded_marks

# Private use and half of a surrogate pair mean nothing elsewhere; a control character does what nobody sees.
_UNUSABLE = ("Cc", "Cf", "Cs", "Co")


def written_line(text: str) -> str:
    """One line in NFC, one space between words, without characters that render as nothing and endless marks."""
    composed = unicodedata.normalize("NFC", with_bounded_marks(text))
    return unicodedata.normalize("NFC", " ".join(visible(composed).split()))


def written_lines(text: str) -> str:
    """Several lines in NFC with ``\\n`` between them, without spaces at their ends and empty lines around."""
    composed = unicodedata.normalize("NFC", with_bounded_marks(text))
    return "\n".join(line.rstrip() for line in composed.splitlines()).strip()


def is_usable(line: str) -> bool:
    """Whether a written line holds nothing but what can be shown: no control, no private and no broken character."""
    return not any(unicodedata.category(char) in _UNUSABLE and char not in (ZWNJ, ZWJ) for char in line)


def is_usable_text(text: str) -> bool:
    """Whether written lines hold no control and no broken character. Formats stay: they belong to what is quoted."""
    return not any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in text)
