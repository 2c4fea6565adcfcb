"""Changing one's own telephone number: step-up, a code on the new one, and word to the old one."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from settings import DEVELOPMENT_KEY
from tests.delivery.provider import Provider, providing
from tests.people.cast import Belongings, Person
from tests.people.phone_owner import PhoneOwner
from tests.people.staff import StaffPerson, at_work
from tests.support.clock import Clock
from tests.support.databases import Database, Databases
from tests.support.population import Population
from tests.support.refusing import refused
from tests.support.sluis import Sluis, running

NUMBER, OTHER = "0612345678", "0687654321"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with providing() as up:
        yield up


@pytest.fixture
def given_settings(provider: Provider) -> dict[str, Any]:
    return {"sms_gateway": "http", "sms_gateway_options": {"url": provider.url}}


@pytest.fixture
async def ada(sluis: Sluis, provider: Provider, dr_vos: StaffPerson) -> PhoneOwner:
    """Let in, with an authenticator app."""
    ada = PhoneOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"), provider, NUMBER)
    await dr_vos.lets_in(ada)
    return ada


def wrong(code: str) -> str:
    return code[:5] + str((int(code[5]) + 1) % 10)


async def test_the_old_number_stays_until_a_code_comes_back(
    sluis: Sluis, provider: Provider, dr_vos: StaffPerson, ada: PhoneOwner
) -> None:
    before = (await dr_vos.finds(ada.own.name))["loginStatus"]["phone"]
    sluis.clock.forward(minutes=5)
    await refused(sluis, ada, partial(ada.gives_contact_number, NUMBER), "STEP_UP_REQUIRED")
    await ada.steps_up()
    assert (await ada.gives_contact_number(NUMBER))["__typename"] == "PhoneCodeSent"
    code = await ada.reads_code()
    assert (await ada.confirms_contact_number(wrong(code)))["code"] == "PROOF_WRONG"
    assert (await ada.confirms_contact_number("12"))["code"] == "PROOF_MALFORMED"
    assert not (await ada.sees_biography())["biography"]["phoneProven"]
    assert (await dr_vos.finds(ada.own.name))["loginStatus"]["phone"] == before != ada.line
    assert (await ada.confirms_contact_number(f"{code[:3]} {code[3:]}"))["__typename"] == "PhoneChanged"
    known = (await ada.sees_biography())["biography"]
    assert (known["phone"], known["phoneProven"]) == (ada.line, True)
    assert (await dr_vos.finds(ada.own.name))["loginStatus"]["phone"] == ada.line, "staff see what was proven"
    await ada.is_told("Het telefoonnummer van uw account")
    assert (await ada.confirms_contact_number(code))["code"] == "CHALLENGE_EXPIRED", "a code works once"

    sluis.clock.forward(minutes=30)
    await ada.looks_at_own_account()
    await ada.steps_up()
    assert (await ada.gives_contact_number(OTHER))["__typename"] == "PhoneCodeSent"
    second = await provider.wait_for("+31687654321", beyond=0)
    assert (await ada.sees_biography())["biography"]["phone"] == ada.line, "until it is proven"
    assert (await ada.confirms_contact_number(second[:6]))["__typename"] == "PhoneChanged"
    assert "vervangen" in await provider.wait_for(ada.line, beyond=1), "the old one is told"
    assert (await ada.sees_biography())["biography"]["phone"] == "+31687654321"


async def test_numbers_that_no_text_can_go_to(sluis: Sluis, ada: PhoneOwner) -> None:
    for number in ("", "x", "020 123 4567", "0612345678 ext. 9", "1" * 60):
        assert (await ada.gives_contact_number(number))["code"] == "INVALID_INPUT"
    assert (await ada.gives_contact_number("+49 1512 3456789"))["code"] == "NOT_SENT_COUNTRY"
    assert await sluis.count("phone_change") == 0, "nothing half done"


@pytest.mark.security
async def test_a_code_is_of_its_account_session_and_time(
    sluis: Sluis, dr_vos: StaffPerson, ada: PhoneOwner, bram: Person
) -> None:
    await dr_vos.lets_in(bram)
    assert (await ada.gives_contact_number(NUMBER))["__typename"] == "PhoneCodeSent"
    code = await ada.reads_code()
    other = ada.elsewhere()
    await other.signs_in()
    for person in (bram, other):
        assert (await person.confirms_contact_number(code))["code"] == "CHALLENGE_EXPIRED"
    await ada.steps_up()
    sluis.clock.forward(minutes=4, seconds=59)
    assert (await ada.gives_contact_number(OTHER))["__typename"] == "PhoneCodeSent"
    assert (await ada.confirms_contact_number(code))["code"] in ("PROOF_WRONG", "CHALLENGE_EXPIRED"), "the newest only"
    assert await sluis.count("account", "phone IS NOT NULL") == 0


async def test_guesses_beyond_the_limit_are_in_the_trail(sluis: Sluis, ada: PhoneOwner) -> None:
    assert (await ada.gives_contact_number(NUMBER))["__typename"] == "PhoneCodeSent"
    code = await ada.reads_code()
    for _ in range(5):
        assert (await ada.confirms_contact_number(wrong(code)))["code"] == "PROOF_WRONG"
    assert (await ada.confirms_contact_number(code))["code"] == "TOO_MANY_ATTEMPTS"
    rows = await sluis.rows(
        "SELECT outcome FROM audit_event WHERE event = 'account.phone_change_proof' ORDER BY outcome"
    )
    assert [row["outcome"] for row in rows] == ["BLOCKED"] + ["REFUSED"] * 5


@pytest.mark.parametrize(("late", "answer"), [(False, "PhoneChanged"), (True, "CHALLENGE_EXPIRED")])
async def test_a_code_works_until_five_minutes_have_passed(
    sluis: Sluis, ada: PhoneOwner, late: bool, answer: str
) -> None:
    assert (await ada.gives_contact_number(NUMBER))["__typename"] == "PhoneCodeSent"
    code = await ada.reads_code()
    sluis.clock.forward(minutes=4)
    await ada.steps_up()
    sluis.clock.forward(minutes=1, seconds=0 if late else -0.000001)
    confirmed = await ada.confirms_contact_number(code)
    assert confirmed.get("code", confirmed["__typename"]) == answer
    assert await sluis.count("account", "phone IS NOT NULL") == (0 if late else 1)


@pytest.mark.security
async def test_a_code_that_was_asked_for_before_the_keys_changed_is_right_after_it(
    databases: Databases,
    populated: tuple[Database, Population],
    clock: Clock,
    provider: Provider,
    given_settings: dict[str, Any],
) -> None:
    template, population = populated
    mine = await databases.copy(template)
    try:
        async with running(mine, population, clock, **given_settings) as before:
            ada = PhoneOwner(before, Belongings("Ada de Vries", "ada@clients.example"), provider, NUMBER, "BEARER")
            dr_vos = at_work(before, population.dr_vos)
            await dr_vos.signs_in()
            await dr_vos.lets_in(ada)
            assert (await ada.gives_contact_number(NUMBER))["__typename"] == "PhoneCodeSent"
            code = await ada.reads_code()
        keys = ("2026b:" + "c2x1aXM" * 6 + "A", DEVELOPMENT_KEY)
        async with running(mine, population, clock, secret_keys=keys, **given_settings) as after:
            there = ada.elsewhere("BEARER", after)
            there.device.session_token = ada.device.session_token
            assert (await there.confirms_contact_number(wrong(code)))["code"] == "PROOF_WRONG"
            assert (await there.confirms_contact_number(code))["__typename"] == "PhoneChanged"
    finally:
        await databases.drop(mine)


@pytest.mark.security
async def test_guessing_has_an_end_and_texting_a_pace(sluis: Sluis, ada: PhoneOwner) -> None:
    assert (await ada.gives_contact_number(NUMBER))["__typename"] == "PhoneCodeSent"
    assert (await ada.gives_contact_number(OTHER))["code"] == "NOT_SENT_TOO_SOON"
    code = await ada.reads_code()
    answers = [(await ada.confirms_contact_number(wrong(code)))["code"] for _ in range(6)]
    assert answers[:4] == ["PROOF_WRONG"] * 4
    assert answers[-1] == "TOO_MANY_ATTEMPTS"
    assert (await ada.confirms_contact_number(code))["code"] == "TOO_MANY_ATTEMPTS"
    for table in ("outbox_message", "phone_change", "audit_event"):
        assert not any(
            code in [str(value) for value in row.values()] for row in await sluis.rows(f"SELECT * FROM {table}")
        )
