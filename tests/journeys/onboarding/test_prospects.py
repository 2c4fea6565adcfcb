"""Managers and the people who signed up: listed, verified, sent away, made a client or linked to one, once."""

import asyncio
from functools import partial
from typing import Any

import pytest

from schema.kit.ids import node_id
from tests.journeys.arena import race
from tests.people.cast import Belongings, Person
from tests.people.manager import Manager, managing
from tests.people.staff import StaffPerson
from tests.support.refusing import error, refused
from tests.support.sluis import Sluis

PASSWORD = "groene fiets over de dijk"
NOT_VERIFIED = (
    "Het e-mailadres van deze persoon is nog niet bevestigd.",
    "This person’s e-mail address has not been confirmed yet.",
)
UNUSABLE = (
    "Controleer “Behandelaars”. Dit kan hier niet gebruikt worden.",
    "Please check “Therapists”. This cannot be used here.",
)
HAS_LOGIN = ("Deze persoon heeft al een login.", "This person already has a login.")
LIST = """query($search: String) { prospects(search: $search) { totalCount verifiedCount unverifiedCount
  edges { cursor node { id } } } }"""
COUNTS = "{ prospects { totalCount verifiedCount } }"


@pytest.fixture
def given_settings() -> dict[str, Any]:
    """One machine plays everybody here, so its address may sign up more often."""
    return {"limit_sign_ups_per_hour": 1000}


@pytest.fixture
def manager(olga: StaffPerson) -> Manager:
    """The owner, at the page with the prospects."""
    return managing(olga)


@pytest.fixture
async def fleur(sluis: Sluis) -> Person:
    """Signed up, in, and not verified yet."""
    person = Person(sluis, Belongings("Fleur Peters", "fleur@clients.example"))
    assert (await person.signs_up(PASSWORD))["__typename"] == "SignUpRequested"
    await person.gets_verification()
    assert (await person.comes_in())["access"] == "UNVERIFIED"
    return person


async def test_managers_list_search_and_filter(sluis: Sluis, manager: Manager, fleur: Person) -> None:
    page = await manager.sees_prospects()
    assert [edge["node"]["name"] for edge in page["edges"]] == ["Fleur Peters", "Eva Smit"], "newest first"
    assert (page["totalCount"], page["verifiedCount"], page["unverifiedCount"]) == (2, 1, 1)
    for asked, names in (
        ({"verified": True}, ["Eva Smit"]),
        ({"verified": False}, ["Fleur Peters"]),
        ({"search": "PETERS"}, ["Fleur Peters"]),
        ({"search": "fleur@"}, ["Fleur Peters"]),
        ({"search": "%"}, []),
        ({"search": "eva", "verified": False}, []),
    ):
        page = await manager.sees_prospects(**asked)
        assert [edge["node"]["name"] for edge in page["edges"]] == names
        assert page["totalCount"] == len(names)
    first = await manager.sees_prospects(first=1)
    assert first["pageInfo"]["hasNextPage"]
    second = await manager.sees_prospects(first=1, after=first["pageInfo"]["endCursor"])
    assert [edge["node"]["name"] for edge in second["edges"]] == ["Eva Smit"]
    node = await manager.prospect("Fleur")
    assert (node["phone"], node["birthDate"], node["verified"]) == ("+31 6 12345678", "1984-02-29", False)
    assert await sluis.count("audit_event", "event = 'prospect.searched'") == 5


@pytest.mark.security
async def test_a_therapist_and_another_practice_see_none(
    sluis: Sluis, dr_vos: StaffPerson, dr_else: StaffPerson, manager: Manager, fleur: Person
) -> None:
    prospect = (await manager.prospect("Fleur"))["id"]
    therapist, elsewhere = managing(dr_vos), managing(dr_else)
    for question in (LIST, COUNTS, "{ respondents { totalCount } }"):
        await refused(sluis, dr_vos, partial(error, dr_vos, question), "NOT_ALLOWED")
    respondent = (await dr_vos.finds("Bram Jansen"))["id"]
    for who, code in ((therapist, "NOT_ALLOWED"), (elsewhere, "NOT_FOUND")):
        await refused(sluis, who, partial(who.verifies_prospect, prospect), code)
        await refused(sluis, who, partial(who.rejects, prospect), code)
        await refused(sluis, who, partial(who.creates_client, prospect, "P-1"), code)
        await refused(sluis, who, partial(who.associates, prospect, respondent), code)
    assert (await elsewhere.sees_prospects())["totalCount"] == 0
    assert (await elsewhere.searches_respondents("bram"))["totalCount"] == 0
    for strange in ("", "x", respondent):
        await refused(sluis, manager, partial(manager.rejects, strange), "NOT_FOUND")


async def test_a_client_is_made_of_a_prospect(sluis: Sluis, manager: Manager, fleur: Person) -> None:
    prospect = (await manager.prospect("Fleur"))["id"]
    await refused(sluis, manager, partial(manager.creates_client, prospect, "P-1"), "NOT_VERIFIED", NOT_VERIFIED)
    for reason in ("", " ", "x" * 201):
        assert (await manager.verifies_prospect(prospect, reason))["code"] == "INVALID_INPUT"
    verified = await manager.verifies_prospect(prospect, "Came by with a passport")
    assert verified["prospect"]["verified"] is True
    assert await manager.verifies_prospect(prospect) == verified, "twice is once"
    (event,) = await sluis.rows("SELECT * FROM audit_event WHERE event = 'prospect.verified'")
    assert "passport" in str(event["details"])
    await refused(
        sluis,
        manager,
        partial(manager.creates_client, prospect, "D-1001"),
        "ALREADY_EXISTS",
    )
    for wrong in ({"name": ""}, {"birthDate": "2999-01-01"}, {"email": "no"}, {"phone": "nul"}, {"relation": "PARENT"}):
        assert (await manager.creates_client(prospect, "P-1", **wrong))["code"] == "INVALID_INPUT"
    async with fleur.watches_access() as page:
        assert (await page.news())["access"] == "AWAITING_APPROVAL"
        made = await manager.creates_client(prospect, "P-1", name="Fleur Peters-Smit", language="nl")
        news = await page.news()
        assert (news["access"], news["accessBlockers"]) == ("APPROVED", [])
    dossier = made["dossier"]
    assert (dossier["reference"], dossier["name"], dossier["birthDate"]) == ("P-1", "Fleur Peters-Smit", "1984-02-29")
    (respondent,) = dossier["respondents"]
    assert (respondent["relation"], respondent["email"]) == ("SELF", fleur.own.email)
    assert respondent["phone"] == "+31 6 12345678"
    assert (respondent["loginStatus"]["access"], respondent["loginStatus"]["accessBlockers"]) == ("APPROVED", [])
    await fleur.is_told("opened the portal")
    me = await fleur.looks_at_own_account()
    assert me is not None
    assert me["access"] == "APPROVED"
    assert (await manager.sees_prospects())["totalCount"] == 1
    assert (await manager.creates_client(prospect, "P-2"))["code"] == "NOT_FOUND", "once"
    assert await sluis.count("prospect") == 1


async def test_a_new_client_is_in_the_caseload_of_the_therapists_at_once(
    sluis: Sluis, manager: Manager, fleur: Person, dr_vos: StaffPerson, dr_else: StaffPerson
) -> None:
    prospect, hers = (await manager.prospect("Fleur"))["id"], len(await dr_vos.sees_dossiers())
    await manager.verifies_prospect(prospect)
    assert (await manager.hires("Kim", "kim@desluis.example", "THERAPIST"))["__typename"] == "StaffInvited"
    vos, kim = [(await manager.sees_colleague(email))["id"] for email in (dr_vos.own.email, "kim@desluis.example")]
    (stranger,) = await sluis.rows(f"SELECT id FROM staff_member WHERE email = '{dr_else.own.email}'")
    for unknown in ("", prospect, node_id("StaffMember", stranger["id"])):
        act = partial(manager.creates_client, prospect, "P-1", therapists=[vos, unknown])
        await refused(sluis, manager, act, "NOT_FOUND")
    assert (await manager.suspends(kim))["__typename"] == "StaffSuspended"
    act = partial(manager.creates_client, prospect, "P-1", therapists=[vos, kim])
    await refused(sluis, manager, act, "INVALID_INPUT", UNUSABLE)
    made = await manager.creates_client(prospect, "P-1", therapists=[vos, vos])
    assert made["__typename"] == "ClientCreated"
    seen = await dr_vos.sees_dossiers()
    assert (len(seen), (await dr_vos.opens_dossier("P-1"))["id"]) == (hers + 1, made["dossier"]["id"])


async def test_a_parent_signed_up_for_a_child(sluis: Sluis, manager: Manager, fleur: Person) -> None:
    prospect = (await manager.prospect("Fleur"))["id"]
    await manager.verifies_prospect(prospect)
    made = await manager.creates_client(prospect, "P-1", relation="PARENT", name="Tim Peters", birthDate="2018-06-01")
    assert (made["dossier"]["name"], made["dossier"]["birthDate"]) == ("Tim Peters", "2018-06-01")
    assert [one["name"] for one in made["dossier"]["respondents"]] == ["Fleur Peters"]


async def test_a_prospect_is_associated_with_a_respondent(
    sluis: Sluis, manager: Manager, fleur: Person, bram: Person
) -> None:
    prospect = (await manager.prospect("Fleur"))["id"]
    page = await manager.searches_respondents("jansen")
    assert [(edge["node"]["name"], edge["dossier"]["reference"]) for edge in page["edges"]] == [
        ("Bram Jansen", "D-1002"),
        ("Carla Jansen", "D-1002"),
    ]
    carla = page["edges"][1]["node"]["id"]
    await refused(sluis, manager, partial(manager.associates, prospect, carla), "NOT_VERIFIED", NOT_VERIFIED)
    await manager.verifies_prospect(prospect)
    await manager.invites(carla)
    for strange in ("", prospect):
        await refused(sluis, manager, partial(manager.associates, prospect, strange), "NOT_FOUND")
    async with fleur.watches_access() as told:
        await told.news()
        done = await manager.associates(prospect, carla)
        assert done["respondent"]["loginStatus"]["access"] == "APPROVED"
        assert (await told.news())["access"] == "APPROVED"
    await fleur.is_told("opened the portal")
    assert await sluis.count("invitation", "revoked_at IS NULL AND accepted_at IS NULL") == 0
    eva = (await manager.prospect("Eva"))["id"]
    await refused(sluis, manager, partial(manager.associates, eva, carla), "ALREADY_HAS_LOGIN", HAS_LOGIN)
    await manager.closes_dossier((await manager.opens_dossier("D-1001"))["id"])
    ada = sluis.population.demo.dossiers[0].respondents[0].id
    await refused(sluis, manager, partial(manager.associates, eva, ada), "DOSSIER_CLOSED")
    assert (await manager.searches_respondents("ada"))["totalCount"] == 0, "of open dossiers"


async def test_rejected_prospect_is_deleted(sluis: Sluis, manager: Manager, fleur: Person) -> None:
    prospect = (await manager.prospect("Fleur"))["id"]
    async with fleur.watches_access() as page:
        await page.news()
        assert (await manager.rejects(prospect))["__typename"] == "ProspectRejected"
        assert await page.closed() == 4403
    await fleur.is_told("has closed the account")
    assert await fleur.looks_at_own_account() is None
    assert (await fleur.starts_sign_in())["code"] == "WRONG_CREDENTIALS"
    for table in ("account", "outbox_message"):
        assert "Fleur" not in str(await sluis.rows(f"SELECT * FROM {table}"))
    assert (await fleur.signs_up(PASSWORD))["__typename"] == "SignUpRequested", "the address is free"
    await fleur.gets_link("verify")
    assert (await manager.rejects((await manager.prospect("Fleur"))["id"], tell=False))["__typename"]
    assert await sluis.count("outbox_message", "template = 'sign_up_rejected'") == 1


async def test_these_acts_ask_for_a_recent_proof(sluis: Sluis, manager: Manager, fleur: Person) -> None:
    prospect = (await manager.prospect("Eva"))["id"]
    bram = sluis.population.demo.dossiers[1].respondents[0].id
    sluis.clock.forward(minutes=15)
    for act in (
        partial(manager.verifies_prospect, prospect),
        partial(manager.creates_client, prospect, "P-1"),
        partial(manager.associates, prospect, bram),
    ):
        await refused(sluis, manager, act, "STEP_UP_REQUIRED")


async def test_an_invited_prospect_is_no_prospect_any_more(sluis: Sluis, manager: Manager, fleur: Person) -> None:
    """The person signed up while the practice made the dossier: the account that is there is linked."""
    await manager.verifies_prospect((await manager.prospect("Fleur"))["id"])
    dossier = (await manager.creates_dossier("D-2001", fleur.own.name))["dossier"]["id"]
    added = await manager.adds_respondent(dossier, fleur.own.name, fleur.own.email, "SELF")
    await manager.invites(added["respondent"]["id"])
    link = await fleur.gets_link("accept")
    assert (await fleur.elsewhere().accepts(link, "paarse kikker in de regen"))["code"] == "ACCOUNT_EXISTS"
    assert (await fleur.links(link))["__typename"] == "InvitationLinked"
    assert (await manager.sees_prospects(search="fleur"))["totalCount"] == 0


@pytest.mark.security
async def test_managers_at_once_decide_once(sluis: Sluis, manager: Manager, fleur: Person) -> None:
    prospect = (await manager.prospect("Fleur"))["id"]
    await manager.verifies_prospect(prospect)
    bram, carla = (one.id for one in sluis.population.demo.dossiers[1].respondents)
    acts = [
        *(manager.creates_client(prospect, f"P-{number}") for number in range(4)),
        *(manager.associates(prospect, one) for one in (bram, carla, bram, carla)),
        *(manager.rejects(prospect) for _ in range(2)),
    ]
    answers = await race(acts)
    successes = [answer["__typename"] for answer in answers if "code" not in answer]
    assert len(successes) == 1, answers
    assert {answer.get("code") for answer in answers} <= {None, "CONFLICT", "NOT_FOUND", "ALREADY_HAS_LOGIN"}
    gone = successes == ["ProspectRejected"]
    assert await sluis.count("access_grant") == (0 if gone else 1)
    assert await sluis.count("account", "email = ?", fleur.own.email) == (0 if gone else 1)
    assert await sluis.count("dossier", "reference LIKE 'P-%'") == (1 if successes == ["ClientCreated"] else 0)


async def test_two_prospects_for_one_respondent(sluis: Sluis, manager: Manager, fleur: Person) -> None:
    fleurs, evas = (await manager.prospect("Fleur"))["id"], (await manager.prospect("Eva"))["id"]
    await manager.verifies_prospect(fleurs)
    bram = sluis.population.demo.dossiers[1].respondents[0].id
    answers = await asyncio.gather(manager.associates(fleurs, bram), manager.associates(evas, bram))
    assert sorted(answer["__typename"] == "ProspectAssociated" for answer in answers) == [False, True]
    assert {answer.get("code") for answer in answers} <= {None, "CONFLICT", "ALREADY_HAS_LOGIN"}
    assert await sluis.count("prospect") == 1, "the other one still waits"
