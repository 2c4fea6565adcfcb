"""Limits of guessing: every guess counts, and nobody locks an owner out."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.journeys.arena import Arena, race
from tests.people.cast import Belongings, Person
from tests.people.device import Answer
from tests.people.staff import StaffPerson
from tests.support.clock import Clock
from tests.support.databases import Database, Databases
from tests.support.population import Population
from tests.support.sluis import Sluis, running

SIGN_IN = """mutation($input: SignInInput!) { signIn(input: $input) { __typename
  ... on Refusal { code message } ... on TooManyAttempts { retryAt } } }"""
LIMIT = 5
DAY = 24 * 3600


@pytest.fixture
def given_settings() -> dict[str, Any]:
    """One machine plays everybody here, so its address may fail more often."""
    return {"limit_address_per_minute": 1000}


async def guesses(person: Person, number: int, login: str) -> list[Answer]:
    """Some wrong passwords, one after the other."""
    return [await person.starts_sign_in(login, f"geraden wachtwoord {one}") for one in range(number)]


def codes(answers: list[Answer]) -> list[str]:
    return [str(answer.get("code", answer["__typename"])) for answer in answers]


async def test_parallel_guesses_at_a_password_never_exceed_the_limit(arena: Arena) -> None:
    devices = [arena.ada.elsewhere("BEARER", arena.sluis) for _ in range(16)]
    assert codes(await guesses(devices[0], LIMIT - 1, arena.ada.own.login)) == ["WRONG_CREDENTIALS"] * (LIMIT - 1)
    answers = await race([device.starts_sign_in(password="nog een gok") for device in devices])
    assert sorted(codes(answers)) == ["TOO_MANY_ATTEMPTS"] * 15 + ["WRONG_CREDENTIALS"]
    budgets = await arena.sluis.rows("SELECT consecutive FROM attempt_budget WHERE subject LIKE '%:password'")
    assert max(budget["consecutive"] for budget in budgets) == LIMIT


async def test_parallel_guesses_at_a_factor_never_exceed_the_limit(arena: Arena) -> None:
    devices = await arena.begun()
    wrong, (first, step) = arena.ada.app.wrong(), devices[0]
    alone = [await first.proves(step, "totp", wrong) for _ in range(LIMIT - 1)]
    assert codes(alone) == ["PROOF_WRONG"] * (LIMIT - 1)
    answers = await race([device.proves(step, "totp", wrong) for device, step in devices])
    assert sorted(codes(answers)) == ["PROOF_WRONG"] + ["TOO_MANY_ATTEMPTS"] * 15
    refused = "event = 'factor.verify' AND outcome = 'REFUSED'"
    assert await arena.sluis.count("audit_event", refused) == LIMIT


async def test_a_blocked_guess_is_not_even_looked_at(sluis: Sluis, dr_vos: StaffPerson, mallory: Person) -> None:
    await guesses(mallory, LIMIT, dr_vos.own.login)
    assert sluis.app is not None
    before = sluis.app.passwords.count
    refusal = await mallory.starts_sign_in(dr_vos.own.login, dr_vos.own.password)
    assert refusal["code"] == "TOO_MANY_ATTEMPTS"
    assert sluis.app.passwords.count == before, "no hash was computed"


async def test_waits_begin_at_the_fifth_failure_and_double(sluis: Sluis, dr_vos: StaffPerson, mallory: Person) -> None:
    login, password = dr_vos.own.login, dr_vos.own.password
    assert codes(await guesses(mallory, LIMIT, login)) == ["WRONG_CREDENTIALS"] * LIMIT
    for seconds in (30, 60, 120, 240, 480, 900, 900):
        refusal = await mallory.starts_sign_in(login, password)
        assert refusal.get("code") == "TOO_MANY_ATTEMPTS"
        assert datetime.fromisoformat(refusal["retryAt"]) == sluis.clock.now + timedelta(seconds=seconds)
        sluis.clock.forward(seconds=seconds - 1)
        assert (await mallory.starts_sign_in(login, password))["code"] == "TOO_MANY_ATTEMPTS"
        sluis.clock.forward(seconds=1)
        assert codes(await guesses(mallory, 1, login)) == ["WRONG_CREDENTIALS"]
    sluis.clock.forward(minutes=15)
    assert (await dr_vos.elsewhere().starts_sign_in())["__typename"] == "FactorRequired"
    assert codes(await guesses(mallory, LIMIT, login)) == ["WRONG_CREDENTIALS"] * LIMIT, "a success ends the run"


async def test_a_hundred_failures_lock_until_the_owner_of_the_mailbox_resets(
    sluis: Sluis, dr_vos: StaffPerson, mallory: Person
) -> None:
    for _ in range(100):
        sluis.clock.forward(minutes=30)
        assert codes(await guesses(mallory, 1, dr_vos.own.login)) == ["WRONG_CREDENTIALS"]
    sluis.clock.forward(days=365)
    refusal = await dr_vos.elsewhere().starts_sign_in()
    assert (refusal["code"], refusal["retryAt"]) == ("TOO_MANY_ATTEMPTS", None), "no wait ends it"
    home = dr_vos.elsewhere()
    await home.forgets_password()
    await home.resets(await home.gets_link("reset"), "paarse kikker in de regen")
    assert (await home.starts_sign_in(password="paarse kikker in de regen"))["__typename"] == "FactorRequired"


async def test_failures_survive_a_restart(
    databases: Databases, populated: tuple[Database, Population], clock: Clock
) -> None:
    template, population = populated
    mine = await databases.copy(template)
    try:
        for number in range(LIMIT + 1):
            async with running(mine, population, clock, limit_address_per_minute=1000) as started:
                mallory = Person(started, Belongings("Mallory", "mallory@elsewhere.example"), "BEARER")
                expected = "WRONG_CREDENTIALS" if number < LIMIT else "TOO_MANY_ATTEMPTS"
                assert codes(await guesses(mallory, 1, population.dr_vos.email)) == [expected]
    finally:
        await databases.drop(mine)


async def test_failures_of_a_factor_survive_a_new_challenge_and_a_new_sign_in(
    sluis: Sluis, dr_vos: StaffPerson
) -> None:
    browser = dr_vos.elsewhere()
    # So that the next code need not be waited for, which would outlast the slow-down.
    sluis.clock.forward(seconds=30)
    for _ in range(LIMIT):
        step = await browser.starts_sign_in()
        assert (await browser.proves(step, "totp", browser.app.wrong()))["code"] == "PROOF_WRONG"
    step = await browser.starts_sign_in()
    assert (await browser.proves(step, "totp", browser.app.code()))["code"] == "TOO_MANY_ATTEMPTS"
    sluis.clock.forward(seconds=30)
    done = await browser.proves(step, "totp", browser.app.code())
    assert done["__typename"] == "SignedIn"


async def test_a_remembered_device_stays_a_way_in(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, mallory: Person
) -> None:
    await dr_vos.lets_in(ada)
    await ada.signs_out()
    await ada.signs_in(remember=DAY)
    await ada.signs_out()
    await guesses(mallory, LIMIT, ada.own.login)
    assert (await ada.elsewhere().starts_sign_in())["code"] == "TOO_MANY_ATTEMPTS"
    assert (await ada.starts_sign_in())["__typename"] == "SignedIn"


@pytest.mark.parametrize("given_settings", [{}], ids=["defaults"])
async def test_one_address_fails_twenty_times_a_minute(sluis: Sluis, mallory: Person) -> None:
    refusals = [await mallory.starts_sign_in(f"{number:08}", "een wachtwoord voor velen") for number in range(21)]
    assert codes(refusals) == ["WRONG_CREDENTIALS"] * 20 + ["TOO_MANY_ATTEMPTS"]
    sluis.clock.forward(minutes=1)
    assert codes(await guesses(mallory, 1, "00000000")) == ["WRONG_CREDENTIALS"]


@pytest.mark.parametrize(
    "given_settings", [{"limit_invitations_per_hour": 2, "limit_resets_per_hour": 1}], ids=["two invitations"]
)
async def test_somebody_is_invited_so_often_an_hour(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson) -> None:
    await dr_vos.signs_in()
    respondent = (await dr_vos.finds("Bram Jansen"))["id"]
    invited = [await dr_vos.invites(respondent) for _ in range(3)]
    assert [each.get("code") for each in invited] == [None, None, "TOO_MANY_ATTEMPTS"]
    await olga.signs_in()
    hired = await olga.hires("Kim de Boer", "kim@desluis.example", "THERAPIST")
    resent = [await olga.invites_again(hired["staffMember"]["id"]) for _ in range(3)]
    assert [each.get("code") for each in resent] == [None, None, "TOO_MANY_ATTEMPTS"]
    assert await sluis.count("outbox_message", "template LIKE '%invitation'") == 2 + 3
    sluis.clock.forward(hours=1)
    await dr_vos.signs_in()
    assert (await dr_vos.invites(respondent))["__typename"] == "RespondentInvited"


@pytest.mark.parametrize("given_settings", [{"limit_mails_practice_per_hour": 2}], ids=["two"])
async def test_a_practices_mail_has_an_end_that_tells_nothing(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, mallory: Person
) -> None:
    asked = [await mallory.forgets_password(f"{number}@clients.example") for number in range(3)]
    assert [each.get("code") for each in asked] == [None, None, "TOO_MANY_ATTEMPTS"]
    assert await mallory.forgets_password(dr_vos.own.login) == asked[-1], "known or not"
    await olga.signs_in()
    hired = [await olga.hires("Kim", f"{number}@desluis.example", "THERAPIST") for number in range(3)]
    assert [each.get("code") for each in hired] == [None, None, "TOO_MANY_ATTEMPTS"], "a limit of its own"
    assert await sluis.count("staff_member", "name = 'Kim'") == 2, "nothing half done"
    sluis.clock.forward(hours=1)
    assert "code" not in await dr_vos.forgets_password()


async def test_wrong_login_and_wrong_password_get_one_answer(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, mallory: Person
) -> None:
    respondent = await dr_vos.lets_in(ada)
    await dr_vos.invites((await dr_vos.finds("Bram Jansen"))["id"])
    known = await try_sign_in(mallory, ada.own.login, "wrong password")
    await dr_vos.deactivates(respondent)
    others = {
        "unknown code": await try_sign_in(mallory, "0000 0000", "wrong password"),
        "unknown address": await try_sign_in(mallory, "nobody@clients.example", "wrong password"),
        "invited only": await try_sign_in(mallory, "bram@clients.example", "wrong password"),
        "no login at all": await try_sign_in(mallory, "\x00", "wrong password"),
        "staff of another practice": await try_sign_in(mallory, sluis.population.else_.email, "wrong password"),
        "deactivated, right password": await try_sign_in(mallory, ada.own.login, ada.own.password),
    }
    assert known[0] == 200
    assert "WRONG_CREDENTIALS" in known[1]
    assert 'hash;desc="1"' in known[2]["server-timing"]
    assert others == dict.fromkeys(others, known)


async def test_too_many_guesses_get_one_answer_for_known_and_unknown_logins(
    sluis: Sluis, dr_vos: StaffPerson, mallory: Person
) -> None:
    for login in (dr_vos.own.login, "nobody@clients.example"):
        await guesses(mallory, LIMIT, login)
    known = await try_sign_in(mallory, dr_vos.own.login, dr_vos.own.password)
    assert "TOO_MANY_ATTEMPTS" in known[1]
    assert await try_sign_in(mallory, "nobody@clients.example", "wrong password") == known


async def test_forgotten_password_gets_one_answer_for_known_and_unknown_logins(
    dr_vos: StaffPerson, mallory: Person
) -> None:
    document = "mutation($input: ForgotPasswordInput!) { forgotPassword(input: $input) { __typename } }"
    known, unknown = [
        seen(await mallory.device.post(document, {"input": {"practice": "demo", "login": login}}))
        for login in (dr_vos.own.login, "nobody@clients.example")
    ]
    assert "ResetRequested" in known[1]
    assert unknown == known


async def try_sign_in(person: Person, login: str, password: str) -> tuple[int, str, dict[str, str]]:
    """All that a stranger sees of a sign-in that leads nowhere."""
    entry = {"practice": person.practice, "login": login, "password": password, "transport": "BEARER"}
    return seen(await person.device.post(SIGN_IN, {"input": entry}))


def seen(response: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers, among them how many statements and hashes it took."""
    headers = {name: value for name, value in response.headers.items() if name != "date"}
    return response.status_code, response.text, headers
