"""The scalars ``Date`` and ``DateTime``: one form of each, so that all clients read them as we do."""

from collections.abc import Callable
from datetime import date, datetime

from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.types.scalar import ScalarDefinition

from normalise.moments import read_date, read_time


def _parsing(kind: str, form: str, read: Callable[[str], object | None]) -> Callable[[object], object]:
    def parse(value: object) -> object:
        found = read(value) if isinstance(value, str) else None
        if found is None:
            raise StrawberryInputCoercionError(f"Value cannot represent a {kind}. Expected {form}.")
        return found

    return parse


DATE = ScalarDefinition(
    name="Date",
    description="A day: `YYYY-MM-DD`, such as `1984-02-29`.",
    specified_by_url=None,
    serialize=date.isoformat,
    parse_value=_parsing("Date", "YYYY-MM-DD", read_date),
    parse_literal=None,
    origin=date,
)
DATE_TIME = ScalarDefinition(
    name="DateTime",
    description="A moment as RFC 3339 writes it, such as `2026-03-02T12:00:00+01:00` or `2026-03-02T11:00:00Z`.",
    specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
    serialize=datetime.isoformat,
    parse_value=_parsing("DateTime", "a date and a time with its offset", read_time),
    parse_literal=None,
    origin=datetime,
)
