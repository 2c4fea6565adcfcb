"""Who uses up which limit: an address its own, a person theirs, and nobody a stranger's."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.people.cast import Person
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

pytestmark = pytest.mark.security

LIMIT = 5
NEW = "paarse kikker in de regen"


@pytest.fixture(params=["database", pytest.param("valkey", marks=pytest.mark.redis)])
def given_settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The tests' machine is a proxy here, so that people can be anywhere."""
    valkey = {"redis_url": request.getfixturevalue("redis_url")} if request.param == "valkey" else {}
    return valkey | {
        "trusted_proxies": ["127.0.0.0/8", "::1/128"],
        "limit_address_per_minute": 3,
        "limit_practice_per_minute": 8,
        "limit_installation_per_minute": 12,
    }


def at(person: Person, address: str) -> Person:
    """The person at a device with this address."""
    other = person.elsewhere("BEARER")
    other.device.http.headers["X-Forwarded-For"] = address
    return other


async def try_sign_in(person: Person, number: int, login: str = "") -> list[str]:
    """Somebody else's login each time, unless it is given."""
    answers = [await person.starts_sign_in(login or f"{one:08}", "geraden wachtwoord") for one in range(number)]
    return [str(answer.get("code", answer["__typename"])) for answer in answers]


async def test_one_address_uses_up_no_practice(sluis: Sluis, dr_vos: StaffPerson, mallory: Person) -> None:
    sluis.clock.forward(minutes=1)
    assert await try_sign_in(at(mallory, "203.0.113.7"), 30) == ["WRONG_CREDENTIALS"] * 3 + ["TOO_MANY_ATTEMPTS"] * 27
    assert (await at(dr_vos, "198.51.100.1").starts_sign_in())["__typename"] == "FactorRequired"
    others = [await try_sign_in(at(mallory, f"203.0.113.{n}"), 1, f"{n:08}") for n in range(10, 15)]
    assert others == [["WRONG_CREDENTIALS"]] * 5, "eight a minute"
    assert (await at(dr_vos, "198.51.100.1").starts_sign_in()).get("code") == "TOO_MANY_ATTEMPTS"


async def test_one_practice_uses_up_no_installation(sluis: Sluis, dr_vos: StaffPerson, mallory: Person) -> None:
    """Somebody with many addresses guesses at one practice; the others go on."""
    sluis.clock.forward(minutes=1)
    others = [(await try_sign_in(at(mallory, f"203.0.113.{n}"), 1, f"{n:08}"))[0] for n in range(30)]
    assert others == ["WRONG_CREDENTIALS"] * 8 + ["TOO_MANY_ATTEMPTS"] * 22
    elsewhere = at(mallory, "198.51.100.1")
    elsewhere.practice = "other"
    assert await try_sign_in(elsewhere, 1) == ["WRONG_CREDENTIALS"]


async def test_a_blocked_login_uses_up_no_practice(sluis: Sluis, dr_vos: StaffPerson, mallory: Person) -> None:
    for number in range(LIMIT):
        assert await try_sign_in(at(mallory, f"203.0.113.{number}"), 1, "00000000") == ["WRONG_CREDENTIALS"]
    sluis.clock.forward(seconds=20)
    for number in range(10, 30):
        assert await try_sign_in(at(mallory, f"203.0.113.{number}"), 1, "00000000") == ["TOO_MANY_ATTEMPTS"]
    assert (await at(dr_vos, "198.51.100.1").starts_sign_in())["__typename"] == "FactorRequired"


async def test_refusals_beyond_a_window_write_no_audit_rows(sluis: Sluis, mallory: Person) -> None:
    before = await sluis.count("audit_event")
    answers = await try_sign_in(at(mallory, "203.0.113.77"), 10)
    assert "TOO_MANY_ATTEMPTS" in answers
    let_in = answers.count("WRONG_CREDENTIALS")
    assert await sluis.count("audit_event") - before <= 2 * let_in


async def test_an_ipv6_subscriber_is_one_address(sluis: Sluis, mallory: Person) -> None:
    sluis.clock.forward(minutes=1)
    found = [await try_sign_in(at(mallory, f"2001:db8:7:7:{n:x}::{n:x}"), 1, f"{n:08}") for n in range(1, 6)]
    assert found == [["WRONG_CREDENTIALS"]] * 3 + [["TOO_MANY_ATTEMPTS"]] * 2
    assert await try_sign_in(at(mallory, "2001:db8:7:8::1"), 1) == ["WRONG_CREDENTIALS"]
    asked = [await at(mallory, f"2001:db8:9:9:{n:x}::1").forgets_password(f"{n:08}") for n in range(1, 7)]
    assert [each.get("code") for each in asked] == [None] * 5 + ["TOO_MANY_ATTEMPTS"]
    assert "code" not in await at(mallory, "2001:db8:9:a::1").forgets_password("00000009")


async def test_mail_refused_to_one_is_not_counted_for_another(
    sluis: Sluis, dr_vos: StaffPerson, mallory: Person
) -> None:
    stranger = at(mallory, "203.0.113.7")
    for number in range(5):
        assert "code" not in await stranger.forgets_password(f"{number:08}")
    for ask in (stranger.forgets_password, stranger.forgets_login_code):
        before = await sluis.count("window_count", "key LIKE '%:to:%'")
        answers = [await ask(dr_vos.own.email) for _ in range(8)]
        assert answers[-1]["code"] == "TOO_MANY_ATTEMPTS"
        if ask == stranger.forgets_password:
            assert {each["code"] for each in answers} == {"TOO_MANY_ATTEMPTS"}
            assert await sluis.count("window_count", "key LIKE '%:to:%'") == before
    mine = [(await at(dr_vos, "198.51.100.1").forgets_password()).get("code") for _ in range(5)]
    assert mine == [None] * 5


async def test_one_recipient_is_mailed_five_times_an_hour(sluis: Sluis, dr_vos: StaffPerson, mallory: Person) -> None:
    for recipient in (dr_vos.own.email, "nobody@clients.example"):
        asked = [await at(mallory, f"203.0.113.{number}").forgets_password(recipient) for number in range(7)]
        assert [each.get("code") for each in asked] == [None] * 5 + ["TOO_MANY_ATTEMPTS"] * 2
        sluis.clock.forward(hours=1)
        assert "code" not in await at(dr_vos, "198.51.100.1").forgets_password(recipient), "it has an end"


def wide(text: str) -> str:
    """In full-width digits."""
    return "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else char for char in text)


#: Of a login code, and of an address: more of each than the budget of one login lets through.
SPELLINGS: dict[str, list[Callable[[str], str]]] = {
    "code": [
        lambda code: f"{code[:4]} {code[4:]}",
        lambda code: f"{code[:4]}-{code[4:]}",
        lambda code: f"  {code} ",
        lambda code: " ".join(code),
        lambda code: f"{code[:4]}\N{NO-BREAK SPACE}{code[4:]}",
        wide,
        str,
    ],
    "address": [str.upper, str.title, lambda text: f" {text}", lambda text: f"{text} ", str.capitalize, str],
}


@pytest.mark.parametrize("given_settings", [{"limit_address_per_minute": 1000}], ids=[""])
@pytest.mark.parametrize("kind", SPELLINGS)
async def test_how_a_login_is_spelled_does_not_tell_whether_it_exists(
    sluis: Sluis, dr_vos: StaffPerson, mallory: Person, kind: str
) -> None:
    """Each login has one budget, however it is written; were it otherwise, only those that exist would be slowed."""
    (account,) = await sluis.rows("SELECT login_code, email FROM account WHERE email = ?", dr_vos.own.email)
    known, unknown = {
        "code": (account["login_code"], "0" * 8),
        "address": (account["email"], f"x{account['email']}"),
    }[kind]
    answers = [
        [(await mallory.starts_sign_in(spell(login), "geraden wachtwoord"))["code"] for spell in SPELLINGS[kind]]
        for login in (unknown, known)
    ]
    beyond = len(SPELLINGS[kind]) - LIMIT
    assert answers[0] == ["WRONG_CREDENTIALS"] * LIMIT + ["TOO_MANY_ATTEMPTS"] * beyond
    assert beyond > 0
    assert answers[1] == answers[0]


async def test_guesses_of_others_do_not_block_a_step_up(sluis: Sluis, dr_vos: StaffPerson, mallory: Person) -> None:
    sluis.clock.forward(seconds=30)
    code = dr_vos.app.code()
    for number in range(LIMIT):
        assert await try_sign_in(at(mallory, f"203.0.113.{number}"), 1, dr_vos.own.login) == ["WRONG_CREDENTIALS"]
    assert (await at(dr_vos, "198.51.100.1").starts_sign_in()).get("code") == "TOO_MANY_ATTEMPTS"
    assert (await dr_vos.steps_up(code=code))["__typename"] == "SteppedUp"
    mine = [(await dr_vos.steps_up(password="niet dit wachtwoord", code="000000"))["code"] for _ in range(3)]
    assert mine == ["WRONG_CREDENTIALS"] * 3, "and it has a budget all the same"
    sluis.clock.forward(minutes=1)
    mine = [(await dr_vos.steps_up(password="niet dit wachtwoord", code="000000"))["code"] for _ in range(3)]
    assert mine == ["WRONG_CREDENTIALS"] * 2 + ["TOO_MANY_ATTEMPTS"]


async def test_a_mailed_reset_ends_the_wait_that_guessing_began(
    sluis: Sluis, dr_vos: StaffPerson, mallory: Person
) -> None:
    for number in range(LIMIT):
        await try_sign_in(at(mallory, f"203.0.113.{number}"), 1, dr_vos.own.login)
    sluis.clock.forward(seconds=20)
    home = at(dr_vos, "198.51.100.1")
    assert (await home.starts_sign_in())["code"] == "TOO_MANY_ATTEMPTS"
    await home.forgets_password()
    assert (await home.resets(await home.gets_link("reset"), NEW))["__typename"] == "PasswordReset"
    assert (await home.starts_sign_in(password=NEW))["__typename"] == "FactorRequired"


async def test_session_has_five_password_checks_an_hour_for_each_act(sluis: Sluis, dr_vos: StaffPerson) -> None:
    assert sluis.app is not None
    passwords = sluis.app.passwords
    answers, hashes = [], []
    for number in range(6):
        # Three passwords a minute may be looked at here.
        sluis.clock.forward(seconds=25)
        before = passwords.count
        answers.append((await dr_vos.changes_password(f"paarse kikker nummer {number}")).get("code"))
        hashes.append(passwords.count - before)
    assert (answers, hashes) == ([None] * 5 + ["TOO_MANY_ATTEMPTS"], [1] * 5 + [0])
    answers, hashes = [], []
    for _ in range(6):
        before = passwords.count
        answers.append((await dr_vos.takes_codes({})).get("code"))
        hashes.append(passwords.count > before)
    assert (answers, hashes) == ([None] * 5 + ["TOO_MANY_ATTEMPTS"], [True] * 5 + [False])
    sluis.clock.forward(hours=1)
    await dr_vos.elsewhere().signs_in()
    assert (await dr_vos.changes_password("paarse kikker nummer 7"))["code"] != "TOO_MANY_ATTEMPTS"
