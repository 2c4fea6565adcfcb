"""Passwords forgotten, reset and changed; and a forgotten login code."""

import httpx
import pytest

from tests.people.cast import Person, token_of
from tests.people.staff import StaffPerson
from tests.support.refusing import refused
from tests.support.sluis import Sluis

NEW = "paarse kikker in de regen"
DAY = 86400


@pytest.fixture
async def respondent(dr_vos: StaffPerson, ada: Person) -> str:
    """Ada's, who is let in, at a device that is remembered."""
    identity = await dr_vos.lets_in(ada)
    await ada.signs_out()
    assert (await ada.signs_in(remember=DAY))["__typename"] == "SignedIn"
    return identity


async def test_a_forgotten_password(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    guest, begun = ada.elsewhere(), await ada.elsewhere().starts_sign_in()
    assert (await guest.forgets_password())["__typename"] == "ResetRequested"
    link = await ada.gets_link("reset")
    assert link.startswith(f"{sluis.url}/p/demo/reset#token=")
    assert (await dr_vos.looks_at(respondent))["loginStatus"]["resetRequestedAt"], "staff see that it was asked for"
    assert await ada.looks_at_own_account() is not None, "asking changes nothing"
    await looking_consumes_nothing(sluis, link)
    await refused(sluis, guest, lambda: guest.resets(link, "kort"), "WEAK_PASSWORD")

    old, ada.own.password = ada.own.password, NEW
    async with ada.watches_access() as page:
        assert (await page.news())["access"] == "APPROVED"
        assert (await guest.resets(link, NEW))["__typename"] == "PasswordReset"
        assert await page.closed() == 4403
    assert await guest.looks_at_own_account() is None, "a reset does not sign in"
    assert await ada.looks_at_own_account() is None
    assert await sluis.count("factor_enrolment", "role = 'WAIVER'") == 0
    assert (await guest.proves(begun, "totp", ada.app.code()))["code"] == "SIGN_IN_EXPIRED", "begun before"
    assert (await ada.starts_sign_in(password=old))["code"] == "WRONG_CREDENTIALS"
    assert (await ada.starts_sign_in())["__typename"] == "FactorRequired", "the second factor is asked still"
    assert (await ada.signs_in())["access"] == "APPROVED"
    assert (await dr_vos.looks_at(respondent))["loginStatus"]["resetRequestedAt"] is None
    await ada.is_told("wachtwoord van uw account")
    await refused(sluis, guest, lambda: guest.resets(link, "nog een ander wachtwoord"), "LINK_USED")


async def looking_consumes_nothing(sluis: Sluis, link: str) -> None:
    async with httpx.AsyncClient() as scanner:
        for _ in range(2):
            assert (await scanner.get(link)).status_code == 200
    (stored,) = await sluis.rows("SELECT * FROM mailed_link")
    assert (stored["used_at"], stored["superseded_at"]) == (None, None)
    assert token_of(link) not in str(stored), "only its hash is stored"


async def test_asking_changes_nothing(sluis: Sluis, ada: Person, respondent: str) -> None:
    """Anybody may ask, so what the owner has goes on: session, remembered device, sign-in under way and password."""
    phone, begun_at, stranger = ada.elsewhere("BEARER"), ada.elsewhere("BEARER"), ada.elsewhere()
    assert (await phone.signs_in(remember=DAY))["deviceToken"]
    begun = await begun_at.starts_sign_in()
    assert (await stranger.forgets_password())["__typename"] == "ResetRequested"
    await ada.gets_link("reset")
    assert [await one.looks_at_own_account() is None for one in (ada, phone)] == [False, False]
    assert (await begun_at.proves(begun, "totp", ada.app.code()))["__typename"] == "SignedIn"
    assert (await phone.starts_sign_in())["__typename"] == "SignedIn"
    assert (await ada.elsewhere().starts_sign_in())["__typename"] == "FactorRequired"


async def test_a_newer_link_kills_the_older(sluis: Sluis, ada: Person, respondent: str) -> None:
    await ada.forgets_password()
    older = await ada.gets_link("reset")
    await ada.forgets_password(ada.own.email)
    newer = await ada.gets_link("reset")
    await refused(sluis, ada, lambda: ada.resets(older, NEW), "LINK_SUPERSEDED")
    assert (await ada.resets(newer, NEW))["__typename"] == "PasswordReset"
    assert await sluis.count("mailed_link") == 2


async def test_a_link_lives_half_an_hour(sluis: Sluis, ada: Person, respondent: str) -> None:
    await ada.forgets_password()
    link = await ada.gets_link("reset")
    sluis.clock.forward(minutes=30)
    guest = ada.elsewhere()
    await refused(sluis, guest, lambda: guest.resets(link, NEW), "LINK_EXPIRED")
    sluis.clock.forward(seconds=-1)
    assert (await guest.resets(link, NEW))["__typename"] == "PasswordReset"


async def test_a_link_dies_with_the_password_it_was_for(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str
) -> None:
    await ada.forgets_password()
    link = await ada.gets_link("reset")
    assert (await ada.changes_password(NEW))["__typename"] == "PasswordChanged"
    await refused(sluis, ada, lambda: ada.resets(link, "nog een ander wachtwoord"), "LINK_SUPERSEDED")
    await ada.forgets_password()
    link = await ada.gets_link("reset")
    await dr_vos.deactivates(respondent)
    await refused(sluis, ada, lambda: ada.resets(link, "nog een ander wachtwoord"), "LINK_SUPERSEDED")


async def test_an_invitation_is_no_reset_and_a_reset_no_invitation(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person, respondent: str
) -> None:
    await dr_vos.invites((await dr_vos.finds(bram.own.name))["id"])
    await ada.forgets_password()
    invitation, reset = await bram.gets_link("accept"), await ada.gets_link("reset")
    await refused(sluis, bram, lambda: bram.resets(invitation, NEW), "LINK_UNKNOWN")
    await refused(sluis, bram, lambda: bram.accepts(reset, NEW), "LINK_UNKNOWN")
    await refused(sluis, bram, lambda: bram.opens(reset), "LINK_UNKNOWN")


async def test_an_unknown_login_gets_the_same_answer_and_nobody_gets_mail(
    sluis: Sluis, ada: Person, respondent: str
) -> None:
    known = await ada.forgets_password()
    await ada.gets_link("reset")
    unknown = ["0000 0000", "nobody@clients.example", "a\r\nb@clients.example"]
    for login in unknown:
        sluis.clock.forward(seconds=1)
        assert await ada.forgets_password(login) == known
    sluis.clock.forward(seconds=1)
    await ada.forgets_password()
    await ada.gets_link("reset")
    rows = await sluis.rows("SELECT * FROM outbox_message WHERE template = 'reset_requested' ORDER BY created_at")
    alike = [[row[name] for name in ("practice_id", "channel", "about", "last_error", "payload")] for row in rows[:4]]
    assert alike == alike[:1] * 4
    assert [row["state"] for row in rows[:4]] == ["SENT", "DROPPED", "DROPPED", "DROPPED"], "found out later"
    assert [sluis.mailbox.sent_to(login) for login in unknown] == [[], [], []]
    assert await sluis.count("mailed_link") == 2


async def test_asking_too_often_is_refused_known_or_not(sluis: Sluis, ada: Person, respondent: str) -> None:
    answers = [(await ada.forgets_password(f"nobody{number}@clients.example")).get("code") for number in range(6)]
    assert answers == [None] * 5 + ["TOO_MANY_ATTEMPTS"], "five an hour from one address"
    sluis.clock.forward(hours=1)
    asked = [(await ada.forgets_password()).get("code") for _ in range(6)]
    assert asked == [None] * 5 + ["TOO_MANY_ATTEMPTS"]
    assert await sluis.count("outbox_message", "template = 'reset_requested'") == 10


async def test_changing_it_asks_who_is_there(sluis: Sluis, ada: Person, respondent: str) -> None:
    phone, browser = ada.elsewhere("BEARER"), ada.elsewhere()
    assert (await phone.signs_in(remember=DAY))["__typename"] == "SignedIn"
    assert (await browser.signs_in())["__typename"] == "SignedIn"
    sluis.clock.forward(minutes=5)
    await refused(sluis, browser, lambda: browser.changes_password(NEW), "STEP_UP_REQUIRED")
    wrong = await browser.steps_up(password="niet dit wachtwoord")
    assert wrong["code"] == "WRONG_CREDENTIALS"
    before = browser.device.cookies
    assert (await browser.steps_up())["__typename"] == "SteppedUp"
    assert browser.device.cookies != before, "a new token, since the assurance rose"
    await refused(sluis, browser, lambda: browser.changes_password("welkom01"), "WEAK_PASSWORD")

    old = ada.own.password
    assert (await browser.changes_password(NEW))["__typename"] == "PasswordChanged"
    assert await browser.looks_at_own_account() is not None, "this session goes on"
    assert [await one.looks_at_own_account() for one in (phone, ada)] == [None, None], "the others ended"
    assert await sluis.count("factor_enrolment", "role = 'WAIVER'") == 0
    assert (await phone.starts_sign_in())["__typename"] == "FactorRequired"
    assert (await phone.starts_sign_in(password=old))["code"] == "WRONG_CREDENTIALS"
    await ada.is_told("wachtwoord van uw account")


async def test_a_forgotten_login_code(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    guest = ada.elsewhere()
    known = await guest.forgets_login_code("ADA@clients.example")
    assert known["__typename"] == "LoginCodeRequested"
    await ada.is_told(f"{ada.own.name}: {ada.own.login}")
    sluis.clock.forward(seconds=1)
    assert await guest.forgets_login_code("nobody@clients.example") == known
    sluis.clock.forward(seconds=1)
    await guest.forgets_login_code()
    await ada.is_told(f"{ada.own.name}: {ada.own.login}")
    rows = await sluis.rows(
        "SELECT state FROM outbox_message WHERE template = 'login_code_requested' ORDER BY created_at"
    )
    assert [row["state"] for row in rows[:2]] == ["SENT", "DROPPED"]
    assert sluis.mailbox.sent_to("nobody@clients.example") == []


async def test_a_replaced_login_code(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    old = ada.own.login
    replaced = await dr_vos.replaces_login_code(respondent)
    new = replaced["respondent"]["loginStatus"]["loginCode"]
    assert (replaced["__typename"], new == old) == ("LoginCodeReplaced", False)
    guest = ada.elsewhere()
    assert (await guest.starts_sign_in(old))["code"] == "WRONG_CREDENTIALS"
    assert (await guest.starts_sign_in(new))["__typename"] == "FactorRequired", "the password stays"
    assert await ada.looks_at_own_account() is not None
    assert old not in (await ada.is_told(new))["text"]
