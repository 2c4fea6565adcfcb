"""An authenticator app, as anybody has it on the phone."""

from datetime import datetime, timedelta

import pyotp

from tests.support.clock import Clock

STEP = timedelta(seconds=30)


class Authenticator:
    """Knows the secret of the QR code, and has a clock."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._totp, self._clock = pyotp.TOTP(secret), clock
        self._shown = -1

    def code(self) -> str:
        """A code that was not typed before: where the present one was, time passes until the next."""
        while (step := self._totp.timecode(self._clock.now)) <= self._shown:
            self._clock.forward(seconds=STEP.total_seconds() - self._clock.now.timestamp() % STEP.total_seconds())
        self._shown = step
        return self._totp.at(self._clock.now)

    def at(self, moment: datetime) -> str:
        """The code of any moment, typed before or not."""
        return self._totp.at(moment)

    def wrong(self) -> str:
        """Six digits that no step near the present one has."""
        near = {self._totp.at(self._clock.now + n * STEP) for n in (-1, 0, 1)}
        return next(code for code in ("000000", "111111", "222222", "333333") if code not in near)
