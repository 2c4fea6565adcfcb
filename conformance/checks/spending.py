"""A proof is spent once: one that was seen over a shoulder, on the network or in a log is useless."""

import asyncio
from collections.abc import Awaitable, Sequence

from conformance.check import ANSWERING, USABLE, check
from conformance.person import OpenedChallenge, Person, answer_of, got, ready, refused
from conformance.stage import Stage
from flows.core.context import ClientInfo
from flows.factor_setup import fallbacks
from flows.factor_setup.fallbacks import IssuedFallback
from flows.refusals import Refusal
from flows.second_factor.holder import holder_of_session
from flows.signin.completion import Outcome, SignedIn
from flows.signin.sessions import authenticate
from plugins import Role

_RACERS = 16
_ONCE = (*USABLE, "test_an_accepted_proof_is_spent")


@check(*ANSWERING)
async def test_an_accepted_proof_is_spent(stage: Stage) -> None:
    """A proof that was accepted was accepted again, for a challenge of its own. Return a state from `verify` in
    which it is spent (the last step, a used code), or bind the proof to its challenge by something drawn there."""
    person = await ready(stage)
    challenge = await person.gets_challenge()
    proof = await person.proves(challenge)
    got(SignedIn, await person.answers(challenge, proof), "a right proof")
    refused(await person.answers(challenge, proof), "the same proof for the same challenge")
    refused(await person.answers(await person.gets_challenge(), proof), "a proof that was accepted before")
    await person.signs_in()
    refused(await person.answers(await person.gets_challenge(), proof), "a proof that was accepted before the last one")


@check(Role.PROOF, after=_ONCE)
async def test_the_first_proof_is_spent_by_setting_up(stage: Stage) -> None:
    """The proof that finished setting up was accepted for signing in as well: what `confirm_enrolment` takes must
    be spent in the state that it returns."""
    person = await ready(stage)
    refused(await person.answers(await person.gets_challenge(), person.first_proof), "the proof that set the factor up")


@check(*ANSWERING, after=_ONCE)
async def test_one_of_many_at_once_wins(stage: Stage) -> None:
    """Sixteen sign-ins gave one and the same proof at once, and not exactly one got in. `verify` must judge by its
    arguments alone: who loses the race is asked again, with the state that the winner left."""
    person = await ready(stage)
    challenge = [await person.gets_challenge() for _ in range(_RACERS)]
    proof = await person.proves(challenge[-1])
    won = await _race([person.answers(each, proof) for each in challenge])
    assert won == 1, f"{won} of {_RACERS} sign-ins were let in by one proof"


@check(*ANSWERING, after=_ONCE)
async def test_one_challenge_lets_one_in(stage: Stage) -> None:
    """Sixteen answers to one challenge came at once, and not exactly one was accepted."""
    person = await ready(stage)
    challenge = await person.gets_challenge()
    proof = await person.proves(challenge)
    won = await _race([person.answers(challenge, proof) for _ in range(_RACERS)])
    assert won == 1, f"{won} of {_RACERS} answers to one challenge were accepted"


async def _race(tries: Sequence[Awaitable[Outcome]]) -> int:
    """How many were not refused."""
    return sum(not isinstance(outcome, Refusal) for outcome in await asyncio.gather(*tries))


@check(*ANSWERING, after=_ONCE)
async def test_a_clock_that_is_set_back_brings_nothing_back(stage: Stage) -> None:
    """A machine's clock was wrong and set back: a proof that was spent in its future was accepted once more.
    Remember what is spent, not only until when."""
    person = await ready(stage)
    # Each was opened at the time that the clock is set back to, so it is neither old nor from the future then.
    earlier: dict[int, OpenedChallenge] = {}
    for seconds, until_next in ((86_400, 86_100), (300, 270), (30, 30)):
        earlier[seconds] = await person.gets_challenge()
        stage.clock.wait(until_next)
    challenge = await person.gets_challenge()
    proof = await person.proves(challenge)
    got(SignedIn, await person.answers(challenge, proof), "a right proof")
    for seconds, further_back in ((30, 30), (300, 270), (86_400, 86_100)):
        stage.clock.wait(-further_back)
        refused(await person.answers(earlier[seconds], proof), f"a spent proof, {seconds} s earlier by the clock")


@check(Role.FALLBACK, after=_ONCE)
async def test_a_new_issue_ends_the_old_one(stage: Stage) -> None:
    """What was issued before was still accepted after something new was issued in its place."""
    person = await ready(stage)
    old = await person.proves(await person.gets_challenge())
    await _issue_again(person)
    refused(await person.answers(await person.gets_challenge(), old), "a proof of what was replaced")
    await person.signs_in()


async def _issue_again(person: Person) -> None:
    """Renew what was issued, in a session."""
    app, subject = person.stage.app, person.stage.subject
    challenge: OpenedChallenge = await person.gets_challenge(factor=person.authenticator.factor)
    done = got(SignedIn, await person.answers(challenge, await person.authenticator.prove({})), "the authenticator app")
    holder = await holder_of_session(await authenticate(app, ClientInfo(), done.session_token))
    issued = got(IssuedFallback, await answer_of(fallbacks.issue(app, holder, subject.name)), "issue, the second time")
    person.holds.keep(issued.kept)
    assert await answer_of(fallbacks.confirm(app, holder, None, subject.name, str(issued.identity))) is None


@check(after=_ONCE)
async def test_any_worker_can_go_on(stage: Stage) -> None:
    """What one process began another finishes, and a restart forgets nothing: a factor that keeps anything on
    `self` or in its module works only until there are two workers. All it knows belongs into its state."""
    before = dict(vars(stage.factor))
    person = await ready(stage)
    second, third = stage.worker(), stage.worker()
    await person.is_let_in(second)
    if stage.role is not Role.WAIVER:
        challenge = await person.gets_challenge()
        proof = await person.proves(challenge)
        got(SignedIn, await person.answers(challenge, proof, second), "a right proof, at another worker")
        again = await person.gets_challenge(third)
        refused(await person.answers(again, proof, third), "a proof that another worker had accepted")
    assert vars(stage.factor) == before, "it keeps something on self"


@check(Role.FALLBACK, after=_ONCE)
async def test_what_is_left_is_counted(stage: Stage) -> None:
    """`left` tells people how many uses remain, and warns them before there are none: one use takes one away."""
    person = await ready(stage)
    (issued,) = stage.notes.states()
    before = stage.factor.left(issued)
    await person.signs_in()
    after = stage.factor.left(stage.notes.states()[-1])
    assert (before, after) == (None, None) or (before is not None and after == before - 1), f"{before}, then {after}"
