"""The n-th statement fails, for every n of what staff and clients do beside coming in."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from tests.support.breaking import Office, Prepared, strike_each_statement

_DAY = timedelta(days=1)


def _in_days(office: Office, number: int) -> datetime:
    return office.sluis.clock.now + number * _DAY


async def giving_a_starter_password(office: Office) -> Prepared:
    person = office.somebody()
    respondent = await office.added(person)
    return Prepared(
        lambda: office.dr_vos.gives_starter_password(respondent),
        "StarterPasswordGiven",
        {
            "account": f"name = '{person.own.name}'",
            "access_grant": "state = 'APPROVED'",
            "audit_event": "event = 'starter_password.given'",
        },
        again=True,
    )


async def verifying(office: Office) -> Prepared:
    person = await office.signed_up()
    link = await person.gets_link("verify")
    return Prepared(
        lambda: person.verifies(link),
        "EmailVerified",
        {
            "account": f"name = '{person.own.name}' AND email_verified_at IS NOT NULL",
            "mailed_link": "used_at IS NOT NULL",
            "audit_event": "event = 'account.email_verified'",
        },
    )


async def associating(office: Office) -> Prepared:
    person = await office.signed_up()
    await person.verifies(await person.gets_link("verify"))
    prospect = (await office.olga.prospect(person.own.name))["id"]
    respondent = await office.added(office.somebody())
    return Prepared(
        lambda: office.olga.associates(prospect, respondent),
        "ProspectAssociated",
        {
            "access_grant": "state = 'APPROVED'",
            "account": "name LIKE 'Nieuw %' AND id NOT IN (SELECT account_id FROM prospect)",
            "audit_event": "event = 'prospect.associated'",
        },
    )


async def booking(office: Office) -> Prepared:
    whom = {"id": await office.added(office.somebody())}
    dossier, begins = await office.dr_vos.opens_dossier("D-1001"), _in_days(office, office.made)
    return Prepared(
        lambda: office.dr_vos.books(dossier, begins, whom=[whom]),
        "AppointmentBooked",
        {"appointment": "TRUE", "appointment_attendee": "TRUE", "audit_event": "event = 'appointment.booked'"},
        again=True,
    )


async def moving(office: Office) -> Prepared:
    whom = {"id": await office.added(office.somebody())}
    dossier, begins = await office.dr_vos.opens_dossier("D-1001"), _in_days(office, 2 * office.made)
    booked = (await office.dr_vos.books(dossier, begins, whom=[whom]))["appointment"]
    return Prepared(
        lambda: office.dr_vos.moves(booked, begins + _DAY),
        "AppointmentMoved",
        {"appointment": "version = 1", "audit_event": "event = 'appointment.moved'"},
    )


async def releasing(office: Office) -> Prepared:
    _, respondent = await office.inside()
    dossier = (await office.dr_vos.opens_dossier("D-1001"))["id"]
    report = (await office.dr_vos.adds_report(dossier, text="Een verslag"))["report"]["id"]
    return Prepared(
        lambda: office.dr_vos.releases(report, respondent),
        "ReportReleased",
        {
            "report_release": "TRUE",
            "outbox_message": "template = 'document_ready'",
            "audit_event": "event = 'report.released'",
        },
        again=True,
    )


async def closing(office: Office) -> Prepared:
    person, _ = await office.inside()
    return Prepared(
        person.closes_account,
        "AccountEnded",
        {"account": "closed_at IS NOT NULL", "audit_event": "event = 'account.closed'"},
    )


async def asking_for_another_address(office: Office) -> Prepared:
    person, _ = await office.inside()
    return Prepared(
        lambda: person.asks_for_email(f"elders{office.made}@clients.example"),
        "EmailChangeAsked",
        {"audit_event": "event = 'account.email_change_asked'"},
        again=True,
    )


async def confirming_another_address(office: Office) -> Prepared:
    person, _ = await office.inside()
    address = f"elders{office.made}@clients.example"
    await person.asks_for_email(address)
    reader = office.somebody()
    reader.own.email = address
    link = await reader.gets_link("verify")
    return Prepared(
        lambda: person.confirms_email(link),
        "EmailVerified",
        {"account": f"email = '{address}'", "audit_event": "event = 'account.email_changed'"},
    )


async def confirming_another_number(office: Office) -> Prepared:
    person, _ = await office.inside()
    await person.gives_contact_number(person.number)
    code = await person.reads_code()
    return Prepared(
        lambda: person.confirms_contact_number(code),
        "PhoneChanged",
        {"account": f"phone = '{person.line}'", "audit_event": "event = 'account.phone_changed'"},
    )


async def settling(office: Office) -> Prepared:
    version = (await office.olga.sees_practice())["version"]
    return Prepared(
        lambda: office.olga.settles(version, name=f"Praktijk {version}"),
        "PracticeUpdated",
        {"practice": f"name = 'Praktijk {version}'", "audit_event": "event = 'practice.updated'"},
    )


async def replacing_a_login_code(office: Office) -> Prepared:
    _, respondent = await office.inside()
    return Prepared(
        lambda: office.dr_vos.replaces_login_code(respondent),
        "LoginCodeReplaced",
        {
            "outbox_message": "template = 'login_code_replaced'",
            "audit_event": "event = 'account.login_code_replaced'",
        },
        again=True,
    )


async def resetting_factors(office: Office) -> Prepared:
    _, respondent = await office.inside()
    return Prepared(
        lambda: office.dr_vos.resets_factors(respondent),
        "FactorsReset",
        {"access_grant": "state = 'PENDING'", "audit_event": "event = 'account.factors_reset'"},
        again=True,
    )


async def linking(office: Office) -> Prepared:
    person, _ = await office.inside()
    await office.dr_vos.invites(await office.dr_vos.takes_on(person, "D-1002"))
    link = await person.gets_link("accept")
    return Prepared(
        lambda: person.links(link),
        "InvitationLinked",
        {
            "access_grant": "state = 'PENDING'",
            "invitation": "accepted_at IS NOT NULL",
            "audit_event": "event = 'invitation.linked'",
        },
    )


ACTS = [
    giving_a_starter_password,
    verifying,
    associating,
    booking,
    moving,
    releasing,
    closing,
    asking_for_another_address,
    confirming_another_address,
    confirming_another_number,
    settling,
    replacing_a_login_code,
    resetting_factors,
    linking,
]


@pytest.mark.parametrize("prepare", ACTS)
async def test_the_nth_statement_fails(office: Office, prepare: Callable[[Office], Awaitable[Prepared]]) -> None:
    await strike_each_statement(office, prepare)
