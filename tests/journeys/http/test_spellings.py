"""What people type is taken however they spell it, and compared by what it means."""

import pytest

from tests.people.cast import Person
from tests.people.device import Answer
from tests.people.manager import managing
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

SINHALA, PERSIAN = "\u0dc1\u0dca\u200d\u0dbb\u0dd3 Silva", "\u0645\u06cc\u200c\u0646\u0627 Karimi"


def in_persian(digits: str) -> str:
    return "".join(chr(0x06F0 + int(digit)) for digit in digits)


async def test_codes_as_they_are_copied_and_dictated(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    code = (ada.own.login or "").replace(" ", "")
    for typed in (f"{code}.", f"\u202a{code[:4]}\u00a0{code[4:]}\u202c", in_persian(code), f"\u201c{code}\u201d,"):
        step = await ada.elsewhere().starts_sign_in(login=typed)
        assert step["__typename"] == "FactorRequired", ascii(typed)
    step = await ada.starts_sign_in()
    sluis.clock.forward(seconds=60)
    proven = await ada.proves(step, "totp", f"\u202a{in_persian(ada.app.code())}\u202c.")
    assert proven["__typename"] == "SignedIn"


async def test_another_spelling_of_an_address_keeps_its_invitation(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    respondent = await dr_vos.finds(ada.own.name)
    respondent = (await dr_vos.gives_email(respondent, "ada@clients.example"))["respondent"]
    await dr_vos.invites(respondent["id"])
    link = await ada.gets_link("accept")
    seen = await dr_vos.looks_at(respondent["id"])
    changed = (await dr_vos.gives_email(seen, " Ada@Clients.Example\u200e"))["respondent"]
    assert changed["email"] == "Ada@clients.example"
    (row,) = await sluis.rows("SELECT email, revoked_at FROM invitation")
    assert (row["email"], row["revoked_at"]) == ("Ada@clients.example", None)
    assert (await ada.accepts(link, "vier losse paarden rennen"))["__typename"] == "AccountMade"


async def test_another_address_withdraws_it(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    respondent = await dr_vos.finds(ada.own.name)
    respondent = (await dr_vos.gives_email(respondent, ada.own.email))["respondent"]
    await dr_vos.invites(respondent["id"])
    await dr_vos.gives_email(await dr_vos.looks_at(respondent["id"]), "ada@elsewhere.example")
    assert await sluis.count("invitation", "revoked_at IS NULL") == 0


@pytest.mark.parametrize("name", [SINHALA, PERSIAN])
async def test_names_keep_the_joiners_that_spell_them(dr_vos: StaffPerson, name: str) -> None:
    dossier = (await dr_vos.creates_dossier("D-7001", f"\u200e{name}\u200f\u00a0"))["dossier"]
    (found,) = await dr_vos.sees_dossiers(name.replace("\u200c", "").replace("\u200d", ""))
    assert (found["id"], found["name"]) == (dossier["id"], name)


async def test_a_search_finds_every_spelling_and_a_lone_mark_nothing(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson
) -> None:
    for number, name in enumerate(("Sean O\u2019Brien", "Anne\u2011Marie Jansz", "\u0141ukasz Nowak")):
        dossier = (await dr_vos.creates_dossier(f"D-71{number}", name))["dossier"]
        await dr_vos.adds_respondent(dossier["id"], name, None, "SELF")
    await olga.signs_in()
    manager = managing(olga)
    finds = {"o'brien": 1, "O\u2019BRIEN": 1, "obrien": 1, "anne marie": 1, "Anne-Marie": 1, "lukasz": 1}
    for search, number in finds.items():
        assert len(await dr_vos.sees_dossiers(search)) == number, ascii(search)
        assert (await manager.searches_respondents(search))["totalCount"] == number, ascii(search)
    for nothing in ("\u0301", "\u0308", "'", "\u2019", "\ufe0f\u0301"):
        assert await dr_vos.sees_dossiers(nothing) == [], ascii(nothing)
        assert (await manager.searches_respondents(nothing))["totalCount"] == 0, ascii(nothing)
        assert (await manager.sees_prospects(search=nothing))["totalCount"] == 0, ascii(nothing)
    assert await dr_vos.sees_dossiers("\u200b") == await dr_vos.sees_dossiers(), "nothing was typed"


async def test_numbers_to_call_as_they_are_written(dr_vos: StaffPerson, ada: Person) -> None:
    respondent = await dr_vos.finds(ada.own.name)

    async def calls(typed: str) -> Answer:
        given = {"id": respondent["id"], "version": respondent["version"], "phone": typed}
        return await dr_vos._does("updateRespondent", "UpdateRespondentInput", given)

    for typed, kept in (
        ("0475/12.34.56", "0475/12.34.56"),
        ("\u202a+31 6 12345678\u202c", "+31 6 12345678"),
        (f"{in_persian('0612345678')}", "0612345678"),
        ("06\u20111234\u00a05678", "06-1234 5678"),
    ):
        answer = await calls(typed)
        assert answer["__typename"] == "RespondentUpdated", answer
        respondent = answer["respondent"]
        assert (await dr_vos.looks_at(respondent["id"]))["loginStatus"]["phone"] == kept
    for typed in ("+", "---", "06 twaalf"):
        answer = await calls(typed)
        assert answer["code"] == "INVALID_INPUT", typed
