"""The built-in FALLBACK and WAIVER, each with one thing wrong. A stranger's factor could not even be built on ours."""

from collections.abc import Mapping
from typing import Any

from factors.recovery_codes import RecoveryCodesFactor
from factors.remembered_devices import RememberedDevices, RememberedDeviceState
from plugins import Accepted, AnyFactor, Challenged, Desk, Reason, Refused


class CodesForEver(RecoveryCodesFactor):
    async def verify(self, desk: Desk, state: Any, challenge: Challenged, proof: Any) -> Any:
        verdict = await super().verify(desk, state, challenge, proof)
        replayed = isinstance(verdict, Refused) and verdict.reason is Reason.REPLAYED
        return Accepted(state) if replayed else verdict


class ForgetsEarly(RememberedDevices):
    async def verify(self, desk: Desk, state: RememberedDeviceState, challenge: Challenged, proof: str) -> Any:
        left = (state.until - desk.now).total_seconds()
        return await super().verify(desk, state, challenge, proof) if left > 3600 else Refused(Reason.EXPIRED)


class KnowsByHandleAlone(RememberedDevices):
    async def verify(self, desk: Desk, state: RememberedDeviceState, challenge: Challenged, proof: str) -> Any:
        return Accepted(state)


#: What each must fail by, besides what it imports.
MEANT: Mapping[type[AnyFactor], str] = {
    CodesForEver: "test_an_accepted_proof_is_spent",
    ForgetsEarly: "test_a_token_has_an_end",
    KnowsByHandleAlone: "test_a_wrong_proof_is_refused",
}
IMPORTS = "test_it_imports_nothing_of_ours_but_plugins"
