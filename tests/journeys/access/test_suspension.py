"""Suspending a respondent's whole account: an act apart from the grants, by OWNER and ADMIN, told, and undone again."""

from functools import partial

import pytest

from tests.people.cast import Person
from tests.people.staff import StaffPerson
from tests.support.refusing import refused
from tests.support.sluis import Sluis

SUSPENDED = (
    "Het account van deze persoon is geblokkeerd. Een eigenaar of beheerder kan dat opheffen.",
    "This person’s account is suspended. An owner or admin can lift that.",
)
ALREADY = ("Dit account is al geblokkeerd.", "This account is suspended already.")
NOT = ("Dit account is niet geblokkeerd.", "This account is not suspended.")


async def _subjects(sluis: Sluis, event: str) -> dict[str, int]:
    """How many subjects of each type the one row about this event has."""
    (row,) = await sluis.rows("SELECT id FROM audit_event WHERE event = ?", event)
    (counted,) = await sluis.rows("SELECT subjects, details, actor_role FROM audit_event WHERE id = ?", row["id"])
    assert counted["actor_role"] == "OWNER"
    text = str(counted["subjects"])
    return {kind: text.count(f'"{kind}"') or text.count(f"'{kind}'") for kind in ("Account", "Dossier", "Respondent")}


async def _invited_again(dr_vos: StaffPerson, person: Person) -> tuple[str, str]:
    """Have somebody answer for a second dossier; answers the mailed link and the respondent's id."""
    respondent = await dr_vos.takes_on(person, "D-1002")
    await dr_vos.invites(respondent)
    return await person.gets_link("accept"), respondent


async def test_suspend_and_reinstate(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person) -> None:
    identity = await dr_vos.lets_in(ada)
    phone = ada.elsewhere("BEARER")
    await phone.signs_in(remember=86400)
    answer = await olga.suspends_account(identity)
    assert answer["__typename"] == "SuspensionSet"
    status = answer["respondent"]["loginStatus"]
    assert [(b["code"], b["party"], b["mutation"]) for b in status["accessBlockers"]] == [
        ("SUSPENDED", "STAFF", "reinstateAccount")
    ]
    assert status["suspendedAt"] == sluis.clock.now.isoformat()
    assert status["access"] == "APPROVED", "the grant keeps its state"
    assert "uw account geblokkeerd" in (await ada.is_told("geblokkeerd"))["text"]
    assert [await one.looks_at_own_account() for one in (ada, phone)] == [None, None]
    for login in (ada.own.login, ada.own.email):
        assert (await phone.starts_sign_in(login=login))["code"] == "WRONG_CREDENTIALS"
    assert await sluis.count("factor_enrolment", "role = 'WAIVER'") == 0
    assert await _subjects(sluis, "account.suspended") == {"Account": 1, "Dossier": 1, "Respondent": 1}
    assert (
        await sluis.count("audit_event", "event = 'account.suspended' AND CAST(details AS TEXT) LIKE '%Threat%'") == 1
    )
    await refused(sluis, olga, partial(olga.suspends_account, identity), "ALREADY_SUSPENDED", ALREADY)

    answer = await olga.reinstates_account(identity)
    assert answer["__typename"] == "SuspensionLifted"
    assert answer["respondent"]["loginStatus"]["accessBlockers"] == []
    assert answer["respondent"]["loginStatus"]["suspendedAt"] is None
    assert "opgeheven" in (await ada.is_told("blokkade"))["text"]
    assert await _subjects(sluis, "account.reinstated") == {"Account": 1, "Dossier": 1, "Respondent": 1}
    sluis.clock.forward(minutes=1)
    step = await ada.signs_in()
    assert step["__typename"] == "SignedIn", "with password and app as before"
    assert (await ada.looks_at_own_account() or {})["access"] == "APPROVED"
    await refused(sluis, olga, partial(olga.reinstates_account, identity), "NOT_SUSPENDED", NOT)


@pytest.mark.security
async def test_suspension_ends_what_is_under_way(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    identity = await dr_vos.lets_in(ada)
    underway = ada.elsewhere()
    step = await underway.starts_sign_in()
    await ada.forgets_password()
    reset = await ada.gets_link("reset")
    await ada.asks_for_email("ada@nieuw.example")
    async with ada.watches_access() as page:
        await page.news()
        await olga.suspends_account(identity)
        assert await page.closed() == 4403
    assert (await underway.proves(step, "totp", ada.app.code()))["code"] == "SIGN_IN_EXPIRED"
    assert (await underway.looks_again(step["token"]))["code"] == "SIGN_IN_EXPIRED"
    assert (await ada.resets(reset, "een nieuw wachtwoord hier"))["code"] == "LINK_SUPERSEDED"
    assert (await dr_vos.looks_at(identity))["loginStatus"]["resetRequestedAt"] is None
    await ada.forgets_password()
    await ada.forgets_password(ada.own.email)
    await ada.forgets_login_code()
    await ada.is_told("geblokkeerd")
    usable = "used_at IS NULL AND superseded_at IS NULL AND epoch = (SELECT epoch FROM account WHERE id = account_id)"
    assert await sluis.count("mailed_link", usable) == 0
    assert (
        await sluis.count(
            "login_session", "ended_at IS NULL AND account_id = (SELECT id FROM account WHERE name = ?)", ada.own.name
        )
        == 0
    )


@pytest.mark.security
async def test_no_other_act_lifts_a_suspension(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    identity = await dr_vos.lets_in(ada)
    await olga.suspends_account(identity)
    for act in (dr_vos.approves, dr_vos.gives_starter_password):
        await refused(sluis, dr_vos, partial(act, identity), "ACCOUNT_SUSPENDED", SUSPENDED)
    assert (await dr_vos.deactivates(identity))["__typename"] == "AccessDeactivated"
    for act in (dr_vos.approves, dr_vos.gives_starter_password, dr_vos.invites):
        await refused(sluis, dr_vos, partial(act, identity), "ACCOUNT_SUSPENDED", SUSPENDED)
    assert (await dr_vos.resets_factors(identity))["__typename"] == "FactorsReset"
    await dr_vos.replaces_login_code(identity)
    assert (await sluis.rows("SELECT suspended_at FROM account WHERE name = ?", ada.own.name))[0]["suspended_at"]
    assert (await ada.starts_sign_in())["code"] == "WRONG_CREDENTIALS"
    await olga.reinstates_account(identity)
    status = (await dr_vos.looks_at(identity))["loginStatus"]
    assert status["access"] == "DEACTIVATED", "what happened to the access meanwhile holds"


@pytest.mark.security
async def test_an_invitation_of_another_dossier_does_not_open_a_suspended_account(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    identity = await dr_vos.lets_in(ada)
    link, _ = await _invited_again(dr_vos, ada)
    await olga.suspends_account(identity)
    assert (await ada.accepts(link, ada.own.password))["code"] == "ACCOUNT_EXISTS"
    assert await sluis.count("access_grant", "account_id = (SELECT id FROM account WHERE name = ?)", ada.own.name) == 1


@pytest.mark.security
async def test_who_may_suspend(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, dr_else: StaffPerson, ada: Person
) -> None:
    identity = await dr_vos.lets_in(ada)
    for act in (dr_vos.suspends_account, dr_vos.reinstates_account):
        await refused(sluis, dr_vos, partial(act, identity), "NOT_ALLOWED")
    await refused(sluis, dr_else, partial(dr_else.suspends_account, identity), "NOT_FOUND")
    bram = await dr_vos.finds("Bram Jansen")
    assert (await olga.suspends_account(bram["id"]))["code"] == "NO_LOGIN"
    assert (await olga.suspends_account(identity, " "))["code"] == "INVALID_INPUT"
    sluis.clock.forward(minutes=16)
    for act in (olga.suspends_account, olga.reinstates_account):
        await refused(sluis, olga, partial(act, identity), "STEP_UP_REQUIRED")
    await olga.steps_up()
    assert (await olga.suspends_account(identity))["__typename"] == "SuspensionSet"


async def test_one_suspension_covers_every_dossier(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    identity = await dr_vos.lets_in(ada)
    link, other = await _invited_again(dr_vos, ada)
    await ada.links(link)
    await dr_vos.approves(other)
    await olga.suspends_account(other)
    assert await _subjects(sluis, "account.suspended") == {"Account": 1, "Dossier": 2, "Respondent": 2}
    for respondent in (identity, other):
        status = (await dr_vos.looks_at(respondent))["loginStatus"]
        assert [b["code"] for b in status["accessBlockers"]] == ["SUSPENDED"]
    sluis.clock.forward(minutes=1)
    assert (await olga.reinstates_account(identity))["__typename"] == "SuspensionLifted"
    assert (await ada.signs_in())["__typename"] == "SignedIn"
