"""Signing in without a password, where the practice's policy trusts a passkey alone."""

import json
from typing import Any

import pytest

from tests.journeys.arena import RACERS, race
from tests.people.cast import Belongings, Person
from tests.people.device import Answer
from tests.people.key_holder import KeyHolder
from tests.people.security_key import Lies, NotAllowedError, SecurityKey, changed, text_of
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

TRUSTING = {"RESPONDENT": {"passwordless": True}}


@pytest.fixture
def given_settings() -> dict[str, Any]:
    return {"plugins": ["totp", "passkeys", "recovery_codes", "remembered_devices"]}


async def decide(sluis: Sluis, policy: dict[str, Any]) -> None:
    await sluis.rows("UPDATE practice SET policy = ? WHERE slug = 'demo'", json.dumps(policy))


@pytest.fixture
async def respondent(sluis: Sluis, dr_vos: StaffPerson) -> str:
    return str((await dr_vos.finds("Ada de Vries"))["id"])


@pytest.fixture
async def ada(sluis: Sluis, dr_vos: StaffPerson) -> KeyHolder:
    """Let in already, with an app and a key; at a device that knows nothing yet."""
    await decide(sluis, TRUSTING)
    ada = KeyHolder(sluis, Belongings("Ada de Vries", "ada@clients.example"))
    await dr_vos.lets_in(ada)
    await ada.adds_key()
    return ada.elsewhere()


async def options_of(person: Person) -> list[str]:
    practice = await person.device.ask('{ practice(slug: "demo") { passwordlessOptions { factor title } } }')
    return [each["factor"] for each in practice["passwordlessOptions"]]


async def test_a_passkey_is_the_whole_sign_in(sluis: Sluis, ada: KeyHolder) -> None:
    assert await options_of(ada) == ["passkeys"]
    started = await ada.starts_without_password()
    assert started["__typename"] == "PasswordlessStarted"
    options = json.loads(started["challenge"]["options"])
    assert (options["allowCredentials"], options["userVerification"]) == ([], "required")
    (unknown,) = await sluis.rows("SELECT * FROM sign_in WHERE account_id IS NULL")
    (challenge,) = await sluis.rows("SELECT * FROM challenge WHERE account_id IS NULL")
    assert (challenge["sign_in_id"], challenge["session_id"]) == (unknown["id"], None)
    done = await ada.finishes_without_password(started, ada.key.get(started["challenge"]["options"]))
    assert (done["__typename"], done["access"], done["viewer"]["name"]) == ("SignedIn", "APPROVED", "Ada de Vries")
    me = await ada.looks_at_own_account()
    assert me is not None
    (known,) = await sluis.rows("SELECT * FROM sign_in WHERE id = ?", unknown["id"])
    assert known["account_id"] is not None
    assert (known["password_at"], known["proven_by"]) == (None, "passkeys")
    assert known["token_hash"] != unknown["token_hash"]


async def test_a_native_client_signs_in_as_well(ada: KeyHolder) -> None:
    phone = ada.elsewhere("BEARER")
    done = await phone.signs_in_without_password()
    assert done["sessionToken"]
    assert await phone.looks_at_own_account() is not None


@pytest.mark.security
async def test_without_the_policy_there_is_no_such_sign_in(sluis: Sluis, ada: KeyHolder) -> None:
    started = await ada.starts_without_password()
    answered = ada.key.get(started["challenge"]["options"])
    await decide(sluis, {})
    assert await options_of(ada) == []
    assert (await ada.starts_without_password())["code"] == "FACTOR_UNAVAILABLE"
    assert (await ada.finishes_without_password(started, answered))["code"] == "PROOF_WRONG"
    await decide(sluis, {"RESPONDENT": {"passwordless": True, "factors": ["totp"]}})
    assert (await ada.starts_without_password())["code"] == "FACTOR_UNAVAILABLE"
    await decide(sluis, TRUSTING)
    for factor in ("totp", "recovery_codes", "sms", ""):
        assert (await ada.starts_without_password(factor))["code"] == "FACTOR_UNAVAILABLE"
    assert (await ada.finishes_without_password(started, answered))["__typename"] == "SignedIn"


@pytest.mark.security
async def test_the_policy_of_another_audience_trusts_nobody_here(sluis: Sluis, ada: KeyHolder) -> None:
    await decide(sluis, {"STAFF": {"passwordless": True}})
    assert (await ada.starts_without_password())["__typename"] == "PasswordlessStarted"
    assert (await ada.signs_in_without_password())["code"] == "PROOF_WRONG"


@pytest.mark.security
async def test_unknown_foreign_closed_and_wrong_are_answered_alike(
    sluis: Sluis, ada: KeyHolder, dr_vos: StaffPerson, respondent: str
) -> None:
    answers: list[Answer] = []

    async def attempt(key: SecurityKey, lies: Lies, **members: str) -> None:
        started = await ada.starts_without_password()
        identity = next(iter(key.credentials))
        proof = changed(key.get(started["challenge"]["options"], lies, identity), **members)
        answers.append(await ada.finishes_without_password(started, proof))

    stranger = SecurityKey(sluis.url)
    begun = await (await signed_in_again(ada)).begins_key()
    stranger.create(begun["enrolment"]["options"])
    await attempt(stranger, Lies())
    await attempt(ada.key, Lies(person=text_of(bytes(16))))
    await attempt(ada.key, Lies(verified=False))
    await attempt(ada.key, Lies(), signature=text_of(bytes(70)))
    sluis.clock.forward(minutes=1)
    await dr_vos.steps_up()
    await dr_vos.deactivates(respondent)
    await attempt(ada.key, Lies())
    assert {(each["code"], each["message"]) for each in answers} == {("PROOF_WRONG", answers[0]["message"])}
    assert await sluis.count("audit_event", "event = 'factor.verify' AND outcome = 'REFUSED'") == len(answers)
    assert await sluis.count("login_session", "proven_by = 'passkeys' AND ended_at IS NULL") == 0
    await dr_vos.approves(respondent)
    assert (await ada.signs_in_without_password())["__typename"] == "SignedIn"


async def signed_in_again(ada: KeyHolder) -> KeyHolder:
    other = ada.elsewhere()
    await other.signs_in()
    return other


@pytest.mark.security
async def test_a_key_of_one_practice_opens_no_other(sluis: Sluis, ada: KeyHolder) -> None:
    await sluis.rows("UPDATE practice SET policy = ?", json.dumps(TRUSTING))
    stray = KeyHolder(sluis, Belongings("Ada de Vries", "ada@clients.example"), practice="other")
    stray.plugs_in(ada.key)
    assert (await stray.signs_in_without_password())["code"] == "PROOF_WRONG"


@pytest.mark.security
async def test_a_key_that_was_set_up_without_a_pin_is_not_enough(sluis: Sluis, ada: KeyHolder) -> None:
    device = await signed_in_again(ada)
    await device.adds_key(SecurityKey(sluis.url, verifies=False))
    ada.plugs_in(device.key)
    with pytest.raises(NotAllowedError):
        await ada.signs_in_without_password()
    device.key.verifies = True
    assert (await ada.signs_in_without_password())["code"] == "PROOF_WRONG"
    assert (await ada.signs_in_with_key())["__typename"] == "SignedIn"
    assert (await ada.elsewhere().signs_in_without_password())["__typename"] == "SignedIn"


@pytest.mark.security
async def test_the_token_of_a_sign_in_of_nobody_opens_nothing_else(ada: KeyHolder, mallory: Person) -> None:
    started = await ada.starts_without_password()
    assert (await mallory.looks_again(started["token"]))["code"] == "SIGN_IN_EXPIRED"
    step = await ada.is_asked_for_key()
    proof = ada.key.get(step["asked"]["options"])
    crossed = {"token": started["token"], "challenge": step["asked"]}
    assert (await ada.finishes_without_password(crossed, proof))["code"] == "CHALLENGE_EXPIRED"
    assert (await ada.finishes_without_password(step | crossed | {"token": step["token"]}, proof))["code"] == (
        "SIGN_IN_EXPIRED"
    )
    proof = ada.key.get(started["challenge"]["options"])
    assert (await ada.proves_key(step | {"asked": started["challenge"]}, proof))["code"] == "CHALLENGE_EXPIRED"
    assert (await ada.proves_key(step | {"token": started["token"]}, proof))["code"] == "SIGN_IN_EXPIRED"


@pytest.mark.security
async def test_one_answer_opens_one_session(sluis: Sluis, ada: KeyHolder) -> None:
    started = await ada.starts_without_password()
    proof = ada.key.get(started["challenge"]["options"])
    answers = await race([ada.elsewhere().finishes_without_password(started, proof) for _ in range(RACERS)])
    assert [each["__typename"] for each in answers].count("SignedIn") == 1
    assert await sluis.count("login_session", "proven_by = 'passkeys'") == 1
    assert (await ada.finishes_without_password(started, proof))["code"] == "SIGN_IN_EXPIRED"


@pytest.mark.security
async def test_guessing_is_slowed_down_for_known_and_unknown_keys(sluis: Sluis, ada: KeyHolder) -> None:
    stranger = SecurityKey(sluis.url)
    stranger.create((await (await signed_in_again(ada)).begins_key())["enrolment"]["options"])
    for key in (ada.key, stranger):
        started, identity = await ada.starts_without_password(), next(iter(key.credentials))
        codes = []
        for _ in range(6):
            wrong = key.get(started["challenge"]["options"], Lies(origin="https://evil.example"), identity)
            codes.append((await ada.finishes_without_password(started, wrong))["code"])
        assert codes == ["PROOF_WRONG"] * 5 + ["TOO_MANY_ATTEMPTS"]


@pytest.mark.security
async def test_starting_is_limited_because_each_start_is_stored(sluis: Sluis, ada: KeyHolder) -> None:
    starts = [await ada.starts_without_password() for _ in range(21)]
    assert {each["__typename"] for each in starts[:20]} == {"PasswordlessStarted"}
    assert starts[20]["code"] == "TOO_MANY_ATTEMPTS"
    assert await sluis.count("sign_in", "account_id IS NULL") == 20
    assert (await ada.is_asked_for_key())["__typename"] == "FactorRequired"
    sluis.clock.forward(minutes=1)
    assert (await ada.signs_in_without_password())["__typename"] == "SignedIn"


@pytest.mark.security
async def test_a_count_that_goes_back_alerts_here_too(sluis: Sluis, ada: KeyHolder) -> None:
    assert (await ada.signs_in_without_password(Lies(count=9)))["__typename"] == "SignedIn"
    assert (await ada.elsewhere().signs_in_without_password(Lies(count=3)))["code"] == "PROOF_WRONG"
    assert await sluis.count("outbox_message", "template = 'notice_factor_alert'") == 1
