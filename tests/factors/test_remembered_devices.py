"""Remembered devices: a token that ends when the server says, and of which only a digest is stored."""

import base64
import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factors.remembered_devices import RememberedDevices, RememberedDeviceState
from plugins import Accepted, Config, Issued, Reason, Refused
from tests.support.desk import LocalDesk

INSTANT = timedelta(microseconds=1)
LIFETIME = timedelta(hours=12)

factor = RememberedDevices()


@pytest.fixture
def desk() -> LocalDesk:
    return LocalDesk(Config())


@pytest.fixture
async def issued(desk: LocalDesk) -> Issued[RememberedDeviceState]:
    return await factor.issue(desk, LIFETIME)


async def judge(desk: LocalDesk, state: RememberedDeviceState, token: str) -> Accepted[RememberedDeviceState] | Refused:
    return await factor.verify(desk, state, desk.opened(), token)


async def test_a_token_is_a_handle_and_256_secret_bits(issued: Issued[RememberedDeviceState]) -> None:
    handle, secret = issued.kept["token"].split(".")
    assert issued.handle == handle == factor.handle(issued.kept["token"])
    assert len(base64.urlsafe_b64decode(handle + "==")) == 16
    assert len(base64.urlsafe_b64decode(secret + "=")) == 32


async def test_only_a_digest_and_the_end_are_kept(desk: LocalDesk, issued: Issued[RememberedDeviceState]) -> None:
    secret = issued.kept["token"].split(".")[1]
    digest = hashlib.sha256(secret.encode()).digest()
    assert issued.state.model_dump() == {"digest": digest, "until": desk.now + LIFETIME}
    stored = issued.state.model_dump_json()
    assert secret not in stored
    assert RememberedDeviceState.model_validate_json(stored) == issued.state


async def test_a_device_is_remembered_until_its_end_and_not_rotated(
    desk: LocalDesk, issued: Issued[RememberedDeviceState]
) -> None:
    token, end = issued.kept["token"], desk.now + LIFETIME
    for moment in (desk.now, desk.now, end - INSTANT):
        desk.now = moment
        assert await judge(desk, issued.state, token) == Accepted(issued.state)
    for moment in (end, end + timedelta(days=400)):
        desk.now = moment
        assert await judge(desk, issued.state, token) == Refused(Reason.EXPIRED)


async def test_another_device_s_secret_is_wrong(desk: LocalDesk, issued: Issued[RememberedDeviceState]) -> None:
    other = await factor.issue(desk, LIFETIME)
    assert other.handle != issued.handle
    secret = other.kept["token"].split(".")[1]
    for token in (other.kept["token"], f"{issued.handle}.{secret}"):
        assert await judge(desk, issued.state, token) == Refused(Reason.WRONG)


async def test_a_wrong_secret_does_not_tell_that_the_device_is_expired(
    desk: LocalDesk, issued: Issued[RememberedDeviceState]
) -> None:
    desk.now += LIFETIME
    token = f"{issued.handle}.{'A' * 43}"
    assert await judge(desk, issued.state, token) == Refused(Reason.WRONG)


async def test_no_device_is_remembered_for_ever(desk: LocalDesk) -> None:
    with pytest.raises(ValueError, match="policy"):
        await factor.issue(desk, None)


@pytest.mark.parametrize("change", ["{0}\n", " {0}", "{0}=", "{0}.", ".{0}", "{0}A", "x{0}", "{0}\ud800"])
async def test_a_token_is_exactly_a_token(desk: LocalDesk, issued: Issued[RememberedDeviceState], change: str) -> None:
    token = change.format(issued.kept["token"])
    assert factor.handle(token) is None
    assert await judge(desk, issued.state, token) == Refused(Reason.MALFORMED)


@given(st.text() | st.text("Aa0-_.", min_size=60, max_size=70) | st.integers(0, 10_000_000).map(".".__mul__))
async def test_garbage_is_refused_and_never_an_error(token: str) -> None:
    desk = LocalDesk(Config())
    state = RememberedDeviceState(digest=b"0" * 32, until=desk.now + LIFETIME)
    verdict = await judge(desk, state, token)
    assert isinstance(verdict, Refused)
    assert (verdict.reason is Reason.MALFORMED) is (factor.handle(token) is None)


async def test_no_repr_shows_a_secret(desk: LocalDesk, issued: Issued[RememberedDeviceState]) -> None:
    token = issued.kept["token"]
    told = f"{issued!r} {issued.state} {await judge(desk, issued.state, token)!r}"
    assert token.split(".")[1] not in told
    assert repr(issued.state.digest) not in told
