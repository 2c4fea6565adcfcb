"""What insurers ask of a receipt: who was paid, under which numbers, for whom, when and how."""

from datetime import timedelta

import pytest

from tests.people.bookkeeper import Bookkeeper, keeping_books, own_receipts, text_of
from tests.people.cast import Person
from tests.people.device import Answer
from tests.people.manager import managing
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

_REGISTER = """mutation($input: StaffRegistrationInput!) { setStaffRegistration(input: $input) { __typename
  ... on StaffMemberChanged { staffMember { agbCode bigNumber } }
  ... on InvalidInput { field problemCode message } ... on Refusal { code } } }"""


@pytest.fixture
def vos(dr_vos: StaffPerson) -> Bookkeeper:
    return keeping_books(dr_vos)


async def _registers(person: StaffPerson, staff: str, **given: str) -> Answer:
    answer: Answer = await person.device.ask(_REGISTER, input={"staffMember": staff, **given})
    return answer


async def test_a_receipt_has_the_facts_of_its_moment(
    sluis: Sluis, vos: Bookkeeper, olga: StaffPerson, bram: Person
) -> None:
    identity = await vos.lets_in(bram)
    dossier = await vos.opens_dossier("D-1002")
    given = {"id": dossier["id"], "version": dossier["version"], "birthDate": "2009-02-28"}
    await vos._runs("updateDossier(input: $input)", "($input: UpdateDossierInput!)", input=given)
    boss = managing(olga)
    numbers = {"agbCode": "94 012-345", "kvkNumber": "12345678", "vatNumber": "nl 1234.56.789.b01"}
    settings = (await boss.settles(None, **numbers))["settings"]
    assert settings["vatNumber"] == "NL123456789B01"
    therapist = (await boss.sees_colleague(vos.own.email))["id"]
    told = await _registers(boss, therapist, agbCode="94054321", bigNumber="490 1234 5678")
    assert told["staffMember"] == {"agbCode": "94054321", "bigNumber": "49012345678"}

    appointment = (await vos.books(dossier, sluis.clock.now, timedelta(minutes=30)))["appointment"]
    sluis.clock.forward(minutes=30)
    payer = next(one for one in dossier["respondents"] if one["id"] == identity)
    lines = ({"description": "Consult", "amount": "95.00"},)
    off = [{"description": "Gezin", "amount": "10.00"}]
    answer = await vos.issues(appointment, payer, *lines, discounts=off, paidOn="2026-03-01", paidBy="CARD")
    assert answer["__typename"] == "ReceiptIssued", answer
    receipt = answer["receipt"]
    facts = {
        "clientBirthDate": "2009-02-28",
        "therapist": "Dr. T. Vos",
        "therapistAgbCode": "94054321",
        "therapistBigNumber": "49012345678",
        "practiceAgbCode": "94012345",
        "practiceKvkNumber": "12345678",
        "practiceVatNumber": "NL123456789B01",
        "paidOn": "2026-03-01",
        "paidBy": "CARD",
        "total": "85.00",
        "lines": [*lines, {"description": "Gezin", "amount": "-10.00"}],
    }
    assert {name: receipt[name] for name in facts} == facts

    await _registers(boss, therapist, agbCode="", bigNumber="")
    await boss.settles(agbCode="", kvkNumber="87654321")
    await bram.signs_in()
    (seen,) = await own_receipts(bram)
    assert {**seen, "downloadUrl": ""} == {**receipt, "downloadUrl": ""}, "what was issued stays as it was"
    said = text_of(await bram.device.follow(seen["downloadUrl"]))
    for words in (
        "AGB 94012345 · KvK 12345678 · Btw-id NL123456789B01",
        "Geboortedatum cliënt 28 februari 2009",
        "Behandelaar Dr. T. Vos",
        "AGB 94054321 · BIG 49012345678",
        "Betaald op 1 maart 2026, met pin",
        "Korting: Gezin -10,00",
        "Totaal EUR 85,00",
    ):
        assert words in said
    assert await sluis.count("audit_event", "event = 'staff.registration_set'") == 2


async def test_numbers_days_and_discounts_have_a_form(sluis: Sluis, vos: Bookkeeper, olga: StaffPerson) -> None:
    boss = managing(olga)
    for field, value, problem in (
        ("agbCode", "9401234", "AGB"),
        ("kvkNumber", "123456789", "KVK"),
        ("vatNumber", "DE123456789", "VAT"),
        ("vatNumber", "NL123456789C01", "VAT"),
    ):
        refused = await boss.settles(None, **{field: value})
        assert (refused["field"], refused["problemCode"]) == (field, problem)
    therapist = (await boss.sees_colleague(vos.own.email))["id"]
    refused = await _registers(boss, therapist, bigNumber="4901234567")
    assert (refused["field"], refused["problemCode"]) == ("bigNumber", "BIG")
    assert (await _registers(vos, therapist, agbCode="94054321"))["code"] == "NOT_ALLOWED"

    dossier = await vos.opens_dossier("D-1002")
    appointment = (await vos.books(dossier, sluis.clock.now, timedelta(minutes=30)))["appointment"]
    sluis.clock.forward(minutes=30)
    payer = dossier["respondents"][0]
    for more, field, problem in (
        ({"paidOn": "2026-03-03"}, "paidOn", "PAST_DATE"),
        ({"discounts": [{"description": "Alles", "amount": "95.00"}]}, "discounts", "BELOW"),
        ({"discounts": [{"description": "Niets", "amount": "0"}]}, "amount", "AMOUNT"),
    ):
        refused = await vos.issues(appointment, payer, **more)
        assert (refused["field"], refused["problemCode"]) == (field, problem), refused
        if problem == "BELOW":
            assert "95,00" in refused["message"] or "95.00" in refused["message"]
    for language, amount in (("nl", "95,00"), ("en", "95.00")):
        vos.device.http.headers["Accept-Language"] = language
        await vos.speaks(language)
        off = [{"description": "Alles", "amount": "95.00"}]
        assert f"{amount}." in (await vos.issues(appointment, payer, discounts=off))["message"]
    receipt = (await vos.issues(appointment, payer))["receipt"]
    assert (receipt["paidOn"], receipt["paidBy"], receipt["practiceAgbCode"]) == ("2026-03-02", None, None)
