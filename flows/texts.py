"""Cleaning what people type: names, addresses and references, and the keys they are sorted and found by."""

import unicodedata
from datetime import UTC, date, datetime

from flows.refusals import InvalidInput, Problem
from plugins import LANGUAGES
from security.addresses import BadAddress, parse_email
from security.normalising import TooManyMarks, normalised


def clean(field: str, text: str, longest: int, *, required: bool = True) -> str:
    """NFC, one space between words, no control characters. Raises InvalidInput."""
    tidy = " ".join(_composed(field, text).split())
    if required and not tidy:
        raise InvalidInput(field, Problem.MISSING)
    if len(tidy) > longest:
        raise InvalidInput(field, Problem.TOO_LONG, longest)
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") for char in tidy):
        raise InvalidInput(field, Problem.CHARACTERS)
    return tidy


def lines(field: str, text: str, longest: int, *, required: bool = True) -> str:
    """A text of several lines: NFC, ``\\n`` between them, no control characters. Raises InvalidInput."""
    tidy = "\n".join(line.rstrip() for line in _composed(field, text).splitlines()).strip()
    if required and not tidy:
        raise InvalidInput(field, Problem.MISSING)
    if len(tidy) > longest:
        raise InvalidInput(field, Problem.TOO_LONG, longest)
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in tidy):
        raise InvalidInput(field, Problem.CHARACTERS)
    return tidy


def _composed(field: str, text: str) -> str:
    try:
        return normalised("NFC", text)
    except TooManyMarks as error:
        raise InvalidInput(field, Problem.CHARACTERS) from error


def search_key(text: str) -> str:
    """Case and accents aside, so that "łukasz" finds Łukasz and sorting is the same on both databases."""
    # Taken apart before as well: what is one sign for several letters may be one for capitals.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    return plain.translate(_STROKES)[:120]


def searched(text: str | None) -> str | None:
    """What somebody searches by, as names are found by it; None for nothing. Raises InvalidInput."""
    return search_key(clean("search", text or "", 120, required=False)) or None


_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"})  # noqa: RUF001


def past_date(field: str, day: date | None, now: datetime) -> date | None:
    """A birth date: not in the future, not before 1900."""
    if day is not None and not date(1900, 1, 1) <= day <= now.date():
        raise InvalidInput(field, Problem.PAST_DATE)
    return day


def clean_lines(field: str, text: str, longest: int) -> str:
    """Several lines, each as :func:`clean` makes it, without empty ones. Raises InvalidInput."""
    lines = [clean(field, line, longest, required=False) for line in text.splitlines()]
    tidy = "\n".join(line for line in lines if line)
    if len(tidy) > longest:
        raise InvalidInput(field, Problem.TOO_LONG, longest)
    return tidy


def usable_email(field: str, text: str | None) -> str | None:
    """The address as it will be mailed to, or None for none. Raises InvalidInput."""
    if text is None or not text.strip():
        return None
    try:
        return parse_email(text).shown
    except BadAddress as error:
        raise InvalidInput(field, Problem.EMAIL) from error


def usable_phone(field: str, text: str | None, longest: int = 20) -> str | None:
    """A phone number as people write it, or None for none. Raises InvalidInput."""
    tidy = clean(field, text or "", longest, required=False)
    if tidy and not set(tidy) <= set("+0123456789 ()-."):
        raise InvalidInput(field, Problem.PHONE)
    return tidy or None


def known_language(field: str, text: str) -> str:
    """One of the languages that Sluis speaks. Raises InvalidInput."""
    if text not in LANGUAGES:
        raise InvalidInput(field, Problem.CHOICE, ", ".join(LANGUAGES))
    return text


def moment(field: str, given: datetime) -> datetime:
    """A time with an offset, to the second in UTC. Raises InvalidInput for one without."""
    return instant(field, given).replace(microsecond=0)


def instant(field: str, given: datetime) -> datetime:
    """A time with an offset, in UTC. Raises InvalidInput for one without."""
    problem = InvalidInput(field, Problem.MOMENT)
    if given.tzinfo is None:
        raise problem
    try:
        return given.astimezone(UTC)
    except OverflowError as error:
        raise problem from error
