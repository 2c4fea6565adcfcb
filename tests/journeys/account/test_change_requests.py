"""A person asks for another name or birth date; staff decide, and the dossier follows."""

import json
from functools import partial

import pytest

from schema.kit.ids import node_id
from tests.journeys.onboarding.test_second_invitation import second_invitation
from tests.people.cast import Belongings, Person
from tests.people.device import Unanswered
from tests.people.staff import StaffPerson
from tests.support.refusing import refused
from tests.support.sluis import Sluis

ASKED = (
    "U hebt dit al gevraagd. Trek dat verzoek in om een ander te doen.",
    "You have asked for this already. Withdraw that request to make another.",
)


async def denied(sluis: Sluis) -> list[set[str]]:
    """The dossiers that each denial in the trail is about."""
    rows = await sluis.rows("SELECT subjects FROM audit_event WHERE event = 'dossier.denied' AND outcome = 'REFUSED'")
    told = [row["subjects"] if isinstance(row["subjects"], list) else json.loads(row["subjects"]) for row in rows]
    return [{node_id(one["type"], one["id"]) for one in subjects} for subjects in told]


async def test_a_name_is_changed_everywhere(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    identity = await dr_vos.lets_in(ada)
    assert (await ada.wants(name="  Ada   van Dam "))["__typename"] == "ChangeRequested"
    await refused(sluis, ada, partial(ada.wants, name="Ada Anders"), "ALREADY_ASKED", ASKED)
    sluis.clock.forward(minutes=1)
    assert (await ada.wants(birthDate="1985-03-04"))["__typename"] == "ChangeRequested", "of another kind"
    name, day = await dr_vos.sees_change_requests()
    assert (name["field"], name["current"], name["wanted"]) == ("NAME", ada.own.name, "Ada van Dam")
    assert (day["field"], day["wanted"], day["personName"]) == ("BIRTH_DATE", "1985-03-04", ada.own.name)
    (dossier,) = name["dossiers"]
    assert await dr_vos.sees_change_requests(dossier) == [name, day]
    assert (await dr_vos.decides(name["id"], accept=True, reason="Volgens uw paspoort"))[
        "__typename"
    ] == "ChangeDecided"
    assert "Volgens uw paspoort" in (await ada.is_told("zoals u vroeg"))["text"]
    assert (await dr_vos.looks_at(identity))["name"] == "Ada van Dam"
    assert [one["name"] for one in await dr_vos.sees_dossiers("van dam")] == ["Ada van Dam"]
    assert (await dr_vos.decides(day["id"], accept=False))["__typename"] == "ChangeDecided"
    await ada.is_told("niet gewijzigd")
    page = await ada.sees_biography()
    assert page["biography"]["name"] == "Ada van Dam"
    states = [(one["field"], one["state"]) for one in page["changeRequests"]]
    assert states == [("BIRTH_DATE", "REJECTED"), ("NAME", "ACCEPTED")], "the newest first"
    assert (await dr_vos.decides(day["id"], accept=True))["code"] == "CONFLICT", "decided once"
    assert await dr_vos.sees_change_requests() == []


@pytest.mark.security
async def test_a_therapist_sees_of_a_request_what_is_in_the_caseload(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    await dr_vos.lets_in(ada)
    dossier, respondent, link = await second_invitation(dr_vos, ada)
    await ada.links(link)
    await dr_vos.approves(respondent)
    await olga.removes_from_caseload((await olga.sees_colleague(dr_vos.own.email))["id"], [dossier])
    await ada.wants(name="Ada van Dam")
    (seen,), (whole,) = await dr_vos.sees_change_requests(), await olga.sees_change_requests()
    assert (len(seen["dossiers"]), len(whole["dossiers"])) == (1, 2)
    assert dossier not in seen["dossiers"]
    assert (seen["beyondReach"], whole["beyondReach"]) == (True, False)
    assert (await dr_vos.decides(seen["id"], accept=True))["code"] == "NOT_ALLOWED"
    assert await denied(sluis) == [{dossier}], "the client of that one reads who tried"
    assert (await olga.decides(whole["id"], accept=True))["__typename"] == "ChangeDecided"


@pytest.mark.security
async def test_an_access_that_waits_changes_no_other_clients_record(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    """Ada is linked to the dossier of Bas, and nobody has looked yet whether she may."""
    await dr_vos.lets_in(ada)
    _, respondent, link = await second_invitation(dr_vos, ada)
    await ada.links(link)
    assert (await ada.wants(name="Ada van Dam"))["__typename"] == "ChangeRequested"
    (seen,) = await dr_vos.sees_change_requests()
    (own,) = await dr_vos.sees_dossiers("D-1001")
    assert [(one["id"], one["reference"], one["relation"]) for one in seen["touches"]] == [
        (own["id"], "D-1001", "SELF")
    ]
    assert (seen["dossiers"], seen["beyondReach"]) == ([own["id"]], False)
    assert (await dr_vos.decides(seen["id"], accept=True))["__typename"] == "ChangeDecided"
    rows = await sluis.rows("SELECT name FROM respondent WHERE name LIKE 'Ada %' ORDER BY name")
    assert [row["name"] for row in rows] == ["Ada de Vries", "Ada van Dam"]

    assert (await dr_vos.approves(respondent))["__typename"] == "AccessApproved"
    await ada.wants(name="Ada Dam")
    await ada.wants(birthDate="1985-03-04")
    name, day = sorted(await olga.sees_change_requests(), key=lambda one: str(one["field"]), reverse=True)
    assert sorted((one["reference"], one["name"]) for one in name["touches"]) == [
        ("D-1001", "Ada van Dam"),
        ("D-2001", "Bas de Vries"),
    ]
    assert [one["reference"] for one in day["touches"]] == ["D-1001"], "Bas has a birth date of his own"


@pytest.mark.security
async def test_person_awaiting_approval_cannot_request_a_change(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    identity = await dr_vos.lets_in(ada)
    await ada.wants(name="Ada van Dam")
    (request,) = await dr_vos.sees_change_requests()
    await dr_vos.resets_factors(identity)
    assert await dr_vos.sees_change_requests() == [], "until she is approved again"
    assert (await dr_vos.decides(request["id"], accept=True))["code"] == "NOT_FOUND"
    await ada.keeps_codes(await ada.sets_up_app(await ada.starts_sign_in()))
    assert (await ada.wants(birthDate="1985-03-04"))["code"] == "AWAITING_APPROVAL"
    await dr_vos.approves(identity)
    assert [one["id"] for one in await dr_vos.sees_change_requests()] == [request["id"]]


async def test_a_birth_date_is_the_dossiers(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    await ada.wants(birthDate="1985-03-04")
    (day,) = await dr_vos.sees_change_requests()
    await dr_vos.decides(day["id"], accept=True)
    assert (await ada.sees_biography())["biography"]["birthDate"] == "1985-03-04"
    (row,) = await sluis.rows("SELECT birth_date FROM dossier WHERE name = ?", ada.own.name)
    assert str(row["birth_date"]) == "1985-03-04"


async def test_taking_a_request_back(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    await ada.wants(name="Ada van Dam")
    (request,) = (await ada.sees_biography())["changeRequests"]
    assert (await ada.takes_back(request["id"]))["__typename"] == "ChangeWithdrawn"
    assert (await ada.takes_back(request["id"]))["code"] == "CONFLICT"
    assert (await dr_vos.decides(request["id"], accept=True))["code"] == "CONFLICT"
    assert (await ada.wants(name="Ada van Dam"))["__typename"] == "ChangeRequested", "it can be asked again"


async def test_what_cannot_be_asked(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    for wrong in ("", "x" * 121, "Ada\x1b", ada.own.name):
        assert (await ada.wants(name=wrong))["code"] == "INVALID_INPUT"
    for wrong in ("1899-12-31", "2999-01-01"):
        assert (await ada.wants(birthDate=wrong))["code"] == "INVALID_INPUT"
    with pytest.raises(Unanswered):
        await ada.wants(name="Ada van Dam", birthDate="1985-03-04")
    assert await sluis.count("change_request") == 0


@pytest.mark.security
async def test_before_approval_nobody_learns_a_birth_date_by_guessing(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    identity = await dr_vos.lets_in(ada)
    await sluis.rows("UPDATE dossier SET birth_date = '1985-03-04' WHERE name = ?", ada.own.name)
    assert (await ada.wants(birthDate="1985-03-04"))["code"] == "INVALID_INPUT", "as it is already"
    await dr_vos.resets_factors(identity)
    await ada.keeps_codes(await ada.sets_up_app(await ada.starts_sign_in()))
    for day in ("1985-03-04", "1985-03-05"):
        assert (await ada.wants(birthDate=day))["code"] == "AWAITING_APPROVAL"
    assert (await ada.sees_biography())["biography"]["birthDate"] is None


@pytest.mark.security
async def test_who_may_ask_and_decide(
    sluis: Sluis, dr_vos: StaffPerson, dr_else: StaffPerson, olga: StaffPerson, ada: Person, bram: Person
) -> None:
    await dr_vos.lets_in(ada)
    await dr_vos.lets_in(bram)
    carla = Person(sluis, Belongings("Carla Jansen", "carla@clients.example"))
    await dr_vos.lets_in(carla)
    assert (await dr_vos.wants(name="Dr. Ander"))["code"] == "STAFF_ACCOUNT"
    assert (await carla.wants(birthDate="1985-03-04"))["code"] == "NOT_ALLOWED", "the dossier is about her son"
    await ada.wants(name="Ada van Dam")
    (request,) = await olga.sees_change_requests()
    await refused(sluis, bram, partial(bram.takes_back, request["id"]), "NOT_FOUND")
    decided = await ada._runs(
        "decideChange(input: $i)", "($i: DecideChangeInput!)", i={"request": request["id"], "accept": True}
    )
    assert decided["code"] == "NOT_ALLOWED"
    await refused(sluis, dr_else, partial(dr_else.decides, request["id"], accept=True), "NOT_FOUND")
    assert await dr_else.sees_change_requests() == []
    with pytest.raises(Unanswered) as foreign:
        await dr_else.sees_change_requests(request["dossiers"][0])
    assert foreign.value.codes == ["NOT_FOUND"]
    assert (await olga.decides(request["id"], accept=True, reason="x" * 201))["code"] == "INVALID_INPUT"


@pytest.mark.security
async def test_a_therapist_decides_in_the_caseload_only(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    await dr_vos.lets_in(ada)
    await ada.wants(name="Ada van Dam")
    (request,) = await dr_vos.sees_change_requests()
    colleague = await olga.sees_colleague(sluis.population.dr_vos.email)
    await olga.gives_caseload(colleague["id"], [])
    assert await dr_vos.sees_change_requests() == []
    await refused(sluis, dr_vos, partial(dr_vos.decides, request["id"], accept=True), "NOT_FOUND")
    assert await denied(sluis) == [{*request["dossiers"]}] * 2
    assert len(await olga.sees_change_requests()) == 1
