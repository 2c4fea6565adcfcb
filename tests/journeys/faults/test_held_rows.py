"""What two people do in the same moment: the second decides by what the first has done, not by what it had read."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.people.cast import Belongings, Person
from tests.people.device import Answer
from tests.people.factor_owner import FactorOwner
from tests.people.manager import Manager
from tests.people.staff import StaffPerson, at_work
from tests.support.held_up import overlapping
from tests.support.sluis import Sluis

pytestmark = pytest.mark.security

OPEN = "accepted_at IS NULL AND revoked_at IS NULL"
NEW = "paarse kikker in de regen"
DAY = 86400


@pytest.fixture
async def ada(sluis: Sluis, dr_vos: StaffPerson) -> FactorOwner:
    """Ada, who is let in and has a remembered device."""
    ada = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"), "BEARER")
    await dr_vos.lets_in(ada)
    sluis.clock.forward(seconds=30)
    assert (await ada.elsewhere("BEARER").signs_in(remember=DAY))["deviceToken"]
    return ada


@pytest.fixture
async def both(sluis: Sluis, dr_vos: StaffPerson, ada: FactorOwner) -> list[tuple[str, str]]:
    """Ada answers in two dossiers, with access to both: the dossiers and respondents."""
    first = await dr_vos.opens_dossier("D-1001")
    second = await dr_vos.opens_dossier("D-1002")
    added = await dr_vos.adds_respondent(second["id"], "Ada de Vries", "ada@clients.example")
    await dr_vos.invites(added["respondent"]["id"])
    assert (await ada.links(await ada.gets_link("accept")))["__typename"] == "InvitationLinked"
    assert (await dr_vos.approves(added["respondent"]["id"]))["__typename"] == "AccessApproved"
    return [(first["id"], first["respondents"][0]["id"]), (second["id"], added["respondent"]["id"])]


@pytest.mark.parametrize("how", ["deactivated", "closed", "one of each"])
async def test_two_last_accesses_that_end_at_once_end_sessions_and_devices(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, both: list[tuple[str, str]], how: str
) -> None:
    (first, one), (second, other) = both
    ending = {
        "deactivated": (partial(dr_vos.deactivates, one), partial(olga.deactivates, other)),
        "closed": (partial(dr_vos.closes_dossier, first), partial(olga.closes_dossier, second)),
        "one of each": (partial(dr_vos.deactivates, one), partial(olga.closes_dossier, second)),
    }[how]
    account = (await sluis.rows("SELECT account_id FROM access_grant WHERE state = 'APPROVED' LIMIT 1"))[0]
    assert await sluis.count("login_session", "ended_at IS NULL AND account_id = ?", account["account_id"]) == 2
    answers = await overlapping(sluis, ending[0](), ending[1]())
    assert not any("code" in answer for answer in answers)
    assert await sluis.count("access_grant", "state <> 'DEACTIVATED'") == 0
    assert await sluis.count("login_session", "ended_at IS NULL AND account_id = ?", account["account_id"]) == 0
    assert await sluis.count("factor_enrolment", "role = 'WAIVER'") == 0


@pytest.mark.parametrize("act", ["invites", "resends", "is asked by the old link"])
async def test_no_invitation_goes_to_an_address_that_is_corrected_meanwhile(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, bram: Person, act: str
) -> None:
    person = await dr_vos.finds("Bram Jansen")
    asks = partial(olga.invites, person["id"])
    if act != "invites":
        await dr_vos.invites(person["id"])
        link = await bram.gets_link("accept")
        if act == "is asked by the old link":
            sluis.clock.forward(days=8)
            await dr_vos.signs_in()
            asks = partial(bram.asks_new_invitation, link)
    corrected = dr_vos.gives_email(person, "bram.jansen@clients.example")
    changed, asked = await overlapping(sluis, corrected, asks())
    assert changed["__typename"] == "RespondentUpdated"
    assert asked.get("code") == ("LINK_REVOKED" if act == "is asked by the old link" else None)
    open_ones = await sluis.rows(f"SELECT email FROM invitation WHERE {OPEN}")
    assert [row["email"] for row in open_ones] in ([], ["bram.jansen@clients.example"])
    assert len(open_ones) == (0 if act == "is asked by the old link" else 1)


async def test_an_address_that_is_corrected_meanwhile_withdraws_the_invitation_that_was_just_sent(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson
) -> None:
    person = await dr_vos.finds("Bram Jansen")
    corrected = dr_vos.gives_email(person, "bram.jansen@clients.example")
    invited, changed = await overlapping(sluis, olga.invites(person["id"]), corrected)
    assert (invited["__typename"], changed["__typename"]) == ("RespondentInvited", "RespondentUpdated")
    assert await sluis.count("invitation", OPEN) == 0


@pytest.mark.parametrize("act", ["invites", "is asked by the old link"])
async def test_nobody_is_invited_beside_a_login_that_was_just_made(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, bram: Person, act: str
) -> None:
    person = (await dr_vos.finds("Bram Jansen"))["id"]
    asks = partial(olga.invites, person)
    if act != "invites":
        await dr_vos.invites(person)
        link = await bram.gets_link("accept")
        sluis.clock.forward(days=8)
        await dr_vos.signs_in()
        asks = partial(bram.asks_new_invitation, link)
    given, asked = await overlapping(sluis, dr_vos.gives_starter_password(person), asks())
    assert given["__typename"] == "StarterPasswordGiven"
    assert asked["code"] == ("ALREADY_HAS_LOGIN" if act == "invites" else "LINK_SUPERSEDED")
    assert await sluis.count("invitation", OPEN) == 0


async def test_an_account_that_is_closed_meanwhile_links_nothing(
    sluis: Sluis, dr_vos: StaffPerson, ada: FactorOwner
) -> None:
    link = await _second_link(dr_vos, ada)
    closed, linked = await overlapping(sluis, ada.closes_account(), ada.links(link), at="signal")
    assert (closed["__typename"], linked["code"]) == ("AccountEnded", "NOT_SIGNED_IN")
    assert await sluis.count("access_grant", "state <> 'DEACTIVATED'") == 0
    assert await sluis.count("invitation", OPEN) == 1, "the link is still good, for somebody else's login"


async def test_an_account_that_is_closed_meanwhile_takes_what_was_just_linked_with_it(
    sluis: Sluis, dr_vos: StaffPerson, ada: FactorOwner
) -> None:
    link = await _second_link(dr_vos, ada)
    linked, closed = await overlapping(sluis, ada.links(link), ada.closes_account(), at="signal")
    assert (linked["__typename"], closed["__typename"]) == ("InvitationLinked", "AccountEnded")
    assert await sluis.count("access_grant", "state <> 'DEACTIVATED'") == 0


async def _second_link(dr_vos: StaffPerson, ada: FactorOwner) -> str:
    second = await dr_vos.opens_dossier("D-1002")
    added = await dr_vos.adds_respondent(second["id"], "Ada de Vries", "ada@clients.example")
    await dr_vos.invites(added["respondent"]["id"])
    return await ada.gets_link("accept")


@pytest.mark.parametrize("way", ["an invitation", "a starter password"])
async def test_a_grant_that_waits_for_a_closed_account_keeps_nobody_out(
    sluis: Sluis, dr_vos: StaffPerson, ada: FactorOwner, way: str
) -> None:
    """As an older version could leave it behind."""
    person = (await dr_vos.finds("Ada de Vries"))["id"]
    assert (await ada.closes_account())["__typename"] == "AccountEnded"
    where = "WHERE respondent_id = (SELECT id FROM respondent WHERE name = 'Ada de Vries')"
    await sluis.rows(f"UPDATE access_grant SET state = 'PENDING' {where} RETURNING id")
    assert (await dr_vos.approves(person))["code"] == "ACCOUNT_CLOSED"
    act = dr_vos.invites if way == "an invitation" else dr_vos.gives_starter_password
    assert "code" not in await act(person)
    assert await sluis.count("access_grant", "state = 'PENDING'") == 0
    told = "SELECT subjects FROM audit_event WHERE event = 'access.deactivated'"
    assert len(await sluis.rows(told)) == 1


Acting = Callable[[StaffPerson, str, str], Coroutine[Any, Any, Answer]]
_ON_A_COLLEAGUE: dict[str, Acting] = {
    "demotes": lambda adam, kim, dossier: adam.gives_role(kim, "THERAPIST"),
    "suspends": lambda adam, kim, dossier: adam.suspends(kim),
    "reinstates": lambda adam, kim, dossier: adam.reinstates(kim),
    "sets the caseload": lambda adam, kim, dossier: adam.gives_caseload(kim, [dossier]),
    "adds to the caseload": lambda adam, kim, dossier: adam.adds_to_caseload(kim, [dossier]),
    "takes from the caseload": lambda adam, kim, dossier: adam.removes_from_caseload(kim, [dossier]),
    "invites again": lambda adam, kim, dossier: adam.invites_again(kim),
}


@pytest.fixture
async def adam(sluis: Sluis, olga: StaffPerson) -> StaffPerson:
    """An ADMIN: the therapist, promoted."""
    adam = at_work(sluis, sluis.population.dr_vos, "BEARER")
    await adam.signs_in()
    colleague = (await olga.sees_colleague(adam.own.email))["id"]
    assert (await olga.gives_role(colleague, "ADMIN"))["__typename"] == "StaffRoleSet"
    # The new role ended the step-up that signing in was.
    await adam.signs_in()
    return adam


@pytest.mark.parametrize("act", _ON_A_COLLEAGUE)
async def test_admin_changes_nothing_of_a_colleague_just_made_owner(
    sluis: Sluis, olga: StaffPerson, adam: StaffPerson, act: str
) -> None:
    kim = (await olga.hires("Kim", "kim@desluis.example", "ADMIN"))["staffMember"]["id"]
    dossier = (await olga.opens_dossier("D-1001"))["id"]
    promoted, acted = await overlapping(sluis, olga.gives_role(kim, "OWNER"), _ON_A_COLLEAGUE[act](adam, kim, dossier))
    assert (promoted["__typename"], acted["code"]) == ("StaffRoleSet", "NOT_ALLOWED")
    member = await olga.sees_colleague("kim@desluis.example")
    assert (member["role"], member["suspended"], member["caseloadSize"]) == ("OWNER", False, 0)


@pytest.mark.parametrize("act", ["demotes", "suspends", "hires"])
async def test_owner_just_demoted_manages_no_staff(
    sluis: Sluis, olga: StaffPerson, adam: StaffPerson, act: str
) -> None:
    kim = (await olga.hires("Kim", "kim@desluis.example", "ADMIN"))["staffMember"]["id"]
    himself = (await olga.sees_colleague(adam.own.email))["id"]
    acts = {
        "demotes": partial(adam.gives_role, kim, "THERAPIST"),
        "suspends": partial(adam.suspends, kim),
        "hires": partial(adam.hires, "Noor", "noor@desluis.example", "ADMIN"),
    }
    demoted, acted = await overlapping(sluis, olga.gives_role(himself, "THERAPIST"), acts[act]())
    assert (demoted["__typename"], acted["code"]) == ("StaffRoleSet", "NOT_ALLOWED")
    assert await sluis.count("staff_member", "role = 'ADMIN' AND suspended_at IS NULL") == 1


#: What managers alone do, beside what they do to colleagues: with the ids of a respondent and of a prospect.
_MANAGING: dict[str, Callable[[Manager, str, str], Coroutine[Any, Any, Answer]]] = {
    "sets the policy": lambda adam, ada, fleur: adam.sets_policy(remember=[3600], rememberDefault=3600),
    "renames the practice": lambda adam, ada, fleur: adam.settles(0, name="De Nieuwe Sluis"),
    "exempts": lambda adam, ada, fleur: adam.exempts(ada, adam.sluis.clock() + timedelta(days=2)),
    "ends an exemption": lambda adam, ada, fleur: adam.ends_exemption(ada),
    "suspends an account": lambda adam, ada, fleur: adam.suspends_account(ada),
    "reinstates an account": lambda adam, ada, fleur: adam.reinstates_account(ada),
    "verifies a prospect": lambda adam, ada, fleur: adam.verifies_prospect(fleur),
    "rejects a prospect": lambda adam, ada, fleur: adam.rejects(fleur),
    "associates a prospect": lambda adam, ada, fleur: adam.associates(fleur, ada),
}


@pytest.fixture
async def prospect(sluis: Sluis, olga: StaffPerson, adam: StaffPerson) -> str:
    """Fleur signed up and proved her address."""
    await sluis.rows("UPDATE practice SET sign_up_open = TRUE")
    fleur = FactorOwner(sluis, Belongings("Fleur Kok", "fleur@clients.example"), "BEARER")
    await fleur.signs_up(NEW)
    await fleur.verifies(await fleur.gets_verification())
    return str((await managing(olga).prospect("Fleur Kok"))["id"])


def managing(person: StaffPerson) -> Manager:
    """The same person at the same device, who knows the acts of managers too."""
    manager = Manager(person.sluis, person.own, "BEARER")
    manager.device = person.device
    return manager


@pytest.mark.parametrize("act", _MANAGING)
async def test_admin_just_demoted_manages_no_clients_or_settings(
    sluis: Sluis, olga: StaffPerson, adam: StaffPerson, prospect: str, act: str
) -> None:
    """The role counts that is held, not the one that the request came in with."""
    himself = (await olga.sees_colleague(adam.own.email))["id"]
    person = (await olga.finds("Ada de Vries"))["id"]
    acting = _MANAGING[act](managing(adam), person, prospect)
    demoted, acted = await overlapping(sluis, olga.gives_role(himself, "THERAPIST"), acting)
    assert (demoted["__typename"], acted["code"]) == ("StaffRoleSet", "NOT_ALLOWED")


async def test_an_owner_demoted_meanwhile_does_not_move_where_secrets_go(
    sluis: Sluis, olga: StaffPerson, adam: StaffPerson
) -> None:
    himself = (await olga.sees_colleague(adam.own.email))["id"]
    await olga.gives_role(himself, "OWNER")
    await adam.signs_in()
    moving = managing(adam).settles(0, videoLink="https://video.elsewhere.example/{room}")
    demoted, moved = await overlapping(sluis, olga.gives_role(himself, "ADMIN"), moving)
    assert (demoted["__typename"], moved["code"]) == ("StaffRoleSet", "NOT_ALLOWED")
    assert await sluis.count("practice", "video_link IS NOT NULL") == 0


_IN_A_DOSSIER = ("invites", "adds a respondent", "adds a report", "releases a report", "delivers answers", "approves")


@pytest.mark.parametrize("act", _IN_A_DOSSIER)
async def test_nothing_is_added_to_a_dossier_that_is_closed_meanwhile(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: FactorOwner, act: str
) -> None:
    dossier = await dr_vos.opens_dossier("D-1001")
    person = dossier["respondents"][0]["id"]
    report = (await dr_vos.adds_report(dossier["id"], text="Verslag"))["report"]["id"]
    carla = (await dr_vos.adds_respondent(dossier["id"], "Carla", "carla@clients.example"))["respondent"]["id"]
    acts = {
        "invites": partial(dr_vos.invites, carla),
        "adds a respondent": partial(dr_vos.adds_respondent, dossier["id"], "Dirk", None),
        "adds a report": partial(dr_vos.adds_report, dossier["id"], text="Nog een"),
        "releases a report": partial(dr_vos.releases, report, person),
        "delivers answers": partial(dr_vos.delivers, person, "Q-1"),
        "approves": partial(dr_vos.approves, person),
    }
    tables = ("respondent", "report", "report_release", "answer_form", "invitation")
    before = [await sluis.count(table) for table in tables]
    # Read before: reading writes an audit row as well, and would be what is stopped.
    version = await olga.version_of(dossier["id"])
    closed, acted = await overlapping(sluis, olga.closes_dossier(dossier["id"], version), acts[act]())
    assert closed["__typename"] == "DossierEnded"
    assert acted["code"] in {"DOSSIER_CLOSED", "NO_LOGIN"}
    assert [await sluis.count(table) for table in tables] == before
    assert await sluis.count("access_grant", "state <> 'DEACTIVATED'") == 0


async def test_a_report_that_is_archived_meanwhile_is_released_to_nobody(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: FactorOwner
) -> None:
    dossier = await dr_vos.opens_dossier("D-1001")
    report = (await dr_vos.adds_report(dossier["id"], text="Verslag"))["report"]["id"]
    releasing = dr_vos.releases(report, dossier["respondents"][0]["id"])
    archived, released = await overlapping(sluis, olga.archives_report(report), releasing)
    assert (archived["__typename"], released["code"]) == ("ReportArchived", "IN_ARCHIVE")
    assert await sluis.count("report_release", "withdrawn_at IS NULL") == 0


async def test_approving_and_deactivating_at_once_never_deadlock(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: FactorOwner
) -> None:
    person = (await dr_vos.finds("Ada de Vries"))["id"]
    deactivated, approved = await overlapping(sluis, dr_vos.deactivates(person), olga.approves(person))
    assert (deactivated["__typename"], approved["__typename"]) == ("AccessDeactivated", "AccessApproved")
    deactivated, approved = await overlapping(sluis, dr_vos.deactivates(person), olga.approves(person))
    assert await sluis.count("access_grant", "state = 'APPROVED'") == 1
