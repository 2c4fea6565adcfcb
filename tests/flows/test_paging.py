"""Cursors: what this server gave out, and nothing else."""

from uuid import uuid4

import pytest

from flows.paging import cursor_of, time_position
from flows.refusals import BadCursor
from tests.clock import MONDAY_NOON


def test_a_time_comes_back() -> None:
    identity = str(uuid4())
    assert time_position(cursor_of(MONDAY_NOON.isoformat(), identity)) == (MONDAY_NOON, identity)
    assert time_position(None) is None


@pytest.mark.security
@pytest.mark.parametrize(
    "at",
    ["", "x", "2026-03-02T12:00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"],
)
def test_a_time_that_no_row_has_is_no_cursor(at: str) -> None:
    """The last two are beyond what a database can compare with."""
    with pytest.raises(BadCursor):
        time_position(cursor_of(at, str(uuid4())))
