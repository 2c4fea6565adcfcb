"""Dates and times as programs write them: one form of each, no other of those that ISO 8601 allows."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

T = TypeVar("T")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# RFC 3339, 5.6, without lower case and leap seconds; the offset may be missing, which is for the reader to refuse.
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?"
)


def read_date(text: str) -> date | None:
    """The day in ``1984-02-29``; None for anything else, weeks and days of the year among it."""
    return _read(date.fromisoformat, text) if _DATE.fullmatch(text) else None


def read_time(text: str) -> datetime | None:
    """The time in ``2026-03-02T12:00:00+01:00``, with or without decimals and offset; None for anything else."""
    return _read(datetime.fromisoformat, text) if _TIME.fullmatch(text) else None


def _read(parse: Callable[[str], T], text: str) -> T | None:
    try:
        return parse(text)
    except ValueError:
        return None
