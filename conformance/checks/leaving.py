"""Removing a factor: by a proof of itself, and with a call to `removed`."""

from typing import Any

from conformance.check import USABLE, check
from conformance.checks.abuse import steady
from conformance.notes import changed
from conformance.person import ORIGIN, OpenedChallenge, Person, answer_of, got, ready, refused
from conformance.stage import OFFERED, Stage
from flows.core.context import AppContext, Caller
from flows.factor_setup import own_factors
from flows.second_factor.proofs import GivenProof
from flows.signin.completion import SignedIn, StepPending
from flows.signin.sessions import authenticate
from models import FactorEnrolment
from plugins import Role, State


@check(Role.PROOF, after=(*USABLE, "test_an_accepted_proof_is_spent", "test_any_worker_can_go_on"))
async def test_it_leaves_by_its_own_proof(stage: Stage) -> None:
    """Removing a factor takes another proof of it; a wrong proof, or one that was spent, must not do.
    `removed` is told after the fact, with the state that was there: it must not raise, hang or answer anything."""
    kind, notified = stage.subject.factor, list[State]()

    async def removed(self: Any, desk: Any, state: State) -> Any:
        notified.append(state)
        return await kind.removed(self, desk, state)

    app = stage.worker(changed(kind, {"removed": removed}))
    person = await ready(stage, await stage.practice(policy=OFFERED))
    challenge = await person.gets_challenge()
    used = await person.proves(challenge)
    done = got(SignedIn, await person.answers(challenge, used), "a right proof")
    caller = await authenticate(app, ORIGIN, done.session_token)
    (row,) = await person.enrolments()
    last = await person.begins_removal(caller, row)
    for no in (person.holds.wrong(), used):
        refused(await _removes(person, app, caller, row, last, no), "a wrong or spent proof, for removing it")
    assert len(await person.enrolments()) == 1, "a wrong proof removed it"
    right = await person.proves(last)
    with steady("removed"):
        assert await _removes(person, app, caller, row, last, right) is None, "a right proof did not remove it"
    assert notified == [stage.notes.states()[-1]], "removed was told of another state"
    assert await person.enrolments() == []
    way = got(StepPending, await person.starts_sign_in(), "the password, with no factor left")
    refused(
        await person.answers(OpenedChallenge(way.token, last.challenge, {}, {}), right), "the proof that removed it"
    )


async def _removes(
    person: Person, app: AppContext, caller: Caller | None, row: FactorEnrolment, challenge: OpenedChallenge, proof: Any
) -> Any:
    """None where it is gone, else why not."""
    person.stage.notes.proofs.append(proof)
    given = GivenProof(row.factor, proof)
    return await answer_of(own_factors.remove(app, caller, str(row.id), str(challenge.challenge.id), given))
