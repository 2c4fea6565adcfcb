"""Passkeys and security keys as a second factor, over HTTP: set up in the settings, and used after the password."""

import json
from typing import Any

import pytest

from tests.people.cast import Belongings
from tests.people.key_holder import KeyHolder
from tests.people.security_key import Lies, NotAllowedError, SecurityKey, changed, text_of
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis


@pytest.fixture
def given_settings() -> dict[str, Any]:
    return {"plugins": ["totp", "passkeys", "recovery_codes", "remembered_devices"]}


@pytest.fixture
async def ada(sluis: Sluis, dr_vos: StaffPerson) -> KeyHolder:
    """Let in already, with an app; signed in a moment ago."""
    ada = KeyHolder(sluis, Belongings("Ada de Vries", "ada@clients.example"))
    await dr_vos.lets_in(ada)
    return ada


async def test_a_key_is_set_up_in_the_settings_after_a_step_up(sluis: Sluis, ada: KeyHolder) -> None:
    notices = await sluis.count("outbox_message", "template = 'notice_factor_added'")
    sluis.clock.forward(minutes=6)
    assert (await ada.begins_key())["code"] == "STEP_UP_REQUIRED"
    assert (await ada.steps_up())["__typename"] == "SteppedUp"
    enrolment = await ada.adds_key()
    assert (enrolment["factor"], enrolment["label"]) == ("passkeys", "Beveiligingssleutel")
    (row,) = await sluis.rows("SELECT * FROM factor_enrolment WHERE factor = 'passkeys'")
    assert [row["handle"]] == list(ada.key.credentials)
    assert b"public_key" not in bytes(row["state"])
    assert [each["factor"] for each in (await ada.sees_settings())["factors"]] == ["totp", "passkeys"]
    assert await sluis.count("outbox_message", "template = 'notice_factor_added'") == notices + 1


async def test_password_and_key_sign_in(sluis: Sluis, ada: KeyHolder) -> None:
    await ada.adds_key()
    elsewhere = ada.elsewhere()
    done = await elsewhere.signs_in_with_key()
    assert (done["__typename"], done["access"]) == ("SignedIn", "APPROVED")
    (session,) = await sluis.rows("SELECT * FROM login_session WHERE proven_by = 'passkeys'")
    assert session["ended_at"] is None


async def test_each_of_several_keys_signs_in(sluis: Sluis, ada: KeyHolder) -> None:
    await ada.adds_key(label="blue")
    blue = ada.key
    begun = await ada.begins_key()
    with pytest.raises(NotAllowedError):
        blue.create(begun["enrolment"]["options"])
    await ada.adds_key(SecurityKey(sluis.url, verifies=False), label="green")
    assert {each["label"] for each in (await ada.sees_settings())["factors"]} == {"phone", "blue", "green"}
    for key in (blue, ada.key):
        device = ada.elsewhere()
        device.plugs_in(key)
        assert (await device.signs_in_with_key())["__typename"] == "SignedIn"


@pytest.mark.security
async def test_a_proof_signs_in_once_and_in_its_own_sign_in_alone(ada: KeyHolder) -> None:
    await ada.adds_key()
    one, other = ada.elsewhere(), ada.elsewhere()
    first, second = await one.is_asked_for_key(), await other.is_asked_for_key()
    proof = ada.key.get(first["asked"]["options"])
    assert (await other.proves_key(second, proof))["code"] == "PROOF_WRONG"
    assert (await other.proves_key(second | {"asked": first["asked"]}, proof))["code"] == "CHALLENGE_EXPIRED"
    assert (await one.proves_key(first, proof))["__typename"] == "SignedIn"
    assert (await one.proves_key(first, proof))["code"] == "SIGN_IN_EXPIRED"
    assert (await other.proves_key(second, proof))["code"] == "PROOF_WRONG"


@pytest.mark.security
async def test_an_expired_challenge_is_refused(sluis: Sluis, ada: KeyHolder) -> None:
    await ada.adds_key()
    device = ada.elsewhere()
    step = await device.is_asked_for_key()
    proof = ada.key.get(step["asked"]["options"])
    sluis.clock.forward(minutes=5)
    assert (await device.proves_key(step, proof))["code"] == "CHALLENGE_EXPIRED"


@pytest.mark.security
async def test_a_page_elsewhere_cannot_use_the_key(ada: KeyHolder) -> None:
    await ada.adds_key()
    lies = Lies(origin="http://localhost.evil.example")
    assert (await ada.elsewhere().signs_in_with_key(lies))["code"] == "PROOF_WRONG"


@pytest.mark.security
async def test_one_key_belongs_to_one_account(sluis: Sluis, ada: KeyHolder, dr_vos: StaffPerson) -> None:
    await ada.adds_key()
    bram = KeyHolder(sluis, Belongings("Bram Jansen", "bram@clients.example"))
    await dr_vos.lets_in(bram)
    begun = await bram.begins_key()
    mine = await ada.begins_key()
    made = ada.key.create(begun["enrolment"]["options"])
    assert (await ada.confirms_key(mine, made))["code"] == "PROOF_WRONG"
    assert (await ada.confirms_key(begun, made))["code"] == "CHALLENGE_EXPIRED"
    confirmed = await bram.confirms_key(begun, made)
    assert confirmed["__typename"] == "EnrolmentConfirmed"
    assert (await bram.confirms_key(begun, made))["code"] == "CHALLENGE_EXPIRED"
    # Ada's first key at Bram's sign-in: not one that he was asked for.
    first = next(iter(ada.key.credentials))
    device = bram.elsewhere()
    step = await device.is_asked_for_key()
    foreign = ada.key.get(step["asked"]["options"], identity=first)
    assert (await device.proves_key(step, foreign))["code"] == "PROOF_WRONG"


@pytest.mark.security
async def test_a_key_that_can_be_copied_now_is_refused_and_counts_as_no_guess(sluis: Sluis, ada: KeyHolder) -> None:
    await ada.adds_key()
    for _ in range(8):
        refusal = await ada.elsewhere().signs_in_with_key(Lies(eligible=True))
        assert refusal["code"] == "PROOF_CHANGED", "more often than one may guess"
        sluis.clock.forward(seconds=10)
    assert await sluis.count("audit_event", "event = 'factor.verify' AND outcome = 'REFUSED'") == 8
    assert (await ada.elsewhere().signs_in_with_key())["__typename"] == "SignedIn"


async def test_a_browser_that_answers_with_an_empty_handle_or_attests_unasked(sluis: Sluis, ada: KeyHolder) -> None:
    """Safari, and Firefox on Windows."""
    begun = await ada.begins_key()
    attested = Lies(attestation={"fmt": "tpm", "attStmt": {"ver": "2.0", "x5c": [b"certificate"]}})
    made = ada.plugs_in().create(begun["enrolment"]["options"], attested)
    assert (await ada.confirms_key(begun, made))["__typename"] == "EnrolmentConfirmed"
    device = ada.elsewhere()
    step = await device.is_asked_for_key()
    proof = changed(ada.key.get(step["asked"]["options"]), userHandle="")
    assert (await device.proves_key(step, proof))["__typename"] == "SignedIn"


@pytest.mark.security
async def test_a_count_that_goes_back_is_refused_and_the_person_is_told(sluis: Sluis, ada: KeyHolder) -> None:
    await ada.adds_key()
    assert (await ada.elsewhere().signs_in_with_key(Lies(count=9)))["__typename"] == "SignedIn"
    (before,) = await sluis.rows("SELECT * FROM factor_enrolment WHERE factor = 'passkeys'")
    assert (await ada.elsewhere().signs_in_with_key(Lies(count=9)))["code"] == "PROOF_WRONG"
    (after,) = await sluis.rows("SELECT * FROM factor_enrolment WHERE factor = 'passkeys'")
    assert after == before
    (audited,) = await sluis.rows("SELECT details FROM audit_event WHERE outcome = 'REFUSED'")
    assert json.loads(audited["details"])["alert"] == "SIGN_COUNT_WENT_BACK"
    assert await sluis.count("outbox_message", "template = 'notice_factor_alert'") == 1
    while "een sleutel die gekopieerd lijkt" not in (await ada.reads_mail())["text"]:
        pass
    assert (await ada.elsewhere().signs_in_with_key(Lies(count=10)))["__typename"] == "SignedIn"


#: What W3C Web Authentication Level 3, section 7.2, has the server look at; `Lies` says what is wrong each time.
LIES = [
    Lies(challenge=text_of(b"another challenge of the server")),
    Lies(origin="http://localhost.evil.example"),
    Lies(rp_id="evil.example"),
    Lies(type="webauthn.create"),
    Lies(present=False),
    Lies(backed_up=True, eligible=False),
    Lies(person=text_of(bytes(16))),
    Lies(client={"crossOrigin": True}),
    Lies(client={"topOrigin": "https://evil.example"}),
]


@pytest.mark.security
@pytest.mark.parametrize(
    "given_settings",
    [
        {
            "plugins": ["totp", "passkeys", "recovery_codes", "remembered_devices"],
            "failures_slow_from": 99,
            "failures_per_hour": 99,
            "failures_per_day": 99,
        }
    ],
    ids=["patient"],
)
async def test_whatever_is_wrong_with_an_answer_it_is_refused_and_nothing_is_kept_of_it(
    sluis: Sluis, ada: KeyHolder
) -> None:
    await ada.adds_key()
    kept = await sluis.rows("SELECT * FROM factor_enrolment WHERE factor = 'passkeys'")
    sessions = await sluis.count("login_session")
    policy = {"RESPONDENT": {"passwordless": True}}
    await sluis.rows("UPDATE practice SET policy = ? WHERE slug = 'demo'", json.dumps(policy))
    for lies in [*LIES, Lies(verified=False)]:
        if lies.verified is None:
            assert (await ada.elsewhere().signs_in_with_key(lies))["code"] == "PROOF_WRONG", lies
        assert (await ada.elsewhere().signs_in_without_password(lies))["code"] == "PROOF_WRONG", lies
        # Each address may fail twenty times a minute.
        sluis.clock.forward(seconds=10)
    assert await sluis.rows("SELECT * FROM factor_enrolment WHERE factor = 'passkeys'") == kept
    assert await sluis.count("login_session") == sessions
    assert (await ada.elsewhere().signs_in_without_password())["__typename"] == "SignedIn"


@pytest.mark.security
async def test_an_answer_in_another_session_is_none(sluis: Sluis, ada: KeyHolder) -> None:
    """A challenge that a session was asked is not a sign-in's, nor another session's, and an app's is no key's."""
    await ada.adds_key()
    device = ada.elsewhere()
    step = await device.is_asked_for_key()
    proof = ada.key.get(step["asked"]["options"])
    begun = await ada.begins_key()
    as_enrolment = {"asked": {"id": begun["enrolment"]["id"]}}
    assert (await device.proves_key(step | as_enrolment, proof))["code"] == "CHALLENGE_EXPIRED"
    made = SecurityKey(sluis.url).create(begun["enrolment"]["options"])
    other = ada.elsewhere()
    assert (await other.signs_in_with_key())["__typename"] == "SignedIn"
    assert (await other.confirms_key(begun, made))["code"] == "CHALLENGE_EXPIRED"
    assert (await ada.confirms_key({"enrolment": {"id": step["asked"]["id"]}}, made))["code"] == "CHALLENGE_EXPIRED"
    assert (await ada.confirms_key(begun, made))["__typename"] == "EnrolmentConfirmed"
