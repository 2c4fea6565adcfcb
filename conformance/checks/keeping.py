"""What is kept of a factor: its state through storage, through new versions, and through the plugin's absence."""

import json
from dataclasses import replace

from conformance.check import check
from conformance.person import Person, got, ready, refused
from conformance.stage import Stage
from flows.core.sealing import open_state
from flows.refusals import FactorUnavailable
from flows.signin.completion import SignedIn
from models import FactorEnrolment
from plugins import Role
from security.passwords import PasswordHasher


@check()
async def test_a_state_is_the_same_after_storage(stage: Stage) -> None:
    """A state is stored as JSON. What JSON does not have (tuples in an `Any`, sets in one, private attributes) or
    what is excluded comes back as something else, or not at all: declare the types that you mean."""
    await (await ready(stage)).is_let_in()
    for state in stage.notes.states():
        again = stage.factor.State.model_validate_json(state.model_dump_json())
        same = type(again) is type(state) and vars(again) == vars(state)
        assert same, f"{state!r} is another one after storage"


@check(when=lambda factor: factor.state_version > 1)
async def test_a_state_of_the_version_before_is_read(stage: Stage) -> None:
    """Who set the factor up before its last release must be able to use it after: `upgrade` has to read a state
    of `state_version - 1`, and the possession's `older_state` has to say how one looked."""
    person = await ready(stage)
    (row,) = await person.enrolments()
    older = person.holds.older_state(json.loads(open_state(stage.app, stage.factor, row).model_dump_json()))
    assert older is not None, "the possession has no older_state()"
    sealed = stage.app.keys.seal(json.dumps(older).encode(), "factor-state", str(row.account_id), row.factor)
    await FactorEnrolment.filter(id=row.id).update(state=sealed, state_version=row.state_version - 1)
    await person.is_let_in()
    if stage.role is not Role.WAIVER:
        (row,) = await person.enrolments()
        assert row.state_version == stage.factor.state_version, "the state was not stored in today's version"


@check()
async def test_a_state_of_an_unknown_version_opens_nothing(stage: Stage) -> None:
    """A stored state that `upgrade` does not know (older than all, or broken) must be refused: by LookupError,
    ValueError or KeyError, which the core takes for a no."""
    person = await ready(stage)
    (row,) = await person.enrolments()
    sealed = stage.app.keys.seal(b'{"kit": 1}', "factor-state", str(row.account_id), row.factor)
    await FactorEnrolment.filter(id=row.id).update(state=sealed, state_version=0)
    outcome = await person.starts_sign_in(device=person.device)
    assert not isinstance(outcome, SignedIn), "a state that cannot be read opened the door"


@check()
async def test_it_outlives_another_cost_of_hashing(stage: Stage) -> None:
    """Installations raise the cost of `desk.derive` now and then. What was derived before must be the same after it:
    take the salt from `desk.salt()`, which keeps the cost, and not from `desk.random()`."""
    person = await ready(stage)
    dearer = PasswordHasher(memory_kib=128, time=2)
    try:
        await person.is_let_in(replace(stage.app, passwords=dearer))
    finally:
        dearer.close()


@check()
async def test_it_may_be_gone_and_come_back(stage: Stage) -> None:
    """While the plugin is out of the configuration nobody gets in by it or around it, and what is stored stays;
    when it returns, it works as before."""
    person = await ready(stage)
    before = await _stored(person)
    app = stage.without()
    outcome = await person.starts_sign_in(app, person.device)
    if stage.role is Role.PROOF:
        refused(outcome, "a sign-in without the plugin")
        assert isinstance(outcome, FactorUnavailable), "the refusal says something else"
    else:
        await person.reads(outcome, app, person.authenticator.factor)
    assert await _stored(person) == before, "what was stored has changed"
    await person.is_let_in()


async def _stored(person: Person) -> list[tuple[object, ...]]:
    return [(row.id, row.state, row.state_version, row.version, row.handle) for row in await person.enrolments()]


@check(Role.FALLBACK, Role.WAIVER)
async def test_it_is_not_enough_alone(stage: Stage) -> None:
    """What stands in for a factor, or waives one, was asked for or accepted without the password's being right."""
    person = await ready(stage)
    right, stage.password = stage.password, "not the password"
    refused(await person.starts_sign_in(device=person.device), "a wrong password")
    stage.password = right
    got(SignedIn, await person.is_let_in(), "a right password")
