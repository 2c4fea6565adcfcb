"""Remembered devices: a token that lets one browser or app skip the second factor until a date."""

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta

from plugins import (
    Accepted,
    AnyFactor,
    Challenged,
    Contribution,
    Desk,
    Factor,
    Issued,
    Reason,
    Refused,
    Role,
    State,
    every,
    hookimpl,
)

_HANDLE_BYTES = 16
_SECRET_BYTES = 32
#: ``handle.secret``, both base64url without padding, of 16 and of 32 bytes.
_TOKEN = re.compile(r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})")


class RememberedDeviceState(State):
    """``digest`` is the SHA-256 of the token's secret: 256 random bits need no slow hash.

    ``until``: from then on the token is worth nothing, whatever the browser thinks.
    """

    digest: bytes
    until: datetime


class RememberedDevices(Factor[RememberedDeviceState, str]):
    """Accepts a device's token until its end. It is never rotated, so that two tabs may send it at once."""

    name = "remembered_devices"
    role = Role.WAIVER
    multiple = True
    names_enrolment = True
    title = every("factor.remembered_devices.title")
    explanation = every("factor.remembered_devices.explanation")
    State = RememberedDeviceState
    graphql = Contribution()

    async def issue(self, desk: Desk, lifetime: timedelta | None) -> Issued[RememberedDeviceState]:
        """Raises ValueError without a ``lifetime``: no device is remembered for ever."""
        if lifetime is None:
            raise ValueError("a device is remembered for a time that the policy sets")
        handle, secret = _text(desk.random(_HANDLE_BYTES)), _text(desk.random(_SECRET_BYTES))
        state = RememberedDeviceState(digest=_digest(secret), until=desk.now + lifetime)
        return Issued(state, kept={"token": f"{handle}.{secret}"}, handle=handle)

    def handle(self, proof: str) -> str | None:
        token = _TOKEN.fullmatch(proof)
        return token[1] if token else None

    async def verify(
        self, desk: Desk, state: RememberedDeviceState, challenge: Challenged, proof: str
    ) -> Accepted[RememberedDeviceState] | Refused:
        token = _TOKEN.fullmatch(proof)
        if token is None:
            return Refused(Reason.MALFORMED)
        if not hmac.compare_digest(_digest(token[2]), state.digest):
            return Refused(Reason.WRONG)
        return Accepted(state) if desk.now < state.until else Refused(Reason.EXPIRED)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("ascii")).digest()


@hookimpl
def portal_factors() -> list[type[AnyFactor]]:
    return [RememberedDevices]
