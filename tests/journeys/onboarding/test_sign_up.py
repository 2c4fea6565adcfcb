"""Signing up without an invitation: the same answer for every address, and nothing before it is verified."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from models.housekeeping import tidy
from tests.journeys.http.test_limits import seen
from tests.people.cast import Belongings, Person, token_of
from tests.people.staff import StaffPerson, at_work
from tests.support.refusing import error, refused
from tests.support.sluis import Sluis

MAILED = (
    "Er is net een mail verstuurd. Wacht een minuut voordat u een nieuwe aanvraagt.",
    "A mail was sent a moment ago. Please wait a minute before you ask for another.",
)
PASSWORD = "groene fiets over de dijk"
CLOSED = (
    "U kunt zich hier niet zelf aanmelden. Vraag de praktijk om een uitnodiging.",
    "You cannot sign up here by yourself. Please ask the practice for an invitation.",
)

TOO_SOON = (
    "Er is net een mail verstuurd. Wacht een minuut voordat u een nieuwe aanvraagt.",
    "A mail was sent a moment ago. Please wait a minute before you ask for another.",
)


@pytest.fixture
def given_settings() -> dict[str, Any]:
    """One machine plays everybody here, so its address may sign up more often."""
    return {"limit_sign_ups_per_hour": 1000, "limit_address_per_minute": 1000}


@pytest.fixture
def fleur(sluis: Sluis) -> Person:
    """Somebody whom nobody at the practice knows yet."""
    return Person(sluis, Belongings("Fleur Peters", "fleur@clients.example"))


async def test_somebody_signs_up_and_waits_for_the_practice(sluis: Sluis, fleur: Person) -> None:
    practice = await fleur.device.ask('{ practice(slug: "demo") { signUpOpen } }')
    assert practice == {"signUpOpen": True}
    assert (await fleur.signs_up(PASSWORD))["__typename"] == "SignUpRequested"
    link = await fleur.gets_verification()
    done = await fleur.comes_in()
    assert (done["__typename"], done["access"]) == ("SignedIn", "UNVERIFIED")
    me = await fleur.looks_at_own_account()
    assert me is not None
    assert [(one["code"], one["party"]) for one in me["accessBlockers"]] == [
        ("EMAIL_UNVERIFIED", "RESPONDENT"),
        ("NOT_LINKED", "STAFF"),
    ]
    for question in ("{ dossiers { totalCount } }", "{ prospects { totalCount } }", "{ respondents { totalCount } }"):
        assert (await error(fleur, question))["code"] == "EMAIL_UNVERIFIED"
    await refused(sluis, fleur, partial(fleur.wants, name="Fleur de Boer"), "EMAIL_UNVERIFIED")
    async with fleur.watches_access() as page:
        assert (await page.news())["access"] == "UNVERIFIED"
        async with httpx.AsyncClient() as scanner:
            assert (await scanner.get(link)).status_code == 200
        assert (await fleur.elsewhere().verifies(link))["__typename"] == "EmailVerified"
        news = await page.news()
        assert (news["access"], news["accessBlockers"]) == ("AWAITING_APPROVAL", [{"code": "NOT_LINKED"}])
    assert (await fleur.verifies(link))["code"] == "LINK_USED"
    assert (await error(fleur, "{ dossiers { totalCount } }"))["code"] == "AWAITING_APPROVAL"
    (row,) = await sluis.rows("SELECT * FROM account WHERE name = ?", fleur.own.name)
    assert (row["audience"], row["password_hash"][:10]) == ("RESPONDENT", "$argon2id$")
    assert await sluis.count("access_grant") == 0


async def test_the_verification_can_be_mailed_again(sluis: Sluis, fleur: Person, mallory: Person) -> None:
    await fleur.signs_up(PASSWORD)
    older = await fleur.gets_verification()
    await fleur.comes_in()
    await refused(sluis, fleur, fleur.asks_verification_again, "MAILED_JUST_NOW", MAILED)
    soon = "mutation { resendVerification { ... on MailedJustNow { retryAt } } }"
    retry_at = datetime.fromisoformat((await fleur.device.ask(soon))["retryAt"])
    assert timedelta() < retry_at - sluis.clock.now <= timedelta(minutes=1)
    sluis.clock.forward(minutes=1)
    assert (await fleur.asks_verification_again())["__typename"] == "VerificationSent"
    newer = await fleur.gets_link("verify")
    assert (await fleur.verifies(older))["code"] == "LINK_SUPERSEDED"
    assert (await mallory.asks_verification_again())["code"] == "NOT_SIGNED_IN"
    sluis.clock.forward(hours=24)
    assert (await fleur.verifies(newer))["code"] == "LINK_EXPIRED"
    await fleur.signs_in()
    for _ in range(5):
        assert (await fleur.asks_verification_again())["__typename"] == "VerificationSent"
        sluis.clock.forward(minutes=1)
    assert (await fleur.asks_verification_again())["code"] == "TOO_MANY_ATTEMPTS", "five an hour"
    for _ in range(5):
        last = await fleur.gets_link("verify")
    assert (await fleur.verifies(last))["__typename"] == "EmailVerified"
    sluis.clock.forward(hours=1)
    assert (await fleur.signs_in())["access"] == "AWAITING_APPROVAL"
    assert (await fleur.asks_verification_again())["code"] == "ALREADY_VERIFIED"


@pytest.mark.parametrize(("late", "answer"), [(False, "EmailVerified"), (True, "LINK_EXPIRED")])
async def test_a_link_works_until_a_day_has_passed(sluis: Sluis, fleur: Person, late: bool, answer: str) -> None:
    await fleur.signs_up(PASSWORD)
    link = await fleur.gets_link("verify")
    sluis.clock.forward(hours=24, seconds=0 if late else -0.000001)
    verified = await fleur.verifies(link)
    assert verified.get("code", verified["__typename"]) == answer
    assert await sluis.count("account", "name = ? AND email_verified_at IS NULL", fleur.own.name) == late


async def test_a_new_link_can_be_had_once_a_minute_has_passed(sluis: Sluis, fleur: Person) -> None:
    await fleur.signs_up(PASSWORD)
    older = await fleur.gets_verification()
    await fleur.comes_in()
    sluis.clock.forward(seconds=59)
    await refused(sluis, fleur, fleur.asks_verification_again, "MAILED_JUST_NOW", TOO_SOON)
    sluis.clock.forward(seconds=1)
    assert (await fleur.asks_verification_again())["__typename"] == "VerificationSent"
    assert (await fleur.verifies(older))["code"] == "LINK_SUPERSEDED"


async def test_what_cannot_be_entered(sluis: Sluis, fleur: Person) -> None:
    wrong: dict[str, list[Any]] = {
        "email": ["", "fleur", "fleur@", "a@b@c", "fleur@clients.example\r\nBcc: x@y.example", "x" * 400 + "@b.nl"],
        "name": ["", "   ", "x" * 121, "Fle\x00ur"],
        "phone": ["", "nul zes", "1" * 21],
        "birthDate": ["1899-12-31", "2999-01-01"],
        "language": ["fr"],
    }
    for field, values in wrong.items():
        for value in values:
            before = await sluis.count("outbox_message"), await sluis.count("account")
            refusal = await fleur.signs_up(PASSWORD, **{field: value})
            assert refusal["code"] == "INVALID_INPUT", (field, value)
            assert before == (await sluis.count("outbox_message"), await sluis.count("account"))
    for weak in ("", "kort", "password1", "Fleur Peters", "fleur@clients.example", "x" * 2000):
        await refused(sluis, fleur, partial(fleur.signs_up, weak), "WEAK_PASSWORD")
    await refused(sluis, fleur, partial(fleur.signs_up, PASSWORD, practice="nowhere"), "NOT_FOUND")
    await refused(sluis, fleur, partial(fleur.signs_up, PASSWORD, practice="other"), "SIGN_UP_CLOSED", CLOSED)


@pytest.mark.security
async def test_nothing_that_is_sent_says_what_one_may(sluis: Sluis, fleur: Person) -> None:
    for field, value in (
        ("role", "OWNER"),
        ("access", "APPROVED"),
        ("approved", True),
        ("verified", True),
        ("emailVerifiedAt", "2026-01-01T00:00:00Z"),
        ("respondent", sluis.population.demo.dossiers[0].respondents[0].id),
        ("audience", "STAFF"),
    ):
        truth = {"practice": "demo", "email": fleur.own.email, "name": "F", "phone": "1", "birthDate": "1984-02-29"}
        document = "mutation($input: SignUpInput!) { signUp(input: $input) { __typename } }"
        given = truth | {"password": PASSWORD, field: value}
        assert "errors" in (await fleur.device.post(document, {"input": given})).json()
    assert await sluis.count("outbox_message", "template = 'sign_up_requested'") == 0


@pytest.mark.security
async def test_every_address_gets_the_same_answer_for_the_same_work(
    sluis: Sluis, dr_vos: StaffPerson, fleur: Person, ada: Person, bram: Person, mallory: Person
) -> None:
    await dr_vos.lets_in(ada)
    await dr_vos.invites((await dr_vos.finds(bram.own.name))["id"])
    bram.own.read = 1
    await fleur.signs_up(PASSWORD)
    await fleur.gets_link("verify")
    answers, requests = {}, await sluis.count("outbox_message", "template = 'sign_up_requested'")
    addresses = ["new@clients.example", ada.own.email, fleur.own.email, bram.own.email, sluis.population.olga.email]
    for address in [*addresses, addresses[1].upper()]:
        given = {"practice": "demo", "email": address, "name": "Mallory", "phone": "1", "birthDate": "1984-02-29"}
        document = "mutation($input: SignUpInput!) { signUp(input: $input) { __typename ... on Refusal { code } } }"
        answers[address] = seen(await mallory.device.post(document, {"input": given | {"password": PASSWORD}}))
    first = answers[addresses[0]]
    assert "SignUpRequested" in first[1]
    assert 'hash;desc="1"' in first[2]["server-timing"]
    assert answers == dict.fromkeys(answers, first), "status, body and headers, with statements and hashes"
    assert await sluis.count("outbox_message", "template = 'sign_up_requested'") == requests + len(answers)
    for person in (ada, fleur):
        told = await person.is_told("You already have one" if person is fleur else "U hebt er al een")
        assert PASSWORD not in told["text"]
    await bram.is_told("heeft u al uitgenodigd")
    assert await sluis.count("account", "name = 'Mallory'") == 1, "that of the new address"


@pytest.mark.security
async def test_the_trail_of_a_sign_up_names_nobody_as_the_actor(
    sluis: Sluis, dr_vos: StaffPerson, fleur: Person, ada: Person, bram: Person, mallory: Person
) -> None:
    """An unknown, a known and an invited address: each request is told; only an account that was made is a subject."""
    await dr_vos.lets_in(ada)
    await dr_vos.invites((await dr_vos.finds(bram.own.name))["id"])
    bram.own.read = 1
    known = {row["id"] for row in await sluis.rows("SELECT id FROM audit_event")}

    async def told() -> list[tuple[str, str, str | None, str, Any]]:
        rows = await sluis.rows(
            "SELECT e.id, e.event, outcome, actor_account, actor_role, s.subject FROM audit_event e"
            " LEFT JOIN audit_subject s ON s.event = e.id"
        )
        fresh = [row for row in rows if row["id"] not in known]
        known.update(row["id"] for row in fresh)
        return [
            (row["event"], row["outcome"], row["actor_account"], row["actor_role"], row["subject"]) for row in fresh
        ]

    asked = ("account.sign_up_requested", "SUCCESS", None, "", None)
    await fleur.signs_up(PASSWORD)
    await fleur.gets_link("verify")
    (account,) = await sluis.rows("SELECT id FROM account WHERE email = ?", fleur.own.email)
    made = ("account.signed_up", "SUCCESS", None, "", str(account["id"]))
    assert sorted(await told(), key=str) == sorted([asked, made], key=str)
    await mallory.signs_up(PASSWORD, email=ada.own.email)
    await ada.is_told("U hebt er al een")
    assert await told() == [asked]
    await mallory.signs_up(PASSWORD, email=bram.own.email)
    await bram.is_told("heeft u al uitgenodigd")
    assert await told() == [asked]


@pytest.mark.security
async def test_trying_it_out_tells_nothing_about_an_address(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person, fleur: Person, mallory: Person
) -> None:
    """A sign-up and a sign-in with an address tell nothing about an account that it had before."""
    await dr_vos.lets_in(ada)
    await dr_vos.invites((await dr_vos.finds(bram.own.name))["id"])
    bram.own.read = 1
    await fleur.signs_up("gele tulp naast de molen")
    verify = await fleur.gets_verification()
    answers = {}
    for address in ("new@clients.example", ada.own.email, bram.own.email, fleur.own.email, sluis.population.olga.email):
        assert (await mallory.signs_up(PASSWORD, email=address))["__typename"] == "SignUpRequested"
        await sluis.mailbox.wait_for(address, beyond=1 if address == fleur.own.email else 0)
        answers[address] = [await tried(mallory, address, password) for password in (PASSWORD, "iets heel anders")]
    right, wrong = answers["new@clients.example"]
    assert "WRONG_CREDENTIALS" in right[1]
    assert right == wrong
    assert list(answers.values()) == [[right, wrong]] * len(answers), "with statements and hashes"
    assert await sluis.count("account", "name = 'Mallory'") == 1, "that of the new address"
    by_code = await fleur.elsewhere().starts_sign_in(fleur.own.login, "gele tulp naast de molen")
    assert by_code["__typename"] == "EnrolmentRequired", "who reads the mail signs in"
    assert (await fleur.starts_sign_in(fleur.own.email))["code"] == "WRONG_CREDENTIALS"
    fleur.own.password = "gele tulp naast de molen"
    assert (await fleur.verifies(verify))["__typename"] == "EmailVerified"
    assert (await fleur.starts_sign_in(fleur.own.email))["__typename"] == "EnrolmentRequired"


async def tried(mallory: Person, login: str, password: str) -> tuple[int, str, dict[str, str]]:
    """What a sign-in answers, in full."""
    document = "mutation($input: SignInInput!) { signIn(input: $input) { __typename ... on Refusal { code message } } }"
    given = {"practice": "demo", "login": login, "password": password, "transport": "COOKIE"}
    return seen(await mallory.elsewhere().device.post(document, {"input": given}))


@pytest.mark.security
async def test_an_address_that_was_invited_is_not_to_be_claimed(
    sluis: Sluis, dr_vos: StaffPerson, bram: Person, mallory: Person
) -> None:
    await dr_vos.invites((await dr_vos.finds(bram.own.name))["id"])
    link = await bram.gets_link("accept")
    for spelling in ("bram@clients.example", "BRAM@Clients.Example", " bram@clients.example "):
        assert (await mallory.signs_up(PASSWORD, email=spelling))["__typename"] == "SignUpRequested"
        told = await bram.is_told("heeft u al uitgenodigd")
        assert not [link for link in told["links"] if "#" in link], "nothing to make an account with"
    assert await sluis.count("account", "email = ?", bram.own.email) == 0
    assert (await mallory.starts_sign_in(bram.own.email, PASSWORD))["code"] == "WRONG_CREDENTIALS"
    assert (await bram.accepts(link, "paarse kikker in de regen"))["__typename"] == "AccountMade"


@pytest.mark.security
async def test_unverified_sign_up_gives_its_address_to_an_invited_respondent(
    sluis: Sluis, dr_vos: StaffPerson, bram: Person, mallory: Person
) -> None:
    await mallory.signs_up(PASSWORD, email=bram.own.email)
    verify = await bram.gets_verification()
    # She read it over his shoulder.
    mallory.own.login = bram.own.login
    assert (await mallory.comes_in())["access"] == "UNVERIFIED"
    await dr_vos.invites((await dr_vos.finds(bram.own.name))["id"])
    made = await bram.accepts(await bram.gets_link("accept"), "paarse kikker in de regen")
    assert (made["__typename"], made.get("signsInByEmail")) == ("AccountMade", True), made
    assert await mallory.looks_at_own_account() is None
    assert (await mallory.starts_sign_in(bram.own.email, PASSWORD))["code"] == "WRONG_CREDENTIALS"
    assert (await bram.verifies(verify))["code"] == "LINK_UNKNOWN"
    assert await sluis.count("prospect", "phone = '+31 6 12345678'") == 1, "the demo's own"


@pytest.mark.security
async def test_unverified_sign_up_loses_its_address_to_a_mailed_reset(
    sluis: Sluis, fleur: Person, mallory: Person
) -> None:
    await mallory.signs_up(PASSWORD, email=fleur.own.email)
    await fleur.gets_verification()
    mallory.own.login = fleur.own.login
    await mallory.comes_in()
    assert (await fleur.signs_up("gele tulp naast de molen"))["__typename"] == "SignUpRequested"
    await fleur.is_told("You already have one")
    await fleur.forgets_password(fleur.own.email)
    own, fleur.own.login = "paarse kikker in de regen", fleur.own.email
    assert (await fleur.resets(await fleur.gets_link("reset"), own))["__typename"] == "PasswordReset"
    assert await mallory.looks_at_own_account() is None
    assert (await mallory.starts_sign_in())["code"] == "WRONG_CREDENTIALS"
    fleur.own.password = own
    assert (await fleur.comes_in())["access"] == "AWAITING_APPROVAL", "with an app of her own"


@pytest.mark.security
async def test_a_click_verifies_nobody_elses_account(sluis: Sluis, fleur: Person, mallory: Person) -> None:
    """Fleur gets a mail about an account that she never made, and presses the button."""
    await mallory.signs_up(PASSWORD, email=fleur.own.email)
    link = await fleur.gets_link("verify")
    assert (await fleur.verifies(link))["code"] == "PASSWORD_NEEDED"
    fleur.own.password = "gele tulp naast de molen"
    assert (await fleur.verifies(link))["code"] == "WRONG_CREDENTIALS"
    assert await sluis.count("account", "email = ? AND email_verified_at IS NOT NULL", fleur.own.email) == 0


async def test_sign_ups_at_once_make_one_account(sluis: Sluis, fleur: Person) -> None:
    devices = [fleur.elsewhere("BEARER") for _ in range(6)]
    answers = await asyncio.gather(*(device.signs_up(PASSWORD) for device in devices))
    assert {answer["__typename"] for answer in answers} == {"SignUpRequested"}
    link = await fleur.gets_link("verify")
    for _ in range(5):
        await fleur.is_told("You already have one")
    assert await sluis.count("account", "email = ?", fleur.own.email) == 1
    assert (await fleur.verifies(link))["__typename"] == "EmailVerified"


@pytest.mark.parametrize("given_settings", [{}], ids=["defaults"])
async def test_five_an_hour_from_an_address_and_to_one(sluis: Sluis, fleur: Person) -> None:
    for number in range(5):
        assert (await fleur.signs_up(PASSWORD, email=f"n{number}@clients.example"))["__typename"] == "SignUpRequested"
    hashes = sluis.app.passwords.count if sluis.app else 0
    assert (await fleur.signs_up(PASSWORD))["code"] == "TOO_MANY_ATTEMPTS"
    assert sluis.app is not None
    assert sluis.app.passwords.count == hashes, "no hash was computed"
    sluis.clock.forward(hours=1)
    assert (await fleur.signs_up(PASSWORD))["__typename"] == "SignUpRequested"


async def test_an_account_that_nobody_verified_is_forgotten(sluis: Sluis, fleur: Person, ada: Person) -> None:
    await fleur.signs_up(PASSWORD)
    await fleur.gets_link("verify")
    sluis.clock.forward(days=31)
    await tidy(sluis.clock.now)
    assert await sluis.count("account", "email = ?", fleur.own.email) == 0
    assert await sluis.count("prospect") == 1, "the demo's, who is verified"
    await fleur.signs_up(PASSWORD)
    link = await fleur.gets_link("verify")
    assert token_of(link) not in str(await sluis.rows("SELECT * FROM mailed_link"))
    await fleur.verifies(link)
    assert (await fleur.comes_in())["access"] == "AWAITING_APPROVAL"


async def test_a_practice_without_sign_up_in_by_mail_uses_the_code(sluis: Sluis, fleur: Person) -> None:
    """Where respondents may not sign in with their address, the mail tells the code."""
    await sluis.rows("UPDATE practice SET email_sign_in = FALSE WHERE slug = 'demo'")
    await fleur.signs_up(PASSWORD)
    mail = await fleur.reads_mail()
    assert (await fleur.starts_sign_in())["code"] == "WRONG_CREDENTIALS"
    (row,) = await sluis.rows("SELECT login_code FROM account WHERE email = ?", fleur.own.email)
    code = f"{row['login_code'][:4]} {row['login_code'][4:]}"
    assert code in mail["text"]
    assert (await fleur.starts_sign_in(code))["__typename"] == "EnrolmentRequired"
    assert at_work(sluis, sluis.population.olga).own.login


async def test_what_was_told_when_signing_up_is_on_the_own_page(sluis: Sluis, fleur: Person) -> None:
    await fleur.signs_up(PASSWORD)
    await fleur.gets_verification()
    await fleur.comes_in()
    known = (await fleur.sees_biography())["biography"]
    assert (known["name"], known["birthDate"], known["phone"]) == ("Fleur Peters", "1984-02-29", "+31 6 12345678")
    assert not known["phoneProven"]
    assert (await fleur.wants(name="Fleur de Boer"))["code"] == "EMAIL_UNVERIFIED"


@pytest.mark.security
async def test_sign_up_with_an_address_nobody_verified_links_no_invitation_to_another(
    sluis: Sluis, dr_vos: StaffPerson, fleur: Person, mallory: Person
) -> None:
    """The account would keep the address of somebody else, who could not have an account with it any more."""
    await mallory.signs_up(PASSWORD, email=fleur.own.email, name=fleur.own.name)
    await fleur.gets_verification()
    (row,) = await sluis.rows("SELECT login_code FROM account WHERE email = ?", fleur.own.email)
    mallory.own.login = row["login_code"]
    assert (await mallory.comes_in())["access"] == "UNVERIFIED", "somehow the code was read"
    await dr_vos.invites(await dr_vos.takes_on(mallory))
    assert (await mallory.links(await mallory.gets_link("accept")))["code"] == "EMAIL_UNVERIFIED"
    assert await sluis.count("access_grant") == 0
    assert await sluis.count("account", "email_verified_at IS NOT NULL AND email = ?", fleur.own.email) == 0


async def test_sign_up_links_an_invitation_that_went_to_its_own_address(
    sluis: Sluis, dr_vos: StaffPerson, fleur: Person
) -> None:
    """The link shows that the person reads the address: it is verified by it."""
    await fleur.signs_up(PASSWORD)
    await fleur.gets_verification()
    assert (await fleur.comes_in())["access"] == "UNVERIFIED"
    await dr_vos.invites(await dr_vos.takes_on(fleur))
    assert (await fleur.links(await fleur.gets_link("accept")))["__typename"] == "InvitationLinked"
    assert await sluis.count("account", "email_verified_at IS NOT NULL AND email = ?", fleur.own.email) == 1
