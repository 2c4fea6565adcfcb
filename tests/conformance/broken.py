"""The sound factors, each with one thing wrong: what the kit must find, and by which check."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, ClassVar

import strawberry

from plugins import (
    Accepted,
    Challenged,
    Config,
    Contribution,
    Desk,
    EnrolmentBegun,
    EnrolmentConfirmed,
    EnrolmentStart,
    Factor,
    Opened,
    Reason,
    Refused,
)
from tests.conformance.sound import (
    ALPHABET,
    LENGTH,
    Counter,
    CounterProof,
    CounterState,
    Echo,
    EchoProof,
    EchoState,
    answer_to,
    number_of,
    same,
)


class AcceptsAnything(Counter):
    async def verify(self, desk: Desk, state: CounterState, challenge: Challenged, proof: CounterProof) -> Any:
        return Accepted(state) if proof.answer else Refused(Reason.MALFORMED)


class Replayable(Counter):
    async def verify(self, desk: Desk, state: CounterState, challenge: Challenged, proof: CounterProof) -> Any:
        return Refused(Reason.WRONG) if number_of(state.key, proof.answer) is None else Accepted(state)


class FirstProofUnspent(Counter):
    async def confirm_enrolment(
        self, desk: Desk, pending: CounterState, challenge: Challenged, proof: CounterProof
    ) -> Any:
        verdict = await self.verify(desk, pending, challenge, proof)
        return verdict if isinstance(verdict, Refused) else EnrolmentConfirmed(pending)


class LosesNoRace(Counter):
    """Asked again, it says what it said: but by then the state is another."""

    said: ClassVar[list[tuple[Challenged, Any]]] = []

    async def verify(self, desk: Desk, state: CounterState, challenge: Challenged, proof: CounterProof) -> Any:
        for asked, verdict in self.said:
            if asked is challenge:
                return verdict
        verdict = await super().verify(desk, state, challenge, proof)
        self.said.append((challenge, verdict))
        return verdict


class RemembersOnSelf(Counter):
    def __init__(self) -> None:
        self.spent: set[str] = set()

    async def verify(self, desk: Desk, state: CounterState, challenge: Challenged, proof: CounterProof) -> Any:
        if number_of(state.key, proof.answer) is None:
            return Refused(Reason.WRONG)
        if proof.answer in self.spent:
            return Refused(Reason.REPLAYED)
        self.spent.add(proof.answer)
        return Accepted(state)


class TakesAnybodys(Counter):
    keys: ClassVar[set[str]] = set()

    async def begin_enrolment(self, desk: Desk, states: Sequence[CounterState], request: None) -> Any:
        begun = await super().begin_enrolment(desk, states, request)
        self.keys.add(begun.pending.key)
        return begun

    async def verify(self, desk: Desk, state: CounterState, challenge: Challenged, proof: CounterProof) -> Any:
        number = max((number_of(key, proof.answer) or 0 for key in self.keys), default=0)
        if not number:
            return Refused(Reason.WRONG)
        new = state.model_copy(update={"last": number})
        return Accepted(new) if number > state.last else Refused(Reason.REPLAYED)


class ForgetsWithTheClock(Counter):
    """Notes when a proof was spent, and looks only at what lies behind."""

    class State(CounterState):
        spent: tuple[tuple[str, float], ...] = ()

    async def verify(self, desk: Desk, state: Any, challenge: Challenged, proof: CounterProof) -> Any:
        if number_of(state.key, proof.answer) is None:
            return Refused(Reason.WRONG)
        now = desk.now.timestamp()
        if any(answer == proof.answer and at <= now for answer, at in state.spent):
            return Refused(Reason.REPLAYED)
        return Accepted(state.model_copy(update={"spent": (*state.spent, (proof.answer, now))}))


class TakesAnyNonce(Echo):
    """Spends each answer, but does not check the owner of its challenge."""

    async def verify(self, desk: Desk, state: EchoState, challenge: Challenged, proof: EchoProof) -> Any:
        if not same(answer_to(state.key, proof.nonce), proof.answer):
            return Refused(Reason.WRONG)
        if proof.answer in state.spent:
            return Refused(Reason.REPLAYED)
        return Accepted(state.model_copy(update={"spent": (*state.spent, proof.answer)}))


class Impatient(Echo):
    """Has a time of its own for a challenge, and calls a late answer wrong."""

    async def verify(self, desk: Desk, state: EchoState, challenge: Challenged, proof: EchoProof) -> Any:
        if (desk.now - challenge.opened_at).total_seconds() > 60 and "key" not in challenge.public:
            return Refused(Reason.WRONG)
        return await super().verify(desk, state, challenge, proof)


class GivesTheAnswerAway(Echo):
    async def challenge(self, desk: Desk, states: Sequence[EchoState]) -> Opened:
        nonce = desk.choose(ALPHABET, 8)
        return Opened(public={"nonce": nonce}, secret={"asked": nonce})


class TakesTheBeginning(Counter):
    async def verify(self, desk: Desk, state: CounterState, challenge: Challenged, proof: CounterProof) -> Any:
        for number in range(1, 100):
            right = answer_to(state.key, number)
            if len(proof.answer) > 8 and right.startswith(proof.answer):
                return await super().verify(desk, state, challenge, CounterProof(answer=right))
        return Refused(Reason.WRONG)


class RaisesOnGarbage(Counter):
    async def verify(self, desk: Desk, state: CounterState, challenge: Challenged, proof: CounterProof) -> Any:
        int(proof.answer, 16)
        return await super().verify(desk, state, challenge, proof)


class HangsOnGarbage(Counter):
    async def verify(self, desk: Desk, state: CounterState, challenge: Challenged, proof: CounterProof) -> Any:
        if len(proof.answer) != LENGTH:
            await asyncio.sleep(3600)
        return await super().verify(desk, state, challenge, proof)

    async def confirm_enrolment(
        self, desk: Desk, pending: CounterState, challenge: Challenged, proof: CounterProof
    ) -> Any:
        verdict = await super().verify(desk, pending, challenge, proof)
        return EnrolmentConfirmed(verdict.state) if isinstance(verdict, Accepted) else verdict


class RaisesWhenSettingUp(Counter):
    async def confirm_enrolment(
        self, desk: Desk, pending: CounterState, challenge: Challenged, proof: CounterProof
    ) -> Any:
        int(proof.answer, 16)
        return await super().confirm_enrolment(desk, pending, challenge, proof)


class LeaksInRepr(Counter):
    class State(CounterState):
        def __repr__(self) -> str:
            return f"State({self.key})"


class LeaksInLogs(Counter):
    async def verify(self, desk: Desk, state: CounterState, challenge: Challenged, proof: CounterProof) -> Any:
        logging.getLogger(__name__).debug("comparing %s", proof.answer)
        return await super().verify(desk, state, challenge, proof)


class LeaksInLabel(Counter):
    async def confirm_enrolment(
        self, desk: Desk, pending: CounterState, challenge: Challenged, proof: CounterProof
    ) -> Any:
        verdict = await self.verify(desk, pending, challenge, proof)
        return EnrolmentConfirmed(verdict.state, label=pending.key) if isinstance(verdict, Accepted) else verdict


class ShowsMoreThanItsType(Counter):
    async def begin_enrolment(self, desk: Desk, states: Sequence[CounterState], request: None) -> Any:
        begun = await super().begin_enrolment(desk, states, request)
        return EnrolmentBegun(begun.pending, public={**begun.public, "made_at": "today"})


class LacksEnglish(Counter):
    title = {"nl": "Teller"}


class SpeaksEnglishOnly(Counter):
    async def begin_enrolment(self, desk: Desk, states: Sequence[CounterState], request: None) -> Any:
        assert {"en": "Hello"}[desk.locale]
        return await super().begin_enrolment(desk, states, request)


class ForgetsItsOldStates(Counter):
    state_version = 2


class ComesBackChanged(Counter):
    class State(CounterState):
        marks: Any = ("a", "b")


class DerivesUnderItsOwnSalt(Counter):
    """Has a salt of its own, which says nothing of what deriving cost."""

    class State(CounterState):
        salt: bytes = b""
        digest: bytes = b""

    async def confirm_enrolment(self, desk: Desk, pending: Any, challenge: Challenged, proof: CounterProof) -> Any:
        verdict = await super().verify(desk, pending, challenge, proof)
        if isinstance(verdict, Refused):
            return verdict
        salt = desk.random(16)
        digest = await desk.derive(pending.key, salt)
        return EnrolmentConfirmed(verdict.state.model_copy(update={"salt": salt, "digest": digest}))

    async def verify(self, desk: Desk, state: Any, challenge: Challenged, proof: CounterProof) -> Any:
        if await desk.derive(state.key, state.salt) != state.digest:
            return Refused(Reason.WRONG)
        return await super().verify(desk, state, challenge, proof)


class TakesAnyOption(Counter):
    class Config(Config):
        model_config = {"extra": "allow"}


class OfAnotherContract(Counter):
    contract = 99


class HasNoVerify(Factor[CounterState, CounterProof]):
    name = "counter"
    title = Counter.title
    explanation = Counter.explanation
    State = CounterState
    graphql = Counter.graphql

    begin_enrolment = Counter.begin_enrolment


@strawberry.type(description="A thing.")
class ThingEnrolment(EnrolmentStart):
    key: str = strawberry.field(description="What the answers are made with.")


class NamedAfterSomethingElse(Counter):
    graphql = Contribution(proof=CounterProof, enrolment=ThingEnrolment)
