"""Validating typed text with `normalise`: names, addresses, numbers, times and search terms."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from flows.refusals import InvalidInput, Problem
from locales import LANGUAGES
from normalise.addresses import BadAddress, parse_email
from normalise.names import is_usable, is_usable_text, written_line, written_lines
from normalise.phones import written_number
from normalise.registrations import READERS
from normalise.search import search_key

_LONGEST_SEARCH = 120


def in_schema(name: str) -> str:
    """A Python name as it is in the schema: ``reminderMinutes`` for ``reminder_minutes``."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def clean(field: str, text: str, longest: int, *, required: bool = True) -> str:
    """NFC, one space between words, no control or invisible characters. Raises InvalidInput."""
    tidy = written_line(text)
    if required and not tidy:
        raise InvalidInput(field, Problem.MISSING)
    if len(tidy) > longest:
        raise InvalidInput(field, Problem.TOO_LONG, longest)
    if not is_usable(tidy):
        raise InvalidInput(field, Problem.CHARACTERS)
    return tidy


def lines(field: str, text: str, longest: int, *, required: bool = True) -> str:
    """A text of several lines: NFC, ``\\n`` between them, no control characters. Raises InvalidInput."""
    tidy = written_lines(text)
    if required and not tidy:
        raise InvalidInput(field, Problem.MISSING)
    if len(tidy) > longest:
        raise InvalidInput(field, Problem.TOO_LONG, longest)
    if not is_usable_text(tidy):
        raise InvalidInput(field, Problem.CHARACTERS)
    return tidy


@dataclass(frozen=True, slots=True)
class Searched:
    """A search term: ``key`` is matched against the search keys of names, ``typed`` against columns without a key.

    ``key`` is empty for a term such as a lone combining mark, which finds no name.
    """

    key: str
    typed: str


def searched(text: str | None) -> Searched | None:
    """The search term of ``text``; None for an empty text. Raises InvalidInput."""
    typed = clean("search", text or "", _LONGEST_SEARCH, required=False)
    return Searched(search_key(typed), typed) if typed else None


def past_date(field: str, day: date | None, today: date) -> date | None:
    """A birth date: not after the practice's ``today``, not before 1900. Raises InvalidInput."""
    if day is not None and not date(1900, 1, 1) <= day <= today:
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
    """The address to mail to, or None for an empty text. Raises InvalidInput."""
    if text is None or not written_line(text):
        return None
    try:
        return parse_email(text).shown
    except BadAddress as error:
        raise InvalidInput(field, Problem.EMAIL) from error


def usable_phone(field: str, text: str | None, longest: int = 20) -> str | None:
    """A phone number as people write it, or None for an empty text. Raises InvalidInput."""
    if text is None or not written_line(text):
        return None
    number = written_number(text)
    if number is None:
        raise InvalidInput(field, Problem.PHONE)
    if len(number) > longest:
        raise InvalidInput(field, Problem.TOO_LONG, longest)
    return number


def registration(kind: str, field: str, text: str) -> str | None:
    """An AGB, BIG, KVK or VAT number, or None for an empty text. Raises InvalidInput."""
    if not text.strip():
        return None
    number = READERS[kind](text)
    if number is None:
        raise InvalidInput(field, Problem(kind))
    return number


def known_language(field: str, text: str) -> str:
    """One of the languages that Sluis speaks. Raises InvalidInput."""
    if text not in LANGUAGES:
        raise InvalidInput(field, Problem.CHOICE, ", ".join(LANGUAGES))
    return text


def moment(field: str, given: datetime) -> datetime:
    """A time with an offset, to the second in UTC. Raises InvalidInput for a time without an offset."""
    return instant(field, given).replace(microsecond=0)


def instant(field: str, given: datetime) -> datetime:
    """A time with an offset, in UTC. Raises InvalidInput for a time without an offset."""
    problem = InvalidInput(field, Problem.MOMENT)
    if given.tzinfo is None:
        raise problem
    try:
        return given.astimezone(UTC)
    except OverflowError as error:
        raise problem from error
