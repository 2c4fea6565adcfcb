"""What an access opens of a dossier: by the relation, unless staff chose; from the next request on."""

from functools import partial

import pytest

from tests.journeys.family import Family, gathered
from tests.people.cast import Person
from tests.people.staff import StaffPerson
from tests.support.refusing import refused
from tests.support.sluis import Sluis

ALL = ["ANSWERS", "REPORTS", "APPOINTMENTS", "RECEIPTS"]
STATUS = "query($id: ID!) { node(id: $id) { ... on Respondent { loginStatus { scopes scopesChosen } } } }"


@pytest.fixture
async def family(sluis: Sluis, dr_vos: StaffPerson, bram: Person) -> Family:
    return await gathered(sluis, dr_vos, bram)


async def status(dr_vos: StaffPerson, respondent: str) -> tuple[list[str] | None, bool]:
    told = (await dr_vos.device.ask(STATUS, id=respondent))["loginStatus"]
    return told["scopes"], told["scopesChosen"]


async def test_what_a_relation_opens(dr_vos: StaffPerson, family: Family) -> None:
    assert await status(dr_vos, family.bram_id) == (ALL, False)
    assert await status(dr_vos, family.teacher_id) == (["ANSWERS"], False)
    assert await status(dr_vos, family.carla_id) == (None, False)
    own = {"name": "Bram Jansen", "relation": "SELF", "about": "Bram Jansen", "scopes": ALL}
    assert await family.bram.sees_own_access() == [own]
    own = {"name": "Juf Tine", "relation": "TEACHER", "about": "Bram Jansen", "scopes": ["ANSWERS"]}
    assert await family.teacher.sees_own_access() == [own]
    assert await dr_vos.sees_own_access() == []


async def test_a_teacher_with_nothing_sees_nothing(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    teacher = family.teacher
    await dr_vos.delivers(family.teacher_id, "ROM-1")
    report = (await dr_vos.adds_report(family.dossier, text="Verslag"))["report"]
    assert len(await teacher.sees_own_answers()) == 1
    chosen = await dr_vos.sets_scopes(family.teacher_id, ["RECEIPTS", "REPORTS", "REPORTS"])
    assert chosen["respondent"]["loginStatus"] == {"scopes": ["REPORTS", "RECEIPTS"], "scopesChosen": True}
    assert (await dr_vos.releases(report["id"], family.teacher_id))["__typename"] == "ReportReleased"
    assert await teacher.sees_own_answers() == []
    assert len(await teacher.sees_own_reports()) == 1
    assert (await teacher.device.fetch(report["downloadUrl"])).text == "Verslag"
    assert (await dr_vos.sets_scopes(family.teacher_id, []))["__typename"] == "AccessScopesSet"
    assert await teacher.sees_own_answers() == await teacher.sees_own_reports() == []
    assert (await teacher.device.fetch(report["downloadUrl"])).status_code == 404
    assert (await teacher.sees_own_access())[0]["scopes"] == []
    assert await status(dr_vos, family.teacher_id) == ([], True)
    assert (await dr_vos.sets_scopes(family.teacher_id, None))["respondent"]["loginStatus"]["scopesChosen"] is False
    assert len(await teacher.sees_own_answers()) == 1
    assert await teacher.sees_own_reports() == []
    told = await sluis.rows("SELECT details FROM audit_event WHERE event = 'access.scopes_set'")
    assert len(told) == 3


@pytest.mark.security
async def test_choosing_scopes_needs_a_recent_proof(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    sluis.clock.forward(minutes=15)
    await refused(sluis, dr_vos, partial(dr_vos.sets_scopes, family.teacher_id, ALL), "STEP_UP_REQUIRED")
    assert await status(dr_vos, family.teacher_id) == (["ANSWERS"], False)
    await dr_vos.steps_up()
    assert (await dr_vos.sets_scopes(family.teacher_id, ALL))["__typename"] == "AccessScopesSet"
    assert await status(dr_vos, family.teacher_id) == (ALL, True)


@pytest.mark.security
async def test_scopes_need_an_open_login_within_reach(
    sluis: Sluis, dr_vos: StaffPerson, dr_else: StaffPerson, family: Family
) -> None:
    none = (
        "Deze persoon heeft geen login, of die is gedeactiveerd.",
        "This person has no login, or it was deactivated.",
    )
    await refused(sluis, dr_vos, partial(dr_vos.sets_scopes, family.carla_id, ALL), "NO_LOGIN", none)
    await refused(sluis, dr_else, partial(dr_else.sets_scopes, family.bram_id, ALL), "NOT_FOUND")
    own = "mutation($id: ID!) { setAccessScopes(respondent: $id, scopes: [REPORTS]) { ... on Refusal { code } } }"
    assert (await family.teacher.device.ask(own, id=family.teacher_id))["code"] == "NOT_ALLOWED"
    await dr_vos.deactivates(family.teacher_id)
    await refused(sluis, dr_vos, partial(dr_vos.sets_scopes, family.teacher_id, ALL), "NO_LOGIN", none)
    assert await status(dr_vos, family.teacher_id) == (["ANSWERS"], False)
