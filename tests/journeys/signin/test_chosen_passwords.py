"""Which passwords people may choose, at the door where they choose one."""

import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from zxcvbn_rs_py import zxcvbn

from security import strength
from tests.people.cast import Belongings, Person, token_of
from tests.people.device import Answer
from tests.people.manager import managing
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis


async def reasons(person: Person, password: str) -> set[str]:
    """Why the person may not have this password; empty where it was taken."""
    document = """mutation($password: String!) { changePassword(input: { password: $password }) {
                    __typename ... on WeakPassword { weaknesses } ... on Refusal { code } } }"""
    answer = await person.device.ask(document, password=password)
    assert answer["__typename"] in ("PasswordChanged", "WeakPassword"), answer
    return set(answer.get("weaknesses", []))


@pytest.fixture
async def login_code(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> str:
    """Ada's, who is let in and has a factor."""
    await dr_vos.lets_in(ada)
    (row,) = await sluis.rows("SELECT login_code FROM account WHERE name = ?", ada.own.name)
    return str(row["login_code"])


async def test_words_of_the_person_and_the_practice_are_none(login_code: str, olga: StaffPerson, ada: Person) -> None:
    # None of its words is of the house or in a dictionary, unlike the demo's.
    practice = "Wilgenhof aan de Vecht"
    assert (await managing(olga).settles(name=practice))["__typename"] == "PracticeUpdated"
    for words in (ada.own.name, ada.own.email, login_code, practice):
        assert "COMMON" in await reasons(ada, f"{words}!x7"), words
    assert "COMMON" in await reasons(ada, "Sluis-wachtwoord-8")


async def test_eight_characters_beside_a_factor(sluis: Sluis, login_code: str, ada: Person) -> None:
    assert "TOO_SHORT" in await reasons(ada, "k7#Qz!m")
    assert await reasons(ada, "k7#Qz!mW") == set()


@pytest.mark.parametrize(
    "password",
    [
        "zes eenden bakken in de regen pannenkoeken voor de hele lange straat bij het spoor",
        "🦢🐎🔋📎🧇🦆🎷🪁",
        "éénentwintig grüne fietsen",
        "alleen kleine letters en spaties",
    ],
    ids=["eighty characters", "no letters", "accents", "no capitals, digits or signs"],
)
async def test_password_may_have_any_characters_and_counts_whole(
    sluis: Sluis, login_code: str, ada: Person, password: str
) -> None:
    assert await reasons(ada, password) == set()
    device = ada.elsewhere()
    assert (await device.starts_sign_in(password=password[:-1])).get("code") == "WRONG_CREDENTIALS"
    other = unicodedata.normalize("NFD", password)
    assert (await device.starts_sign_in(password=other))["__typename"] == "FactorRequired"


@dataclass(frozen=True, slots=True)
class Chooser:
    """Somebody who chooses a password over and over; ``choose`` answers what became of it."""

    choose: Callable[[str], Awaitable[Answer]]


async def signing_up(sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person) -> Chooser:
    fleur = Person(sluis, Belongings("Fleur Peters", "fleur@clients.example"))
    return Chooser(fleur.signs_up)


async def accepting(sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person) -> Chooser:
    await dr_vos.invites((await dr_vos.finds("Bram Jansen"))["id"])
    link = await bram.gets_link("accept")
    return Chooser(lambda password: bram.accepts(link, password))


async def resetting(sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person) -> Chooser:
    await dr_vos.lets_in(ada)
    await ada.forgets_password()
    link = await ada.gets_link("reset")
    return Chooser(lambda password: ada.resets(link, password))


async def changing(sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person) -> Chooser:
    await dr_vos.lets_in(ada)
    document = """mutation($password: String!) { changePassword(input: { password: $password }) {
                    __typename ... on Refusal { code } } }"""
    return Chooser(lambda password: ada.device.ask(document, password=password))


async def giving(sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person) -> Chooser:
    respondent = await dr_vos.finds("Bram Jansen")
    if respondent["email"] is None:
        respondent = (await dr_vos.gives_email(respondent, bram.own.email))["respondent"]
    return Chooser(lambda password: dr_vos.gives_starter_password(respondent["id"], password))


async def replacing(sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person) -> Chooser:
    starting = await giving(sluis, dr_vos, ada, bram)
    note = await starting.choose("zeven groene fietsen in de sloot")
    bram.own.login, bram.own.password = note["loginCode"], note["password"]
    step = await bram.comes_in()
    assert step["__typename"] == "NewPasswordRequired", step
    return Chooser(lambda password: bram.sets_password(step, password))


#: What costs zxcvbn the most of what it is given, found by a search: see tests/security/test_strength.py.
DEAR = "|1%A1!1ab&6@$7ai!|a93b9r"


@pytest.mark.parametrize("door", [signing_up, accepting, resetting, changing, giving, replacing])
@pytest.mark.parametrize("given_settings", [{"limit_address_per_minute": 4}])
async def test_passwords_are_counted_before_they_are_estimated(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person, monkeypatch: pytest.MonkeyPatch, door: Any
) -> None:
    chooser = await door(sluis, dr_vos, ada, bram)
    sluis.clock.forward(minutes=1)
    estimated: list[str] = []

    def counting(start: str, words: list[str]) -> Any:
        estimated.append(start)
        return zxcvbn(start, words)

    monkeypatch.setattr(strength, "zxcvbn", counting)
    hashes = sluis.app.passwords.count if sluis.app else 0
    weak = "Zeven " + DEAR[:1]
    answers = [(await chooser.choose(weak)).get("code") for _ in range(6)]
    assert answers == ["WEAK_PASSWORD"] * 4 + ["TOO_MANY_ATTEMPTS"] * 2
    assert len(estimated) == 4
    assert sluis.app is not None
    assert sluis.app.passwords.count == hashes
    sluis.clock.forward(minutes=1)
    assert (await chooser.choose(weak)).get("code") == "WEAK_PASSWORD", "the next minute counts anew"


async def test_marks_without_an_end_are_not_normalised(login_code: str, ada: Person) -> None:
    """Normalising is quadratic in a run of combining marks: 48 000 of them took four seconds."""
    assert await reasons(ada, "a" + "\u0315\u0300" * 20_000) == {"TOO_LONG"}


RULES = "passwordRules { minimum maximum }"
WEAK = "__typename ... on WeakPassword { weaknesses minimum maximum message }"


async def test_length_that_is_needed_is_told_before_and_after_somebody_types(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    """By the policy that holds for who is asked: 8 characters beside a factor, 15 alone; the same as is judged."""
    await dr_vos.invites(await dr_vos.takes_on(ada))
    link = token_of(await ada.gets_link("accept"))
    for minimum, required_from in ((8, "2026-01-01T00:00:00Z"), (15, "2027-01-01T00:00:00Z")):
        await managing(olga).sets_policy("RESPONDENT", offeredFrom="2026-01-01T00:00:00Z", requiredFrom=required_from)
        practice = await ada.device.ask(f'{{ practice(slug: "demo") {{ {RULES} }} }}')
        opened = await ada.device.ask(
            f"mutation($t: String!) {{ openInvitation(token: $t) {{ ... on InvitationOpened {{ {RULES} }} }} }}", t=link
        )
        assert practice == opened == {"passwordRules": {"minimum": minimum, "maximum": 256}}
        weak = await ada.device.ask(
            f"mutation($it: AcceptInvitationInput!) {{ acceptInvitation(input: $it) {{ {WEAK} }} }}",
            it={"token": link, "password": "k7#Qz!mWp2$vXr"[: minimum - 1]},
        )
        assert (weak["weaknesses"][0], weak["minimum"], weak["maximum"]) == ("TOO_SHORT", minimum, 256)
        assert f"at least {minimum} characters" in weak["message"]
    long = await ada.device.ask(
        f"mutation($it: AcceptInvitationInput!) {{ acceptInvitation(input: $it) {{ {WEAK} }} }}",
        it={"token": link, "password": "k7#Qz!mW" * 33},
    )
    assert long["weaknesses"] == ["TOO_LONG"]
    assert "at most 256 characters" in long["message"]
    assert "short" not in long["message"]
    own = await olga.device.ask(f"{{ viewer {{ {RULES} }} }}")
    assert own["passwordRules"]["minimum"] == 8, "staff have a policy of their own"
