"""Passwordless sign-in by one factor: its challenge has no account, and the proof names the enrolment."""

from dataclasses import fields, replace
from typing import Any

from conformance.check import check
from conformance.person import OpenedChallenge, Person, got, ready, refused
from conformance.stage import Stage
from flows.signin.completion import SignedIn
from models import Practice
from plugins import AnyFactor, Role

_POLICY = {"RESPONDENT": {"passwordless": True}}
_ALONE = ("test_it_stands_for_the_whole_sign_in",)
_RIGHT = (*_ALONE, "test_a_whole_sign_in_needs_a_right_proof")


def _may(factor: type[AnyFactor]) -> bool:
    return bool(factor.primary)


async def _practice(stage: Stage) -> Practice:
    return await stage.practice(policy=_POLICY)


@check(Role.PROOF, when=_may)
async def test_it_stands_for_the_whole_sign_in(stage: Stage) -> None:
    """A `primary` factor signs in without a password: `challenge` is then given no states, and the proof names its
    enrolment by `handle`. Nobody is known yet, so nothing may be looked for in `states` or at `desk.account_handle`."""
    person = await ready(stage, await _practice(stage))
    challenge = await person.begins_alone()
    done = got(SignedIn, await person.answers_alone(challenge, await person.proves(challenge)), "a right proof alone")
    assert done.session.account_id == person.account.id, "it signed somebody else in"


@check(Role.PROOF, when=_may, after=_ALONE)
async def test_a_whole_sign_in_needs_a_right_proof(stage: Stage) -> None:
    """Without a password a wrong proof signed somebody in: who names an enrolment has not proven to hold it."""
    person = await ready(stage, await _practice(stage))
    challenge = await person.begins_alone()
    refused(await person.answers_alone(challenge, person.holds.wrong()), "a wrong proof alone")
    right = await person.proves(challenge)
    texts = [one.name for one in fields(right) if isinstance(getattr(right, one.name), str)]
    for kept in texts if len(texts) > 1 else ():
        # One of these is what names the enrolment.
        named = replace(right, **{name: "0" * len(getattr(right, name)) for name in texts if name != kept})
        refused(await person.answers_alone(challenge, named), f"a proof of which only {kept} was right")


@check(Role.PROOF, when=_may, after=_RIGHT)
async def test_a_whole_sign_in_is_of_who_is_named(stage: Stage) -> None:
    """A proof that names one account's enrolment and was made with another's opened it, or a proof of one practice
    opened an account in another: `verify` must compare with the `state` that it is given, without a password too."""
    ours, theirs = await _two(stage)
    outsider = await ready(stage, await _practice(stage))
    challenge = await ours.begins_alone()
    right, other = await ours.proves(challenge), await theirs.proves(challenge)
    for mixed in _mixed(right, other):
        refused(await ours.answers_alone(challenge, mixed), "a proof mixed from those of two accounts")
    foreign = await outsider.proves(challenge)
    refused(await ours.answers_alone(challenge, foreign), "a proof of another practice")
    for mixed in _mixed(right, foreign):
        refused(await ours.answers_alone(challenge, mixed), "a proof mixed from those of two practices")
    elsewhere = await outsider.begins_alone()
    refused(
        await outsider.answers_alone(replace(challenge, token=elsewhere.token), right), "another practice's challenge"
    )
    done = got(SignedIn, await ours.answers_alone(challenge, right), "a right proof alone")
    assert done.session.account_id == ours.account.id, "it signed somebody else in"


@check(Role.PROOF, when=_may, after=_RIGHT)
async def test_a_whole_sign_in_is_spent(stage: Stage) -> None:
    """A proof that had signed somebody in was accepted for another sign-in without a password, or one that was made
    for a sign-in with a password was: bind the proof to its challenge, or spend it in the state."""
    person = await ready(stage, await _practice(stage))
    challenge, waiting = await person.begins_alone(), await person.begins_alone()
    proof = await person.proves(challenge)
    got(SignedIn, await person.answers_alone(challenge, proof), "a right proof alone")
    refused(await person.answers_alone(challenge, proof), "the same proof for the same challenge")
    refused(await person.answers_alone(waiting, proof), "a proof that signed in before")
    with_password = await person.gets_challenge()
    proof = await person.proves(with_password)
    refused(await _crossed(person, with_password, waiting, proof), "a challenge that comes after a password")
    got(SignedIn, await person.answers(with_password, proof), "a right proof")
    refused(await person.answers_alone(await person.begins_alone(), proof), "a proof that was used after a password")


async def _two(stage: Stage) -> tuple[Person, Person]:
    practice = await _practice(stage)
    return await ready(stage, practice), await ready(stage, practice)


async def _crossed(person: Person, challenge: OpenedChallenge, alone: OpenedChallenge, proof: Any) -> Any:
    """The challenge of one sign-in, answered in another."""
    return await person.answers_alone(replace(challenge, token=alone.token), proof)


def _mixed(right: Any, other: Any) -> list[Any]:
    """The one proof with one of its parts from the other, each in turn."""
    parts = [one.name for one in fields(right) if getattr(right, one.name) != getattr(other, one.name)]
    each = [replace(right, **{name: getattr(other, name)}) for name in parts]
    return [mixed for mixed in each if mixed not in (right, other)]
