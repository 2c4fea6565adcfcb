"""Which passwords people may choose (NIST SP 800-63B-4, 3.1.1.2): long, hard to guess, of any characters."""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from zxcvbn_rs_py import zxcvbn

LONGEST_CHOSEN = 256
"""In code points after NFC; the standard asks for at least 64."""

_TOO_FEW_GUESSES = 10**8
_LONGEST_ESTIMATED = 72
_SHORTEST_KNOWN = 3
_SHORTEST_COUNTED = 4
_MOST_WORDS = 100

# The estimator's dictionaries are English; these are what a Dutch practice's clients would reach for.
_HOUSE_WORDS = (
    "behandeling", "geheim", "inloggen", "kliniek", "portaal", "praktijk", "psycholoog", "sluis", "therapeut",
    "therapie", "wachtwoord", "welkom", "zorg",
)  # fmt: skip

# What people put between words, which hides none of them.
_BETWEEN = re.compile(r"[\s.,'_-]+")


class Weakness(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    COMMON = "COMMON"
    """More than half of it is words that belong to the person, the practice or the product."""
    GUESSABLE = "GUESSABLE"
    """An attacker who knows those words and the lists of leaked passwords needs fewer than 10**8 guesses."""
    SAME = "SAME"
    """It is the one that others gave, and know."""


def length(password: str) -> int:
    """In code points after NFC, as the standard counts."""
    return len(unicodedata.normalize("NFC", password))


def weaknesses(password: str, *, words: Iterable[str], minimum: int) -> list[Weakness]:
    """All that is wrong with `password`, in the order of `Weakness`; empty if it may be used.

    `words` are the person's and the practice's names, addresses and numbers; `minimum` is in code points
    after NFC.
    """
    normal = unicodedata.normalize("NFC", password)
    if len(normal) > LONGEST_CHOSEN:
        return [Weakness.TOO_LONG]
    known, folded = _known_words(words), normal.casefold()
    found = {
        Weakness.TOO_SHORT: len(normal) < minimum,
        Weakness.COMMON: any(_mostly_words(form, known) for form in (folded, _BETWEEN.sub("", folded))),
        Weakness.GUESSABLE: _guesses(normal, known) < _TOO_FEW_GUESSES,
    }
    return [weakness for weakness, holds in found.items() if holds]


def _known_words(words: Iterable[str]) -> list[str]:
    """`words` and their parts, folded, longest first: "De Vos" gives "devos" and "vos"."""
    known = set(_HOUSE_WORDS)
    for text in words:
        parts = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).casefold()[:LONGEST_CHOSEN])
        known.update([*parts, "".join(parts)])
    useful = [word for word in known if len(word) >= _SHORTEST_KNOWN]
    return sorted(useful, key=lambda word: (-len(word), word))[:_MOST_WORDS]


def _mostly_words(folded: str, known: list[str]) -> bool:
    rest = folded
    for word in known:
        if len(word) >= _SHORTEST_COUNTED:
            # A gap stays, so that what remains on both sides never joins into another word.
            rest = rest.replace(word, "\0")
    left = len(rest) - rest.count("\0") + folded.count("\0")
    return 2 * left < len(folded)


def _guesses(normal: str, known: list[str]) -> int:
    # Estimating takes time quadratic in the length; more characters only add guesses.
    start = normal[:_LONGEST_ESTIMATED].encode("utf-8", "replace").decode("utf-8")
    return zxcvbn(start, known).guesses
