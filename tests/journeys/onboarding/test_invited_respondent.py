"""The main job: an invited respondent gets all the way in, is let out, let in again, and answers for a second dossier.

Everything goes over HTTP, SMTP and WebSocket. The steps share one person's story, so they are one test.
"""

import re
from datetime import datetime, timedelta

import httpx

from tests.people.cast import Person, token_of
from tests.people.device import Answer
from tests.people.staff import StaffPerson, at_work
from tests.support.sluis import Sluis

PASSWORD = "blauwe fiets onder de brug"
TWELVE_HOURS = 12 * 3600
STEPS = ["INVITATION_MAILED", "PASSWORD_SET", "SECOND_FACTOR_SET", "ACCESS_APPROVED"]


async def test_an_invited_respondent_gets_all_the_way_in(sluis: Sluis, ada: Person) -> None:
    dr_vos = at_work(sluis, sluis.population.dr_vos)
    await therapist_signs_in(sluis, dr_vos)
    respondent = await invitation_needs_an_address(sluis, dr_vos, ada)
    link = await invitation_is_mailed(sluis, dr_vos, ada, respondent)
    await looking_at_the_link_consumes_nothing(sluis, ada, link)
    await the_password_makes_an_account(sluis, ada, link)
    waiting = await the_first_sign_in_sets_up_two_steps(sluis, ada)
    await recovery_codes_are_kept(sluis, ada, waiting)
    await everything_else_waits_for_approval(sluis, ada, respondent)
    await the_therapist_approves(sluis, dr_vos, ada, respondent)
    await a_device_is_remembered(sluis, ada)
    phone = await other_devices_are_asked(sluis, ada)
    await the_therapist_closes_the_access(sluis, dr_vos, ada, phone, respondent)
    await the_same_login_opens_again(sluis, dr_vos, ada, respondent)
    await a_second_dossier_is_linked(sluis, dr_vos, ada)


async def therapist_signs_in(sluis: Sluis, dr_vos: StaffPerson) -> None:
    step = await dr_vos.starts_sign_in()
    assert step["__typename"] == "FactorRequired"
    assert await dr_vos.looks_at_own_account() is None, "a password alone is no session"
    done = await dr_vos.proves(step, "totp", dr_vos.app.code())
    assert (done["__typename"], done["access"]) == ("SignedIn", "APPROVED")
    (session,) = await sluis.rows("SELECT * FROM login_session WHERE ended_at IS NULL")
    assert (session["proven_by"], session["transport"]) == ("totp", "COOKIE")


async def invitation_needs_an_address(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> str:
    dossier = await dr_vos.opens_dossier("D-1001")
    (respondent,) = dossier["respondents"]
    assert (respondent["name"], respondent["email"]) == ("Ada de Vries", None)
    assert [one["code"] for one in respondent["loginStatus"]["accessBlockers"]] == [
        "NO_EMAIL_ADDRESS",
        "NOT_INVITED",
        "NO_PASSWORD",
        "NO_FACTOR",
        "NOT_APPROVED",
    ]
    refusal = await dr_vos.invites(respondent["id"])
    assert (refusal["__typename"], refusal["code"]) == ("NoEmailAddress", "NO_EMAIL_ADDRESS")
    assert await sluis.count("invitation") == 0
    assert await sluis.count("outbox_message", "template = 'invitation'") == 0
    assert (await dr_vos.gives_email(respondent, ada.own.email))["__typename"] == "RespondentUpdated"
    assert await sluis.count("respondent", "email = ?", ada.own.email) == 1
    identity: str = respondent["id"]
    return identity


async def invitation_is_mailed(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> str:
    assert (await dr_vos.invites(respondent))["__typename"] == "RespondentInvited"
    mail = await ada.reads_mail()
    assert mail["to"] == ada.own.email
    assert "Sluis" not in mail["subject"], "a subject says nothing of care"
    link = next(link for link in mail["links"] if "/accept" in link)
    assert link.startswith(f"{sluis.url}/p/demo/accept#token=")
    (invitation,) = await sluis.rows("SELECT * FROM invitation")
    assert token_of(link) not in str(invitation), "only its hash is stored"
    return link


async def looking_at_the_link_consumes_nothing(sluis: Sluis, ada: Person, link: str) -> None:
    async with httpx.AsyncClient() as scanner:
        for _ in range(2):
            assert (await scanner.get(link)).status_code == 200
    (invitation,) = await sluis.rows("SELECT * FROM invitation")
    assert (invitation["opened_at"], invitation["accepted_at"]) == (None, None)
    opened = await ada.opens(link)
    assert (opened["personName"], opened["practice"]["name"]) == ("Ada de Vries", "Praktijk De Sluis")
    assert opened["practice"]["helpdeskPhone"], "the page says where to ask for help"
    (invitation,) = await sluis.rows("SELECT * FROM invitation")
    assert invitation["opened_at"] is not None
    assert invitation["accepted_at"] is None


async def the_password_makes_an_account(sluis: Sluis, ada: Person, link: str) -> None:
    sessions = await sluis.count("login_session")
    assert (await ada.accepts(link, "welkom01"))["code"] == "WEAK_PASSWORD"
    assert await sluis.count("account", "name = ?", ada.own.name) == 0
    made = await ada.accepts(link, PASSWORD)
    assert re.fullmatch(r"\d{4} \d{4}", made["loginCode"])
    assert made["portalUrl"] == f"{sluis.url}/p/demo"
    (account,) = await sluis.rows("SELECT * FROM account WHERE name = ?", ada.own.name)
    assert account["login_code"] == made["loginCode"].replace(" ", "")
    assert account["password_hash"].startswith("$argon2id$")
    assert await sluis.count("access_grant", "state = 'PENDING'") == 1
    assert await sluis.count("login_session") == sessions, "making an account does not sign in"
    assert made["loginCode"] in (await ada.reads_mail())["text"]
    assert (await ada.accepts(link, PASSWORD))["code"] == "LINK_USED"


async def the_first_sign_in_sets_up_two_steps(sluis: Sluis, ada: Person) -> Answer:
    assert (await ada.starts_sign_in(ada.own.login.replace(" ", "")))["__typename"] == "EnrolmentRequired"
    step = await ada.starts_sign_in(ada.own.login)
    assert (step["__typename"], step["passwordConfirmed"]) == ("EnrolmentRequired", False)
    assert [option["factor"] for option in step["options"]] == ["totp"]
    assert (await ada.scans(step))["code"] == "PASSWORD_NEEDED"
    assert (await ada.confirms_password(step, "something else"))["code"] == "WRONG_CREDENTIALS"
    step = await ada.confirms_password(step)
    assert step["passwordConfirmed"]
    begun = await ada.scans(step)
    enrolment = begun["enrolment"]
    assert enrolment["secret"] in enrolment["uri"]
    assert enrolment["uri"].startswith("otpauth://totp/")
    assert enrolment["qrSvg"].startswith("<svg")
    assert (await ada.shows_app_works(step, begun, ada.app.wrong()))["code"] == "PROOF_WRONG"
    assert await sluis.count("factor_enrolment", "label = 'phone'") == 0, "a pending secret is inert"
    following: Answer = (await ada.shows_app_works(step, begun))["step"]
    assert following["__typename"] == "FallbackUnconfirmed"
    (stored,) = await sluis.rows("SELECT * FROM factor_enrolment WHERE label = 'phone'")
    assert enrolment["secret"].encode() not in stored["state"], "sealed at rest"
    return following


async def recovery_codes_are_kept(sluis: Sluis, ada: Person, step: Answer) -> None:
    assert await ada.looks_at_own_account() is None, "not in before the codes are kept"
    done = await ada.keeps_codes(step)
    assert len(set(ada.own.codes)) == 6
    assert all(re.fullmatch(r"([2-9A-HJ-NP-Z]{4}-){2}[2-9A-HJ-NP-Z]{4}", code) for code in ada.own.codes)
    assert (done["__typename"], done["access"]) == ("SignedIn", "AWAITING_APPROVAL")
    assert done["sessionToken"] is None, "a browser's token travels in its cookie only"
    assert [cookie.name for cookie in ada.device.http.cookies.jar] == ["sluis-demo"]
    assert (
        await sluis.count(
            "factor_enrolment f JOIN account a ON a.id = f.account_id",
            "a.name = ? AND f.role = 'FALLBACK' AND f.confirmed_at IS NOT NULL",
            ada.own.name,
        )
        == 1
    )


async def everything_else_waits_for_approval(sluis: Sluis, ada: Person, respondent: str) -> None:
    me = await ada.looks_at_own_account()
    assert me is not None
    assert (me["access"], me["accessBlockers"]) == (
        "AWAITING_APPROVAL",
        [{"code": "NOT_APPROVED", "party": "STAFF", "mutation": "approveAccess"}],
    )
    for query in ("{ dossiers { totalCount } }", "{ staff { name } }", '{ node(id: "x") { id } }'):
        assert await ada.device.refused(query) == ["AWAITING_APPROVAL"]
    as_staff = at_work(sluis, sluis.population.dr_vos)
    as_staff.device = ada.device
    assert (await as_staff.invites(respondent))["code"] == "AWAITING_APPROVAL"
    assert (await as_staff.approves(respondent))["code"] == "AWAITING_APPROVAL"
    assert await sluis.count("access_grant", "state = 'APPROVED'") == 0


async def the_therapist_approves(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    status = (await dr_vos.looks_at(respondent))["loginStatus"]
    assert [step["step"] for step in status["steps"]] == STEPS
    assert [step["doneAt"] is not None for step in status["steps"]] == [True, True, True, False]
    assert [step["party"] for step in status["steps"]] == ["STAFF", "RESPONDENT", "RESPONDENT", "STAFF"]
    assert [blocker["mutation"] for blocker in status["accessBlockers"]] == ["approveAccess"]
    assert (status["loginCode"], status["invitation"]["state"]) == (ada.own.login, "ACCEPTED")
    async with ada.watches_access() as waiting_page:
        assert (await waiting_page.news())["access"] == "AWAITING_APPROVAL"
        approved = await dr_vos.approves(respondent)
        assert approved["respondent"]["loginStatus"]["accessBlockers"] == []
        assert await waiting_page.news() == {"access": "APPROVED", "accessBlockers": []}
    (grant,) = await sluis.rows("SELECT * FROM access_grant")
    assert grant["state"] == "APPROVED"
    assert grant["approved_by_id"] is not None
    me = await ada.looks_at_own_account()
    assert me is not None
    assert me["access"] == "APPROVED"


async def a_device_is_remembered(sluis: Sluis, ada: Person) -> None:
    assert (await ada.signs_out())["__typename"] == "SignedOut"
    assert await ada.looks_at_own_account() is None
    assert await live_sessions(sluis, ada) == 0
    step = await ada.starts_sign_in()
    assert TWELVE_HOURS in step["rememberChoices"]
    done = await ada.proves(step, "totp", ada.app.code(), remember=TWELVE_HOURS)
    assert done["__typename"] == "SignedIn"
    me = await ada.looks_at_own_account()
    assert me is not None
    (device,) = me["rememberedDevices"]
    assert datetime.fromisoformat(device["expiresAt"]) == sluis.clock.now + timedelta(seconds=TWELVE_HOURS)
    assert await devices(sluis, ada) == 1
    await ada.signs_out()
    assert (await ada.starts_sign_in())["__typename"] == "SignedIn", "no factor is asked on this device"


async def other_devices_are_asked(sluis: Sluis, ada: Person) -> Person:
    """Another browser and a native client; answers the latter, signed in."""
    browser, phone = ada.elsewhere(), ada.elsewhere("BEARER")
    step, other_step = await browser.starts_sign_in(), await phone.starts_sign_in()
    assert step["__typename"] == other_step["__typename"] == "FactorRequired"
    assert [option["standsIn"] for option in step["options"]] == [False, True]
    done = await phone.proves(other_step, "recovery_codes", ada.own.codes[0])
    assert (done["__typename"], done["access"]) == ("SignedIn", "APPROVED")
    assert done["sessionToken"], "a native client keeps its token itself"
    assert (await browser.proves(step, "recovery_codes", ada.own.codes[0]))["code"] == "PROOF_REPLAYED"
    me = await phone.looks_at_own_account()
    assert me is not None
    assert [one["codesLeft"] for one in me["fallbacks"]] == [5]
    code = ada.app.code()
    assert (await browser.proves(await browser.starts_sign_in(), "totp", code))["__typename"] == "SignedIn"
    again = ada.elsewhere()
    assert (await again.proves(await again.starts_sign_in(), "totp", code))["code"] == "PROOF_REPLAYED"
    assert await live_sessions(sluis, ada) == 3
    return phone


async def the_therapist_closes_the_access(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, phone: Person, respondent: str
) -> None:
    async with ada.watches_access() as page, phone.watches_access() as app:
        assert (await page.news())["access"] == (await app.news())["access"] == "APPROVED"
        closed = await dr_vos.deactivates(respondent)
        assert closed["respondent"]["loginStatus"]["access"] == "DEACTIVATED"
        assert await ada.looks_at_own_account() is None
        assert await phone.looks_at_own_account() is None
        assert await page.closed() == await app.closed() == 4403
    assert await live_sessions(sluis, ada) == 0
    assert await devices(sluis, ada) == 0
    assert (await ada.starts_sign_in())["code"] == "WRONG_CREDENTIALS"
    assert (await phone.starts_sign_in())["code"] == "WRONG_CREDENTIALS"


async def the_same_login_opens_again(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    reopened = await dr_vos.approves(respondent)
    assert reopened["respondent"]["loginStatus"]["access"] == "APPROVED"
    step = await ada.starts_sign_in()
    assert step["__typename"] == "FactorRequired", "the device is not remembered any more"
    done = await ada.proves(step, "totp", ada.app.code())
    assert (done["__typename"], done["access"]) == ("SignedIn", "APPROVED")
    assert await sluis.count("account", "name = ?", ada.own.name) == 1


async def a_second_dossier_is_linked(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    dossier = (await dr_vos.creates_dossier("D-2001", "Bas de Vries"))["dossier"]
    added = await dr_vos.adds_respondent(dossier["id"], "Ada de Vries", ada.own.email, "PARENT")
    respondent = added["respondent"]["id"]
    assert (await dr_vos.invites(respondent))["__typename"] == "RespondentInvited"
    link = await ada.gets_link("accept")
    (before,) = await sluis.rows("SELECT * FROM account WHERE name = ?", ada.own.name)
    assert (await ada.accepts(link, "een heel ander wachtwoord"))["code"] == "ACCOUNT_EXISTS"
    assert (await ada.links(link))["__typename"] == "InvitationLinked"
    (after,) = await sluis.rows("SELECT * FROM account WHERE name = ?", ada.own.name)
    assert after["password_hash"] == before["password_hash"], "never a new password on an account that exists"
    states = await sluis.rows("SELECT state FROM access_grant ORDER BY state")
    assert [row["state"] for row in states] == ["APPROVED", "PENDING"]
    status = (await dr_vos.looks_at(respondent))["loginStatus"]
    assert (status["invitation"]["state"], status["access"]) == ("ACCEPTED", "PENDING")
    assert (await ada.links(link))["code"] == "LINK_USED"
    assert (await dr_vos.approves(respondent))["__typename"] == "AccessApproved"
    assert await sluis.count("access_grant", "state = 'APPROVED'") == 2


async def live_sessions(sluis: Sluis, person: Person) -> int:
    """How many login sessions of a person are stored as not ended."""
    return await sluis.count(
        "login_session s JOIN account a ON a.id = s.account_id", "a.name = ? AND s.ended_at IS NULL", person.own.name
    )


async def devices(sluis: Sluis, person: Person) -> int:
    """How many remembered devices of a person are stored."""
    return await sluis.count(
        "factor_enrolment f JOIN account a ON a.id = f.account_id", "a.name = ? AND f.role = 'WAIVER'", person.own.name
    )
