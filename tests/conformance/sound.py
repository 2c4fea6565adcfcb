"""Two small factors with which nothing is wrong: one that counts, and one that answers what it is asked."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import strawberry

from plugins import (
    Accepted,
    Challenged,
    Contribution,
    Desk,
    EnrolmentBegun,
    EnrolmentConfirmed,
    EnrolmentStart,
    Factor,
    FactorChallenge,
    Opened,
    Reason,
    Refused,
    State,
)

ALPHABET = "abcdefghijkmnopqrstuvwxyz23456789"
LENGTH = 32


@strawberry.type(description="A counter being set up.")
class CounterEnrolment(EnrolmentStart):
    key: str = strawberry.field(description="What the answers are made with.")


@strawberry.input(description="The next answer of the counter.")
class CounterProof:
    answer: str = strawberry.field(description="The keyed hash of the next number.")


class CounterState(State):
    """``last``: the newest number that was accepted."""

    key: str
    last: int = 0


class Counter(Factor[CounterState, CounterProof]):
    """Sound: counts on with each proof (after HOTP, RFC 4226); its challenges are empty."""

    name = "counter"
    title = {"en": "Counter", "nl": "Teller"}
    explanation = {"en": "Counts on with each use.", "nl": "Telt bij elk gebruik door."}
    State = CounterState
    graphql = Contribution(proof=CounterProof, enrolment=CounterEnrolment)

    async def begin_enrolment(self, desk: Desk, states: Sequence[CounterState], request: None) -> Any:
        key = desk.choose(ALPHABET, LENGTH)
        return EnrolmentBegun(self.State(key=key), public={"key": key})

    async def confirm_enrolment(
        self, desk: Desk, pending: CounterState, challenge: Challenged, proof: CounterProof
    ) -> Any:
        verdict = await self.verify(desk, pending, challenge, proof)
        return EnrolmentConfirmed(verdict.state) if isinstance(verdict, Accepted) else verdict

    async def verify(
        self, desk: Desk, state: CounterState, challenge: Challenged, proof: CounterProof
    ) -> Accepted[CounterState] | Refused:
        number = number_of(state.key, proof.answer)
        if number is None:
            return Refused(Reason.WRONG)
        if number <= state.last:
            return Refused(Reason.REPLAYED)
        return Accepted(state.model_copy(update={"last": number}))


def answer_to(key: str, question: object) -> str:
    """What the possession computes."""
    return hmac.new(key.encode(), str(question).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:LENGTH]


def same(right: str, given: str) -> bool:
    return hmac.compare_digest(right.encode(), given.encode("utf-8", "surrogatepass"))


def number_of(key: str, answer: str) -> int | None:
    """Which of the first hundred numbers this answer is for."""
    return next((number for number in range(1, 100) if same(answer_to(key, number), answer)), None)


@strawberry.type(description="An echo being set up.")
class EchoEnrolment(EnrolmentStart):
    key: str = strawberry.field(description="What the answers are made with.")
    nonce: str = strawberry.field(description="What to answer first.")


@strawberry.type(description="An echo is asked for.")
class EchoChallenge(FactorChallenge):
    nonce: str = strawberry.field(description="What to answer.")


@strawberry.input(description="The answer to a nonce.")
class EchoProof:
    nonce: str = strawberry.field(description="What is answered.")
    answer: str = strawberry.field(description="Its keyed hash.")


class EchoState(State):
    key: str
    spent: tuple[str, ...] = ()


class Echo(Factor[EchoState, EchoProof]):
    """Sound: answers what the challenge draws."""

    name = "echo"
    title = {"en": "Echo", "nl": "Echo"}
    explanation = {"en": "Answers what is asked.", "nl": "Antwoordt op wat gevraagd wordt."}
    State = EchoState
    graphql = Contribution(proof=EchoProof, enrolment=EchoEnrolment, challenge=EchoChallenge)

    async def begin_enrolment(self, desk: Desk, states: Sequence[EchoState], request: None) -> Any:
        key = desk.choose(ALPHABET, LENGTH)
        return EnrolmentBegun(self.State(key=key), public={"key": key, "nonce": desk.choose(ALPHABET, 8)})

    async def confirm_enrolment(self, desk: Desk, pending: EchoState, challenge: Challenged, proof: EchoProof) -> Any:
        verdict = await self.verify(desk, pending, challenge, proof)
        return EnrolmentConfirmed(verdict.state) if isinstance(verdict, Accepted) else verdict

    async def challenge(self, desk: Desk, states: Sequence[EchoState]) -> Opened:
        return Opened(public={"nonce": desk.choose(ALPHABET, 8)})

    async def verify(
        self, desk: Desk, state: EchoState, challenge: Challenged, proof: EchoProof
    ) -> Accepted[EchoState] | Refused:
        right = proof.nonce == challenge.public["nonce"] and same(answer_to(state.key, proof.nonce), proof.answer)
        return Accepted(state) if right else Refused(Reason.WRONG)


@strawberry.type(description="A badge being made.")
class BadgeEnrolment(EnrolmentStart):
    serial: str = strawberry.field(description="Which badge it is.")
    key: str = strawberry.field(description="What the answers are made with.")
    nonce: str = strawberry.field(description="What to answer first.")


@strawberry.type(description="A badge is asked for.")
class BadgeChallenge(FactorChallenge):
    nonce: str = strawberry.field(description="What to answer.")


@strawberry.input(description="The answer of a badge.")
class BadgeProof:
    serial: str = strawberry.field(description="Which badge it is.")
    answer: str = strawberry.field(description="The keyed hash of the nonce.")


class BadgeState(State):
    serial: str
    key: str


class Badge(Factor[BadgeState, BadgeProof]):
    """Sound: names itself, and so may stand for the whole sign-in; what it draws tells whether it is to."""

    name = "badge"
    title = {"en": "Badge", "nl": "Pasje"}
    explanation = {"en": "Says who you are.", "nl": "Zegt wie u bent."}
    multiple = True
    names_enrolment = True
    primary = True
    State = BadgeState
    graphql = Contribution(proof=BadgeProof, enrolment=BadgeEnrolment, challenge=BadgeChallenge)

    async def begin_enrolment(self, desk: Desk, states: Sequence[BadgeState], request: None) -> Any:
        serial, key = desk.choose(ALPHABET, LENGTH), desk.choose(ALPHABET, LENGTH)
        public = {"serial": serial, "key": key, "nonce": desk.choose(ALPHABET, 8)}
        return EnrolmentBegun(self.State(serial=serial, key=key), public=public)

    async def confirm_enrolment(self, desk: Desk, pending: BadgeState, challenge: Challenged, proof: BadgeProof) -> Any:
        verdict = await self.verify(desk, pending, challenge, proof)
        if not isinstance(verdict, Accepted):
            return verdict
        return EnrolmentConfirmed(verdict.state, handle=verdict.state.serial)

    async def challenge(self, desk: Desk, states: Sequence[BadgeState]) -> Opened:
        return Opened(public={"nonce": desk.choose(ALPHABET, 8)}, secret={"alone": not states})

    async def verify(
        self, desk: Desk, state: BadgeState, challenge: Challenged, proof: BadgeProof
    ) -> Accepted[BadgeState] | Refused:
        right = same(answer_to(state.key, challenge.public["nonce"]), proof.answer)
        return Accepted(state) if right and same(state.serial, proof.serial) else Refused(Reason.WRONG)

    def handle(self, proof: BadgeProof) -> str | None:
        return proof.serial
