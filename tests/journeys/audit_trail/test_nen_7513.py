"""Reads, searches, exports and denials of what is in a dossier: each in the trail, with all that NEN 7513 asks."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.people.auditor import searches
from tests.people.cast import Person
from tests.people.device import Answer, Unanswered
from tests.people.planner import Planner, planning
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

pytestmark = pytest.mark.security

_NODE = "query($id: ID!) { node(id: $id) { id } }"


@dataclass(frozen=True, slots=True)
class Stage:
    """Who acts, and upon what; the last ones are ids."""

    sluis: Sluis
    vos: Planner
    olga: StaffPerson
    ada: Person
    dossier: Answer
    appointment: Answer
    respondent: str
    report: str
    form: str

    @property
    def people(self) -> dict[str, Person]:
        return {"vos": self.vos, "olga": self.olga, "ada": self.ada}

    async def reads(self, who: str, identity: str) -> None:
        """Fetch something again by its id."""
        await self.asks(who, _NODE, id=identity)

    async def lists(self, who: str, field: str) -> None:
        """Read one of the lists of the dossier."""
        await self.asks(who, f"query($id: ID!) {{ {field}(dossier: $id) {{ __typename }} }}", id=self.dossier["id"])

    async def asks(self, who: str, document: str, **variables: Any) -> None:
        await self.people[who].device.post(document, variables)

    async def fetches(self, who: str, kind: str, identity: str) -> None:
        await self.people[who].device.fetch(f"/download/{kind}/{identity}")


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does, and the event that tells of it; ``about`` is a type besides the dossier."""

    event: str
    who: str
    does: Callable[[Stage], Awaitable[object]]
    about: str | None = None


ROLES = {"vos": "THERAPIST", "olga": "OWNER", "ada": "RESPONDENT"}
DONE = [
    Deed("dossier.listed", "vos", lambda s: s.vos.sees_dossiers()),
    Deed("dossier.searched", "olga", lambda s: s.olga.sees_dossiers("D-1001")),
    Deed("dossier.read", "vos", lambda s: s.reads("vos", s.dossier["id"])),
    Deed("respondent.read", "olga", lambda s: s.olga.looks_at(s.respondent), "Respondent"),
    Deed(
        "respondent.searched",
        "olga",
        lambda s: s.asks("olga", '{ respondents(search: "Ada") { __typename } }'),
        "Respondent",
    ),
    Deed("appointment.read", "vos", lambda s: s.vos.sees_appointment(s.appointment), "Appointment"),
    Deed("appointment.listed", "olga", lambda s: s.lists("olga", "appointments"), "Appointment"),
    Deed("agenda.read", "vos", lambda s: s.vos.sees_agenda(s.sluis.clock.now, s.sluis.clock.now + timedelta(days=3))),
    Deed("appointment.downloaded", "vos", lambda s: s.fetches("vos", "appointment", s.appointment["id"])),
    Deed("report.listed", "vos", lambda s: s.vos.sees_reports(s.dossier["id"]), "Report"),
    Deed("report.read", "vos", lambda s: s.reads("vos", s.report), "Report"),
    Deed("report.downloaded", "olga", lambda s: s.fetches("olga", "report", s.report), "Report"),
    Deed("answers.listed", "vos", lambda s: s.vos.sees_answers(s.dossier["id"]), "AnswerForm"),
    Deed("answers.read", "olga", lambda s: s.reads("olga", s.form), "AnswerForm"),
    Deed("receipt.listed", "vos", lambda s: s.lists("vos", "dossierReceipts")),
    Deed("change.listed", "vos", lambda s: s.vos.sees_change_requests(s.dossier["id"])),
    Deed("dossier.log_read", "ada", lambda s: s.ada.reads_log()),
    Deed("report.listed", "ada", lambda s: s.ada.sees_own_reports()),
    Deed("report.downloaded", "ada", lambda s: s.fetches("ada", "report", s.report), "Report"),
    Deed("answers.listed", "ada", lambda s: s.ada.sees_own_answers(), "AnswerForm"),
    Deed("account.exported", "ada", lambda s: _takes_all(s.ada), "Account"),
    Deed("audit.searched", "olga", lambda s: searches(s.olga, subject=s.dossier["id"])),
]
#: By a therapist who no longer has the dossier in the caseload.
DENIED = [
    Deed("dossier.read", "vos", lambda s: s.reads("vos", s.dossier["id"])),
    Deed("respondent.read", "vos", lambda s: s.reads("vos", s.respondent), "Respondent"),
    Deed("appointment.read", "vos", lambda s: s.reads("vos", s.appointment["id"]), "Appointment"),
    Deed("appointment.downloaded", "vos", lambda s: s.fetches("vos", "appointment", s.appointment["id"])),
    Deed("report.read", "vos", lambda s: s.reads("vos", s.report), "Report"),
    Deed("report.downloaded", "vos", lambda s: s.fetches("vos", "report", s.report), "Report"),
    Deed("answers.read", "vos", lambda s: s.reads("vos", s.form), "AnswerForm"),
    Deed("dossier.denied", "vos", lambda s: s.lists("vos", "reports")),
    Deed("dossier.denied", "vos", lambda s: s.lists("vos", "appointments")),
    Deed("dossier.denied", "vos", lambda s: s.lists("vos", "answers")),
    Deed("dossier.denied", "vos", lambda s: s.vos.invites(s.respondent)),
]


async def _takes_all(person: Person) -> None:
    viewer = await person.device.ask("{ viewer { exportUrl } }")
    assert (await person.device.fetch(viewer["exportUrl"])).status_code == 200


@pytest.fixture
async def stage(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person) -> Stage:
    """A dossier with an appointment, a released report and answers."""
    vos = planning(dr_vos)
    respondent = await vos.lets_in(ada)
    dossier = await vos.opens_dossier("D-1001")
    booked = await vos.books(dossier, sluis.clock.now + timedelta(days=1))
    report = (await vos.adds_report(dossier["id"], "Verslag", text="Alles goed"))["report"]["id"]
    await vos.releases(report, respondent)
    form = (await vos.delivers(respondent, "ROM-1"))["form"]["id"]
    return Stage(sluis, vos, olga, ada, dossier, booked["appointment"], respondent, report, form)


async def test_what_is_done_with_a_dossier(stage: Stage) -> None:
    for deed in DONE:
        await _is_told(stage, deed, "SUCCESS")


async def test_what_is_denied_of_a_dossier(stage: Stage) -> None:
    colleague = await stage.olga.sees_colleague(stage.vos.own.email)
    taken = await stage.olga.removes_from_caseload(colleague["id"], [stage.dossier["id"]])
    assert taken["__typename"] == "RemovedFromCaseload"
    for deed in DENIED:
        await _is_told(stage, deed, "REFUSED")
    # What was denied of it, its client reads.
    read = [entry for entry in await stage.ada.reads_log() if entry["refused"]]
    assert [entry["event"] for entry in read] == [deed.event for deed in reversed(DENIED)]
    assert {entry["name"] for entry in read} == {"Dr. T. Vos"}


async def test_read_that_cannot_be_audited_shows_nothing(stage: Stage) -> None:
    """The trail takes no more rows, as when the disk is full: nothing of a dossier goes out."""
    if stage.sluis.database.url.startswith("sqlite:"):
        full = "CREATE TRIGGER full BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'full'); END"
    else:
        full = "ALTER TABLE audit_event ADD CONSTRAINT full_up CHECK (FALSE) NOT VALID"
    answers: list[httpx.Response] = []

    async def coming(response: httpx.Response) -> None:
        await response.aread()
        answers.append(response)

    for person in stage.people.values():
        person.device.http.event_hooks = {"response": [coming]}
    await stage.sluis.rows(full)
    for deed in DONE:
        answers.clear()
        # How a person takes it is not what matters here.
        with suppress(Unanswered, AssertionError):
            await deed.does(stage)
        assert answers, deed
        last = answers[-1]
        if last.status_code == 200:
            body = last.json()
            assert [error["extensions"]["code"] for error in body.get("errors", ())] == ["UNAVAILABLE"], (
                deed,
                last.text,
            )
            assert not _filled(body["data"]), (deed, last.text)
        else:
            assert (last.status_code, last.json()["code"]) == (503, "UNAVAILABLE"), deed


def _filled(data: Any) -> bool:
    """Whether anything in there is not null; what is around it does not count."""
    if isinstance(data, dict | list):
        return any(map(_filled, data.values() if isinstance(data, dict) else data))
    return data is not None


async def _is_told(stage: Stage, deed: Deed, outcome: str) -> None:
    """Once, by whom in which role, about whom, when, from where, in which session and request, and how it ended."""
    stage.sluis.clock.forward(seconds=10)
    person = stage.people[deed.who]
    await deed.does(stage)
    now = stage.sluis.clock.now.isoformat()
    found = await searches(stage.olga, event=deed.event, **{"from": now})
    assert len(found) == 1, (deed, found)
    (event,) = found
    assert (event["outcome"], event["at"], event["address"]) == (outcome, now, "127.0.0.1"), deed
    settings = await person.sees_settings()
    assert (event["actor"]["role"], event["actor"]["name"]) == (ROLES[deed.who], settings["name"]), deed
    assert event["actor"]["account"]
    assert [event["session"]] == [one["id"] for one in settings["loginSessions"] if one["current"]], deed
    assert len(event["request"]) == 32
    about = {(one["type"], one["id"]) for one in event["subjects"]}
    assert ("Dossier", stage.dossier["id"]) in about, deed
    assert deed.about is None or deed.about in {kind for kind, _ in about}, deed
