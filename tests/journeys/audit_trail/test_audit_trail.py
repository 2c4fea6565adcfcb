"""The audit trail, for a practice's owners and for nobody else."""

import httpx
import pytest

from tests.people.auditor import TRAIL, searches
from tests.people.cast import Person
from tests.people.staff import StaffPerson, at_work
from tests.support.sluis import Sluis

_AUDIT = "/download/audit"
_CREATES = """mutation($reference: String!, $name: String!) {
  createDossier(input: {reference: $reference, name: $name}) { ... on Refusal { code } } }"""


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def _hired(sluis: Sluis, olga: StaffPerson, name: str, role: str) -> StaffPerson:
    """A colleague of this role, by way of the therapist's account, signed in."""
    person = at_work(sluis, sluis.population.dr_vos, "BEARER")
    colleague = await olga.sees_colleague(person.own.email)
    assert (await olga.gives_role(colleague["id"], role))["__typename"] == "StaffRoleSet"
    sluis.clock.forward(minutes=1)
    assert (await person.signs_in())["__typename"] == "SignedIn"
    return person


async def test_owner_sees_reads_in_the_trail(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person) -> None:
    identity = await dr_vos.lets_in(ada)
    dossier = await dr_vos.opens_dossier("D-1001")
    sluis.clock.forward(minutes=1)
    await dr_vos.looks_at(identity)
    (newest, *_) = await searches(olga, subject=dossier["id"], event="respondent.read")
    assert (newest["at"], newest["what"]) == (sluis.clock.now.isoformat(), "Iemand die invult bekeken")
    assert newest["actor"]["name"] == "Dr. T. Vos"
    labels = {one["type"]: one["label"] for one in newest["subjects"]}
    assert labels == {"Dossier": "D-1001", "Respondent": "Ada de Vries"}
    mine = await searches(olga, actor=newest["actor"]["staffMember"], event="access.approved")
    assert {event["actor"]["role"] for event in mine} == {"THERAPIST"}
    theirs = await searches(olga, event="invitation.accepted")
    assert theirs[0]["actor"]["name"] == "Ada de Vries"
    assert theirs[0]["actor"]["staffMember"] is None
    (read,) = [entry for entry in await ada.reads_log() if entry["event"] == "audit.searched"]
    assert (read["role"], read["what"]) == ("OWNER", "In het auditspoor gezocht"), "the client sees that, too"


async def test_owner_sees_failed_sign_ins_in_the_trail(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person, mallory: Person
) -> None:
    """A wrong password is told about the account; of a login that nobody has there is nothing to tell about."""
    await dr_vos.lets_in(ada)
    sluis.clock.forward(minutes=1)
    now = sluis.clock.now.isoformat()
    for login in (ada.own.login, "nobody@clients.example"):
        assert (await mallory.starts_sign_in(login, "guessed and guessed again"))["code"] == "WRONG_CREDENTIALS"
    found = await searches(olga, event="sign_in.password", outcome="REFUSED", **{"from": now})
    assert sorted([one["label"] for one in event["subjects"]] for event in found) == [[], ["Ada de Vries"]]
    assert {tuple(event["actor"][name] for name in ("account", "name", "role")) for event in found} == {(None,) * 3}
    assert all(len(event["request"]) == 32 and event["address"] == "127.0.0.1" for event in found)
    assert all(event["session"] is None for event in found)


@pytest.mark.security
async def test_owner_sees_refused_fields_in_the_trail(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person, mallory: Person
) -> None:
    """A query and a mutation, by a respondent and by staff; once an hour for each account and field."""
    await dr_vos.lets_in(ada)
    await ada.signs_in()
    for _ in range(3):
        assert await ada.device.refused("{ dossiers(first: 1) { edges { cursor } } }") == ["NOT_ALLOWED"]
        assert await dr_vos.device.refused(TRAIL) == ["NOT_ALLOWED"]
        assert await mallory.device.refused(TRAIL) == ["NOT_SIGNED_IN"]
        answer = await ada.device.ask(_CREATES, reference="D-1", name="Ada de Vries")
        assert answer["code"] == "NOT_ALLOWED"
    found = await searches(olga, event="access.refused", outcome="REFUSED")
    told = [
        (event["actor"]["role"], event["actor"]["name"], {one["key"]: one["value"] for one in event["details"]})
        for event in found
    ]
    assert sorted(told, key=str) == [
        ("RESPONDENT", "Ada de Vries", {"field": "createDossier", "code": "NOT_ALLOWED"}),
        ("RESPONDENT", "Ada de Vries", {"field": "dossiers", "code": "NOT_ALLOWED"}),
        ("THERAPIST", "Dr. T. Vos", {"field": "auditTrail", "code": "NOT_ALLOWED"}),
    ]
    assert all(event["subjects"] == [] and event["session"] and event["request"] for event in found)
    assert found[0]["what"] == "Iets gevraagd waar geen toegang toe was"
    sluis.clock.forward(hours=1)
    await dr_vos.signs_in()
    assert await dr_vos.device.refused(TRAIL) == ["NOT_ALLOWED"]
    await olga.signs_in()
    assert len(await searches(olga, event="access.refused")) == 4, "the next hour tells again"


async def test_a_client_reads_that_somebody_else_treats_them_now(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person, bram: Person
) -> None:
    """A client who stays in the caseload reads nothing of its change."""
    for person in (ada, bram):
        await dr_vos.lets_in(person)
    adas, brams = [await dr_vos.opens_dossier(reference) for reference in ("D-1001", "D-1002")]
    colleague = await olga.sees_colleague(dr_vos.own.email)
    sluis.clock.forward(minutes=1)
    assert (await olga.gives_caseload(colleague["id"], [brams["id"]]))["__typename"] == "CaseloadSet"
    (event,) = await searches(olga, event="staff.caseload_set")
    assert {one["type"]: one["id"] for one in event["subjects"]}["StaffMember"] == colleague["id"]
    assert adas["id"] in {one["id"] for one in event["subjects"]}
    assert brams["id"] not in {one["id"] for one in event["subjects"]}
    assert "Gewijzigd wie u behandelt" in {entry["what"] for entry in await ada.reads_log()}
    assert "Gewijzigd wie u behandelt" not in {entry["what"] for entry in await bram.reads_log()}


@pytest.mark.security
async def test_nobody_else_reads_it(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, dr_else: StaffPerson, ada: Person, mallory: Person
) -> None:
    await dr_vos.lets_in(ada)
    for person in (dr_vos, ada):
        assert await person.device.refused(TRAIL) == ["NOT_ALLOWED"]
        for _ in range(2):
            assert code(await person.device.fetch(_AUDIT)) == (403, "NOT_ALLOWED"), "told once an hour"
    assert await mallory.device.refused(TRAIL) == ["NOT_SIGNED_IN"]
    assert code(await mallory.device.fetch(_AUDIT)) == (401, "NOT_SIGNED_IN")
    refused = await searches(olga, event="audit.exported")
    assert sorted((event["outcome"], event["actor"]["role"]) for event in refused) == [
        ("REFUSED", "RESPONDENT"),
        ("REFUSED", "THERAPIST"),
    ]
    ours = await searches(olga)
    theirs = await searches(dr_else)
    assert {event["id"] for event in ours} & {event["id"] for event in theirs} == set()
    dossier = await dr_vos.opens_dossier("D-1001")
    assert await searches(dr_else, subject=dossier["id"]) == []
    assert await searches(dr_else, actor=refused[0]["actor"]["account"]) == []
    assert await searches(dr_else, session=refused[0]["session"]) == []
    admin = await _hired(sluis, olga, "admin", "ADMIN")
    assert await admin.device.refused(TRAIL) == ["NOT_ALLOWED"]
    assert code(await admin.device.fetch(_AUDIT)) == (403, "NOT_ALLOWED")
    await _hired(sluis, olga, "admin", "OWNER")
    assert await searches(admin) != [], "a right holds from the next request on"
