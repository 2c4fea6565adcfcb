"""Reports: nobody but staff sees one until it is released to them by name, nor after it was taken back."""

import asyncio
from functools import partial

import httpx
import pytest

from tests.journeys.family import Family, gathered
from tests.people.cast import Person
from tests.people.client import REPORTS
from tests.people.staff import StaffPerson
from tests.support.contents import HTML, pdf, picture
from tests.support.refusing import refused
from tests.support.sluis import Sluis

REPORT = pdf("Verslag over Bram")
NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
EITHER = "Controleer “Bestand”. Geef een van deze, en niet meer: Bestand, Tekst."
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
async def family(sluis: Sluis, dr_vos: StaffPerson, bram: Person) -> Family:
    return await gathered(sluis, dr_vos, bram)


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def events(sluis: Sluis, like: str) -> list[tuple[str, str]]:
    rows = await sluis.rows("SELECT event, outcome FROM audit_event WHERE event LIKE ? ORDER BY event, outcome", like)
    return [(row["event"], row["outcome"]) for row in rows]


async def test_from_adding_to_taking_back(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    bram, teacher = family.bram, family.teacher
    added = await dr_vos.adds_report(family.dossier, "Intake Łódź", file=await dr_vos.uploads(REPORT))
    report = added["report"]
    assert (report["title"], report["mediaType"], report["size"]) == ("Intake Łódź", "application/pdf", len(REPORT))
    assert (report["addedBy"], report["releases"], report["text"]) == ("Dr. T. Vos", [], None)
    assert await bram.sees_own_reports() == []
    assert code(await bram.device.takes(report["downloadUrl"])) == (404, "NOT_FOUND")
    released = await dr_vos.releases(report["id"], family.bram_id)
    (release,) = released["report"]["releases"]
    assert (release["respondentName"], release["relation"], release["withdrawnAt"]) == ("Bram Jansen", "SELF", None)
    mail = await bram.is_told("iets nieuws")
    assert mail["subject"] == "Iets nieuws in uw portaal"
    assert "Intake" not in mail["text"] + mail["subject"]
    (own,) = await bram.sees_own_reports()
    assert (own["title"], own["about"], own["mediaType"]) == ("Intake Łódź", "Bram Jansen", "application/pdf")
    for answer in (await bram.device.fetch(own["downloadUrl"]), await bram.device.follow(own["downloadUrl"])):
        assert answer.content == REPORT
        assert answer.headers["content-disposition"].endswith("filename*=UTF-8''Intake%20%C5%81%C3%B3d%C5%BA.pdf")
    assert await teacher.sees_own_reports() == []
    assert code(await teacher.device.takes(own["downloadUrl"])) == (404, "NOT_FOUND")
    withdrawn = await dr_vos.withdraws_report(release["id"])
    assert withdrawn["report"]["releases"][0]["withdrawnAt"]
    assert await bram.sees_own_reports() == []
    assert code(await bram.device.fetch(own["downloadUrl"])) == (404, "NOT_FOUND")
    assert (await dr_vos.withdraws_report(release["id"]))["code"] == "CONFLICT"
    sluis.clock.forward(seconds=1)
    again = await dr_vos.releases(report["id"], family.bram_id)
    assert [one["withdrawnAt"] is None for one in again["report"]["releases"]] == [False, True]
    assert len(await bram.sees_own_reports()) == 1
    told = await events(sluis, "report.downloaded")
    assert told == [("report.downloaded", "REFUSED")] * 3 + [("report.downloaded", "SUCCESS")] * 2
    assert len(await events(sluis, "report.released")) == 2
    assert len(await events(sluis, "report.withdrawn")) == 1


async def test_a_text_stays_text(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    written = HTML.decode() + "\r\n\r\nTweede regel: <b>één</b>  "
    report = (await dr_vos.adds_report(family.dossier, "a/b.html", text=written))["report"]
    assert report["mediaType"] == "text/plain"
    await dr_vos.releases(report["id"], family.bram_id)
    (own,) = await family.bram.sees_own_reports()
    assert own["text"] == report["text"] == HTML.decode() + "\n\nTweede regel: <b>één</b>"
    answer = await family.bram.device.fetch(own["downloadUrl"])
    assert answer.text == own["text"]
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert 'filename="a_b.html.txt"' in answer.headers["content-disposition"]
    stored = await sluis.rows("SELECT content FROM stored_file UNION ALL SELECT title FROM report")
    assert not any(secret in bytes(row["content"]) for row in stored for secret in (b"script", b"html"))


@pytest.mark.security
async def test_to_whom_a_report_is_not_released(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, family: Family
) -> None:
    report = (await dr_vos.adds_report(family.dossier, text="Verslag"))["report"]["id"]
    ada = (await dr_vos.finds("Ada de Vries"))["id"]
    nl = "De toegang van Juf Tine geeft hier geen recht op.", "The access of Juf Tine does not open this."
    teacher = partial(dr_vos.releases, report, family.bram_id, family.teacher_id)
    await refused(sluis, dr_vos, teacher, "SCOPE_MISSING", nl)
    nl = "Deze persoon heeft geen login, of die is gedeactiveerd.", "This person has no login, or it was deactivated."
    await refused(sluis, dr_vos, partial(dr_vos.releases, report, family.carla_id), "NO_LOGIN", nl)
    for wrong in (ada, family.dossier, NOBODY):
        await refused(sluis, dr_vos, partial(dr_vos.releases, report, family.bram_id, wrong), "NOT_FOUND")
    assert (await dr_vos.releases(report))["field"] == "respondents"
    await dr_vos.archives_report(report)
    nl = "Dit verslag staat in het archief.", "This report is in the archive."
    await refused(sluis, dr_vos, partial(dr_vos.releases, report, family.bram_id), "IN_ARCHIVE", nl)
    assert await family.bram.sees_own_reports() == []
    assert await sluis.count("outbox_message", "template = 'document_ready'") == 0


async def test_an_archived_report_is_staffs_alone(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    report = (await dr_vos.adds_report(family.dossier, text="Verslag"))["report"]
    await dr_vos.releases(report["id"], family.bram_id)
    assert (await dr_vos.archives_report(report["id"], " "))["field"] == "reason"
    archived = await dr_vos.archives_report(report["id"])
    assert archived["report"]["archivedAt"]
    assert archived["report"]["releases"][0]["withdrawnAt"]
    assert (await dr_vos.archives_report(report["id"]))["code"] == "IN_ARCHIVE"
    assert await family.bram.sees_own_reports() == []
    assert code(await family.bram.device.takes(report["downloadUrl"])) == (404, "NOT_FOUND")
    assert [len(await dr_vos.sees_reports(family.dossier, archived=which)) for which in (False, True, None)] == [
        0,
        1,
        1,
    ]
    assert (await dr_vos.device.fetch(report["downloadUrl"])).text == "Verslag"


@pytest.mark.security
async def test_what_makes_no_report(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, dr_else: StaffPerson, family: Family
) -> None:
    mine, hers = await dr_vos.uploads(REPORT), await olga.uploads(REPORT)
    theirs, logo = await dr_else.uploads(REPORT), await dr_vos.uploads(picture(), "image/png")
    for wrong in (hers, theirs, logo, family.dossier, "none"):
        await refused(sluis, dr_vos, partial(dr_vos.adds_report, family.dossier, file=wrong), "NOT_FOUND")
    for dossier in (family.bram_id, NOBODY, ""):
        await refused(sluis, dr_vos, partial(dr_vos.adds_report, dossier, file=mine), "NOT_FOUND")
    await refused(sluis, dr_else, partial(dr_else.adds_report, family.dossier, file=theirs), "NOT_FOUND")
    for paper in ({}, {"file": mine, "text": "x"}):
        answer = await dr_vos.adds_report(family.dossier, **paper)
        assert (answer["field"], answer["message"]) == ("file", EITHER)
    for text in (" \n ", "x" * 50_001, "a\x00b"):
        assert (await dr_vos.adds_report(family.dossier, text=text))["field"] == "text"
    for title in ("", "x" * 121, "a\x07b"):
        assert (await dr_vos.adds_report(family.dossier, title, text="x"))["field"] == "title"
    assert (await dr_vos.adds_report(family.dossier, file=mine))["__typename"] == "ReportAdded"
    await refused(sluis, dr_vos, partial(dr_vos.adds_report, family.dossier, file=mine), "NOT_FOUND")
    await dr_vos.closes_dossier(family.dossier)
    await refused(sluis, dr_vos, partial(dr_vos.adds_report, family.dossier, text="x"), "DOSSIER_CLOSED")
    assert await sluis.count("report") == 1


@pytest.mark.security
async def test_nothing_is_seen_without_an_open_access(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    """Pending, deactivated and closed; by list, by node and by download."""
    bram, report = family.bram, (await dr_vos.adds_report(family.dossier, text="Verslag"))["report"]
    await dr_vos.releases(report["id"], family.bram_id)
    assert await bram.device.refused(NODE, id=report["id"]) == ["NOT_ALLOWED"]
    await sluis.rows("UPDATE access_grant SET state = 'PENDING'")
    assert await bram.device.refused(REPORTS) == ["AWAITING_APPROVAL"]
    assert await bram.device.refused(NODE, id=report["id"]) == ["AWAITING_APPROVAL"]
    assert code(await bram.device.takes(report["downloadUrl"])) == (403, "AWAITING_APPROVAL")
    await sluis.rows("UPDATE access_grant SET state = 'APPROVED'")
    assert len(await bram.sees_own_reports()) == 1
    await sluis.rows("UPDATE dossier SET closed_at = created_at")
    assert await bram.sees_own_reports() == []
    assert code(await bram.device.takes(report["downloadUrl"])) == (404, "NOT_FOUND")
    await sluis.rows("UPDATE dossier SET closed_at = NULL")
    await dr_vos.deactivates(family.bram_id)
    assert await bram.device.refused(REPORTS) == ["NOT_SIGNED_IN"]
    assert code(await bram.device.fetch(report["downloadUrl"])) == (401, "NOT_SIGNED_IN")


@pytest.mark.security
async def test_another_practice_and_another_caseload(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, dr_else: StaffPerson, family: Family
) -> None:
    report = (await dr_vos.adds_report(family.dossier, text="Verslag"))["report"]
    release = (await dr_vos.releases(report["id"], family.bram_id))["report"]["releases"][0]["id"]
    theirs = (await dr_else.creates_dossier("E-1", "Erik"))["dossier"]["id"]
    for identity in (report["id"], release, family.dossier):
        assert await dr_else.device.ask(NODE, id=identity) is None
    await olga.gives_caseload((await olga.sees_colleague("vos@desluis.example"))["id"], [])
    for person in (dr_vos, dr_else):
        for act in (
            partial(person.releases, report["id"], family.bram_id),
            partial(person.withdraws_report, release),
            partial(person.archives_report, report["id"]),
        ):
            await refused(sluis, person, act, "NOT_FOUND")
        assert code(await person.device.takes(report["downloadUrl"])) == (404, "NOT_FOUND")
    assert await dr_else.sees_reports(theirs) == []
    assert (await olga.device.ask(NODE, id=report["id"]))["__typename"] == "Report"


async def test_released_by_many_at_once_it_is_released_once(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    report = (await dr_vos.adds_report(family.dossier, text="Verslag"))["report"]["id"]
    answers = await asyncio.gather(*(dr_vos.releases(report, family.bram_id) for _ in range(8)))
    assert {answer["__typename"] for answer in answers} == {"ReportReleased"}
    assert await sluis.count("report_release") == 1
    assert await sluis.count("outbox_message", "template = 'document_ready'") == 1
    assert len(await events(sluis, "report.released")) == 1
    file = await dr_vos.uploads(REPORT)
    added = await asyncio.gather(*(dr_vos.adds_report(family.dossier, file=file) for _ in range(8)))
    assert sorted(answer["__typename"] for answer in added) == ["NotFound"] * 7 + ["ReportAdded"]


@pytest.mark.security
@pytest.mark.parametrize(
    ("table", "column"),
    [
        pytest.param("report", "title", marks=pytest.mark.tampers("report.title")),
        pytest.param("stored_file", "content", marks=pytest.mark.tampers("stored_file.content")),
    ],
)
async def test_what_was_moved_to_another_row_does_not_open(
    sluis: Sluis, dr_vos: StaffPerson, family: Family, table: str, column: str
) -> None:
    for title in ("Eerste", "Tweede"):
        await dr_vos.adds_report(family.dossier, title, text=title)
    urls = [one["downloadUrl"] for one in await dr_vos.sees_reports(family.dossier)]
    await sluis.rows(f"UPDATE {table} SET {column} = (SELECT {column} FROM {table} ORDER BY {column} LIMIT 1)")
    assert sorted([(await dr_vos.device.fetch(url)).status_code for url in urls]) == [200, 500]
    document = "query($dossier: ID!) { reports(dossier: $dossier) { edges { node { title text } } } }"
    assert await dr_vos.device.refused(document, dossier=family.dossier) == ["INTERNAL"]


async def test_pages_and_what_they_cost(sluis: Sluis, dr_vos: StaffPerson, family: Family) -> None:
    costs, own_costs = set(), set()
    document = """query($dossier: ID!, $first: Int!, $after: String) { reports(dossier: $dossier, first: $first,
      after: $after) { edges { cursor node { title text releases { respondentName } } } pageInfo { hasNextPage } } }"""
    for number in range(7):
        sluis.clock.forward(seconds=number % 2)
        report = (await dr_vos.adds_report(family.dossier, f"Verslag {number}", text="x"))["report"]["id"]
        await dr_vos.releases(report, family.bram_id)
    for first in (1, 3, 7):
        response = await dr_vos.device.post(document, {"dossier": family.dossier, "first": first})
        costs.add(response.headers["server-timing"])
        own_costs.add((await family.bram.device.post(REPORTS, {"first": first})).headers["server-timing"])
    assert len(costs) == len(own_costs) == 1
    seen, after = list[str](), None
    while page := await family.bram.sees_own_reports(first=2, after=after):
        seen += [one["title"] for one in page]
        after = page[-1]["cursor"]
    assert sorted(seen) == [f"Verslag {number}" for number in range(7)]
    assert len(await dr_vos.sees_reports(family.dossier)) == 7
    assert await family.bram.device.refused(REPORTS, first=101) == ["PAGE_TOO_LARGE"]
    assert await family.bram.device.refused(REPORTS, after="W10") == ["BAD_CURSOR"]
