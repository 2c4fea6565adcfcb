"""What attackers send: garbage of every kind; and what happens when the factor itself breaks down."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from structlog.testing import capture_logs

from conformance.check import ANSWERING, USABLE, check
from conformance.garbage import Garbage, of_wrong_types, spoilt, texts, values
from conformance.notes import changed
from conformance.person import ORIGIN, EnrolmentInSignIn, OpenedChallenge, Person, answer_of, ready, refused, somebody
from conformance.stage import Opened, Stage
from flows.second_factor.holder import holder_of_sign_in
from plugins import Accepted, Role, State

_SOUND = (*USABLE, "test_garbage_is_refused")


def _under_fire(opened: Opened, garbage: Garbage, attack: Callable[[Any], Awaitable[None]]) -> None:
    """Attack with each piece of garbage; the factor must not break down under any."""
    for piece in garbage.always:
        opened.run(attack(piece))

    # As it is found: a factor that hangs would take hours to be cut down to the least garbage that does it.
    @settings(
        max_examples=opened.kit.garbage,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(garbage.more)
    def fire(garbage: Any) -> None:
        opened.run(attack(garbage))

    fire()


@check(*ANSWERING)
def test_garbage_is_refused(opened: Opened) -> None:
    """Garbage of the right type was accepted, or made `verify` or `handle` raise or hang. Whatever GraphQL lets
    through must end in `Refused(Reason.MALFORMED)`, in an instant: that is what people mistype, and an exception
    is denied too, but as a fault of the factor."""
    person = opened.run(ready(opened.stage))
    challenge = opened.run(person.gets_challenge())
    kind = _proof_of(opened.stage)
    _under_fire(opened, values(kind), lambda given: _answer_with(person, challenge, kind(**given)))


@check(Role.PROOF, after=_SOUND)
def test_garbage_does_not_set_it_up(opened: Opened) -> None:
    """Garbage of the right type was accepted as the first proof, or made `confirm_enrolment` raise or hang."""
    person = opened.run(somebody(opened.stage))
    starting = opened.run(person.starts())
    kind = _proof_of(opened.stage)
    _under_fire(opened, values(kind), lambda given: _confirm_with(person, starting, kind(**given)))


@check(Role.PROOF, when=lambda factor: getattr(factor.graphql, "request", None) is not None)
def test_a_garbage_request_is_refused(opened: Opened) -> None:
    """Garbage in the request that setting up begins with made `begin_enrolment` raise or hang."""
    person = opened.run(somebody(opened.stage))
    token = opened.run(person.may_set_up(opened.stage.app))
    kind = opened.stage.factor.graphql.request
    assert kind is not None
    _under_fire(opened, values(kind), lambda given: _begin_with(person, token, kind(**given)))


@check(Role.WAIVER)
def test_a_garbage_token_is_not_recognised(opened: Opened) -> None:
    """A token of garbage let a device skip the factor, or made `handle` or `verify` raise or hang."""
    person = opened.run(ready(opened.stage))
    _under_fire(opened, texts(), lambda given: _sign_in_with(person, given))


@check(*ANSWERING)
async def test_a_right_proof_that_was_spoilt_is_refused(stage: Stage) -> None:
    """A right proof was accepted with its end cut off: compare the whole of it."""
    person = await ready(stage)
    challenge = await person.gets_challenge()
    for proof in spoilt(await person.proves(challenge)):
        refused(await person.answers(challenge, proof), "a right proof with its end cut off")


@check(*ANSWERING, after=_SOUND)
async def test_wrong_types_are_denied(stage: Stage) -> None:
    """Something that is no proof of this factor at all was accepted, or got past the core's judgement."""
    person, newcomer = await ready(stage), await somebody(stage)
    challenge = await person.gets_challenge()
    starting = await newcomer.starts() if stage.role is Role.PROOF else None
    for wrong in of_wrong_types(_proof_of(stage)):
        refused(await person.answers(challenge, wrong), f"a {type(wrong).__name__}")
        if starting:
            refused(await newcomer.confirms(starting, wrong), f"a {type(wrong).__name__}, when setting up")


@check(after=("test_it_can_be_used",))
async def test_a_factor_that_fails_denies(stage: Stage) -> None:
    """The core must take a factor that raises, hangs, answers anything but a verdict, or answers another factor's
    state, for one that refuses. Where this fails, the factor gets around the core's judgement."""
    kind = stage.subject.factor
    person = await ready(stage)
    for verify in (_raises, _hangs, _answers_true, _answers_another_state):
        app = stage.worker(changed(kind, {"verify": verify}), patience=0.2)
        if stage.role is Role.WAIVER:
            await person.reads(await person.starts_sign_in(app, person.device), app, person.authenticator.factor)
        else:
            challenge = await person.gets_challenge(app)
            refused(
                await person.answers(challenge, await person.proves(challenge), app),
                f"when verify{verify.__name__}, it",
            )


async def _raises(*_: Any) -> Any:
    raise RuntimeError("out of order")


async def _hangs(*_: Any) -> Any:
    await asyncio.sleep(3600)


async def _answers_true(*_: Any) -> Any:
    return True


async def _answers_another_state(*_: Any) -> Any:
    class OtherState(State):
        pass

    return Accepted(OtherState())


def _proof_of(stage: Stage) -> Any:
    kind = stage.factor.graphql.proof
    assert kind is not None
    return kind


async def _answer_with(person: Person, challenge: OpenedChallenge, proof: Any) -> None:
    await person.is_forgiven()
    person.stage.factor.handle(proof)
    with steady("verify"):
        refused(await person.answers(challenge, proof), "garbage")


async def _confirm_with(person: Person, starting: EnrolmentInSignIn, proof: Any) -> None:
    await person.is_forgiven()
    with steady("confirm_enrolment"):
        refused(await person.confirms(starting, proof), "garbage, when setting up")


async def _begin_with(person: Person, token: str, request: Any) -> None:
    app = person.stage.app
    holder = await holder_of_sign_in(app, ORIGIN, token)
    with steady("begin_enrolment"):
        await answer_of(person.begins(app, holder, person.holds, request))


async def _sign_in_with(person: Person, token: str) -> None:
    with steady("verify"):
        way = await person.starts_sign_in(device=f"{person.stage.subject.name}:{token}")
    await person.reads(way, None, person.authenticator.factor)


@contextmanager
def steady(verb: str) -> Iterator[None]:
    """The core must have had nothing to complain of; it logs what a factor does against its contract."""
    with capture_logs() as lines:
        yield
    faults = [f"{line['event']} {line.get('error', '')}".strip() for line in lines if line["event"][:7] == "factor."]
    assert not faults, f"{verb}: {', '.join(faults)}"
