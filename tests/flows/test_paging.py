"""Cursors: what this server gave out, and nothing else."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.paging import cursor_of, time_position
from flows.refusals import BadCursor
from tests.support.clock import MONDAY_NOON


def test_cursor_of_a_time_round_trips() -> None:
    identity = str(uuid4())
    assert time_position(cursor_of(MONDAY_NOON.isoformat(), identity)) == (MONDAY_NOON, identity)
    assert time_position(None) is None


@pytest.mark.security
@pytest.mark.parametrize(
    "at",
    ["", "x", "2026-03-02T12:00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"],
)
def test_cursor_with_an_impossible_time_is_refused(at: str) -> None:
    """The last two are beyond what a database can compare with."""
    with pytest.raises(BadCursor):
        time_position(cursor_of(at, str(uuid4())))


@given(
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    st.uuids(),
)
def test_cursor_of_any_time_round_trips(at: datetime, identity: UUID) -> None:
    assert time_position(cursor_of(at.isoformat(), str(identity))) == (at, str(identity))


@given(st.text() | st.binary().map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_made_up_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        time_position(text)
