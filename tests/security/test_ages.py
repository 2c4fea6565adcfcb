"""An age is between nothing and its limit, whatever the clock did."""

from datetime import UTC, datetime, timedelta

import pytest

from security.ages import SKEW, is_within, latest_start

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIMIT = timedelta(minutes=5)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("age", "within"),
    [(timedelta(), True), (LIMIT - MOMENT, True), (LIMIT, False), (-SKEW, True), (-SKEW - MOMENT, False)],
)
def test_both_edges(age: timedelta, within: bool) -> None:
    assert is_within(NOW - age, NOW, LIMIT) is within
    assert (NOW - age <= latest_start(NOW)) is (age >= -SKEW)
