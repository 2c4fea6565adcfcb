"""A proof holds for one account, practice, challenge and purpose, and for no other."""

from dataclasses import replace

import pytest

from conformance.check import ANSWERING, USABLE, check
from conformance.person import ORIGIN, OpenedChallenge, answer_of, got, ready, refused, somebody
from conformance.stage import OFFERED, Stage
from flows.factor_setup import own_factors
from flows.factor_setup.enrolment import Confirmed
from flows.second_factor.proofs import GivenProof
from flows.signin import step_up
from flows.signin.sessions import authenticate
from plugins import Role

_BOUND = (*USABLE, "test_a_proof_is_of_one_account")


@check(*ANSWERING)
async def test_a_proof_is_of_one_account(stage: Stage) -> None:
    """One person's right proof opened another person's account. `verify` must compare with the `state` that it is
    given, which is of one enrolment, and with nothing it knows from elsewhere."""
    practice = await stage.practice()
    ours, theirs = await ready(stage, practice), await ready(stage, practice)
    challenge = await ours.gets_challenge()
    proof = await ours.proves(challenge)
    mine = await theirs.gets_challenge()
    refused(await theirs.answers(mine, proof), "a proof of another account")
    refused(await theirs.answers(replace(challenge, token=mine.token), proof), "another account's challenge")
    if stage.role is Role.PROOF:
        newcomer = await somebody(stage, practice)
        refused(await newcomer.confirms(await newcomer.starts(), proof), "a first proof of another account")


@check(*ANSWERING, after=_BOUND)
async def test_a_proof_is_of_one_practice(stage: Stage) -> None:
    """A right proof of an account in one practice opened an account in another."""
    ours, theirs = await ready(stage), await ready(stage)
    challenge = await ours.gets_challenge()
    proof = await ours.proves(challenge)
    mine = await theirs.gets_challenge()
    refused(await theirs.answers(mine, proof), "a proof of another practice")
    refused(await theirs.answers(replace(challenge, token=mine.token), proof), "another practice's challenge")


@check(*ANSWERING)
async def test_a_proof_is_of_one_challenge(stage: Stage) -> None:
    """A challenge has something in it to be answered, and the answer to one was accepted for another. Look at what
    `challenge` drew: it is in the `challenge` argument of `verify`."""
    person = await ready(stage)
    first = await person.gets_challenge()
    if not first.public and not first.secret:
        pytest.skip("its challenges have nothing in them that a proof could be bound to")
    proof = await person.proves(first)
    refused(await person.answers(await person.gets_challenge(), proof), "a proof for another challenge")


@check(*ANSWERING)
async def test_a_proof_is_of_one_purpose(stage: Stage) -> None:
    """A challenge for signing in, for setting up, for a step-up or for removing was answered by way of another."""
    person = await ready(stage, await stage.practice(policy=OFFERED))
    caller = await authenticate(stage.app, ORIGIN, (await person.signs_in()).session_token)
    challenge = await person.gets_challenge()
    given = GivenProof(stage.subject.name, await person.proves(challenge))
    as_step_up = step_up.confirm(stage.app, caller, ORIGIN, stage.password, str(challenge.challenge.id), given)
    refused(await answer_of(as_step_up), "a sign-in's challenge, in a step-up")
    if stage.role is Role.PROOF:
        (row,) = await person.enrolments()
        removes = own_factors.remove(stage.app, caller, str(row.id), str(challenge.challenge.id), given)
        refused(await answer_of(removes), "a sign-in's challenge, in a removal")
        last = await person.begins_removal(caller, row)
        as_sign_in = replace(last, token=(await person.gets_challenge()).token)
        refused(await person.answers(as_sign_in, await person.proves(last)), "a removal's challenge, in a sign-in")
        assert len(await person.enrolments()) == 1, "it is gone"
        newcomer = await somebody(stage)
        starting = await newcomer.starts()
        proof = await newcomer.holds.enrol(starting.begun.public)
        as_sign_in = OpenedChallenge(starting.token, starting.begun.challenge, {}, {})
        refused(await newcomer.answers(as_sign_in, proof), "the start of setting up, in a sign-in")
        got(Confirmed, await newcomer.confirms(starting, proof), "confirm_enrolment")
