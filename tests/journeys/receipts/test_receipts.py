"""Receipts: issued of what was held, numbered without gaps, read by who paid and by nobody else, and voided."""

import asyncio
import io
import random
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from PIL import Image
from pypdf import PdfReader

from flows.core.paging import cursor_of
from models.db.database import transaction
from models.receipts.receipt import next_number
from tests.people.bookkeeper import DOSSIERS, OWN, Bookkeeper, for_anybody, keeping_books, own_receipts, text_of
from tests.people.cast import Belongings, Person
from tests.people.device import Answer, Transport
from tests.people.manager import managing
from tests.people.planner import HOUR
from tests.people.staff import StaffPerson
from tests.support.contents import picture
from tests.support.refusing import refused
from tests.support.sluis import Sluis

NOT_HELD = (
    "Een kwitantie kan gemaakt worden als de afspraak is geweest.",
    "A receipt can be issued once the appointment has taken place.",
)
NOT_THERE = ("Deze persoon neemt niet deel aan die afspraak.", "This person does not attend that appointment.")
EXISTS = (
    "Er is al een kwitantie van deze afspraak voor deze persoon. Laat die eerst vervallen.",
    "There is already a receipt of this appointment for this person. Void it first.",
)
VOID = ("Deze kwitantie is al vervallen.", "This receipt is void already.")


@pytest.fixture
def vos(dr_vos: StaffPerson) -> Bookkeeper:
    """The therapist, with her receipt book."""
    return keeping_books(dr_vos)


@pytest.fixture
async def jansen(vos: Bookkeeper) -> Answer:
    """The dossier of Bram, for whom his mother Carla answers too."""
    return await vos.opens_dossier("D-1002")


@pytest.fixture
def carla(sluis: Sluis) -> Person:
    return Person(sluis, Belongings("Carla Jansen", "carla@clients.example"))


async def held(vos: Bookkeeper, dossier: Answer, minutes: int = 30) -> Answer:
    """An appointment that is over."""
    clock = vos.sluis.clock
    appointment: Answer = (await vos.books(dossier, clock.now, timedelta(minutes=minutes)))["appointment"]
    clock.forward(minutes=minutes)
    return appointment


def person_of(dossier: Answer, name: str) -> Answer:
    return next(one for one in dossier["respondents"] if one["name"] == name)


async def test_from_the_appointment_to_the_paper_and_void(
    sluis: Sluis, vos: Bookkeeper, jansen: Answer, carla: Person
) -> None:
    await vos.lets_in(carla)
    appointment = await held(vos, jansen)
    mother = person_of(jansen, carla.own.name)
    extra = {"description": "Verslag", "amount": "1204.5"}
    note = " Vrijgesteld van  btw \n\nArtikel 11 "
    consult = {"description": "Consult", "amount": "95.00"}
    answer = await vos.issues(appointment, mother, consult, extra, note=note)
    assert answer["__typename"] == "ReceiptIssued", answer
    receipt = answer["receipt"]
    assert receipt["number"] == "2026-0001"
    assert receipt["lines"] == [consult, extra | {"amount": "1204.50"}]
    assert (receipt["total"], receipt["currency"]) == ("1299.50", "EUR")
    assert (receipt["payer"], receipt["client"]) == ("Carla Jansen", "Bram Jansen")
    assert receipt["note"] == "Vrijgesteld van btw\nArtikel 11"
    assert receipt["heldAt"] == appointment["startsAt"]
    mail = await carla.is_told("Er staat iets nieuws voor u klaar")
    assert mail["subject"] == "Iets nieuws in uw portaal"
    assert "2026-0001" not in mail["text"]

    await carla.signs_in()
    assert await own_receipts(carla) == [for_anybody(receipt)]
    said = text_of(await carla.device.follow(for_anybody(receipt)["downloadUrl"]))
    assert "Praktijk De Sluis" in said
    assert "2026-0001" in said
    assert "Carla Jansen" in said
    assert "1.299,50" in said
    assert "Artikel 11" in said
    assert "VERVALLEN" not in said

    voided = (await vos.voids(receipt))["receipt"]
    assert (voided["id"], voided["number"], voided["voidReason"]) == (receipt["id"], "2026-0001", "Verkeerd bedrag")
    assert voided["voidedAt"] is not None
    (seen,) = await own_receipts(carla)
    assert seen == for_anybody(voided) | {"voidReason": None}, "why is for staff"
    assert "VERVALLEN" in text_of(await carla.device.follow(for_anybody(receipt)["downloadUrl"]))
    again = (await vos.issues(appointment, mother))["receipt"]
    page = await vos.sees_receipts(jansen)
    assert {edge["node"]["number"] for edge in page["edges"]} == {"2026-0001", "2026-0002"}
    assert again["number"] == "2026-0002"
    for event, times in (("issued", 2), ("voided", 1), ("downloaded", 2), ("listed", 3)):
        assert await sluis.count("audit_event", "event = ?", f"receipt.{event}") == times, event


async def test_a_receipt_stays_as_it_was_issued(sluis: Sluis, vos: Bookkeeper, jansen: Answer) -> None:
    mother = person_of(jansen, "Carla Jansen")
    receipt = (await vos.issues(await held(vos, jansen), mother))["receipt"]
    before = text_of(await vos.device.fetch(receipt["downloadUrl"]))
    current = await vos.looks_at(mother["id"])
    given = {"id": mother["id"], "version": current["version"], "name": "Carla de Boer"}
    await vos.device.ask(
        "mutation($input: UpdateRespondentInput!) { updateRespondent(input: $input) { __typename } }", input=given
    )
    await vos.renames_dossier(jansen, "Bram de Boer")
    await sluis.rows("UPDATE practice SET name = 'Anders', time_zone = 'Asia/Tokyo' WHERE slug = 'demo'")
    sluis.clock.forward(minutes=1)
    assert text_of(await vos.device.fetch(receipt["downloadUrl"])) == before
    assert [edge["node"] for edge in (await vos.sees_receipts(jansen))["edges"]] == [receipt]


async def test_it_bears_the_practices_address_logo_and_currency(
    sluis: Sluis, vos: Bookkeeper, jansen: Answer, olga: StaffPerson
) -> None:
    bram, appointment = person_of(jansen, "Bram Jansen"), await held(vos, jansen)
    plain = (await vos.issues(appointment, bram))["receipt"]
    await olga.signs_in()
    logo = (await olga.device.send(picture(size=(600, 200)), "image/png")).json()
    settled = await managing(olga).settles(
        postalAddress=" Dam 1 \n\n1012 JS  Amsterdam", logo=logo["id"], currency="CHF"
    )
    assert settled["settings"]["postalAddress"] == "Dam 1\n1012 JS Amsterdam"
    assert (settled["settings"]["hasLogo"], settled["settings"]["currency"]) == (True, "CHF")
    await vos.voids(plain)
    receipt = (await vos.issues(appointment, bram))["receipt"]
    paper = PdfReader(io.BytesIO((await vos.device.fetch(receipt["downloadUrl"])).content))
    assert "Dam 1\n1012 JS Amsterdam\n" in paper.pages[0].extract_text()
    assert "CHF 95,00" in paper.pages[0].extract_text()
    assert len(paper.pages[0].images) == 1
    assert not PdfReader(io.BytesIO((await vos.device.fetch(plain["downloadUrl"])).content)).pages[0].images

    for foreign in (logo["id"], jansen["id"], "none"):
        assert (await managing(olga).settles(logo=foreign))["code"] == "NOT_FOUND", "used already, or no file"
    text = (await olga.device.send(b"no picture", "text/plain")).json()
    assert (await managing(olga).settles(logo=text["id"]))["code"] == "NOT_FOUND"
    big = (await olga.device.send(random_picture(), "image/png")).json()
    assert (await managing(olga).settles(logo=big["id"]))["code"] == "FILE_TOO_LARGE"
    assert await sluis.count("stored_file", "attached_at IS NOT NULL") == 1
    assert not (await managing(olga).settles(logo=None))["settings"]["hasLogo"]
    paper = PdfReader(io.BytesIO((await vos.device.fetch(receipt["downloadUrl"])).content))
    assert len(paper.pages[0].images) == 1, "as it was issued"


def random_picture() -> bytes:
    """A picture that nothing makes smaller than a megabyte."""
    noise = Image.frombytes("RGB", (640, 640), random.Random(7).randbytes(640 * 640 * 3))
    drawn = io.BytesIO()
    noise.save(drawn, "PNG")
    return drawn.getvalue()


async def test_numbers_begin_anew_with_the_practices_year(sluis: Sluis, vos: Bookkeeper, jansen: Answer) -> None:
    bram = person_of(jansen, "Bram Jansen")
    new_year = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    appointment = await held(vos, jansen)
    numbers = []
    for now in (new_year - timedelta(seconds=1), new_year):
        sluis.clock.now = now
        await vos.signs_in()
        receipt = (await vos.issues(appointment, bram))["receipt"]
        numbers.append(receipt["number"])
        await vos.voids(receipt)
    assert numbers == ["2026-0001", "2027-0001"], "midnight in Amsterdam, not in Greenwich"


async def test_eight_at_once_have_eight_numbers(sluis: Sluis, vos: Bookkeeper, jansen: Answer) -> None:
    bram = person_of(jansen, "Bram Jansen")
    appointments = [await held(vos, jansen, 5) for _ in range(8)]
    answers = await asyncio.gather(*(vos.issues(one, bram) for one in appointments))
    numbers = sorted(answer["receipt"]["number"] for answer in answers)
    assert numbers == [f"2026-{number:04}" for number in range(1, 9)]


async def test_eight_of_one_appointment_make_one_and_leave_no_gap(
    sluis: Sluis, vos: Bookkeeper, jansen: Answer
) -> None:
    bram, carla = person_of(jansen, "Bram Jansen"), person_of(jansen, "Carla Jansen")
    appointment = await held(vos, jansen)
    answers = await asyncio.gather(*(vos.issues(appointment, bram) for _ in range(8)))
    outcomes = sorted(answer.get("code") or answer["receipt"]["number"] for answer in answers)
    assert outcomes == ["2026-0001"] + ["RECEIPT_EXISTS"] * 7
    assert (await vos.issues(appointment, carla))["receipt"]["number"] == "2026-0002", "the other one who attended"
    with pytest.raises(ZeroDivisionError):
        await takes_a_number_and_fails(sluis)
    voided = (await vos.sees_receipts(jansen))["edges"][0]["node"]
    outcomes = sorted(answer["__typename"] for answer in await asyncio.gather(*(vos.voids(voided) for _ in range(4))))
    assert outcomes == ["ReceiptVoid"] * 3 + ["ReceiptVoided"]
    assert (await vos.issues(await held(vos, jansen), bram))["receipt"]["number"] == "2026-0003"


async def takes_a_number_and_fails(sluis: Sluis) -> None:
    (practice,) = await sluis.rows("SELECT id FROM practice WHERE slug = 'demo'")
    async with transaction():
        assert await next_number(practice["id"], 2026) == 3
        raise ZeroDivisionError


async def test_receipt_needs_a_past_appointment_and_an_attendee(sluis: Sluis, vos: Bookkeeper, jansen: Answer) -> None:
    bram, carla = person_of(jansen, "Bram Jansen"), person_of(jansen, "Carla Jansen")
    coming = (await vos.books(jansen, sluis.clock.now + HOUR, whom=[bram]))["appointment"]
    await refused(sluis, vos, lambda: vos.issues(coming, bram), "APPOINTMENT_NOT_HELD", NOT_HELD)
    await refused(sluis, vos, lambda: vos.issues(coming, carla), "NOT_AN_ATTENDEE", NOT_THERE)
    await vos.cancels(coming)
    sluis.clock.forward(hours=3)
    await vos.signs_in()
    await refused(sluis, vos, lambda: vos.issues(coming, bram), "APPOINTMENT_NOT_HELD", NOT_HELD)
    done = (await vos.books(jansen, sluis.clock.now, whom=[bram]))["appointment"]
    await refused(sluis, vos, lambda: vos.issues(done, bram), "APPOINTMENT_NOT_HELD", NOT_HELD)
    await vos.completes(done)
    receipt = (await vos.issues(done, bram))["receipt"]
    await refused(sluis, vos, lambda: vos.issues(done, bram), "RECEIPT_EXISTS", EXISTS)
    await vos.voids(receipt)
    await refused(sluis, vos, lambda: vos.voids(receipt), "RECEIPT_VOID", VOID)


#: The field that is named, and what is given.
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("lines", {"lines": []}),
    ("lines", {"lines": [{"description": "Consult", "amount": "1"}] * 21}),
    ("description", {"lines": [{"description": " ", "amount": "1"}]}),
    ("description", {"lines": [{"description": "x" * 121, "amount": "1"}]}),
    *(
        ("amount", {"lines": [{"description": "Consult", "amount": amount}]})
        for amount in [
            "0",
            "-1",
            "-0.01",
            "95.005",
            "NaN",
            "sNaN",
            "Infinity",
            "1E+9999",
            "1E-9999",
            "1E-9999999",
            "1000000000.01",
            "1_000",
            "\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}",
            "\N{ARABIC-INDIC DIGIT ONE}",
            " 5",
            "5\n",
            "+5",
            "05",
            ".5",
            "5.",
            "95,00",
            "1.000,00",
            "1.000",
            "95." + "0" * 40 + "1",
            "9" * 5000,
            "veel",
            "",
            95.5,
        ]
    ),
    ("amount", {"lines": [{"description": "Consult", "amount": "1.5"}], "currency": "JPY"}),
    *(("currency", {"currency": currency}) for currency in ("eur", "XXX", "")),
    ("note", {"note": "x" * 1001}),
    ("note", {"note": "\x1bom"}),
]


async def test_what_cannot_be_written_is_refused(sluis: Sluis, vos: Bookkeeper, jansen: Answer) -> None:
    appointment, bram = await held(vos, jansen), person_of(jansen, "Bram Jansen")
    for field, changes in WRONG:
        answer = await vos.issues(appointment, bram, **changes)
        assert (answer["code"], answer["field"]) == ("INVALID_INPUT", field), changes
        assert answer["path"] == [*(["lines", "0"] if field in ("amount", "description") else []), field]
    assert await sluis.count("receipt") == await sluis.count("receipt_counter") == 0


async def test_a_refusal_says_which_line_is_wrong(vos: Bookkeeper, jansen: Answer) -> None:
    appointment, bram = await held(vos, jansen), person_of(jansen, "Bram Jansen")
    right = {"description": "Consult", "amount": "95.00"}
    answer = await vos.issues(appointment, bram, right, right, {"description": "Verslag", "amount": "1_000"})
    assert (answer["path"], answer["problemCode"]) == (["lines", "2", "amount"], "AMOUNT")
    assert answer["message"] == "Controleer “Regel 3, Bedrag”. Geef een bedrag boven nul met hoogstens 2 decimalen."
    answer = await vos.issues(appointment, bram, right, {"description": "", "amount": "5"})
    assert (answer["path"], answer["problemCode"]) == (["lines", "1", "description"], "MISSING")
    assert answer["message"] == "Controleer “Regel 2, Omschrijving”. Dit moet ingevuld zijn."


async def test_an_amount_is_what_was_typed(vos: Bookkeeper, jansen: Answer) -> None:
    appointment, bram = await held(vos, jansen), person_of(jansen, "Bram Jansen")
    whole = [{"description": "Consult", "amount": amount} for amount in ("95", "0.1", "0.01", 5, "999999999.99")]
    receipt = (await vos.issues(appointment, bram, *whole))["receipt"]
    assert [line["amount"] for line in receipt["lines"]] == ["95.00", "0.10", "0.01", "5.00", "999999999.99"]
    assert receipt["total"] == "1000000100.10"
    await vos.voids(receipt)
    ids = f'appointment: "{appointment["id"]}", respondent: "{bram["id"]}"'
    lines = '[{ description: "Consult", amount: 95.10 }]'
    document = f"""mutation {{ issueReceipt(input: {{ {ids}, lines: {lines} }}) {{
      ... on ReceiptIssued {{ receipt {{ total }} }} }} }}"""
    assert await vos.device.ask(document) == {"receipt": {"total": "95.10"}}


async def test_what_is_no_text_is_no_amount(vos: Bookkeeper, jansen: Answer) -> None:
    appointment, bram = await held(vos, jansen), person_of(jansen, "Bram Jansen")
    document = "mutation($input: IssueReceiptInput!) { issueReceipt(input: $input) { __typename } }"
    lines = [{"description": "Consult", "amount": ["veel"]}]
    given = {"appointment": appointment["id"], "respondent": bram["id"], "lines": lines}
    body = (await vos.device.post(document, {"input": given})).json()
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_QUERY"]
    assert "veel" not in str(body)


@pytest.mark.security
@pytest.mark.parametrize("transport", ["COOKIE", "BEARER"])
async def test_receipt_is_shown_to_its_payer_alone(
    sluis: Sluis,
    vos: Bookkeeper,
    jansen: Answer,
    bram: Person,
    carla: Person,
    ada: Person,
    olga: StaffPerson,
    dr_else: StaffPerson,
    transport: Transport,
) -> None:
    for person in (ada, bram, carla):
        await vos.lets_in(person)
    appointment = await held(vos, jansen)
    receipt = (await vos.issues(appointment, person_of(jansen, carla.own.name)))["receipt"]
    url = receipt["downloadUrl"]
    mother = carla.elsewhere(transport)
    await mother.signs_in()
    assert "2026-0001" in text_of(await mother.device.takes(url))
    await olga.signs_in()
    assert "2026-0001" in text_of(await olga.device.takes(url)), "the owner reaches every dossier"

    for other in (bram.elsewhere(transport), ada.elsewhere(transport)):
        await other.signs_in()
        assert await own_receipts(other) == []
        await finds_nothing(other, url)
    await dr_else.signs_in()
    stranger = keeping_books(dr_else)
    await finds_nothing(stranger, url.replace("practice=demo", "practice=other"))
    assert (await stranger.voids(receipt))["code"] == "NOT_FOUND"
    assert (await stranger.issues(appointment, person_of(jansen, carla.own.name)))["code"] == "NOT_FOUND"
    assert await stranger.device.refused(DOSSIERS, dossier=jansen["id"]) == ["NOT_FOUND"]
    assert (await vos.elsewhere().device.fetch(url)).status_code == 401

    await olga.gives_caseload((await olga.sees_colleague(vos.own.email))["id"], [])
    await finds_nothing(vos, url)
    assert (await vos.voids(receipt))["code"] == "NOT_FOUND"
    assert (await vos.issues(appointment, person_of(jansen, bram.own.name)))["code"] == "NOT_FOUND"
    assert await vos.device.refused(DOSSIERS, dossier=jansen["id"]) == ["NOT_FOUND"]
    events = "event = 'receipt.downloaded' AND outcome = 'REFUSED'"
    assert await sluis.count("audit_event", events) == 4


@pytest.mark.security
async def test_own_receipts_end_with_the_access_and_its_scopes(
    sluis: Sluis, vos: Bookkeeper, jansen: Answer, carla: Person
) -> None:
    await vos.lets_in(carla)
    receipt = (await vos.issues(await held(vos, jansen), person_of(jansen, carla.own.name)))["receipt"]
    await carla.signs_in()
    assert await own_receipts(carla) == [for_anybody(receipt)]
    await sluis.rows("UPDATE access_grant SET scopes = '[\"REPORTS\"]'")
    assert await own_receipts(carla) == []
    await finds_nothing(carla, receipt["downloadUrl"])
    await sluis.rows("UPDATE access_grant SET scopes = NULL")
    assert await own_receipts(carla) == [for_anybody(receipt)]

    second = (await vos.creates_dossier("D-2001", "Carla zelf"))["dossier"]["id"]
    respondent = (await vos.adds_respondent(second, carla.own.name, carla.own.email))["respondent"]["id"]
    await vos.invites(respondent)
    await carla.links(await carla.gets_link("accept"))
    await vos.signs_in()
    await vos.approves(respondent)
    await vos.deactivates(person_of(jansen, carla.own.name)["id"])
    assert await own_receipts(carla) == [], "the other dossier keeps her signed in"
    await finds_nothing(carla, receipt["downloadUrl"])


async def test_all_data_about_a_person_has_the_receipts(vos: Bookkeeper, jansen: Answer, carla: Person) -> None:
    await vos.lets_in(carla)
    appointment = await held(vos, jansen, 5)
    await vos.issues(appointment, person_of(jansen, "Bram Jansen"))
    receipt = (await vos.issues(appointment, person_of(jansen, carla.own.name)))["receipt"]
    await carla.signs_in()
    await carla.steps_up()
    url = (await carla.device.ask("{ viewer { exportUrl } }"))["exportUrl"]
    archive = zipfile.ZipFile(io.BytesIO((await carla.device.fetch(url)).content))
    (told,) = orjson.loads(archive.read("data.json"))["receipts"]
    assert (told["number"], told["total"], told["payer"]) == (receipt["number"], "95.00", "Carla Jansen")
    (paper,) = [name for name in archive.namelist() if name.startswith("receipts/")]
    assert archive.read(paper) == (await carla.device.takes(receipt["downloadUrl"])).content


@pytest.mark.security
@pytest.mark.parametrize("given_settings", [{"limit_receipts_per_hour": 2}], ids=["two"])
async def test_so_many_papers_an_hour_and_no_more(sluis: Sluis, vos: Bookkeeper, jansen: Answer, carla: Person) -> None:
    await vos.lets_in(carla)
    await carla.signs_in()
    url = (await vos.issues(await held(vos, jansen), person_of(jansen, carla.own.name)))["receipt"]["downloadUrl"]
    assert [(await carla.device.takes(url, method)).status_code for method in ("GET", "HEAD")] == [200, 200]
    refused = await carla.device.takes(url)
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_ATTEMPTS")
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert "2026-0001" in text_of(await vos.device.fetch(url)), "an account's own limit"
    assert await sluis.count("audit_event", "event = 'receipt.downloaded' AND outcome = 'SUCCESS'") == 3
    sluis.clock.forward(minutes=59)
    await carla.signs_in()
    sluis.clock.forward(minutes=1)
    assert "2026-0001" in text_of(await carla.device.takes(url))


@pytest.mark.security
async def test_heavy_work_holds_nobody_else_up(sluis: Sluis, vos: Bookkeeper, jansen: Answer, carla: Person) -> None:
    """While the bench is full a paper, a picture and an archive wait; whatever is light goes on."""
    await vos.lets_in(carla)
    paper = (await vos.issues(await held(vos, jansen), person_of(jansen, carla.own.name)))["receipt"]["downloadUrl"]
    await carla.signs_in()
    await carla.steps_up()
    archive = (await carla.device.ask("{ viewer { exportUrl } }"))["exportUrl"]
    app, go_on = sluis.app, threading.Event()
    assert app is not None
    full = [asyncio.create_task(app.worker_pool.run(go_on.wait)) for _ in range(2)]
    try:
        waiting = {
            asyncio.create_task(carla.device.takes(paper)),
            asyncio.create_task(carla.device.fetch(archive)),
            asyncio.create_task(vos.device.send(picture(), "image/png")),
        }
        for _ in range(5):
            report = (await vos.adds_report(jansen["id"], text="Verslag"))["report"]
            assert (await vos.device.fetch(report["downloadUrl"])).text == "Verslag"
            assert (await vos.elsewhere().starts_sign_in())["__typename"] == "FactorRequired"
        assert not [task for task in waiting if task.done()]
    finally:
        go_on.set()
        await asyncio.gather(*full)
    assert sorted([(await task).status_code for task in waiting]) == [200, 200, 201]


async def finds_nothing(person: Person, url: str) -> None:
    answer: httpx.Response = await person.device.takes(url)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.security
async def test_staff_and_clients_each_have_their_own_list(vos: Bookkeeper, jansen: Answer, carla: Person) -> None:
    await vos.lets_in(carla)
    await carla.signs_in()
    assert await carla.device.refused(DOSSIERS, dossier=jansen["id"]) == ["NOT_ALLOWED"]
    assert await vos.device.refused(OWN) == ["NOT_ALLOWED"]
    keeper = Bookkeeper(carla.sluis, carla.own)
    keeper.device = carla.device
    assert (await keeper.voids({"id": "none"}))["code"] == "NOT_ALLOWED"


async def test_pages_of_receipts(sluis: Sluis, vos: Bookkeeper, jansen: Answer) -> None:
    bram = person_of(jansen, "Bram Jansen")
    for _ in range(3):
        await vos.issues(await held(vos, jansen, 5), bram)
    first = await vos.sees_receipts(jansen, 2)
    assert [edge["node"]["number"] for edge in first["edges"]] == ["2026-0003", "2026-0002"]
    assert first["pageInfo"]["hasNextPage"]
    rest = await vos.sees_receipts(jansen, 2, first["pageInfo"]["endCursor"])
    assert [edge["node"]["number"] for edge in rest["edges"]] == ["2026-0001"]
    assert not rest["pageInfo"]["hasNextPage"]
    for after in ("x", cursor_of("x", str(UUID(int=0))), cursor_of("2026-03-02T12:00:00", str(UUID(int=0)))):
        assert await vos.device.refused(DOSSIERS, dossier=jansen["id"], after=after) == ["BAD_CURSOR"]
    assert await vos.device.refused(DOSSIERS, dossier=jansen["id"], first=101) == ["PAGE_TOO_LARGE"]
    assert await vos.device.refused(DOSSIERS, dossier="none") == ["NOT_FOUND"]
