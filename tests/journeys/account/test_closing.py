"""Closing one's own account: for good, and without touching a dossier."""

from functools import partial

import pytest

from tests.people.cast import Person
from tests.people.staff import StaffPerson
from tests.support.refusing import refused
from tests.support.sluis import Sluis

STAFF = (
    "Accounts van medewerkers worden beheerd door een eigenaar van de praktijk.",
    "Accounts of staff are managed by an owner of the practice.",
)


async def test_closing(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    identity = await dr_vos.lets_in(ada)
    phone = ada.elsewhere("BEARER")
    await phone.signs_in(remember=86400)
    await ada.wants(name="Ada Jansen")
    dossiers = await sluis.rows("SELECT * FROM dossier ORDER BY id")
    sluis.clock.forward(minutes=5)
    await refused(sluis, ada, ada.closes_account, "STEP_UP_REQUIRED")
    await ada.steps_up()
    await refused(sluis, ada, partial(ada.closes_account, "een gok naar het wachtwoord"), "WRONG_CREDENTIALS")
    assert (await ada.closes_account())["__typename"] == "AccountEnded"
    assert list(ada.device.http.cookies.jar) == [], "the cookie goes with it"
    assert [await one.looks_at_own_account() for one in (ada, phone)] == [None, None]
    assert "op uw verzoek opgeheven" in (await ada.is_told("opgeheven"))["text"]
    (row,) = await sluis.rows("SELECT * FROM account WHERE name = ?", ada.own.name)
    wiped = ("email", "email_key", "password_hash", "phone")
    assert [row[name] for name in wiped] == [None] * len(wiped)
    assert row["closed_at"] is not None
    assert await sluis.count("factor_enrolment", "account_id = ?", row["id"]) == 0
    assert await sluis.count("login_session", "account_id = ? AND ended_at IS NULL", row["id"]) == 0
    assert await sluis.count("change_request", "state = 'WITHDRAWN'") == 1
    assert await sluis.rows("SELECT * FROM dossier ORDER BY id") == dossiers
    for login in (ada.own.login, ada.own.email):
        assert (await phone.starts_sign_in(login=login))["code"] == "WRONG_CREDENTIALS"
    await ada.forgets_password()
    await ada.forgets_password(ada.own.email)

    status = (await dr_vos.looks_at(identity))["loginStatus"]
    blockers = [(b["code"], b["mutation"]) for b in status["accessBlockers"]]
    assert blockers[:2] == [("ACCOUNT_CLOSED", "inviteRespondent"), ("NO_PASSWORD", "acceptInvitation")]
    assert (await dr_vos.approves(identity))["code"] == "ACCOUNT_CLOSED"
    await dr_vos.speaks("nl")
    sluis.clock.forward(minutes=1)
    await dr_vos.invites(identity)
    link = await ada.gets_link("accept")
    assert (await ada.accepts(link, "weer een nieuw wachtwoord"))["signsInByEmail"], "the address is free again"
    assert await sluis.count("outbox_message", "template = 'reset_requested' AND state = 'SENT'") == 0


@pytest.mark.security
async def test_acts_begun_before_closing_do_not_complete(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    underway = ada.elsewhere()
    step = await underway.starts_sign_in()
    await ada.forgets_password()
    reset = await ada.gets_link("reset")
    await ada.asks_for_email("ada@nieuw.example")
    assert (await ada.closes_account())["__typename"] == "AccountEnded"
    assert (await underway.proves(step, "totp", ada.app.code()))["code"] == "SIGN_IN_EXPIRED"
    assert (await underway.looks_again(step["token"]))["code"] == "SIGN_IN_EXPIRED"
    assert (await ada.resets(reset, "een nieuw wachtwoord hier"))["code"] == "LINK_SUPERSEDED"
    assert (
        await sluis.count(
            "login_session", "ended_at IS NULL AND account_id IN (SELECT id FROM account WHERE closed_at IS NOT NULL)"
        )
        == 0
    )


@pytest.mark.security
async def test_staff_and_anonymous_clients_close_no_account(
    sluis: Sluis, olga: StaffPerson, mallory: Person, dr_vos: StaffPerson
) -> None:
    for person in (olga, dr_vos):
        await refused(sluis, person, person.closes_account, "STAFF_ACCOUNT", STAFF)
    assert (await mallory.closes_account("x"))["code"] == "NOT_SIGNED_IN"
