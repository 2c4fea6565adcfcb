"""Both edges of every window, by a clock that is handed in."""

from datetime import datetime, timedelta
from typing import Any

from conformance.check import ANSWERING, check
from conformance.person import described, ready, refused, somebody
from conformance.stage import Stage
from flows.factor_setup.enrolment import Confirmed
from flows.refusals import ProofRefused
from flows.signin.completion import SignedIn
from plugins import Reason, Role

_INSTANT = timedelta(microseconds=1)


@check(*ANSWERING)
async def test_a_challenge_has_an_end(stage: Stage) -> None:
    """A challenge was answered at its end; or just before it was refused, for another reason than that the
    factor's own time was over, which is `Refused(Reason.EXPIRED)`."""
    person = await ready(stage)
    challenge = await person.gets_challenge()
    stage.clock.now = last = challenge.challenge.expires_at - _INSTANT
    proof = await person.proves(challenge)
    _in_time(stage, last, await person.answers(challenge, proof))
    challenge = await person.gets_challenge()
    stage.clock.now = end = challenge.challenge.expires_at
    proof = await person.proves(challenge)
    stage.clock.now = end
    refused(await person.answers(challenge, proof), "an answer at the challenge's end")


@check(Role.PROOF)
async def test_setting_up_has_an_end(stage: Stage) -> None:
    """A start of setting up was confirmed at its end; or just before it was refused, for another reason than that
    the factor's own time was over, which is `Refused(Reason.EXPIRED)`."""
    newcomer, other = await somebody(stage), await somebody(stage)
    starting = await newcomer.starts()
    stage.clock.now = last = starting.begun.challenge.expires_at - _INSTANT
    proof = await newcomer.holds.enrol(starting.begun.public)
    _in_time(stage, last, await newcomer.confirms(starting, proof))
    starting = await other.starts()
    stage.clock.now = end = starting.begun.challenge.expires_at
    proof = await other.holds.enrol(starting.begun.public)
    stage.clock.now = end
    refused(await other.confirms(starting, proof), "a first proof at the end")


def _in_time(stage: Stage, last: datetime, outcome: Any) -> None:
    assert stage.clock.now == last, "prove() or enrol() waited beyond the end of its challenge"
    expired = isinstance(outcome, ProofRefused) and outcome.reason is Reason.EXPIRED
    assert isinstance(outcome, SignedIn | Confirmed) or expired, f"in time, and yet {described(outcome)}"
