"""Making a passkey: what W3C Web Authentication Level 3 checks in section 7.1, one by one."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from factors.passkeys import PasskeyChallenge, PasskeyEnrolment, PasskeyProof, PasskeysConfig
from factors.passkeys.ceremonies import PasskeyState
from plugins import EnrolmentConfirmed, PluginProblem, Reason, Refused, build_registry
from tests.factors.ceremonies import (
    ADA,
    accept,
    ask,
    challenged,
    desk_of,
    judge,
    own_key,
    passkeys,
    register,
    registered,
)
from tests.people.security_key import (
    EDDSA,
    ES256,
    ES512,
    RS256,
    Lies,
    NotAllowedError,
    Private,
    SecurityKey,
    bytes_of,
    sign,
    text_of,
)


async def test_the_options_ask_for_a_passkey_of_this_account() -> None:
    begun = await passkeys.begin_enrolment(desk_of(), [], None)
    options = json.loads(begun.public["options"])
    assert options["rp"] == {"id": "portal.example", "name": "De Linde"}
    assert options["user"] == {"id": text_of(ADA), "name": "1234 5678", "displayName": "1234 5678"}
    assert [offered["alg"] for offered in options["pubKeyCredParams"]] == [EDDSA, ES256, RS256]
    assert options["attestation"] == "none"
    assert options["excludeCredentials"] == []
    assert options["authenticatorSelection"]["residentKey"] == "preferred"
    assert options["authenticatorSelection"]["userVerification"] == "preferred"
    assert len(bytes_of(options["challenge"])) == 32
    assert begun.pending == PasskeyState()


async def test_what_is_kept_of_a_new_key() -> None:
    key = own_key(transports=("usb", "nfc", "carrier-pigeon"))
    confirmed = await register(desk_of(), key)
    assert isinstance(confirmed, EnrolmentConfirmed)
    (identity,) = key.credentials
    state = confirmed.state
    assert confirmed.handle == identity == text_of(state.credential_id)
    assert state.public_key
    assert (state.sign_count, state.backup_eligible, state.backed_up, state.verified_user) == (0, False, False, True)
    assert (state.aaguid, state.transports) == ("00000000-0000-0000-0000-000000000000", ("usb", "nfc"))
    assert PasskeyState.model_validate_json(state.model_dump_json()) == state


@pytest.mark.parametrize(
    ("attachment", "transports", "english", "dutch"),
    [
        ("cross-platform", ("usb", "nfc"), "Security key", "Beveiligingssleutel"),
        ("cross-platform", ("hybrid", "internal"), "Phone or tablet", "Telefoon of tablet"),
        ("platform", ("hybrid", "internal"), "Passkey", "Passkey"),
        ("platform", (), "Passkey", "Passkey"),
    ],
)
async def test_a_new_key_has_a_label(attachment: str, transports: tuple[str, ...], english: str, dutch: str) -> None:
    for locale, label in (("en", english), ("nl", dutch)):
        confirmed = await register(desk_of(locale=locale), own_key(attachment=attachment, transports=transports))
        assert isinstance(confirmed, EnrolmentConfirmed)
        assert confirmed.label == label


@pytest.mark.parametrize("algorithm", [EDDSA, ES256, RS256])
async def test_each_algorithm_that_is_offered_works(algorithm: int) -> None:
    desk, key = desk_of(), own_key()
    confirmed = await register(desk, key, lies=Lies(algorithm=algorithm))
    assert isinstance(confirmed, EnrolmentConfirmed)
    challenge = await ask(desk, confirmed.state)
    await accept(desk, confirmed.state, challenge, key.get(challenge.public["options"]))


async def test_a_key_is_made_once_for_an_account() -> None:
    desk, key = desk_of(), own_key()
    state = await registered(desk, key)
    begun = await passkeys.begin_enrolment(desk, [state], None)
    (excluded,) = json.loads(begun.public["options"])["excludeCredentials"]
    assert excluded == {"id": text_of(state.credential_id), "type": "public-key", "transports": ["usb"]}
    with pytest.raises(NotAllowedError):
        key.create(begun.public["options"])


class SelfAttesting(SecurityKey):
    """Signs for itself that it made the key: a browser leaves that where no attestation was asked for."""

    def attest(self, private: Private, algorithm: int, signed: bytes) -> dict[str, Any]:
        return {"fmt": "packed", "attStmt": {"alg": algorithm, "sig": sign(private, signed)}}


class Certified(SecurityKey):
    """Signs with its maker's key, though nobody asked."""

    def attest(self, private: Private, algorithm: int, signed: bytes) -> dict[str, Any]:
        maker, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
        start = datetime.now(UTC) - timedelta(days=1)
        made = x509.CertificateBuilder(name, name, maker.public_key(), 1, start, start + timedelta(days=2))
        certificate = made.sign(maker, hashes.SHA256()).public_bytes(Encoding.DER)
        return {"fmt": "packed", "attStmt": {"alg": ES256, "sig": sign(maker, signed), "x5c": [certificate]}}


async def test_an_attestation_that_was_not_asked_for_is_ignored() -> None:
    """Firefox on Windows gives one all the same; whether it is true changes nothing."""
    desk = desk_of()
    for key in (own_key(), SelfAttesting(desk.origins[0]), Certified(desk.origins[0])):
        assert isinstance(await register(desk, key), EnrolmentConfirmed)
    for attestation in (
        {"fmt": "packed", "attStmt": {"alg": EDDSA, "sig": b"forged"}},
        {"fmt": "fido-u2f", "attStmt": {"sig": b"x", "x5c": [b"certificate"]}},
        {"fmt": "tpm", "attStmt": {"ver": "2.0", "x5c": [b"certificate"]}},
        {"fmt": "none", "attStmt": {"sig": b"x"}},
    ):
        key = own_key()
        confirmed = await register(desk, key, lies=Lies(attestation=attestation))
        assert isinstance(confirmed, EnrolmentConfirmed), attestation
        challenge = await ask(desk, confirmed.state)
        await accept(desk, confirmed.state, challenge, key.get(challenge.public["options"]))


@pytest.mark.security
@pytest.mark.parametrize(
    "lies",
    [
        Lies(challenge=text_of(b"another challenge of the server")),
        Lies(origin="https://portal.example.evil.example"),
        Lies(origin="http://portal.example"),
        Lies(origin="https://sub.portal.example"),
        Lies(rp_id="evil.example"),
        Lies(type="webauthn.get"),
        Lies(present=False),
        Lies(backed_up=True, eligible=False),
        Lies(algorithm=ES512),
        Lies(client={"crossOrigin": True}),
        Lies(client={"topOrigin": "https://evil.example"}),
    ],
    ids=str,
)
async def test_a_key_that_lies_is_not_registered(lies: Lies) -> None:
    assert await register(desk_of(), own_key(), lies=lies) == Refused(Reason.WRONG)


@pytest.mark.security
async def test_user_verification_is_checked_where_it_is_required() -> None:
    key = own_key(verifies=False)
    strict = desk_of(user_verification="required")
    assert await register(strict, key, lies=Lies(verified=False)) == Refused(Reason.WRONG)
    assert isinstance(await register(strict, own_key()), EnrolmentConfirmed)
    state = await registered(desk_of(), key)
    assert not state.verified_user
    challenge = await ask(strict, state)
    assert await judge(strict, state, challenge, key.get(challenge.public["options"], Lies(verified=False))) == Refused(
        Reason.WRONG
    )


@pytest.mark.security
async def test_another_start_s_answer_does_not_confirm() -> None:
    desk, key = desk_of(), own_key()
    first = await passkeys.begin_enrolment(desk, [], None)
    second = await passkeys.begin_enrolment(desk, [], None)
    proof = PasskeyProof(credential=key.create(first.public["options"]))
    refused = await passkeys.confirm_enrolment(desk, second.pending, challenged(desk, second.public), proof)
    assert refused == Refused(Reason.WRONG)


async def test_a_long_credential_id_has_a_short_handle() -> None:
    for length, plain in ((255, True), (256, False), (1023, False)):
        key = own_key(id_length=length)
        confirmed = await register(desk_of(), key)
        assert isinstance(confirmed, EnrolmentConfirmed)
        assert confirmed.handle is not None
        assert len(confirmed.handle) <= 400
        assert (confirmed.handle in key.credentials) is plain
        challenge = await ask(desk_of(), confirmed.state)
        proof = PasskeyProof(credential=key.get(challenge.public["options"]))
        assert passkeys.handle(proof) == confirmed.handle
    assert await register(desk_of(), own_key(id_length=1024)) == Refused(Reason.WRONG)


async def test_no_repr_shows_a_key_or_a_proof() -> None:
    desk, key = desk_of(), own_key()
    begun = await passkeys.begin_enrolment(desk, [], None)
    made = PasskeyProof(credential=key.create(begun.public["options"]))
    confirmed = await passkeys.confirm_enrolment(desk, begun.pending, challenged(desk, begun.public), made)
    assert isinstance(confirmed, EnrolmentConfirmed)
    challenge = await ask(desk, confirmed.state)
    proof = PasskeyProof(credential=key.get(challenge.public["options"]))
    verdict = await passkeys.verify(desk, confirmed.state, challenge, proof)
    core: Any = {"id": "x", "factor": "passkeys", "expires_at": desk.now}
    shown = PasskeyEnrolment(**core, **begun.public), PasskeyChallenge(**core, **challenge.public)
    told = f"{begun!r} {made!r} {confirmed.state!r} {confirmed.state} {proof!r} {verdict!r} {shown!r}"
    for secret in (made.credential, proof.credential, "clientDataJSON", str(confirmed.state.public_key), "options'"):
        assert secret not in told


def test_the_configuration_knows_its_one_option() -> None:
    for wish in ("preferred", "required"):
        registry = build_registry(["passkeys"], {"passkeys": {"user_verification": wish}})
        assert registry.config("passkeys") == PasskeysConfig(user_verification=wish)
    with pytest.raises(PluginProblem, match="user_verification"):
        build_registry(["passkeys"], {"passkeys": {"user_verification": "discouraged"}})
