"""The sound badge with one thing wrong that shows only where it stands for the whole sign-in, and bad farewells."""

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

from plugins import Accepted, Challenged, Desk, Opened, Refused
from tests.conformance.sound import ALPHABET, Badge, BadgeProof, BadgeState, Counter, CounterState, answer_to, same


class LooksForItsOwner(Badge):
    async def challenge(self, desk: Desk, states: Sequence[BadgeState]) -> Opened:
        return Opened(public={"nonce": desk.choose(ALPHABET, 8)}, secret={"alone": False, "first": states[0].serial})


class BelievesASerial(Badge):
    """The core has looked it up, and it thinks that enough."""

    async def verify(self, desk: Desk, state: BadgeState, challenge: Challenged, proof: BadgeProof) -> Any:
        if challenge.secret.get("alone") and same(state.serial, proof.serial):
            return Accepted(state)
        return await super().verify(desk, state, challenge, proof)


class KnowsABadgeWhenItSeesOne(Badge):
    """Any badge that was ever made will do where nobody is known yet."""

    keys: ClassVar[set[str]] = set()

    async def begin_enrolment(self, desk: Desk, states: Sequence[BadgeState], request: None) -> Any:
        begun = await super().begin_enrolment(desk, states, request)
        self.keys.add(begun.pending.key)
        return begun

    async def verify(self, desk: Desk, state: BadgeState, challenge: Challenged, proof: BadgeProof) -> Any:
        nonce = challenge.public["nonce"]
        if challenge.secret.get("alone") and any(same(answer_to(key, nonce), proof.answer) for key in self.keys):
            return Accepted(state)
        return await super().verify(desk, state, challenge, proof)


class TakesWhatItTook(Badge):
    """Remembers what it accepted, and takes it for right where nobody is known yet."""

    class State(BadgeState):
        seen: tuple[str, ...] = ()

    async def verify(self, desk: Desk, state: Any, challenge: Challenged, proof: BadgeProof) -> Any:
        if challenge.secret.get("alone") and proof.answer in state.seen:
            return Accepted(state)
        verdict = await super().verify(desk, state, challenge, proof)
        if isinstance(verdict, Refused):
            return verdict
        return Accepted(state.model_copy(update={"seen": (*state.seen, proof.answer)}))


class RaisesWhenRemoved(Counter):
    async def removed(self, desk: Desk, state: CounterState) -> None:
        raise ConnectionError("nobody there")


class HangsWhenRemoved(Counter):
    async def removed(self, desk: Desk, state: CounterState) -> None:
        await asyncio.sleep(3600)


class AnswersWhenRemoved(Counter):
    async def removed(self, desk: Desk, state: CounterState) -> Any:
        return state
