"""Who works here: invited, given a role and a caseload, suspended; and what another practice sees of it: nothing."""

import asyncio
from functools import partial

import pytest

from tests.journeys.arena import race
from tests.people.cast import Belongings, Person
from tests.people.device import Answer
from tests.people.staff import StaffPerson
from tests.support.refusing import refused
from tests.support.sluis import Sluis

PASSWORD = "blauwe fiets onder de brug"


async def joins(boss: StaffPerson, name: str, email: str, role: str) -> StaffPerson:
    """Somebody new is invited, accepts, sets up two steps and is in."""
    hired = await boss.hires(name, email, role)
    assert (hired["__typename"], hired["staffMember"]["hasAccount"]) == ("StaffInvited", False)
    person = StaffPerson(boss.sluis, Belongings(name, email))
    link = await person.gets_link("accept")
    assert (await person.opens(link))["personName"] == name
    made = await person.accepts(link, PASSWORD)
    assert (made["__typename"], made["signsInByEmail"]) == ("AccountMade", True)
    done = await person.keeps_codes(await person.sets_up_app(await person.starts_sign_in(email)))
    assert (done["__typename"], done["access"]) == ("SignedIn", "APPROVED"), "staff wait for nobody"
    return person


async def role_of(person: StaffPerson) -> str | None:
    """The own role, None where one is signed out."""
    viewer: Answer | None = await person.device.ask("{ viewer { role } }")
    return viewer["role"] if viewer else None


async def references(person: StaffPerson, search: str | None = None) -> list[str]:
    return [dossier["reference"] for dossier in await person.sees_dossiers(search)]


async def test_an_owner_invites_a_therapist_and_gives_a_caseload(
    sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson
) -> None:
    kim = await joins(olga, "Kim Therapeut", "kim@desluis.example", "THERAPIST")
    assert (await role_of(kim), await references(kim)) == ("THERAPIST", [])
    dossier = await dr_vos.opens_dossier("D-1002")
    assert await kim.looks_at(dossier["id"]) is None
    assert await kim.looks_at(dossier["respondents"][0]["id"]) is None

    member = await olga.sees_colleague(kim.own.email)
    assert (member["hasAccount"], member["invitation"]["state"]) == (True, "ACCEPTED")
    given = await olga.gives_caseload(member["id"], [dossier["id"]])
    assert (given["__typename"], given["staffMember"]["caseloadSize"]) == ("CaseloadSet", 1)
    assert await references(kim) == ["D-1002"]
    assert await references(kim, "de Vries") == [], "a search finds none outside it"
    assert await references(kim, "jansen") == ["D-1002"]
    assert (await kim.invites(dossier["respondents"][0]["id"]))["__typename"] == "RespondentInvited"

    assert (await kim.creates_dossier("D-2001", "Cas de Boer"))["__typename"] == "DossierCreated"
    assert await references(kim) == ["D-1002", "D-2001"], "one's own comes by itself"
    assert await references(dr_vos) == ["D-1001", "D-1002"]
    assert await references(olga) == ["D-1001", "D-1002", "D-2001"]

    assert (await olga.gives_caseload(member["id"], []))["staffMember"]["caseloadSize"] == 0
    assert await references(kim) == []
    assert (await kim.invites(dossier["respondents"][0]["id"]))["code"] == "NOT_FOUND"
    assert await sluis.count("caseload_entry", "dossier_id IN (SELECT id FROM dossier WHERE reference = 'D-2001')") == 0


async def test_a_new_invitation_takes_the_place_of_an_older_one(
    sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson, dr_else: StaffPerson
) -> None:
    hired = (await olga.hires("Noor Nieuw", "noor@desluis.example", "THERAPIST"))["staffMember"]["id"]
    noor = StaffPerson(sluis, Belongings("Noor Nieuw", "noor@desluis.example"))
    older = await noor.gets_link("accept")
    await refused(sluis, dr_vos, partial(dr_vos.invites_again, hired), "NOT_ALLOWED")
    await refused(sluis, dr_else, partial(dr_else.invites_again, hired), "NOT_FOUND")
    sluis.clock.forward(minutes=16)
    again = await olga.invites_again(hired)
    assert (again["__typename"], again["staffMember"]["invitation"]["state"]) == ("StaffInvited", "SENT")
    newer = await noor.gets_link("accept")
    assert newer != older
    for act in (partial(noor.opens, older), partial(noor.accepts, older, PASSWORD)):
        assert (await act())["code"] == "LINK_SUPERSEDED"
    assert (await noor.opens(newer))["personName"] == "Noor Nieuw"
    assert (await noor.accepts(newer, PASSWORD))["__typename"] == "AccountMade"
    assert (await noor.comes_in())["access"] == "APPROVED"
    assert await role_of(noor) == "THERAPIST"
    assert await sluis.count("audit_event", "event = 'staff.invited'") == 2
    has_login = ("Deze persoon heeft al een login.", "This person already has a login.")
    await refused(sluis, olga, partial(olga.invites_again, hired), "ALREADY_HAS_LOGIN", has_login)


async def test_inviting_again_has_a_pace(sluis: Sluis, olga: StaffPerson) -> None:
    hired = (await olga.hires("Noor Nieuw", "noor@desluis.example", "THERAPIST"))["staffMember"]["id"]
    answers = [await olga.invites_again(hired) for _ in range(7)]
    codes = [answer.get("code") for answer in answers]
    assert codes == sorted(codes, key=bool)
    assert codes[0] is None
    assert codes[-1] == "TOO_MANY_ATTEMPTS"
    sent = codes.count(None)
    assert await sluis.count("invitation", "revoked_at IS NULL AND NOT superseded") == 1
    assert await sluis.count("audit_event", "event = 'staff.invited'") == 1 + sent


async def test_a_caseload_grows_and_shrinks_by_one_dossier(
    sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson, dr_else: StaffPerson
) -> None:
    member = (await olga.sees_colleague(dr_vos.own.email))["id"]
    assert (await olga.creates_dossier("D-2001", "Cas de Boer"))["__typename"] == "DossierCreated"
    new, other = (await olga.opens_dossier("D-2001"))["id"], (await olga.opens_dossier("D-1001"))["id"]
    assert await references(dr_vos) == ["D-1001", "D-1002"]
    for _ in range(2):
        added = await olga.adds_to_caseload(member, [new, new, other])
        assert (added["__typename"], added["staffMember"]["caseloadSize"]) == ("AddedToCaseload", 3)
    assert await references(dr_vos) == ["D-1001", "D-1002", "D-2001"], "none of the others is lost"
    for _ in range(2):
        removed = await olga.removes_from_caseload(member, [other])
        assert (removed["__typename"], removed["staffMember"]["caseloadSize"]) == ("RemovedFromCaseload", 2)
    assert await references(dr_vos) == ["D-1002", "D-2001"]
    assert await dr_vos.looks_at(other) is None
    for event, subjects in (("staff.caseload_added", 3), ("staff.caseload_removed", 2)):
        rows = await sluis.rows(f"SELECT subjects FROM audit_event WHERE event = '{event}'")
        assert [str(row["subjects"]).count("Dossier") for row in rows] == [subjects - 1] * 2

    foreign = (await dr_else.creates_dossier("X-1", "Els de Wit"))["dossier"]
    for change in (olga.adds_to_caseload, olga.removes_from_caseload):
        for dossiers in ([new, foreign["id"]], [new, ""], [member]):
            await refused(sluis, olga, partial(change, member, dossiers), "NOT_FOUND")
        await refused(sluis, olga, partial(change, new, [new]), "NOT_FOUND")
    await refused(sluis, dr_vos, partial(dr_vos.adds_to_caseload, member, [other]), "NOT_ALLOWED")
    await refused(sluis, dr_vos, partial(dr_vos.removes_from_caseload, member, [new]), "NOT_ALLOWED")


async def test_the_same_dossier_added_by_several_at_once_is_in_once(
    sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson
) -> None:
    member = (await olga.sees_colleague(dr_vos.own.email))["id"]
    both = [dossier["id"] for dossier in await olga.sees_dossiers()]
    await olga.gives_caseload(member, [])
    answers = await race([olga.adds_to_caseload(member, both[:: 1 - 2 * (turn % 2)]) for turn in range(8)])
    assert {answer["__typename"] for answer in answers} == {"AddedToCaseload"}
    assert (await olga.sees_colleague(dr_vos.own.email))["caseloadSize"] == len(both)


async def test_an_admin_manages_all_but_owners(sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson) -> None:
    ann = await joins(olga, "Ann Admin", "ann@desluis.example", "ADMIN")
    assert await references(ann) == ["D-1001", "D-1002"]
    owner, therapist = await ann.sees_colleague(olga.own.email), await ann.sees_colleague(dr_vos.own.email)
    for act in (
        partial(ann.gives_role, owner["id"], "THERAPIST"),
        partial(ann.gives_caseload, owner["id"], []),
        partial(ann.adds_to_caseload, owner["id"], []),
        partial(ann.removes_from_caseload, owner["id"], []),
        partial(ann.suspends, owner["id"]),
        partial(ann.reinstates, owner["id"]),
        partial(ann.gives_role, therapist["id"], "OWNER"),
        partial(ann.hires, "Second Owner", "second@desluis.example", "OWNER"),
        partial(ann.resets_colleague, therapist["id"]),
    ):
        await refused(sluis, ann, act, "NOT_ALLOWED")
    assert (await ann.gives_role(therapist["id"], "ADMIN"))["__typename"] == "StaffRoleSet"
    assert (await ann.hires("Tim", "tim@desluis.example", "THERAPIST"))["__typename"] == "StaffInvited"
    taken = ("Dit is al in gebruik: E-mailadres.", "This is already in use: E-mail address.")
    again = partial(ann.hires, "Tim", "TIM@desluis.example", "THERAPIST")
    await refused(sluis, ann, again, "ALREADY_EXISTS", taken)


async def test_a_role_holds_from_the_next_request(sluis: Sluis, olga: StaffPerson) -> None:
    ann = await joins(olga, "Ann Admin", "ann@desluis.example", "ADMIN")
    member = (await olga.sees_colleague(ann.own.email))["id"]
    dossier = (await ann.sees_dossiers())[0]
    assert (await olga.gives_role(member, "THERAPIST"))["__typename"] == "StaffRoleSet"
    assert (await role_of(ann), await references(ann)) == ("THERAPIST", []), "the same session, another role"
    assert await ann.looks_at(dossier["id"]) is None
    assert (await ann.closes_dossier(dossier["id"]))["code"] == "NOT_FOUND"
    assert (await ann.hires("Me", "me@desluis.example", "ADMIN"))["code"] == "NOT_ALLOWED"
    assert (await ann.gives_role(member, "OWNER"))["code"] == "NOT_ALLOWED"
    assert (await olga.gives_role(member, "OWNER"))["staffMember"]["role"] == "OWNER"
    assert (await role_of(ann), await references(ann)) == ("OWNER", ["D-1001", "D-1002"])


async def test_suspended_colleague_is_signed_out_at_once(sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson) -> None:
    begun = await dr_vos.elsewhere().starts_sign_in()
    colleague = (await olga.sees_colleague(dr_vos.own.email))["id"]
    dossier = await dr_vos.opens_dossier("D-1002")
    assert (await olga.suspends(colleague))["staffMember"]["suspended"] is True
    assert await dr_vos.looks_at_own_account() is None
    assert (await dr_vos.invites(dossier["respondents"][0]["id"]))["code"] == "NOT_SIGNED_IN"
    assert await sluis.count("invitation") == 0
    right, wrong = await dr_vos.starts_sign_in(), await dr_vos.starts_sign_in(password="niet dit wachtwoord")
    assert (right["code"], right) == ("WRONG_CREDENTIALS", wrong)
    assert (await dr_vos.proves(begun, "totp", dr_vos.app.code()))["code"] == "SIGN_IN_EXPIRED"

    assert (await olga.reinstates(colleague))["staffMember"]["suspended"] is False
    assert await dr_vos.looks_at_own_account() is None, "sessions that ended stay ended"
    assert (await dr_vos.signs_in())["__typename"] == "SignedIn"
    assert await references(dr_vos) == ["D-1001", "D-1002"], "with the caseload of before"


@pytest.mark.security
async def test_two_owners_who_demote_each_other_at_once_leave_one(
    sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson
) -> None:
    """Neither sees what the other has not committed yet, so they pass in turn."""
    await sluis.rows("UPDATE staff_member SET role = 'OWNER' WHERE email = ?", dr_vos.own.email)
    one, other = [(await olga.sees_colleague(who.own.email))["id"] for who in (olga, dr_vos)]
    ours = "practice_id = (SELECT id FROM practice WHERE slug = 'demo') AND suspended_at IS NULL AND role = 'OWNER'"
    both = (olga.own.email, dr_vos.own.email)
    for act in ("gives_role", "suspends") * 4:
        more = ("ADMIN",) if act == "gives_role" else ()
        answers = await asyncio.gather(getattr(olga, act)(other, *more), getattr(dr_vos, act)(one, *more))
        assert await sluis.count("staff_member", ours) == 1, answers
        await sluis.rows("UPDATE staff_member SET role = 'OWNER', suspended_at = NULL WHERE email IN (?, ?)", *both)
        if act == "suspends":
            sluis.clock.forward(minutes=1)
            await asyncio.gather(olga.signs_in(), dr_vos.signs_in())


async def test_last_owner_cannot_be_demoted_or_suspended(sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson) -> None:
    me = (await olga.sees_colleague(olga.own.email))["id"]
    last = ("Een praktijk heeft minstens één eigenaar nodig.", "A practice needs at least one owner.")
    await refused(sluis, olga, partial(olga.gives_role, me, "ADMIN"), "LAST_OWNER", last)
    await refused(sluis, olga, partial(olga.suspends, me), "LAST_OWNER", last)
    invited = await olga.hires("Second Owner", "second@desluis.example", "OWNER")
    assert invited["__typename"] == "StaffInvited"
    await refused(sluis, olga, partial(olga.suspends, me), "LAST_OWNER", last)
    colleague = (await olga.sees_colleague(dr_vos.own.email))["id"]
    assert (await olga.gives_role(colleague, "OWNER"))["__typename"] == "StaffRoleSet"
    assert (await olga.gives_role(me, "THERAPIST"))["__typename"] == "StaffRoleSet"
    assert (await role_of(olga), await references(olga)) == ("THERAPIST", [])


async def test_sensitive_acts_ask_who_is_there(sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson) -> None:
    colleague = (await olga.sees_colleague(dr_vos.own.email))["id"]
    sluis.clock.forward(minutes=15)
    for act in (
        partial(olga.hires, "Me", "me@desluis.example", "ADMIN"),
        partial(olga.gives_role, colleague, "OWNER"),
        partial(olga.suspends, colleague),
        partial(olga.reinstates, colleague),
        partial(olga.resets_colleague, colleague),
    ):
        await refused(sluis, olga, act, "STEP_UP_REQUIRED")
    assert (await olga.steps_up())["__typename"] == "SteppedUp"
    assert (await olga.suspends(colleague))["__typename"] == "StaffSuspended"


async def test_another_practice_sees_nothing_of_this_one(sluis: Sluis, olga: StaffPerson, dr_else: StaffPerson) -> None:
    page = """query($after: String, $search: String) { dossiers(first: 1, after: $after, search: $search) {
        totalCount edges { cursor node { reference } } pageInfo { hasNextPage } } }"""
    own = (await dr_else.creates_dossier("D-1001", "Zoë Elders"))["dossier"]
    assert own["reference"] == "D-1001", "references are unique in a practice only"
    here = await olga.device.ask(page)
    assert (here["totalCount"], here["pageInfo"]["hasNextPage"]) == (2, True)

    for variables in ({}, {"search": "D-1001"}, {"after": here["edges"][0]["cursor"]}):
        there = await dr_else.device.ask(page, **variables)
        assert (there["totalCount"], there["pageInfo"]["hasNextPage"]) == (1, False)
        assert [edge["node"]["reference"] for edge in there["edges"]] == ["D-1001"]
    for search in ("de Vries", "D-1002", "Jansen", "%", "_"):
        assert await references(dr_else, search) == []
    dossier = await olga.opens_dossier("D-1002")
    for identity in (dossier["id"], dossier["respondents"][0]["id"]):
        assert await dr_else.looks_at(identity) is None
    colleagues = await dr_else.device.ask("{ staff { email } }")
    assert [one["email"] for one in colleagues] == [dr_else.own.email]
    guest = dr_else.elsewhere()
    guest.device.http.headers["Sluis-Practice"] = guest.practice = "demo"
    assert (await guest.starts_sign_in())["code"] == "WRONG_CREDENTIALS", "an account is one practice's"


async def test_a_cookie_opens_no_other_practice(sluis: Sluis, dr_else: StaffPerson, dr_vos: StaffPerson) -> None:
    """Cookies of both practices in one browser, and a request that names the other."""
    theirs = next(str(cookie.value) for cookie in dr_else.device.http.cookies.jar)
    dr_vos.device.http.cookies.set("sluis-other", theirs, domain="localhost.local")
    assert await references(dr_vos) == ["D-1001", "D-1002"]
    dr_vos.device.http.headers["Sluis-Practice"] = "other"
    assert await references(dr_vos) == []
    dr_vos.device.http.cookies.set("sluis-demo", theirs, domain="localhost.local")
    dr_vos.device.http.headers["Sluis-Practice"] = "demo"
    assert await role_of(dr_vos) is None, "whatever a cookie is called, its session decides"


@pytest.mark.security
async def test_a_suspension_forgets_devices_and_withdraws_invitations(
    sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson
) -> None:
    phone = dr_vos.elsewhere("BEARER")
    sluis.clock.forward(seconds=30)
    assert (await phone.signs_in(remember=12 * 3600))["deviceToken"]
    await phone.signs_out()
    assert (await phone.starts_sign_in())["__typename"] == "SignedIn"
    colleague = (await olga.sees_colleague(dr_vos.own.email))["id"]
    assert (await olga.suspends(colleague))["__typename"] == "StaffSuspended"
    await olga.reinstates(colleague)
    assert (await phone.starts_sign_in())["__typename"] == "FactorRequired", "it was not only asleep"

    hired = (await olga.hires("Noor Nieuw", "noor@desluis.example", "THERAPIST"))["staffMember"]["id"]
    noor = Person(sluis, Belongings("Noor Nieuw", "noor@desluis.example"))
    link = await noor.gets_link("accept")
    await olga.suspends(hired)
    assert (await noor.accepts(link, "vier paarse olifanten zwemmen"))["code"] == "LINK_REVOKED"
    await olga.reinstates(hired)
    assert (await noor.accepts(link, "vier paarse olifanten zwemmen"))["code"] == "LINK_REVOKED"


@pytest.mark.security
async def test_a_closed_grant_is_no_handle_on_an_account(
    sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson, ada: Person
) -> None:
    """Ada goes on in a colleague's dossier, where Dr. Vos has no business."""
    respondent = await dr_vos.lets_in(ada)
    hers = (await olga.creates_dossier("D-2001", "Cas de Boer"))["dossier"]["id"]
    added = (await olga.adds_respondent(hers, ada.own.name, ada.own.email))["respondent"]["id"]
    await olga.invites(added)
    assert (await ada.links(await ada.gets_link("accept")))["__typename"] == "InvitationLinked"
    assert (await olga.approves(added))["__typename"] == "AccessApproved"
    assert (await dr_vos.deactivates(respondent))["__typename"] == "AccessDeactivated"
    before = await sluis.rows("SELECT * FROM account WHERE name = ?", ada.own.name)
    for act in (dr_vos.replaces_login_code, dr_vos.ends_sessions_of, dr_vos.revokes_devices_of):
        assert (await act(respondent))["code"] == "NO_LOGIN"
    assert await dr_vos.sees_devices_of(respondent) == []
    assert await sluis.rows("SELECT * FROM account WHERE name = ?", ada.own.name) == before
    assert await ada.looks_at_own_account() is not None
    assert (await olga.ends_sessions_of(added))["__typename"] == "RespondentSessionsEnded"
    assert await ada.looks_at_own_account() is None


async def test_suspended_colleague_is_invited_again_only_once_reinstated(sluis: Sluis, olga: StaffPerson) -> None:
    """A link would make an account that cannot sign in; nor does an expired one bring another."""
    hired = (await olga.hires("Noor Nieuw", "noor@desluis.example", "THERAPIST"))["staffMember"]["id"]
    noor = StaffPerson(sluis, Belongings("Noor Nieuw", "noor@desluis.example"))
    older = await noor.gets_link("accept")
    sluis.clock.forward(days=8)
    await olga.signs_in()
    await olga.suspends(hired)
    assert (await olga.invites_again(hired))["code"] == "ACCOUNT_SUSPENDED"
    assert (await noor.asks_new_invitation(older))["code"] == "LINK_REVOKED"
    assert await sluis.count("invitation", "staff_id IS NOT NULL AND revoked_at IS NULL AND NOT superseded") <= 1
    await olga.reinstates(hired)
    assert (await olga.invites_again(hired))["__typename"] == "StaffInvited"
    assert (await noor.accepts(await noor.gets_link("accept"), PASSWORD))["__typename"] == "AccountMade"
