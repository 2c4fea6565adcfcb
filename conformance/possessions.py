"""The possessions of the built-in factors: an app, a phone, a list on paper, a browser.

Security keys are with the tests, where the software that stands in for one is.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pyotp

from conformance.possession import Possession, Surroundings
from factors.recovery_codes import RecoveryCodeProof
from factors.sms import SmsProof, SmsRequest
from factors.totp import TotpProof

_STEP = timedelta(seconds=30)


class AuthenticatorApp(Possession):
    """Shows a code of the step that it is, and never types one twice: it waits for the next."""

    factor = "totp"

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._totp, self._typed = pyotp.TOTP("A" * 32), -1

    async def enrol(self, public: Mapping[str, Any]) -> TotpProof:
        self._totp = pyotp.parse_uri(public["uri"])  # type: ignore[assignment]
        return await self.prove({})

    async def prove(self, public: Mapping[str, Any]) -> TotpProof:
        while (step := self._totp.timecode(self.around.now)) <= self._typed:
            self.around.wait(_STEP.total_seconds() - self.around.now.timestamp() % _STEP.total_seconds())
        self._typed = step
        return TotpProof(code=self._totp.at(self.around.now))

    def wrong(self) -> TotpProof:
        near = {self._totp.at(self.around.now + steps * _STEP) for steps in range(-3, 4)}
        return TotpProof(code=next(code for code in (f"{n:06}" for n in range(8)) if code not in near))


class MobilePhone(Possession):
    """Reads the newest message."""

    factor = "sms"

    def request(self) -> SmsRequest:
        return SmsRequest(number="06 1234 5678")

    async def enrol(self, public: Mapping[str, Any]) -> SmsProof:
        return await self.prove(public)

    async def prove(self, public: Mapping[str, Any]) -> SmsProof:
        newest = (await self.around.messages())[-1]
        return SmsProof(code=newest.values["code"])

    def wrong(self) -> SmsProof:
        return SmsProof(code="000000")


class CodesOnPaper(Possession):
    """Crosses out a code when it is used."""

    factor = "recovery_codes"

    def keep(self, kept: Mapping[str, Any]) -> None:
        self._codes = list(kept["codes"])

    async def prove(self, public: Mapping[str, Any]) -> RecoveryCodeProof:
        return RecoveryCodeProof(code=self._codes.pop(0))

    def wrong(self) -> RecoveryCodeProof:
        return RecoveryCodeProof(code="2222-2222-2222")


class Browser(Possession):
    """Keeps the token in a cookie."""

    factor = "remembered_devices"

    def keep(self, kept: Mapping[str, Any]) -> None:
        self._token: str = kept["token"]

    async def prove(self, public: Mapping[str, Any]) -> str:
        return self._token

    def wrong(self) -> str:
        handle, _, secret = self._token.partition(".")
        return f"{handle}.{'A' * len(secret)}"


BUILT_IN: tuple[type[Possession], ...] = (AuthenticatorApp, MobilePhone, CodesOnPaper, Browser)
