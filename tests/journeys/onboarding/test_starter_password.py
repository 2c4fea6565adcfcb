"""Staff give a respondent a login to pass on: it works once, not for long, and its password is told once."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from tests.people.cast import Belongings, Person, token_of
from tests.people.device import Answer
from tests.people.staff import StaffPerson, at_work
from tests.support.refusing import refused
from tests.support.sluis import Sluis

OWN = "paarse kikker in de regen"
OTHER = "twaalf gele ganzen zwemmen"
#: A factor is asked of no respondent yet.
SILENT = '{"RESPONDENT": {"required_from": "2027-01-01T00:00:00+00:00"}}'
SAME = "This password cannot be used. Choose another password than the one you were given."
HAS_LOGIN = ("Deze persoon heeft al een login.", "This person already has a login.")


async def given(dr_vos: StaffPerson, person: Person, password: str | None = None) -> Answer:
    """Give a person a login, who takes the note with them; answers what the note says."""
    respondent = await dr_vos.finds(person.own.name)
    if respondent["email"] is None:
        respondent = (await dr_vos.gives_email(respondent, person.own.email))["respondent"]
    note = await dr_vos.gives_starter_password(respondent["id"], password)
    assert note["__typename"] == "StarterPasswordGiven", note
    person.own.login, person.own.password = note["loginCode"], note["password"]
    return note


async def test_a_respondent_comes_in_with_what_staff_passed_on(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    note = await given(dr_vos, ada)
    assert (note["email"], note["signsInByEmail"], note["portalUrl"]) == (ada.own.email, True, f"{sluis.url}/p/demo")
    assert re.fullmatch(r"[a-z]{6}(-[a-z]{6}){2}", note["password"])
    status = note["respondent"]["loginStatus"]
    assert (status["access"], status["loginCode"]) == ("APPROVED", note["loginCode"])
    assert [(one["code"], one["party"], one["mutation"]) for one in status["accessBlockers"]] == [
        ("STARTER_PASSWORD_UNUSED", "RESPONDENT", "signIn"),
        ("NO_FACTOR", "RESPONDENT", "beginEnrolment"),
    ]
    assert [one["step"] for one in status["steps"] if one["doneAt"]] == ["INVITATION_MAILED", "ACCESS_APPROVED"]
    mail = await ada.reads_mail()
    assert note["loginCode"] in mail["text"]
    assert note["password"] not in mail["text"]

    step = await ada.comes_in()
    assert step["__typename"] == "NewPasswordRequired", "the first sign-in asks a new password"
    same = await ada.replaces_password(step, note["password"])
    assert (same["code"], same["message"]) == ("WEAK_PASSWORD", SAME), "staff know that one"
    assert (await ada.replaces_password(step, "kort"))["code"] == "WEAK_PASSWORD"
    done = await ada.replaces_password(step, OWN)
    assert (done["__typename"], done["access"]) == ("SignedIn", "APPROVED")
    assert (await dr_vos.looks_at(note["respondent"]["id"]))["loginStatus"]["accessBlockers"] == []

    guest = ada.elsewhere()
    assert (await guest.starts_sign_in(password=note["password"]))["code"] == "WRONG_CREDENTIALS"
    sluis.clock.forward(days=8)
    assert (await guest.starts_sign_in(ada.own.email))["__typename"] == "FactorRequired", "one's own does not expire"
    (event,) = await sluis.rows("SELECT * FROM audit_event WHERE event = 'starter_password.given'")
    assert event["actor_role"] == "THERAPIST"


@pytest.mark.security
async def test_the_password_is_nowhere_in_what_is_stored(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    made = await given(dr_vos, ada)
    typed = await given(dr_vos, ada, OWN)
    assert typed["password"] == OWN
    for rows in (await sluis.database.tables()).values():
        for password in (made["password"], OWN):
            assert password not in str(rows)


async def test_starter_password_works_for_seven_days(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    note = await given(dr_vos, ada)
    sluis.clock.forward(days=7, seconds=-1)
    assert (await ada.elsewhere().starts_sign_in())["__typename"] == "EnrolmentRequired"
    sluis.clock.forward(seconds=1)
    await refused(sluis, ada, ada.starts_sign_in, "WRONG_CREDENTIALS")
    await dr_vos.signs_in()
    respondent = await dr_vos.looks_at(note["respondent"]["id"])
    assert next(one["code"] for one in respondent["loginStatus"]["accessBlockers"]) == "STARTER_PASSWORD_EXPIRED"
    again = await given(dr_vos, ada)
    assert again["loginCode"] == note["loginCode"]
    assert again["password"] != note["password"]
    assert (await ada.starts_sign_in(password=note["password"]))["code"] == "WRONG_CREDENTIALS"
    assert (await ada.starts_sign_in())["__typename"] == "EnrolmentRequired"
    assert await sluis.count("account", "name = ?", ada.own.name) == 1


@pytest.mark.security
@pytest.mark.parametrize("steps", [0, 1, 2, 3])
async def test_sign_in_that_began_before_the_starter_password_expired_ends_with_it(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, steps: int
) -> None:
    """At every step up to the password of one's own; a starter password is right nowhere any more."""
    await given(dr_vos, ada)
    sluis.clock.forward(days=7, minutes=-1)
    step = await ada.starts_sign_in()
    if steps > 0:
        step = await ada.confirms_password(step)
    begun = await ada.scans(step) if steps > 1 else {}
    if steps > 2:
        step = (await ada.shows_app_works(step, begun))["step"]
    sluis.clock.forward(minutes=1)
    work = partial(ada.shows_app_works, begun=begun)
    acts: list[Callable[[Answer], Awaitable[Answer]]] = [ada.confirms_password, ada.scans, work, ada.takes_codes]
    for act in (acts[steps], ada.confirms_password, partial(ada.replaces_password, password=OWN)):
        assert (await act(step))["code"] == "SIGN_IN_EXPIRED"
    enrolled = await sluis.rows(
        "SELECT e.id FROM factor_enrolment e JOIN account a ON a.id = e.account_id WHERE a.name = ?", ada.own.name
    )
    assert len(enrolled) == (1 if steps > 2 else 0), "what was set up before it ended"
    assert (await ada.starts_sign_in())["code"] == "WRONG_CREDENTIALS"


async def test_sign_in_says_why_another_password_is_asked_for_and_how_long_it_must_be(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    await given(dr_vos, ada)
    step = await ada.comes_in()
    rules = await ada.device.ask(
        """query($token: String!) { signInStep(token: $token) {
             ... on NewPasswordRequired { reason passwordRules { minimum maximum } } } }""",
        token=step["token"],
    )
    assert rules == {"reason": "GIVEN_BY_STAFF", "passwordRules": {"minimum": 8, "maximum": 256}}


async def test_login_code_alone_where_the_practice_has_signing_in_by_email_off(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    """What staff pass on, what an invitation's page says and what the person sees is what signing in does."""
    await sluis.rows("UPDATE practice SET email_sign_in = FALSE")
    note = await given(dr_vos, ada)
    assert note["signsInByEmail"] is False
    assert (await ada.elsewhere().starts_sign_in(ada.own.email))["code"] == "WRONG_CREDENTIALS"
    await ada.replaces_password(await ada.comes_in(), OWN)
    assert (await ada.sees_biography())["signsInByEmail"] is False
    joep = Person(sluis, Belongings("Joep de Vries", "joep@clients.example"))
    await dr_vos.invites(await dr_vos.takes_on(joep))
    assert (await joep.accepts(await joep.gets_link("accept"), OWN))["signsInByEmail"] is False
    assert (await olga.sees_biography())["signsInByEmail"] is True, "staff may"
    await sluis.rows("UPDATE practice SET email_sign_in = TRUE")
    assert (await ada.sees_biography())["signsInByEmail"] is True
    assert (await ada.elsewhere().starts_sign_in(ada.own.email))["__typename"] == "FactorRequired"


@pytest.mark.security
async def test_new_starter_password_ends_all_of_the_old_one(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, mallory: Person
) -> None:
    """Somebody found the note, set up an app, and stopped before choosing a password."""
    note = await given(dr_vos, ada)
    mallory.own.login, mallory.own.password = ada.own.login, ada.own.password
    begun = await mallory.comes_in()
    await dr_vos.gives_email(await dr_vos.looks_at(note["respondent"]["id"]), "ada@right.example")
    again = await given(dr_vos, ada)
    assert again["email"] == "ada@right.example", "a login that nobody used goes to the address that is right"
    assert (await mallory.replaces_password(begun, OWN))["code"] == "SIGN_IN_EXPIRED"
    assert (await ada.comes_in())["__typename"] == "NewPasswordRequired", "with an app of her own"
    assert await sluis.count("factor_enrolment", "factor = 'totp' AND role = 'PROOF'") == 4, "hers, and three of staff"


@pytest.mark.security
async def test_a_mail_to_an_address_nobody_proved_replaces_no_starter_password(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    await given(dr_vos, ada)
    assert (await ada.forgets_password())["__typename"] == "ResetRequested"
    async with asyncio.timeout(15):
        while await sluis.count("outbox_message", "state = 'WAITING'"):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)
    assert await sluis.count("mailed_link") == 0
    assert await sluis.count("outbox_message", "template = 'reset_requested' AND state = 'DROPPED'") == 1


@pytest.mark.security
async def test_a_forgotten_password_leaves_the_access_where_a_factor_is_proven(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, mallory: Person
) -> None:
    """The practice's handbook names this button. Who only reads the mail still lacks the app."""
    note = await given(dr_vos, ada)
    await ada.replaces_password(await ada.comes_in(), OWN)
    for password in (OTHER, OWN):
        await ada.forgets_password(ada.own.email)
        done = await resets(ada, password)
        assert (done["__typename"], done["awaitsApproval"]) == ("PasswordReset", False)
        ada.own.password = password
        mallory.own.login, mallory.own.password = ada.own.login, password
        assert (await mallory.starts_sign_in())["__typename"] == "FactorRequired"
        sluis.clock.forward(seconds=30)
        assert (await ada.signs_in())["access"] == "APPROVED"
    status = (await dr_vos.looks_at(note["respondent"]["id"]))["loginStatus"]
    assert (status["access"], status["accessBlockers"]) == ("APPROVED", [])
    assert await sluis.count("audit_event", "event = 'access.taken_back'") == 0


@pytest.mark.security
async def test_a_forgotten_password_without_a_factor_asks_staff_again_and_says_so(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    """Staff typed the address, perhaps wrongly: approving was for the person to whom they gave the password."""
    await sluis.rows("UPDATE practice SET policy = ? WHERE slug = 'demo'", SILENT)
    note = await given(dr_vos, ada)
    respondent = note["respondent"]["id"]
    done = await ada.replaces_password(await ada.starts_sign_in(), OWN)
    assert (done["__typename"], done["access"]) == ("SignedIn", "APPROVED")
    await ada.forgets_password(ada.own.email)
    answer = await resets(ada, OTHER)
    assert answer["awaitsApproval"] is True
    assert "voordat het portaal weer opengaat" in answer["message"]
    await ada.is_told("Daarom kijkt")
    status = (await dr_vos.looks_at(respondent))["loginStatus"]
    assert [(one["code"], one["party"], one["mutation"]) for one in status["accessBlockers"]] == [
        ("NOT_APPROVED_SINCE_RESET", "STAFF", "approveAccess")
    ]
    (event,) = await sluis.rows("SELECT subjects, actor_account FROM audit_event WHERE event = 'access.taken_back'")
    assert event["actor_account"] is None
    for kind in ("AccessGrant", "Dossier", "Respondent", "Account"):
        assert f'"{kind}"' in str(json.dumps(event["subjects"])).replace("\\", "")
    ada.own.password = OTHER
    assert (await ada.signs_in())["access"] == "AWAITING_APPROVAL"
    await dr_vos.approves(respondent)
    assert (await ada.signs_in())["access"] == "APPROVED"
    # By now the address is known to be theirs.
    await ada.forgets_password(ada.own.email)
    assert (await resets(ada, OWN))["awaitsApproval"] is False
    ada.own.password = OWN
    assert (await ada.signs_in())["access"] == "APPROVED"


async def resets(person: Person, password: str) -> Answer:
    """Set a password by the next mailed link."""
    answer: Answer = await person.device.ask(
        """mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { __typename
             ... on PasswordReset { message awaitsApproval } ... on Refusal { code } } }""",
        input={"token": token_of(await person.gets_link("reset")), "password": password},
    )
    return answer


async def test_what_is_in_the_way_of_giving_one(sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person) -> None:
    respondent = await dr_vos.finds(ada.own.name)
    give = partial(dr_vos.gives_starter_password, respondent["id"])
    await refused(sluis, dr_vos, give, "NO_EMAIL_ADDRESS")
    await dr_vos.gives_email(respondent, ada.own.email)
    for weak in ("", "kort", "password1", "Ada de Vries", "ada@clients.example", "x" * 2000):
        await refused(sluis, dr_vos, partial(give, weak), "WEAK_PASSWORD")
    for strange in ("", "x", respondent["id"][:-4], sluis.population.demo.dossiers[0].id):
        await refused(sluis, dr_vos, partial(dr_vos.gives_starter_password, strange), "NOT_FOUND")
    sluis.clock.forward(minutes=15)
    await refused(sluis, dr_vos, give, "STEP_UP_REQUIRED")
    await dr_vos.steps_up()
    assert (await give())["__typename"] == "StarterPasswordGiven"
    await dr_vos.lets_in(bram)
    again = partial(dr_vos.gives_starter_password, (await dr_vos.finds(bram.own.name))["id"])
    await refused(sluis, dr_vos, again, "ALREADY_HAS_LOGIN", HAS_LOGIN)
    intruder = StaffPerson(sluis, bram.own)
    intruder.device = bram.device
    await refused(sluis, bram, partial(intruder.gives_starter_password, respondent["id"]), "NOT_ALLOWED")
    dossier = await dr_vos.opens_dossier("D-1001")
    await dr_vos.closes_dossier(dossier["id"])
    await refused(sluis, dr_vos, give, "DOSSIER_CLOSED")


async def test_an_open_invitation_ends(sluis: Sluis, dr_vos: StaffPerson, bram: Person) -> None:
    await dr_vos.invites((await dr_vos.finds(bram.own.name))["id"])
    link = await bram.gets_link("accept")
    await given(dr_vos, bram)
    assert (await bram.accepts(link, OWN))["code"] == "LINK_SUPERSEDED"
    assert await sluis.count("access_grant") == 1


async def test_an_address_that_signs_in_somebody_else(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    """A family that shares it: the second one signs in by the code."""
    await dr_vos.lets_in(ada)
    dossier = (await dr_vos.creates_dossier("D-2001", "Joep de Vries"))["dossier"]["id"]
    await dr_vos.adds_respondent(dossier, "Joep de Vries", ada.own.email, "SELF")
    joep = Person(sluis, Belongings("Joep de Vries", ada.own.email, read=ada.own.read))
    note = await given(dr_vos, joep)
    assert note["signsInByEmail"] is False
    assert (await joep.starts_sign_in())["__typename"] == "EnrolmentRequired"
    assert (await joep.starts_sign_in(ada.own.email))["code"] == "WRONG_CREDENTIALS", "that is Ada's"
    assert (await ada.elsewhere().starts_sign_in(ada.own.email))["__typename"] == "FactorRequired"


async def test_after_the_access_was_closed_somebody_else_can_be_given_one(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    respondent = await dr_vos.lets_in(ada)
    await dr_vos.deactivates(respondent)
    await dr_vos.gives_email(await dr_vos.looks_at(respondent), "ada@new.example")
    other = Person(sluis, Belongings("Ada de Vries", "ada@new.example"))
    await given(dr_vos, other)
    assert (await other.starts_sign_in())["__typename"] == "EnrolmentRequired"
    assert (await ada.starts_sign_in())["code"] == "WRONG_CREDENTIALS"
    assert other.own.login != ada.own.login


async def test_two_colleagues_at_once_give_one(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson) -> None:
    bram = (await dr_vos.finds("Bram Jansen"))["id"]
    answers = await asyncio.gather(*(one.gives_starter_password(bram) for one in (dr_vos, olga, dr_vos, olga)))
    notes = [answer for answer in answers if answer["__typename"] == "StarterPasswordGiven"]
    assert notes
    assert {answer.get("code") for answer in answers} <= {None, "CONFLICT"}
    assert await sluis.count("account", "name = 'Bram Jansen'") == 1
    assert await sluis.count("access_grant") == 1
    guest = Person(sluis, Belongings("Bram Jansen", "bram@clients.example", login=notes[0]["loginCode"]))
    works = [await guest.starts_sign_in(password=note["password"]) for note in notes]
    assert [step["__typename"] for step in works].count("EnrolmentRequired") == 1, "the last one that was given"


async def test_a_therapist_gives_none_outside_the_caseload(
    sluis: Sluis, olga: StaffPerson, dr_else: StaffPerson
) -> None:
    bram = (await olga.finds("Bram Jansen"))["id"]
    await refused(sluis, dr_else, partial(dr_else.gives_starter_password, bram), "NOT_FOUND")
    vos = at_work(sluis, sluis.population.dr_vos)
    await vos.signs_in()
    await olga.gives_caseload((await olga.sees_colleague(vos.own.email))["id"], [])
    await refused(sluis, vos, partial(vos.gives_starter_password, bram), "NOT_FOUND")
