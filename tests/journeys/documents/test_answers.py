"""The answers to questionnaires: for staff, for the respondent who gave them, and for nobody else."""

import asyncio
import threading
from copy import deepcopy
from functools import partial
from typing import Any

import pytest

from flows.documents import answers as flow
from flows.documents.answers import opened_form
from tests.journeys.family import Family, gathered
from tests.people.cast import Person
from tests.people.client import ANSWERS
from tests.people.paper_work import ORDINARY
from tests.people.staff import StaffPerson
from tests.support.refusing import refused
from tests.support.sluis import Sluis

NODE = "query($id: ID!) { node(id: $id) { __typename id } }"


@pytest.fixture
async def family(sluis: Sluis, dr_vos: StaffPerson, bram: Person) -> Family:
    return await gathered(sluis, dr_vos, bram)


def form(**changes: Any) -> dict[str, Any]:
    return deepcopy(ORDINARY) | changes


def asked(question: str = "Vraag?", *answers: str) -> list[dict[str, Any]]:
    return [{"title": "", "questions": [{"question": question, "answers": list(answers)}]}]


async def test_answers_are_shown_in_order_to_their_respondent(
    sluis: Sluis, dr_vos: StaffPerson, family: Family
) -> None:
    delivered = await dr_vos.delivers(family.bram_id, "ROM-1")
    assert (delivered["__typename"], delivered["again"]) == ("AnswersDelivered", False)
    await dr_vos.delivers(family.teacher_id, "ROM-2", title="Over Bram", groups=asked("Let hij op?", "Soms"))
    (own,) = await family.bram.sees_own_answers()
    assert (own["title"], own["about"], own["completedAt"]) == (
        "Vragenlijst slaap",
        "Bram Jansen",
        "2026-02-27T19:15:00+00:00",
    )
    assert [group["title"] for group in own["groups"]] == ["Dag", "Nacht", ""]
    assert own["groups"][1]["questions"] == [
        {"question": "Slaapt u goed?", "answers": ["Soms <b>niet</b>\nvooral op zondag"]},
        {"question": "Hoe laat gaat u naar bed?", "answers": ["23:00"]},
    ]
    assert own["groups"][2]["questions"] == [{"question": "Wat hielp?", "answers": ["Lezen", "Thee 👩‍👧"]}]
    assert [one["title"] for one in await family.teacher.sees_own_answers()] == ["Over Bram"]
    forms = await dr_vos.sees_answers(family.dossier)
    assert {(one["reference"], one["respondentName"], one["relation"]) for one in forms} == {
        ("ROM-1", "Bram Jansen", "SELF"),
        ("ROM-2", "Juf Tine", "TEACHER"),
    }
    (only,) = await dr_vos.sees_answers(family.dossier, respondent=family.teacher_id)
    assert (only["title"], only["deliveredBy"]) == ("Over Bram", "Dr. T. Vos")
    stored = b"".join(bytes(row["content"]) for row in await sluis.rows("SELECT content FROM answer_form"))
    assert not any(word in stored for word in (b"slaap", b"zondag", b"Bram"))
    (log,) = await sluis.rows("SELECT COUNT(*) AS n FROM audit_event WHERE event = 'answers.listed'")
    assert log["n"] == 4


async def test_they_are_opened_beside_the_event_loop(
    dr_vos: StaffPerson, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to 20 MB of seals in a page: nobody else waits for them."""
    await dr_vos.delivers(family.bram_id, "ROM-1")
    threads: list[threading.Thread] = []

    def opening(*given: Any) -> Any:
        threads.append(threading.current_thread())
        return opened_form(*given)

    monkeypatch.setattr(flow, "opened_form", opening)
    assert len(await family.bram.sees_own_answers()) == 1
    bram = await dr_vos.opens_dossier("D-1002")
    assert len(await dr_vos.sees_answers(bram["id"])) == 1
    assert len(threads) == 2
    assert threading.main_thread() not in threads


async def test_delivered_again_it_is_the_same_form(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    first = await dr_vos.delivers(family.bram_id, "ROM-1")
    answers = await asyncio.gather(*(dr_vos.delivers(family.bram_id, " ROM-1 ") for _ in range(4)))
    assert {(one["again"], one["form"]["id"]) for one in answers} == {(True, first["form"]["id"])}
    racing = await asyncio.gather(*(dr_vos.delivers(family.bram_id, "ROM-2") for _ in range(8)))
    assert sorted(one["again"] for one in racing) == [False] + [True] * 7
    assert len({one["form"]["id"] for one in racing}) == 1
    assert await sluis.count("answer_form") == 2
    said = (
        "Onder dit kenmerk is eerder iets anders aangeleverd.",
        "Something else was delivered under this reference before.",
    )
    for other in (
        partial(dr_vos.delivers, family.bram_id, "ROM-1", title="Iets anders"),
        partial(dr_vos.delivers, family.bram_id, "ROM-1", completedAt="2026-02-27T20:15:01+01:00"),
        partial(dr_vos.delivers, family.bram_id, "ROM-1", groups=asked("Vraag?", "x")),
        partial(dr_vos.delivers, family.teacher_id, "ROM-1"),
    ):
        await refused(sluis, dr_vos, other, "REFERENCE_TAKEN", said)


BAD: list[tuple[str, dict[str, Any]]] = [
    ("reference", {"reference": " "}),
    ("reference", {"reference": "x" * 61}),
    ("title", {"title": ""}),
    ("title", {"title": "x" * 201}),
    ("completedAt", {"completedAt": "2026-03-02T12:00:01+00:00"}),
    ("completedAt", {"completedAt": "1899-12-31T23:59:59+00:00"}),
    ("completedAt", {"completedAt": "2026-02-27T20:15:00"}),
    ("groups", {"groups": []}),
    ("groups", {"groups": asked() * 51}),
    ("questions", {"groups": [{"title": "x", "questions": []}]}),
    ("questions", {"groups": [{"title": "", "questions": asked()[0]["questions"] * 501}]}),
    ("question", {"groups": asked(" ")}),
    ("question", {"groups": asked("x" * 1001)}),
    ("answers", {"groups": asked("Vraag?", "x" * 5001)}),
    ("answers", {"groups": asked("Vraag?", "a\x00b")}),
    ("answers", {"groups": asked("Vraag?", *["x"] * 51)}),
]


async def test_what_makes_no_form(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    for field, wrong in BAD:
        given = form(**wrong)
        answer = await dr_vos.delivers(family.bram_id, given.pop("reference", "ROM-1"), **given)
        assert (answer["code"], answer["field"]) == ("INVALID_INPUT", field)
    groups = [
        *asked(),
        {"title": "Dag", "questions": [*asked()[0]["questions"], *asked("Nog?", "ja", "a\x00")[0]["questions"]]},
    ]
    answer = await dr_vos.delivers(family.bram_id, "ROM-1", **(form(groups=groups)))
    assert answer["path"] == ["groups", "1", "questions", "1", "answers", "1"]
    assert answer["message"].startswith("Controleer “Groep 2, Vraag 2, Antwoord 2”.")
    large = asked("Vraag?", *["x" * 5000] * 25)
    body = {"query": "{ viewer { name } }", "variables": {"groups": large}}
    assert (await dr_vos.device.http.post("/graphql", json=body)).status_code == 413
    assert await sluis.count("answer_form") == 0
    await dr_vos.closes_dossier(family.dossier)
    await refused(sluis, dr_vos, partial(dr_vos.delivers, family.bram_id, "ROM-1"), "DOSSIER_CLOSED")


async def test_withdrawn_they_are_staffs_alone(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    identity = (await dr_vos.delivers(family.bram_id, "ROM-1"))["form"]["id"]
    assert (await dr_vos.withdraws_answers(identity, ""))["field"] == "reason"
    withdrawn = (await dr_vos.withdraws_answers(identity))["form"]
    assert withdrawn["withdrawnAt"]
    assert withdrawn["withdrawnReason"] == "verkeerde persoon"
    assert (await dr_vos.withdraws_answers(identity))["code"] == "CONFLICT"
    assert await family.bram.sees_own_answers() == []
    assert [len(await dr_vos.sees_answers(family.dossier, withdrawn=which)) for which in (False, True, None)] == [
        0,
        1,
        1,
    ]
    again = await dr_vos.delivers(family.bram_id, "ROM-1")
    assert again["again"]
    assert again["form"]["withdrawnAt"], "a sender that repeats itself does not bring it back"
    assert (await dr_vos.delivers(family.bram_id, "ROM-1b"))["again"] is False
    assert len(await family.bram.sees_own_answers()) == 1


@pytest.mark.security
async def test_nobody_else_sees_them(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, dr_else: StaffPerson, family: Family
) -> None:
    identity = (await dr_vos.delivers(family.bram_id, "ROM-1"))["form"]["id"]
    assert await family.teacher.sees_own_answers() == []
    for person in (family.bram, family.teacher):
        assert await person.device.refused(NODE, id=identity) == ["NOT_ALLOWED"]
        query = "query($id: ID!) { answers(dossier: $id) { edges { node { title } } } }"
        assert await person.device.refused(query, id=family.dossier) == ["NOT_ALLOWED"]
    assert await dr_vos.device.refused(ANSWERS) == ["NOT_ALLOWED"]
    ada = (await dr_vos.finds("Ada de Vries"))["id"]
    await olga.gives_caseload((await olga.sees_colleague("vos@desluis.example"))["id"], [])
    for person in (dr_vos, dr_else):
        assert await person.device.ask(NODE, id=identity) is None
        query = "query($id: ID!) { answers(dossier: $id) { edges { node { title } } } }"
        assert await person.device.refused(query, id=family.dossier) == ["NOT_FOUND"]
        await refused(sluis, person, partial(person.withdraws_answers, identity), "NOT_FOUND")
        for whom in (family.bram_id, ada, family.dossier, identity):
            await refused(sluis, person, partial(person.delivers, whom, "ROM-1"), "NOT_FOUND")
    assert (await olga.device.ask(NODE, id=identity))["__typename"] == "AnswerForm"
    (theirs,) = await sluis.rows("SELECT COUNT(*) AS n FROM audit_event WHERE event = 'answers.read'")
    assert theirs["n"] == 3


@pytest.mark.security
async def test_nothing_is_seen_without_an_open_access(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    await dr_vos.delivers(family.bram_id, "ROM-1")
    bram = family.bram
    await sluis.rows("UPDATE access_grant SET state = 'PENDING'")
    assert await bram.device.refused(ANSWERS) == ["AWAITING_APPROVAL"]
    await sluis.rows("UPDATE access_grant SET state = 'APPROVED'")
    await sluis.rows("UPDATE dossier SET closed_at = created_at")
    assert await bram.sees_own_answers() == []
    await sluis.rows("UPDATE dossier SET closed_at = NULL")
    assert len(await bram.sees_own_answers()) == 1
    await dr_vos.deactivates(family.bram_id)
    assert await bram.device.refused(ANSWERS) == ["NOT_SIGNED_IN"]


@pytest.mark.tampers("answer_form.content")
@pytest.mark.security
async def test_what_was_moved_to_another_practice_does_not_open(
    sluis: Sluis, dr_vos: StaffPerson, dr_else: StaffPerson, family: Family
) -> None:
    dossier = (await dr_else.creates_dossier("E-1", "Erik"))["dossier"]["id"]
    erik = (await dr_else.adds_respondent(dossier, "Erik", None, "SELF"))["respondent"]["id"]
    for person, whom in ((dr_vos, family.bram_id), (dr_else, erik)):
        await person.delivers(whom, "ROM-1")
    mine = "(SELECT content FROM answer_form ORDER BY content LIMIT 1)"
    await sluis.rows(f"UPDATE answer_form SET content = {mine}")
    query = "query($id: ID!) { answers(dossier: $id) { edges { node { title } } } }"
    bodies = [
        (await person.device.post(query, {"id": where})).json()
        for person, where in ((dr_vos, family.dossier), (dr_else, dossier))
    ]
    assert sorted("errors" in body for body in bodies) == [False, True]


async def test_pages_and_what_they_cost(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    for number in range(7):
        when = f"2026-02-{10 + number // 2}T09:00:00Z"
        await dr_vos.delivers(family.bram_id, f"ROM-{number}", completedAt=when, title=f"{number // 2}")
    query = """query($id: ID!, $first: Int!) { answers(dossier: $id, first: $first) { edges { node { title deliveredBy
      respondentName groups { questions { answers } } } } } }"""
    costs, own_costs = set(), set()
    for first in (1, 3, 7):
        response = await dr_vos.device.post(query, {"id": family.dossier, "first": first})
        costs.add(response.headers["server-timing"])
        own_costs.add((await family.bram.device.post(ANSWERS, {"first": first})).headers["server-timing"])
    assert len(costs) == len(own_costs) == 1
    seen, after = list[str](), None
    while page := await family.bram.sees_own_answers(first=2, after=after):
        seen += [one["title"] for one in page]
        after = page[-1]["cursor"]
    assert seen == ["3", "2", "2", "1", "1", "0", "0"]
    assert await family.bram.device.refused(ANSWERS, first=0) == ["PAGE_TOO_LARGE"]
    assert await family.bram.device.refused(ANSWERS, after="bnVsbA") == ["BAD_CURSOR"]


@pytest.mark.security
@pytest.mark.parametrize("given_settings", [{"graphql_opened_bytes": 60_000}], ids=["three"])
async def test_aliases_do_not_multiply_what_one_request_opens(
    sluis: Sluis, dr_vos: StaffPerson, family: Family
) -> None:
    """Answers and texts of reports count together, for all fields of a request; the next request begins anew."""
    await dr_vos.delivers(family.bram_id, "ROM-1", groups=asked("Vraag?", *["x" * 5000] * 4))
    report = (await dr_vos.adds_report(family.dossier, text="y" * 20_000))["report"]
    await dr_vos.releases(report["id"], family.bram_id)
    page, texts = "edges { node { title groups { questions { answers } } } }", "edges { node { text } }"
    for person, kinds, answers, reports in (
        (family.bram, "", "myAnswers(first: 1)", "myReports(first: 1)"),
        (dr_vos, "($d: ID!)", "answers(dossier: $d, first: 1)", "reports(dossier: $d, first: 1)"),
    ):
        for more, refused_fields in (("", 0), (f"d: {answers} {{ {page} }}", 1), (f"d: {reports} {{ {texts} }}", 1)):
            document = f"query{kinds} {{ a: {answers} {{ {page} }} b: {reports} {{ {texts} }} {more} }}"
            body = (await person.device.post(document, {"d": family.dossier} if kinds else {})).json()
            codes = [one["extensions"]["code"] for one in body.get("errors", [])]
            assert codes == ["ANSWER_TOO_LARGE"] * refused_fields, document
    assert (await dr_vos.device.fetch(report["downloadUrl"])).text == "y" * 20_000


@pytest.mark.security
@pytest.mark.parametrize("given_settings", [{"graphql_opened_bytes": 60_000}], ids=["three"])
async def test_aliases_do_not_multiply_what_is_asked_for_by_its_id(
    sluis: Sluis, dr_vos: StaffPerson, family: Family
) -> None:
    form = (await dr_vos.delivers(family.bram_id, "ROM-1", groups=asked("Vraag?", *["x" * 4500] * 4)))["form"]
    report = (await dr_vos.adds_report(family.dossier, text="y" * 18_000))["report"]
    whole = "... on Report { text } ... on AnswerForm { groups { questions { answers } } }"
    for node, event in ((form["id"], "answers.read"), (report["id"], "report.read")):
        for aliases, refused_fields in ((3, 0), (4, 1)):
            before = await sluis.count("audit_event", f"event = '{event}'")
            fields = " ".join(f"a{number}: node(id: $id) {{ {whole} }}" for number in range(aliases))
            body = (await dr_vos.device.post(f"query($id: ID!) {{ {fields} }}", {"id": node})).json()
            codes = [one["extensions"]["code"] for one in body.get("errors", [])]
            assert codes == ["ANSWER_TOO_LARGE"] * refused_fields, (event, aliases)
            assert sum(value is None for value in body["data"].values()) == refused_fields
            assert await sluis.count("audit_event", f"event = '{event}'") == before + 3, "what was shown, and no more"
    fields = " ".join(f"a{number}: node(id: $id) {{ ... on Report {{ title }} }}" for number in range(4))
    body = (await dr_vos.device.post(f"query($id: ID!) {{ {fields} }}", {"id": report["id"]})).json()
    assert "errors" not in body, "where the text is not asked for, it is not opened"


@pytest.mark.security
async def test_a_reference_that_is_taken_out_of_reach_is_told_to_the_audit(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, family: Family
) -> None:
    """It has to be told, or a client would have two dossiers; who met it is on record with that dossier."""
    await dr_vos.delivers(family.bram_id, "ROM-1")
    own = (await dr_vos.creates_dossier("D-3001", "Emma Bakker"))["dossier"]
    respondent = (await dr_vos.adds_respondent(own["id"], "Emma Bakker", "emma@clients.example"))["respondent"]["id"]
    denied = "event = 'dossier.denied' AND outcome = 'REFUSED'"
    assert (await dr_vos.delivers(respondent, "ROM-1"))["code"] == "REFERENCE_TAKEN"
    assert (await dr_vos.creates_dossier("D-1002", "Emma Bakker"))["code"] == "ALREADY_EXISTS"
    assert await sluis.count("audit_event", denied) == 0, "within reach"
    me = (await olga.sees_colleague(dr_vos.own.email))["id"]
    await olga.removes_from_caseload(me, [family.dossier])
    assert (await dr_vos.delivers(respondent, "ROM-1"))["code"] == "REFERENCE_TAKEN"
    assert (await dr_vos.creates_dossier("D-1002", "Emma Bakker"))["code"] == "ALREADY_EXISTS"
    assert (await olga.creates_dossier("D-1002", "Emma Bakker"))["code"] == "ALREADY_EXISTS"
    rows = await sluis.rows(f"SELECT subjects FROM audit_event WHERE {denied}")
    (about,) = await sluis.rows("SELECT id FROM dossier WHERE reference = 'D-1002'")
    assert len(rows) == 2, "the owner reaches every dossier"
    assert all(str(about["id"]) in str(row["subjects"]) for row in rows)
