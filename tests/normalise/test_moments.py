"""Dates and times as programs write them: what is one, and what looks like one."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.moments import read_date, read_time

WHOLE_SECONDS = st.datetimes(timezones=st.just(UTC))


@given(st.dates())
def test_every_day_has_one_form(day: date) -> None:
    assert read_date(day.isoformat()) == day
    assert read_date(f"{day:%G-W%V-%u}") is read_date(day.isoformat().replace("-", "")) is None


@pytest.mark.parametrize(
    "text",
    [
        "1984-W09-3", "1984W093", "19840229", "1984-060", "1984-02", "1984", "1984-2-29", "84-02-29", "1985-02-29",
        " 1984-02-29", "1984-02-29\n", "\uff11984-02-29", "1984-02-29T00:00:00Z", "29-02-1984", "1984/02/29", "",
        "+1984-02-29", "0000-01-01",
    ],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert read_date(text) is None


@given(WHOLE_SECONDS)
def test_every_moment_is_read_as_it_was_written(at: datetime) -> None:
    assert read_time(at.isoformat()) == read_time(at.isoformat().replace("+00:00", "Z")) == at
    abroad = at.replace(tzinfo=timezone(timedelta(hours=-9, minutes=-30)))
    assert read_time(abroad.isoformat()) == abroad


def test_without_an_offset_it_is_read_as_such() -> None:
    assert read_time("2026-03-02T12:00:00") == datetime(2026, 3, 2, 12)  # noqa: DTZ001 - the reader refuses it
    assert read_time("2026-03-02T12:00:00.5Z") == datetime(2026, 3, 2, 12, 0, 0, 500_000, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026", "2026-03-02", "2026-03-02T12", "2026-03-02T12:00", "2026-03-02T12:00Z", "20260302T120000Z",
        "2026-W10-1T12:00:00Z", "2026-061T12:00:00Z", "2026-03-02 12:00:00Z", "2026-03-02T24:00:00Z",
        "2026-03-02T12:00:60Z", "2026-03-02T12:00:00z", "2026-03-02t12:00:00Z", "2026-03-02T12:00:00+0100",
        "2026-03-02T12:00:00+01", "2026-03-02T12:00:00+24:00", "2026-03-02T12:00:00,5Z", "2026-02-29T12:00:00Z",
        "2026-03-02T12:00:00+01:00:30", " 2026-03-02T12:00:00Z", "2026-03-02T12:00:00Z\n", "\uff12026-03-02T12:00:00Z",
    ],
)  # fmt: skip
def test_what_is_no_moment(text: str) -> None:
    assert read_time(text) is None
