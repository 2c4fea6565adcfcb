"""The other side of the factors that only the tests have, and of security keys, which the tests have in software."""

import json
import os
from collections.abc import Mapping
from typing import Any

from conformance import Possession, Surroundings
from factors.passkeys import PasskeyProof
from tests.conformance.sound import BadgeProof, CounterProof, EchoProof, answer_to
from tests.people.security_key import SecurityKey, text_of


class CountingThing(Possession):
    factor = "counter"

    async def enrol(self, public: Mapping[str, Any]) -> CounterProof:
        self._key, self._number = public["key"], 0
        return await self.prove(public)

    async def prove(self, public: Mapping[str, Any]) -> CounterProof:
        self._number += 1
        return CounterProof(answer=answer_to(self._key, self._number))

    def wrong(self) -> CounterProof:
        return CounterProof(answer=answer_to("another key", 1))

    def older_state(self, state: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"key": state["key"]}


class EchoingThing(Possession):
    factor = "echo"

    async def enrol(self, public: Mapping[str, Any]) -> EchoProof:
        self._key = public["key"]
        return await self.prove(public)

    async def prove(self, public: Mapping[str, Any]) -> EchoProof:
        return EchoProof(nonce=public["nonce"], answer=answer_to(self._key, public["nonce"]))

    def wrong(self) -> EchoProof:
        return EchoProof(nonce="abcdefgh", answer=answer_to("another key", 1))


class BadgeOnACord(Possession):
    factor = "badge"

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._serial, self._key = "nobody", ""

    async def enrol(self, public: Mapping[str, Any]) -> BadgeProof:
        self._serial, self._key = public["serial"], public["key"]
        return await self.prove(public)

    async def prove(self, public: Mapping[str, Any]) -> BadgeProof:
        return BadgeProof(serial=self._serial, answer=answer_to(self._key, public["nonce"]))

    def wrong(self) -> BadgeProof:
        return BadgeProof(serial=self._serial, answer=answer_to("another key", 1))


class KeyInThePocket(Possession):
    """A security key of one's own, in a browser on the portal's page."""

    factor = "passkeys"

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._key = SecurityKey(around.origin)

    async def enrol(self, public: Mapping[str, Any]) -> PasskeyProof:
        return PasskeyProof(credential=self._key.create(public["options"]))

    async def prove(self, public: Mapping[str, Any]) -> PasskeyProof:
        return PasskeyProof(credential=self._key.get(public["options"]))

    def wrong(self) -> PasskeyProof:
        """The right key where there is one, answering what nobody asked."""
        if not self._key.credentials:
            return PasskeyProof(credential="{}")
        asked = {"challenge": text_of(os.urandom(32)), "rpId": self.around.rp_id, "userVerification": "preferred"}
        return PasskeyProof(credential=self._key.get(json.dumps(asked)))
