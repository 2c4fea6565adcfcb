"""Where the audit row can't be written, nothing about a client is told and nothing is done: 'UNAVAILABLE', no more."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from graphql import parse

from plugins import build_registry
from schema.build import build_schema
from tests.people.bookkeeper import Bookkeeper, keeping_books
from tests.people.cast import Belongings, Person
from tests.people.device import Answer, Unanswered
from tests.people.manager import Manager, managing
from tests.people.planner import joins
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis
from tests.support.stored import everything

pytestmark = pytest.mark.security

CANARY = "Kanarie"
_SCHEMA: Any = build_schema(build_registry(["totp", "recovery_codes", "remembered_devices"], {}))._schema
#: Root queries that tell of the caller's own account, of staff or of the practice, and of no client.
OF_NO_CLIENT = {"practice", "signInStep", "staff", "policy", "practiceSettings", "smsUsage", "videoRooms"}


@dataclass(frozen=True)
class Care:
    """A client who answers for herself, with something of every kind; everything has the canary's name in it."""

    sluis: Sluis
    dr_vos: Bookkeeper
    olga: Manager
    ada: Person
    dossier: Answer
    respondent: str
    appointment: Answer
    report: Answer
    form: Answer
    receipt: Answer
    prospect: str
    change: str


@pytest.fixture
async def care(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson) -> Care:
    vos, ada = keeping_books(dr_vos), Person(sluis, Belongings(f"{CANARY} Ada", "kanarie@clients.example"))
    made = (await vos.creates_dossier("K-1", f"{CANARY} Geel"))["dossier"]
    await vos.adds_respondent(made["id"], ada.own.name, ada.own.email, "SELF")
    respondent = await vos.lets_in(ada)
    await ada.signs_in(remember=3600)
    dossier = await vos.opens_dossier("K-1")
    starts = sluis.clock.now + timedelta(hours=1)
    booked = (await vos.books(dossier, starts, timedelta(minutes=1), note=f"{CANARY} komt"))["appointment"]
    held = (await vos.books(dossier, sluis.clock.now, timedelta(minutes=1)))["appointment"]
    sluis.clock.forward(minutes=2)
    report = (await vos.adds_report(made["id"], f"{CANARY} verslag", text=f"{CANARY} zingt"))["report"]
    await vos.releases(report["id"], respondent)
    form = (await vos.delivers(respondent, "ROM-1", title=f"{CANARY} vragen"))["form"]
    receipt = (await vos.issues(held, {"id": respondent}))["receipt"]
    await ada.wants(name=f"{CANARY} Anders")
    fleur = Person(sluis, Belongings(f"{CANARY} Fleur", "fleur@clients.example"))
    await fleur.signs_up("groene fiets over de dijk")
    await fleur.verifies(await fleur.gets_link("verify"))
    manager = managing(olga)
    prospect = (await manager.prospect(fleur.own.name))["id"]
    (change,) = await vos.sees_change_requests(made["id"])
    return Care(sluis, vos, manager, ada, dossier, respondent, booked, report, form, receipt, prospect, change["id"])


async def _refuse_audit_rows(sluis: Sluis) -> None:
    if sluis.database.url.startswith("sqlite:"):
        await sluis.rows("CREATE TRIGGER full BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'no more'); END")
        return
    await sluis.rows(
        "CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no more'; END $$"
    )
    await sluis.rows("CREATE TRIGGER no_more BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION no_more()")


def _reads(care: Care) -> list[tuple[Person, str]]:
    """Who asks what; each is answered as long as audit rows are written."""
    dossier, respondent = care.dossier["id"], care.respondent
    day = f'from: "{care.sluis.clock.now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}", '
    day += f'to: "{care.sluis.clock.now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"'
    staff = [
        "{ dossiers(first: 9) { totalCount edges { node { name respondents { name email } } } } }",
        f'{{ dossiers(first: 9, search: "{CANARY}") {{ totalCount edges {{ node {{ name }} }} }} }}',
        f'{{ rememberedDevices(respondent: "{respondent}") {{ id label userAgent }} }}',
        f'{{ dossierReceipts(dossier: "{dossier}", first: 9) {{ edges {{ node {{ payer client }} }} }} }}',
        f'{{ reports(dossier: "{dossier}", first: 9) {{ edges {{ node {{ title text }} }} }} }}',
        f'{{ answers(dossier: "{dossier}", first: 9) {{ edges {{ node {{ title respondentName }} }} }} }}',
        "{ changeRequests(first: 9) { edges { node { personName wanted } } } }",
        f'{{ changeRequests(first: 9, dossier: "{dossier}") {{ edges {{ node {{ personName wanted }} }} }} }}',
        f'{{ appointments(dossier: "{dossier}", first: 9) {{ edges {{ node {{ clientName note }} }} }} }}',
        f"{{ agenda({day}) {{ clientName note }} }}",
        *(f'{{ node(id: "{each}") {{ __typename {_NAMED} }} }}' for each in _nodes(care)),
    ]
    manager = [
        "{ respondents(first: 9) { edges { node { id } } } }",
        f'{{ respondents(first: 9, search: "{CANARY}") {{ edges {{ node {{ id }} }} }} }}',
        "{ prospects(first: 9) { edges { node { name email } } } }",
        "{ undeliveredMessages(first: 9) { edges { node { name } } } }",
        f'{{ prospects(first: 9, search: "{CANARY}") {{ edges {{ node {{ name email }} }} }} }}',
        "{ auditTrail(first: 9) { edges { node { what subjects { label } actor { name } } } } }",
        "{ policyDryRun(input: {audience: RESPONDENT, fallback: true}, first: 9) { __typename } }",
    ]
    own = [
        "{ receipts(first: 9) { edges { node { payer client } } } }",
        "{ myReports(first: 9) { edges { node { title text about } } } }",
        "{ myAnswers(first: 9) { edges { node { title about } } } }",
        "{ whoLookedAtMyDossier(first: 9) { edges { node { name what } } } }",
        "{ viewer { nextAppointment { clientName note } } }",
        "{ viewer { appointments(first: 9) { edges { node { clientName note } } } } }",
    ]
    return [
        *((care.dr_vos, one) for one in staff),
        *((care.olga, one) for one in manager),
        *((care.ada, one) for one in own),
    ]


_NAMED = """... on Dossier { name } ... on Respondent { name email } ... on Appointment { clientName note }
  ... on Report { title text } ... on AnswerForm { title respondentName }"""


def _nodes(care: Care) -> list[str]:
    return [care.dossier["id"], care.respondent, care.appointment["id"], care.report["id"], care.form["id"]]


def _parsed(reads: list[tuple[Person, str]]) -> list[Any]:
    return [parse(document).definitions[0] for _, document in reads]


async def test_read_without_its_audit_row_is_unavailable(care: Care) -> None:
    reads = _reads(care)
    answers = [(document, (await person.device.post(document)).json()) for person, document in reads]
    assert not [answer for answer in answers if "errors" in answer[1]]
    await _refuse_audit_rows(care.sluis)
    before = await everything(care.sluis)
    asked = {definition.selection_set.selections[0].name.value for definition in _parsed(reads)}
    assert asked | OF_NO_CLIENT == {*_SCHEMA.query_type.fields}, "a new query needs a line here"
    released = []
    for person, document in reads:
        answer = await person.device.post(document)
        codes = [error["extensions"]["code"] for error in answer.json().get("errors", [])]
        if CANARY in answer.text or codes != ["UNAVAILABLE"]:
            released.append((document, answer.text))
    assert not released
    assert await everything(care.sluis) == before


async def test_refusal_without_its_audit_row_is_unavailable(care: Care) -> None:
    """Nor is a refusal taken for told that was not."""
    refused = "{ auditTrail(first: 1) { exportUrl } }"
    await _refuse_audit_rows(care.sluis)
    assert await care.ada.device.refused(refused) == ["UNAVAILABLE"]
    assert await care.sluis.count("window_count", "key LIKE 'told:%'") == 0


async def test_mutation_without_its_audit_row_is_undone(care: Care) -> None:
    acts, heard = _acts(care), list[str]()

    async def hear(response: httpx.Response) -> None:
        await response.aread()
        heard.append(response.text)

    for person in (care.dr_vos, care.olga, care.ada):
        person.device.http.event_hooks["response"].append(hear)
    await _refuse_audit_rows(care.sluis)
    before = await everything(care.sluis)
    done = []
    for number, act in enumerate(acts):
        try:
            done.append((number, await act()))
        except Unanswered as unanswered:
            if unanswered.codes != ["UNAVAILABLE"]:
                done.append((number, {"codes": unanswered.codes}))
    assert "\n".join(str(one)[:90] for one in done) == ""
    assert not [text for text in heard if CANARY in text]
    assert await everything(care.sluis) == before


def _acts(care: Care) -> list[Callable[[], Awaitable[Any]]]:
    """What would change something, or say again what was done, with a client's data in the answer."""
    vos, olga, ada, respondent, dossier = care.dr_vos, care.olga, care.ada, care.respondent, care.dossier
    soon = care.sluis.clock.now + timedelta(days=1)
    return [
        lambda: vos.creates_dossier("K-2", f"{CANARY} Groen"),
        lambda: vos.renames_dossier(dossier, f"{CANARY} Blauw"),
        lambda: vos.adds_respondent(dossier["id"], f"{CANARY} Vader", None),
        lambda: vos.approves(respondent),
        lambda: vos.deactivates(respondent),
        lambda: vos.resets_factors(respondent),
        lambda: vos.replaces_login_code(respondent),
        lambda: vos.ends_sessions_of(respondent),
        lambda: vos.revokes_devices_of(respondent),
        lambda: vos.sets_scopes(respondent, ["REPORTS"]),
        lambda: vos.closes_dossier(dossier["id"], dossier["version"]),
        lambda: vos.books(dossier, soon),
        lambda: vos.moves(care.appointment, soon),
        lambda: vos.cancels(care.appointment),
        lambda: joins(vos, care.appointment),
        lambda: joins(ada, care.appointment),
        lambda: vos.adds_report(dossier["id"], CANARY, text=CANARY),
        lambda: vos.archives_report(care.report["id"]),
        lambda: vos.delivers(respondent, "ROM-2", title=CANARY),
        lambda: vos.delivers(respondent, "ROM-1", title=f"{CANARY} vragen"),
        lambda: vos.withdraws_answers(care.form["id"]),
        lambda: vos.voids(care.receipt),
        lambda: vos.decides(care.change, accept=True),
        lambda: vos.decides(care.change, accept=False, reason="Nee"),
        lambda: olga.creates_client(care.prospect, "K-3"),
        lambda: olga.verifies_prospect(care.prospect),
        lambda: ada.wants(birthDate="1990-01-01"),
        lambda: ada.closes_account(),
    ]


async def test_download_and_subscription_without_an_audit_row_are_unavailable(care: Care) -> None:
    export = (await care.ada.device.ask("{ viewer { exportUrl } }"))["exportUrl"]
    downloads = [
        (care.dr_vos, care.report["downloadUrl"]),
        (care.ada, care.report["downloadUrl"]),
        (care.dr_vos, care.receipt["downloadUrl"]),
        (care.ada, care.receipt["downloadUrl"]),
        (care.dr_vos, care.appointment["calendarUrl"]),
        (care.ada, care.appointment["calendarUrl"]),
        (care.ada, export),
    ]
    for person, url in downloads:
        assert (await person.device.takes(url)).status_code == 200, url
    await _refuse_audit_rows(care.sluis)
    for person, url in downloads:
        answer = await person.device.takes(url)
        assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE"), url
        assert CANARY not in answer.text
    progress = "subscription($id: ID!) { loginProgressChanged(dossier: $id) { respondents { name } } }"
    async with care.dr_vos.device.subscribe(progress, id=care.dossier["id"]) as line:
        told = str(await line.receive())
    assert "UNAVAILABLE" in told
    assert CANARY not in told
