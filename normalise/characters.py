"""What the other modules have in common: characters that render as nothing, and letters of other scripts."""

import unicodedata

MOST_MARKS = 30
"""Combining marks in succession: no language needs as many on a letter (UAX #15, 13, "Stream-Safe Text Format")."""

ZWNJ, ZWJ = "\u200c", "\u200d"

# Default_Ignorable_Code_Point that is no format character (Cf): letters and marks that render as nothing.
_EMPTY = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_VARIATION = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
# Format characters that do render: signs that precede digits and words in Arabic, Syriac and Kaithi.
_VISIBLE_FORMATS = frozenset(map(chr, (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)))
_NEVER_VARIED = frozenset({"LATIN", "GREEK", "CYRILLIC"})
_WITHOUT_JOINERS = _NEVER_VARIED | {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"}


def is_invisible(char: str) -> bool:
    """Whether ``char`` renders as nothing: zero-width and soft signs, marks of direction, fillers, selectors."""
    return is_format(char) or char in _EMPTY or char in _VARIATION


def is_format(char: str) -> bool:
    """Whether it only tells a renderer something: soft hyphen, zero-width signs, marks of direction, tags."""
    return unicodedata.category(char) == "Cf" and char not in _VISIBLE_FORMATS


def with_bounded_marks(text: str) -> str:
    """``text`` without what exceeds :data:`MOST_MARKS`: putting marks in order takes time quadratic in their number.

    What renders as nothing between them does not count, for it may be taken out before they are put in order again.
    """
    if text.isascii():
        return text
    kept, marks = list[str](), 0
    for char in text:
        if unicodedata.combining(char):
            marks += 1
            if marks > MOST_MARKS:
                continue
        elif not is_invisible(char):
            marks = 0
        kept.append(char)
    return "".join(kept)


def script_of(letter: str) -> str:
    """The first word of its name, such as LATIN: the standard library has no Script property."""
    return unicodedata.name(letter, "UNKNOWN").replace("-", " ").split()[0]


def trimmed(text: str) -> str:
    """``text`` without the spaces and format characters around it that a copy brings along; line ends stay."""
    start, end = 0, len(text)
    while start < end and _is_around(text[start]):
        start += 1
    while end > start and _is_around(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_around(char: str) -> bool:
    return unicodedata.category(char) == "Zs" or is_format(char)


def visible(text: str) -> str:
    """``text`` without what renders as nothing; what shapes its neighbours stays between them.

    The two joiners stay between letters of scripts that spell with them (Persian, Sinhala), and between emoji;
    variation selectors stay behind a symbol, a digit, or a letter of a script that has variants.
    """
    kept: list[str] = []
    for index, char in enumerate(text):
        if not is_invisible(char) or (kept and _shapes(kept[-1], char, text[index + 1 : index + 2])):
            kept.append(char)
    return "".join(kept)


def _shapes(before: str, char: str, after: str) -> bool:
    if char in (ZWNJ, ZWJ):
        return bool(after) and ((_joins(before) and _joins(after)) or (_is_emoji(before) and _is_emoji(after)))
    if char not in _VARIATION:
        return False
    kind = unicodedata.category(before)[0]
    return kind in "NS" or before in "#*" or (kind == "L" and script_of(before) not in _NEVER_VARIED)


def _joins(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM" and script_of(char) not in _WITHOUT_JOINERS and not is_invisible(char)


def _is_emoji(char: str) -> bool:
    # A skin tone (Sk) and a selector may follow the picture itself.
    return unicodedata.category(char) in ("So", "Sk") or char == "\ufe0f"


def ascii_digits(text: str) -> str:
    """``text`` with the decimal digits of every script (Arabic, Persian, Devanagari …) as 0 to 9."""
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
