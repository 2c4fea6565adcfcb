"""Passkeys: what is no credential, by hand and by the thousand."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factors.passkeys import PasskeyProof
from factors.passkeys.ceremonies import PasskeyState
from plugins import Reason, Refused
from tests.factors.ceremonies import ask, challenged, desk_of, judge, own_key, passkeys, registered
from tests.people.security_key import changed, text_of

_RESPONSE = {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "attestationObject": "oA"}
_WHOLE = {"id": "AA", "rawId": "AA", "type": "public-key", "authenticatorAttachment": None, "response": _RESPONSE}
_SOME = PasskeyState(credential_id=b"\0", public_key=b"no key", verified_user=True)


def bent(name: str, value: Any) -> str:
    """A credential that reads well but for one member, and that proves nothing."""
    return changed(json.dumps(_WHOLE), **{name: value})


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "null",
        "[]",
        "{}",
        "[" * 8000,
        '{"id":' * 2000,
        "1" * 5000,
        "\ud800",
        bent("id", 5),
        bent("rawId", "é"),
        bent("rawId", "A"),
        bent("type", ["public-key"]),
        bent("response", "AA"),
        bent("clientDataJSON", None),
        bent("authenticatorAttachment", "implanted"),
        '{"a": "' + "a" * 16_384 + '"}',
    ],
    ids=lambda text: text[:24],
)
async def test_what_is_no_credential_is_malformed(credential: str) -> None:
    desk, proof = desk_of(), PasskeyProof(credential=credential)
    assert passkeys.handle(proof) is None
    challenge = await ask(desk)
    assert await passkeys.verify(desk, PasskeyState(), challenge, proof) == Refused(Reason.MALFORMED)
    begun = await passkeys.begin_enrolment(desk, [], None)
    challenge = challenged(desk, begun.public)
    assert await passkeys.confirm_enrolment(desk, begun.pending, challenge, proof) == Refused(Reason.MALFORMED)


async def test_a_credential_with_too_much_around_it_is_malformed() -> None:
    desk, key = desk_of(), own_key()
    state = await registered(desk, key)
    challenge = await ask(desk, state)
    good = key.get(challenge.public["options"])
    assert passkeys.handle(PasskeyProof(credential=good.ljust(16_384))) is not None
    assert passkeys.handle(PasskeyProof(credential=good.ljust(16_385))) is None
    assert await judge(desk, state, challenge, good.ljust(16_385)) == Refused(Reason.MALFORMED)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=8,
)
_MEMBERS = ["id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature", "userHandle"]
_CREDENTIALS = (
    st.text()
    | _JSON.map(json.dumps)
    | st.builds(bent, st.sampled_from([*_MEMBERS, "attestationObject", "transports"]), _JSON)
    | st.builds(bent, st.sampled_from(_MEMBERS[4:]), st.binary(max_size=200).map(text_of))
    | st.builds(bent, st.just("attestationObject"), st.binary(max_size=200).map(text_of))
    | st.integers(16_385, 5_000_000).map("{".__mul__)
)


@given(_CREDENTIALS)
async def test_garbage_is_refused_and_never_an_error(credential: str) -> None:
    desk, proof = desk_of(), PasskeyProof(credential=credential)
    handle = passkeys.handle(proof)
    assert handle is None or (len(handle) <= 400 and handle.isascii())
    begun = await passkeys.begin_enrolment(desk, [], None)
    confirmed = await passkeys.confirm_enrolment(desk, begun.pending, challenged(desk, begun.public), proof)
    verdict = await passkeys.verify(desk, _SOME, await ask(desk, _SOME), proof)
    for refused in (confirmed, verdict):
        assert isinstance(refused, Refused)
        assert (refused.state, refused.alert) == (None, None)
        if len(credential) > 16_384:
            assert refused.reason is Reason.MALFORMED


@given(st.binary(max_size=120), st.sampled_from(["clientDataJSON", "attestationObject"]))
async def test_a_new_key_s_answer_with_garbage_in_it_is_refused(garbage: bytes, name: str) -> None:
    desk, key = desk_of(), own_key()
    begun = await passkeys.begin_enrolment(desk, [], None)
    made = changed(key.create(begun.public["options"]), **{name: text_of(garbage)})
    challenge = challenged(desk, begun.public)
    refused = await passkeys.confirm_enrolment(desk, begun.pending, challenge, PasskeyProof(credential=made))
    assert refused == Refused(Reason.WRONG)


async def test_a_state_without_a_key_proves_nothing() -> None:
    desk, key = desk_of(), own_key()
    begun = await passkeys.begin_enrolment(desk, [], None)
    key.create(begun.public["options"])
    challenge = await ask(desk)
    proof = key.get(challenge.public["options"])
    assert await judge(desk, begun.pending, challenge, proof) == Refused(Reason.WRONG)
    unnamed = changed(proof, id="", rawId="")
    assert await judge(desk, begun.pending.model_copy(update={"verified_user": True}), challenge, unnamed) == Refused(
        Reason.WRONG
    )
