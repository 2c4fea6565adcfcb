"""Search keys: what names are found and sorted by, the same on every database."""

import unicodedata

from normalise.characters import ascii_digits, is_invisible

LONGEST_KEY = 120

_STROKES = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)
# Letters that look the same and are typed on one keyboard or the other: Arabic yeh and kaf, Persian ones; and the
# line that only makes a word longer.
_ARABIC = str.maketrans(
    {
        "\N{ARABIC LETTER YEH}": "\N{ARABIC LETTER FARSI YEH}",
        "\N{ARABIC LETTER ALEF MAKSURA}": "\N{ARABIC LETTER FARSI YEH}",
        "\N{ARABIC LETTER KAF}": "\N{ARABIC LETTER KEHEH}",
        "\N{ARABIC TATWEEL}": "",
    }
)
# Whatever a keyboard, a phone or a word processor makes of an apostrophe.
_APOSTROPHES = frozenset("'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u2018\u2019\u201a\u201b\u2032\u2035\ua78c")


def search_key(text: str) -> str:
    """One form for all spellings of a name: "obrien" for O'Brien and O’Brien, "lukasz" for Łukasz.

    Aside are case, accents, apostrophes, what renders as nothing, and which dash or space is between words. Empty for
    what has nothing to search by, such as a lone combining mark.
    """
    # Apostrophes first, since NFKD makes of some a space with an accent. Taken apart before folding as well, since what
    # is one sign for several letters may be one for capitals.
    bare = "".join(char for char in text if char not in _APOSTROPHES)
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", bare).casefold())
    letters = "".join(map(_searched, ascii_digits(folded)))
    return " ".join(letters.translate(_STROKES).translate(_ARABIC).split())[:LONGEST_KEY].rstrip()


def _searched(char: str) -> str:
    if char in _APOSTROPHES or unicodedata.combining(char) or is_invisible(char):
        return ""
    return " " if char == "\N{MINUS SIGN}" or unicodedata.category(char) == "Pd" else char
