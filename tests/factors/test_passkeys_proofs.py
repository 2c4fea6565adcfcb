"""Answering with a passkey: what W3C Web Authentication Level 3 checks in section 7.2, one by one."""

import json

import pytest

from factors.passkeys import WENT_BACK, PasskeyProof
from plugins import EnrolmentConfirmed, Reason, Refused
from tests.factors.ceremonies import (
    ADA,
    BOB,
    accept,
    ask,
    desk_of,
    judge,
    own_key,
    passkeys,
    register,
    registered,
)
from tests.people.security_key import Lies, SecurityKey, changed, text_of


async def test_a_challenge_asks_for_every_key_of_the_account() -> None:
    desk, blue, green = desk_of(), own_key(), own_key()
    first = await registered(desk, blue)
    second = await registered(desk, green, [first])
    challenge = await ask(desk, first, second)
    options = json.loads(challenge.public["options"])
    assert [each["id"] for each in options["allowCredentials"]] == [*blue.credentials, *green.credentials]
    assert (options["rpId"], options["userVerification"]) == ("portal.example", "preferred")
    for key, state in ((blue, first), (green, second)):
        proof = key.get(challenge.public["options"])
        assert passkeys.handle(PasskeyProof(credential=proof)) == text_of(state.credential_id)
        await accept(desk, state, challenge, proof)


async def test_a_proof_renews_the_count_and_the_backup_state() -> None:
    desk, key = desk_of(), own_key(syncs=True)
    confirmed = await register(desk, key, lies=Lies(eligible=True, backed_up=False, count=7))
    assert isinstance(confirmed, EnrolmentConfirmed)
    challenge = await ask(desk, confirmed.state)
    state = await accept(desk, confirmed.state, challenge, key.get(challenge.public["options"], Lies(count=8)))
    assert state == confirmed.state.model_copy(update={"sign_count": 8, "backed_up": True})


@pytest.mark.security
@pytest.mark.parametrize(("kept", "new"), [(5, 5), (5, 4), (5, 0)])
async def test_a_count_that_goes_back_is_refused_with_an_alert(kept: int, new: int) -> None:
    desk, key = desk_of(), own_key()
    state = (await registered(desk, key)).model_copy(update={"sign_count": kept})
    challenge = await ask(desk, state)
    refused = await judge(desk, state, challenge, key.get(challenge.public["options"], Lies(count=new)))
    assert refused == Refused(Reason.WRONG, state=None, alert=WENT_BACK)


async def test_a_key_that_counts_nothing_is_normal() -> None:
    desk, key = desk_of(), own_key(counts=False)
    state = await registered(desk, key)
    for _ in range(3):
        challenge = await ask(desk, state)
        state = await accept(desk, state, challenge, key.get(challenge.public["options"]))
        assert state.sign_count == 0


@pytest.mark.security
async def test_without_the_key_nobody_raises_the_alarm() -> None:
    desk, key = desk_of(), own_key()
    state = (await registered(desk, key)).model_copy(update={"sign_count": 5})
    challenge = await ask(desk, state)
    forged = changed(key.get(challenge.public["options"], Lies(count=1)), signature=text_of(bytes(64)))
    assert await judge(desk, state, challenge, forged) == Refused(Reason.WRONG)


@pytest.mark.security
@pytest.mark.parametrize(
    "lies",
    [
        Lies(challenge=text_of(b"another challenge of the server")),
        Lies(origin="https://portal.example.evil.example"),
        Lies(origin="http://portal.example"),
        Lies(rp_id="evil.example"),
        Lies(type="webauthn.create"),
        Lies(present=False),
        Lies(backed_up=True, eligible=False),
        Lies(person=text_of(BOB)),
        Lies(client={"crossOrigin": True}),
        Lies(client={"topOrigin": "https://evil.example"}),
    ],
    ids=str,
)
async def test_a_proof_that_lies_is_refused(lies: Lies) -> None:
    desk, key = desk_of(), own_key()
    state = await registered(desk, key)
    challenge = await ask(desk, state)
    assert await judge(desk, state, challenge, key.get(challenge.public["options"], lies)) == Refused(Reason.WRONG)
    discoverable = await ask(desk)
    refused = await judge(desk, state, discoverable, key.get(discoverable.public["options"], lies))
    assert refused == Refused(Reason.WRONG)


@pytest.mark.security
async def test_a_proof_answers_its_own_challenge_alone() -> None:
    desk, key = desk_of(), own_key()
    state = await registered(desk, key)
    first, second = await ask(desk, state), await ask(desk, state)
    proof = key.get(first.public["options"])
    assert await judge(desk, state, second, proof) == Refused(Reason.WRONG)
    await accept(desk, state, first, proof)


@pytest.mark.security
async def test_another_key_s_proof_is_refused() -> None:
    desk, key, foreign = desk_of(), own_key(), own_key()
    state, other = await registered(desk, key), await registered(desk_of(BOB), foreign)
    challenge = await ask(desk, state)
    (identity,) = foreign.credentials
    proof = foreign.get(challenge.public["options"], identity=identity)
    assert passkeys.handle(PasskeyProof(credential=proof)) == text_of(other.credential_id)
    renamed = changed(
        proof, id=text_of(state.credential_id), rawId=text_of(state.credential_id), userHandle=text_of(ADA)
    )
    for given in (proof, renamed):
        assert await judge(desk, state, challenge, given) == Refused(Reason.WRONG)
    # Not even where the core took the other enrolment for it.
    assert await judge(desk_of(BOB), other, challenge, proof) == Refused(Reason.WRONG)


@pytest.mark.security
async def test_a_key_that_was_not_asked_for_is_refused() -> None:
    desk, blue, green = desk_of(), own_key(), own_key()
    first, second = await registered(desk, blue), await registered(desk, green)
    challenge = await ask(desk, first)
    (identity,) = green.credentials
    proof = green.get(challenge.public["options"], identity=identity)
    assert await judge(desk, second, challenge, proof) == Refused(Reason.WRONG)


@pytest.mark.security
async def test_a_proof_is_about_the_key_that_it_names() -> None:
    desk, blue, green = desk_of(), own_key(), own_key()
    first, second = await registered(desk, blue), await registered(desk, green)
    challenge = await ask(desk, first, second)
    named = text_of(second.credential_id)
    (identity,) = blue.credentials
    proof = changed(blue.get(challenge.public["options"], identity=identity), id=named, rawId=named)
    for state in (first, second):
        assert await judge(desk, state, challenge, proof) == Refused(Reason.WRONG)


@pytest.mark.security
async def test_a_signature_over_anything_else_is_refused() -> None:
    desk, key = desk_of(), own_key()
    state = await registered(desk, key)
    challenge = await ask(desk, state)
    proof, other = (key.get(challenge.public["options"]) for _ in range(2))
    for name in ("signature", "authenticatorData"):
        mixed = changed(proof, **{name: json.loads(other)["response"][name]})
        assert await judge(desk, state, challenge, mixed) == Refused(Reason.WRONG)


async def test_a_practice_s_own_frontend_may_ask() -> None:
    desk = desk_of(origins=(*desk_of().origins, "https://linde.portal.example"))
    key = SecurityKey("https://linde.portal.example")
    state = await registered(desk, key)
    challenge = await ask(desk, state)
    await accept(desk, state, challenge, key.get(challenge.public["options"]))


@pytest.mark.parametrize("nobody", [None, ""])
async def test_a_second_factor_may_leave_out_whose_it_is(nobody: str | None) -> None:
    desk, key = desk_of(), own_key()
    state = await registered(desk, key)
    challenge = await ask(desk, state)
    await accept(desk, state, challenge, changed(key.get(challenge.public["options"]), userHandle=nobody))


@pytest.mark.security
@pytest.mark.parametrize("syncs", [False, True])
async def test_whether_a_key_can_be_backed_up_never_changes(syncs: bool) -> None:
    desk, key = desk_of(), own_key(syncs=syncs)
    state = await registered(desk, key)
    lies = Lies(eligible=not syncs, backed_up=False)
    for challenge in (await ask(desk, state), await ask(desk)):
        proof = key.get(challenge.public["options"], lies)
        assert await judge(desk, state, challenge, proof) == Refused(Reason.CHANGED)
        forged = changed(proof, signature=text_of(bytes(64)))
        assert await judge(desk, state, challenge, forged) == Refused(Reason.WRONG), "only the key itself is told"


# The whole sign-in


async def test_without_states_any_key_that_verifies_its_user_may_answer() -> None:
    desk, key = desk_of(), own_key()
    state = await registered(desk, key)
    challenge = await ask(desk_of(b""))
    options = json.loads(challenge.public["options"])
    assert (options["allowCredentials"], options["userVerification"]) == ([], "required")
    await accept(desk, state, challenge, key.get(challenge.public["options"]))


@pytest.mark.security
async def test_a_whole_sign_in_needs_a_verified_user_who_is_named() -> None:
    desk, key = desk_of(), own_key()
    state = await registered(desk, key)
    challenge = await ask(desk)
    for lies in (Lies(verified=False), Lies(person=text_of(BOB)), Lies(person="")):
        assert await judge(desk, state, challenge, key.get(challenge.public["options"], lies)) == Refused(Reason.WRONG)
    unnamed = changed(key.get(challenge.public["options"]), userHandle=None)
    assert await judge(desk, state, challenge, unnamed) == Refused(Reason.WRONG)


@pytest.mark.security
async def test_a_key_without_a_pin_signs_nobody_in_who_gives_it_one() -> None:
    desk, key = desk_of(), own_key(verifies=False)
    state = await registered(desk, key)
    key.verifies = True
    alone = await ask(desk)
    assert await judge(desk, state, alone, key.get(alone.public["options"])) == Refused(Reason.WRONG)
    with_password = await ask(desk, state)
    state = await accept(desk, state, with_password, key.get(with_password.public["options"]))
    assert state.verified_user
    await accept(desk, state, alone, key.get(alone.public["options"]))
