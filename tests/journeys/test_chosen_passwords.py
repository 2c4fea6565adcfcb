"""Which passwords people may choose, at the door where they choose one."""

import unicodedata

import pytest

from tests.manager import managing
from tests.people import Person
from tests.sluis import Sluis
from tests.staff import StaffPerson


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
async def test_any_characters_and_the_whole_of_it(sluis: Sluis, login_code: str, ada: Person, password: str) -> None:
    assert await reasons(ada, password) == set()
    device = ada.elsewhere()
    assert (await device.knocks(password=password[:-1])).get("code") == "WRONG_CREDENTIALS"
    other = unicodedata.normalize("NFD", password)
    assert (await device.knocks(password=other))["__typename"] == "FactorRequired"
