"""Changing one's own e-mail address: step-up, a link to the new one, and word to the old one both times."""

import asyncio
from functools import partial

import pytest

from tests.people.cast import Belongings, Person
from tests.people.staff import StaffPerson
from tests.support.refusing import refused
from tests.support.sluis import Sluis

NEW = "ada@nieuw.example"
FOREIGN = (
    "Deze link is voor een ander account dan waarmee u bent ingelogd. Log eerst uit.",
    "This link is for another account than the one you are signed in to. Sign out first.",
)

NEEDED = ("Vul eerst nogmaals uw wachtwoord in.", "Please enter your password again first.")
NO_ADDRESS = (
    "Controleer “E-mailadres”. Dit is geen adres waarheen gemaild kan worden, zoals naam@example.org.",
    "Please check “E-mail address”. This is not an address that can be mailed to, such as name@example.org.",
)


def reader(sluis: Sluis, email: str, owner: Person | None = None) -> Person:
    """A person who reads mail at an address; with ``owner``, one who knows that account's password."""
    return Person(sluis, Belongings("", email, password=owner.own.password if owner else ""), "BEARER")


async def account_of(sluis: Sluis, name: str) -> dict[str, object]:
    (row,) = await sluis.rows("SELECT email, email_key, epoch FROM account WHERE name = ?", name)
    return row


@pytest.mark.security
async def test_the_old_address_stays_until_the_new_one_is_proven(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    await dr_vos.lets_in(ada)
    phone = ada.elsewhere("BEARER")
    await phone.signs_in()
    sluis.clock.forward(minutes=5)
    await refused(sluis, ada, partial(ada.asks_for_email, NEW), "STEP_UP_REQUIRED")
    await ada.steps_up()
    assert (await ada.asks_for_email(NEW))["__typename"] == "EmailChangeAsked"
    assert "het nieuwe bevestigd is" in (await ada.is_told("Iemand heeft gevraagd"))["text"]
    page = await ada.sees_biography()
    assert (page["email"], page["pendingEmail"]) == (ada.own.email, NEW)
    assert (await account_of(sluis, ada.own.name))["email"] == ada.own.email

    new = reader(sluis, NEW, ada)
    link = await new.gets_link("verify")
    await ada.forgets_password()
    reset = await ada.gets_link("reset")
    underway = ada.elsewhere()
    step = await underway.starts_sign_in()
    assert (await new.confirms_email(link))["__typename"] == "EmailVerified"
    assert "is gewijzigd" in (await ada.is_told("Het e-mailadres van uw account"))["text"]
    page = await ada.sees_biography()
    assert (page["email"], page["pendingEmail"], page["signsInByEmail"]) == (NEW, None, True)
    assert await phone.looks_at_own_account() is None, "the session that asked goes on, the others ended"
    assert (await underway.proves(step, "totp", ada.app.code()))["code"] == "SIGN_IN_EXPIRED"
    await refused(sluis, ada, partial(ada.resets, reset, "een nieuw wachtwoord hier"), "LINK_SUPERSEDED")
    await refused(sluis, new, partial(new.confirms_email, link), "LINK_USED")
    assert (await ada.elsewhere().starts_sign_in(login=NEW))["__typename"] == "FactorRequired"
    assert (await ada.elsewhere().starts_sign_in(login=ada.own.email))["code"] == "WRONG_CREDENTIALS"
    told = ["account.email_change_asked", "account.email_changed"]
    assert [await sluis.count("audit_event", "event = ?", event) for event in told] == [1, 1]


async def test_colleagues_see_the_new_address(sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson) -> None:
    await olga.signs_in()
    await dr_vos.signs_in()
    await dr_vos.asks_for_email("vos@nieuw.example")
    new = reader(sluis, "vos@nieuw.example", dr_vos)
    assert (await new.confirms_email(await new.gets_link("verify")))["__typename"] == "EmailVerified"
    assert (await olga.sees_colleague("vos@nieuw.example"))["name"] == "Dr. T. Vos"


async def test_a_newer_link_a_new_password_and_a_day_kill_a_link(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    await dr_vos.lets_in(ada)
    new, other = reader(sluis, NEW, ada), reader(sluis, "ada@ander.example", ada)
    await ada.asks_for_email(NEW)
    older = await new.gets_link("verify")
    await ada.asks_for_email(other.own.email)
    await refused(sluis, new, partial(new.confirms_email, older), "LINK_SUPERSEDED")
    newest = await other.gets_link("verify")
    await ada.changes_password("een heel ander wachtwoord nu")
    await refused(sluis, other, partial(other.confirms_email, newest), "LINK_SUPERSEDED")
    await ada.asks_for_email(NEW)
    late = await new.gets_link("verify")
    sluis.clock.forward(hours=24)
    await refused(sluis, new, partial(new.confirms_email, late), "LINK_EXPIRED")
    assert (await account_of(sluis, ada.own.name))["email"] == ada.own.email


@pytest.mark.parametrize(("late", "answer"), [(False, "EmailVerified"), (True, "LINK_EXPIRED")])
async def test_a_link_works_until_a_day_has_passed(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, late: bool, answer: str
) -> None:
    await dr_vos.lets_in(ada)
    await ada.asks_for_email(NEW)
    new = reader(sluis, NEW, ada)
    link = await new.gets_link("verify")
    sluis.clock.forward(hours=24, seconds=0 if late else -0.000001)
    confirmed = await new.confirms_email(link)
    assert confirmed.get("code", confirmed["__typename"]) == answer
    assert (await account_of(sluis, ada.own.name))["email"] == (ada.own.email if late else NEW)


async def test_an_address_that_is_none(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    for wrong in ("", "ada", "ada@", "ada@x\r\nBcc: all@x.example", "a@b" * 100):
        await refused(sluis, ada, partial(ada.asks_for_email, wrong), "INVALID_INPUT", NO_ADDRESS)
    assert (await ada.asks_for_email(ada.own.email))["code"] == "INVALID_INPUT", "the one that is there"


async def test_a_family_shares_an_address(sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person) -> None:
    """Bram reads the mail, and hands Ada the link: her mail goes there, and he alone signs in with it."""
    await dr_vos.lets_in(ada)
    await dr_vos.lets_in(bram)
    await ada.asks_for_email(bram.own.email)
    link = await bram.gets_link("verify")
    assert (await ada.elsewhere().confirms_email(link))["__typename"] == "EmailVerified"
    page = await ada.sees_biography()
    assert (page["email"], page["signsInByEmail"]) == (bram.own.email, False)
    mine = await account_of(sluis, bram.own.name)
    assert (mine["email"], mine["email_key"]) == (bram.own.email, bram.own.email)


@pytest.mark.security
async def test_an_address_that_somebody_has_answers_as_one_that_nobody_has(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person
) -> None:
    await dr_vos.lets_in(ada)
    await dr_vos.lets_in(bram)
    document = """mutation($e: String!) { changeEmail(input: {email: $e}) { __typename
        ... on EmailChangeAsked { message viewer { email pendingEmail } } ... on Refusal { code message } } }"""
    answers = []
    for email in ("nobody@clients.example", bram.own.email):
        answer = await ada.device.post(document, {"e": email})
        text = answer.text.replace(email, "…")
        answers.append((answer.status_code, text, answer.headers.get("server-timing")))
    assert answers[0] == answers[1], "body and number of statements"
    assert "EmailChangeAsked" in answers[0][1]
    mail = await bram.is_told("al een account met dit adres")
    assert ada.own.name not in mail["text"]


@pytest.mark.security
async def test_a_link_is_of_its_account(sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person) -> None:
    await dr_vos.lets_in(ada)
    await dr_vos.lets_in(bram)
    await ada.asks_for_email(NEW)
    link = await reader(sluis, NEW).gets_link("verify")
    await refused(sluis, bram, partial(bram.confirms_email, link), "LINK_FOREIGN", FOREIGN)
    await refused(sluis, ada, partial(ada.resets, link, "een nieuw wachtwoord hier"), "LINK_UNKNOWN")
    assert (await ada.confirms_email(link))["__typename"] == "EmailVerified"
    assert (await account_of(sluis, bram.own.name))["email"] == bram.own.email


@pytest.mark.security
async def test_new_address_is_confirmed_only_by_the_account(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    """Somebody who presses every button would have a stranger's account take the address."""
    await dr_vos.lets_in(ada)
    await ada.asks_for_email(NEW)
    new = reader(sluis, NEW)
    link = await new.gets_link("verify")
    await refused(sluis, new, partial(new.confirms_email, link), "PASSWORD_NEEDED", NEEDED)
    new.own.password = "vier andere losse paarden"
    await refused(sluis, new, partial(new.confirms_email, link), "WRONG_CREDENTIALS")
    assert (await account_of(sluis, ada.own.name))["email"] == ada.own.email


@pytest.mark.security
async def test_a_half_proven_address_gets_no_reset(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    await ada.asks_for_email(NEW)
    new = reader(sluis, NEW)
    await new.gets_link("verify")
    for login in (NEW, ada.own.login):
        await ada.forgets_password(login)
    await ada.forgets_login_code(NEW)
    await ada.gets_link("reset")
    assert await sluis.count("mailed_link", "purpose = 'RESET_PASSWORD' AND email <> ?", ada.own.email) == 0
    assert (await ada.elsewhere().starts_sign_in(login=NEW))["code"] == "WRONG_CREDENTIALS"


@pytest.mark.security
async def test_a_link_works_once_of_many(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    await ada.asks_for_email(NEW)
    link = await reader(sluis, NEW).gets_link("verify")
    guests = [reader(sluis, NEW, ada) for _ in range(8)]
    answers = await asyncio.gather(*(guest.confirms_email(link) for guest in guests))
    assert sorted(answer.get("code", "") for answer in answers)[:2] == ["", "LINK_SUPERSEDED"] or sorted(
        answer.get("code", "") for answer in answers
    )[:2] == ["", "LINK_USED"]
    assert await sluis.count("audit_event", "event = 'account.email_changed'") == 1


@pytest.mark.security
async def test_asking_has_an_end(sluis: Sluis, dr_vos: StaffPerson, ada: Person, mallory: Person) -> None:
    assert (await mallory.asks_for_email(NEW))["code"] == "NOT_SIGNED_IN"
    await dr_vos.lets_in(ada)
    codes = [(await ada.asks_for_email(NEW)).get("code") for _ in range(7)]
    assert codes == [None] * 5 + ["TOO_MANY_ATTEMPTS"] * 2


@pytest.mark.security
async def test_unverified_sign_up_gives_its_address_to_a_confirmed_change(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    """An account that was signed up with it and never verified cannot keep its owner from it."""
    await dr_vos.lets_in(ada)
    squatter = Person(sluis, Belongings("Iemand Anders", NEW))
    assert (await squatter.signs_up("groene fiets over de dijk"))["__typename"] == "SignUpRequested"
    new = reader(sluis, NEW)
    await new.gets_link("verify")
    await ada.asks_for_email(NEW)
    mail = await new.is_told("voortaan op dit adres")
    assert (await ada.confirms_email(mail["links"][0]))["__typename"] == "EmailVerified"
    assert (await ada.sees_biography())["signsInByEmail"]
    assert await sluis.count("account", "email_key = ?", NEW) == 1
    assert await sluis.count("account", "name = 'Iemand Anders'") == 0
