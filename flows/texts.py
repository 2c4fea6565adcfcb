"""Cleaning what people type: names and references, and the keys they are sorted and found by."""

import unicodedata
from datetime import date, datetime

from flows.refusals import InvalidInput


def clean(field: str, text: str, longest: int, *, required: bool = True) -> str:
    """NFC, one space between words, no control characters. Raises InvalidInput."""
    tidy = " ".join(unicodedata.normalize("NFC", text).split())
    if required and not tidy:
        raise InvalidInput(field, "…")
    if len(tidy) > longest:
        raise InvalidInput(field, f"≤ {longest}")
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") for char in tidy):
        raise InvalidInput(field, "⌧")
    return tidy


def search_key(text: str) -> str:
    """Case and accents aside, so that "łukasz" finds Łukasz and sorting is the same on both databases."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    return plain.translate(_STROKES)[:120]


_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"})  # noqa: RUF001


def past_date(field: str, day: date | None, now: datetime) -> date | None:
    """A birth date: not in the future, not before 1900."""
    if day is not None and not date(1900, 1, 1) <= day <= now.date():
        raise InvalidInput(field, "1900 – …")
    return day
