"""Ways around the limits of a sign-in, and sign-ins that were begun before something ended them."""

import asyncio
from typing import Any

import pytest

from tests.people.cast import Belongings, Person
from tests.people.device import Answer
from tests.people.staff import StaffPerson, at_work
from tests.support.paused import hashing, in_verb
from tests.support.sluis import Sluis

LIMIT = 5
NEW = "paarse kikker in de regen"
_REFUSAL = "{ __typename ... on Refusal { code } }"


@pytest.fixture
def given_settings() -> dict[str, Any]:
    """One machine plays everybody here, so its address may fail more often."""
    return {"limit_address_per_minute": 1000}


def entry(login: str, password: str) -> Answer:
    return {"practice": "demo", "login": login, "password": password, "transport": "BEARER"}


@pytest.mark.parametrize(
    "given_settings", [{"limit_address_per_minute": 1000, "limit_installation_per_minute": 8}], ids=["eight a minute"]
)
async def test_practices_share_what_the_installation_allows(sluis: Sluis, dr_vos: StaffPerson, mallory: Person) -> None:
    sluis.clock.forward(minutes=1)
    elsewhere = Person(sluis, Belongings("Mallory", "mallory@elsewhere.example"), "BEARER", practice="other")
    answers = [
        await one.starts_sign_in(f"{number:08}", "een wachtwoord voor velen")
        for number in range(4)
        for one in (mallory, elsewhere)
    ]
    assert [answer["code"] for answer in answers] == ["WRONG_CREDENTIALS"] * 8
    assert (await dr_vos.elsewhere().starts_sign_in()).get("code") == "TOO_MANY_ATTEMPTS"
    sluis.clock.forward(minutes=1)
    assert (await dr_vos.elsewhere().starts_sign_in())["__typename"] == "FactorRequired"


async def test_each_repetition_in_a_document_is_counted(sluis: Sluis, dr_vos: StaffPerson, mallory: Person) -> None:
    aliases = " ".join(f"a{n}: signIn(input: $i{n}) {_REFUSAL}" for n in range(20))
    fragment = " ".join(f"b{n}: signIn(input: $i{n}) {_REFUSAL}" for n in range(20, 30))
    declared = ", ".join(f"$i{n}: SignInInput!" for n in range(30))
    document = f"mutation({declared}) {{ {aliases} ...More }} fragment More on Mutation {{ {fragment} }}"
    given = {f"i{n}": entry(dr_vos.own.login, f"geraden wachtwoord {n}") for n in range(30)}
    body = (await mallory.device.post(document, given)).json()
    codes = [answer["code"] for answer in body["data"].values()]
    assert codes == ["WRONG_CREDENTIALS"] * LIMIT + ["TOO_MANY_ATTEMPTS"] * 25


async def test_each_repetition_of_a_proof_is_counted(sluis: Sluis, dr_vos: StaffPerson) -> None:
    browser = dr_vos.elsewhere("BEARER")
    step = await browser.starts_sign_in()
    (challenge,) = [option["challenge"]["id"] for option in step["options"] if option["factor"] == "totp"]
    wrong = {
        "signIn": step["token"],
        "challenge": challenge,
        "proof": {"totp": {"code": browser.app.wrong()}},
        "rememberSeconds": 0,
    }
    aliases = " ".join(f"a{n}: answerFactor(input: $given) {_REFUSAL}" for n in range(30))
    body = (await browser.device.post(f"mutation($given: AnswerFactorInput!) {{ {aliases} }}", {"given": wrong})).json()
    codes = [answer["code"] for answer in body["data"].values()]
    assert codes == ["PROOF_WRONG"] * LIMIT + ["TOO_MANY_ATTEMPTS"] * 25


async def test_a_batch_is_refused_before_anything_runs(sluis: Sluis, dr_vos: StaffPerson, mallory: Person) -> None:
    assert sluis.app is not None
    hashes = sluis.app.passwords.count
    document = f"mutation($input: SignInInput!) {{ signIn(input: $input) {_REFUSAL} }}"
    one = {"query": document, "variables": {"input": entry(dr_vos.own.login, "geraden wachtwoord")}}
    response = await mallory.device.http.post("/graphql", json=[one] * 100)
    assert response.status_code == 400
    assert "WRONG_CREDENTIALS" not in response.text
    assert sluis.app.passwords.count == hashes


async def test_guesses_that_wait_for_their_hash_are_counted(sluis: Sluis, dr_vos: StaffPerson, mallory: Person) -> None:
    """Sixteen at the limit - 1, none of which is judged before all have been counted."""
    for number in range(LIMIT - 1):
        assert (await mallory.starts_sign_in(dr_vos.own.login, f"gok {number}"))["code"] == "WRONG_CREDENTIALS"
    async with hashing(sluis, mallory.starts_sign_in(dr_vos.own.login, "nog een gok")) as first:
        others = [asyncio.create_task(mallory.starts_sign_in(dr_vos.own.login, f"gok {n} van 15")) for n in range(15)]
        await asyncio.wait(others, timeout=15)
    answers = [await guess for guess in (first, *others)]
    assert sorted(answer["code"] for answer in answers) == ["TOO_MANY_ATTEMPTS"] * 15 + ["WRONG_CREDENTIALS"]


async def test_a_success_of_ones_own_forgives_no_guess_at_another(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson
) -> None:
    """Mallory may be of the practice. The owner's successes give an attacker one new run of guesses, no more."""
    for number in range(LIMIT):
        assert (await olga.elsewhere().starts_sign_in(dr_vos.own.login, f"gok {number}"))["code"] == "WRONG_CREDENTIALS"
        assert (await olga.elsewhere().starts_sign_in())["__typename"] == "FactorRequired"
    assert (await olga.elsewhere().starts_sign_in(dr_vos.own.login, "nog een gok")).get("code") == "TOO_MANY_ATTEMPTS"


async def test_block_holds_for_sign_ins_begun_before_it(sluis: Sluis, dr_vos: StaffPerson) -> None:
    first, other = dr_vos.elsewhere(), dr_vos.elsewhere()
    # So that the next code need not be waited for, which would outlast the slow-down.
    sluis.clock.forward(seconds=30)
    begun = await first.starts_sign_in()
    step = await other.starts_sign_in()
    for _ in range(LIMIT):
        assert (await other.proves(step, "totp", other.app.wrong()))["code"] == "PROOF_WRONG"
    assert (await first.proves(begun, "totp", first.app.code())).get("code") == "TOO_MANY_ATTEMPTS"


async def ended(how: str, sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    if how == "deactivated":
        assert (await dr_vos.deactivates(respondent))["__typename"] == "AccessDeactivated"
    elif how == "reset":
        assert (await dr_vos.resets_factors(respondent))["__typename"] == "FactorsReset"
    elif how == "changed":
        assert (await ada.changes_password(NEW))["__typename"] == "PasswordChanged"
    else:
        await ada.forgets_password()
        assert (await ada.resets(await ada.gets_link("reset"), NEW))["__typename"] == "PasswordReset"


@pytest.mark.parametrize("how", ["deactivated", "reset", "changed", "forgotten"])
async def test_sign_in_begun_before_an_account_change_does_not_complete(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, how: str
) -> None:
    respondent = await dr_vos.lets_in(ada)
    phone = ada.elsewhere("BEARER")
    begun, app = await phone.starts_sign_in(), ada.app
    await ended(how, sluis, dr_vos, ada, respondent)
    sessions = await sluis.count("login_session")
    sluis.clock.forward(seconds=30)
    assert (await phone.proves(begun, "totp", app.code())).get("code") == "SIGN_IN_EXPIRED"
    assert await sluis.count("login_session") == sessions


@pytest.mark.parametrize("how", ["deactivated", "reset", "changed", "forgotten"])
async def test_what_ends_while_a_proof_is_judged_does_not_complete(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, how: str
) -> None:
    respondent = await dr_vos.lets_in(ada)
    phone = ada.elsewhere("BEARER")
    begun = await phone.starts_sign_in()
    sluis.clock.forward(seconds=30)
    async with in_verb(sluis, "totp", "verify", phone.proves(begun, "totp", ada.app.code())) as task:
        await ended(how, sluis, dr_vos, ada, respondent)
        sessions = await sluis.count("login_session")
    assert (await task).get("code") in ("SIGN_IN_EXPIRED", "CHALLENGE_EXPIRED")
    assert await sluis.count("login_session") == sessions


async def test_a_colleague_who_is_suspended_does_not_complete(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson
) -> None:
    browser = at_work(sluis, sluis.population.dr_vos)
    begun = await browser.starts_sign_in()
    colleague = (await olga.sees_colleague(dr_vos.own.email))["id"]
    assert (await olga.suspends(colleague))["__typename"] == "StaffSuspended"
    assert (await browser.proves(begun, "totp", browser.app.code())).get("code") == "SIGN_IN_EXPIRED"
