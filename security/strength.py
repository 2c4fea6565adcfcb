"""Which passwords people may choose (NIST SP 800-63B-4, 3.1.1.2): long, hard to guess, of any characters."""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from math import prod

from zxcvbn_rs_py import zxcvbn

from normalise.passwords import password_form

LONGEST_CHOSEN = 256
"""In code points after NFC; the standard asks for at least 64."""

_TOO_FEW_GUESSES = 10**8
_LONGEST_ESTIMATED = 48
_MOST_LOOKUPS = 6_000
# What zxcvbn takes for each letter. For each choice among the signs that a text has, it looks every part of it up.
_SIGNS_OF_A_LETTER = ("4@", "8", "({[<", "3", "69", "1!|", "1|7", "0", "$5", "+7", "%", "2")
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
    """In code points after NFC, as the standard counts; as typed beyond what can be chosen."""
    return len(password) if _is_too_long(password) else len(password_form(password))


def weaknesses(password: str, *, words: Iterable[str], minimum: int) -> list[Weakness]:
    """All that is wrong with `password`, in the order of `Weakness`; empty if it may be used.

    `words` are the person's and the practice's names, addresses and numbers; `minimum` is in code points
    after NFC.
    """
    if _is_too_long(password):
        return [Weakness.TOO_LONG]
    normal = password_form(password)
    if len(normal) > LONGEST_CHOSEN:
        return [Weakness.TOO_LONG]
    known, folded = _known_words(words), normal.casefold()
    found = {
        Weakness.TOO_SHORT: len(normal) < minimum,
        Weakness.COMMON: any(_mostly_words(form, known) for form in (folded, _BETWEEN.sub("", folded))),
        Weakness.GUESSABLE: _guesses(estimated_part(normal), known) < _TOO_FEW_GUESSES,
    }
    return [weakness for weakness, holds in found.items() if holds]


def _known_words(words: Iterable[str]) -> list[str]:
    """`words` and their parts, folded, longest first: "De Vos" gives "devos" and "vos"."""
    known = set(_HOUSE_WORDS)
    for text in words:
        parts = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text[:LONGEST_CHOSEN]).casefold())
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


def estimated_part(normal: str) -> str:
    """The start of a password that is estimated: a start has no more guesses than the whole of it.

    At most 48 characters, and at most 6000 looked up: zxcvbn's work grows with the square of the length, times every
    choice among the signs that may stand for a letter. At least 10 characters are left of any password, which is
    enough for 10**8 guesses.
    """
    part, present, choices = 0, set[str](), 1
    for part, sign in enumerate(normal[:_LONGEST_ESTIMATED], start=1):
        if sign not in present:
            present.add(sign)
            choices = prod(max(1, len(present.intersection(signs))) for signs in _SIGNS_OF_A_LETTER)
        if choices * part * (part + 1) // 2 > _MOST_LOOKUPS:
            return normal[: part - 1]
    return normal[:part]


def _is_too_long(password: str) -> bool:
    # Before it is normalised, which takes time quadratic in a run of marks; no character is made of more than four.
    return len(password) > 4 * LONGEST_CHOSEN


def _guesses(start: str, known: list[str]) -> int:
    return zxcvbn(start.encode("utf-8", "replace").decode("utf-8"), known).guesses
