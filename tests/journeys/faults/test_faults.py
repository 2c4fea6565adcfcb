"""The n-th statement fails, for every n of an act: what is stored is as before or as after, and trying again works."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.support.breaking import Office, Prepared, strike_each_statement


async def accepting(office: Office) -> Prepared:
    person, link, _ = await office.invited()
    return Prepared(
        lambda: person.accepts(link, "vier paarse olifanten zwemmen"),
        "AccountMade",
        {
            "account": f"name = '{person.own.name}'",
            "access_grant": "state = 'PENDING'",
            "invitation": "accepted_at IS NOT NULL",
            "outbox_message": "template = 'account_made'",
            "audit_event": "event = 'invitation.accepted'",
        },
    )


async def answering(office: Office) -> Prepared:
    person, _ = await office.inside()
    device = person.elsewhere("BEARER")
    step, code = await device.starts_sign_in(), person.app.code()
    return Prepared(
        lambda: device.proves(step, "totp", code),
        "SignedIn",
        {
            "login_session": "TRUE",
            "challenge": "consumed_at IS NOT NULL",
            "sign_in": "completed_at IS NOT NULL",
            "audit_event": "event = 'sign_in.completed'",
        },
    )


async def enrolling(office: Office) -> Prepared:
    person, link, _ = await office.invited()
    await person.accepts(link, "vier paarse olifanten zwemmen")
    step = await person.confirms_password(await person.starts_sign_in())
    begun = await person.scans(step)
    code = person.app.code()
    return Prepared(
        lambda: person.shows_app_works(step, begun, code),
        "EnrolmentConfirmed",
        {
            "factor_enrolment": "factor = 'totp'",
            "challenge": "consumed_at IS NOT NULL AND purpose = 'ENROL'",
            "sign_in": "proven_by = 'totp' AND completed_at IS NULL",
            "audit_event": "event = 'factor.enrolled'",
        },
    )


async def approving(office: Office) -> Prepared:
    _, respondent = await office.inside()
    await office.dr_vos.deactivates(respondent)
    return Prepared(
        lambda: office.dr_vos.approves(respondent),
        "AccessApproved",
        {
            "access_grant": "state = 'APPROVED'",
            "outbox_message": "template = 'access_approved'",
            "audit_event": "event = 'access.approved'",
        },
    )


async def deactivating(office: Office) -> Prepared:
    _, respondent = await office.inside()
    return Prepared(
        lambda: office.dr_vos.deactivates(respondent),
        "AccessDeactivated",
        {
            "access_grant": "state = 'DEACTIVATED'",
            "audit_event": "event = 'access.deactivated'",
        },
    )


async def resetting(office: Office) -> Prepared:
    person, _ = await office.inside()
    await person.forgets_password()
    link = await person.gets_link("reset")
    return Prepared(
        lambda: person.resets(link, "een heel ander lang wachtwoord"),
        "PasswordReset",
        {
            "mailed_link": "used_at IS NOT NULL",
            "outbox_message": "template = 'notice_password_changed'",
            "audit_event": "event = 'account.password_reset'",
        },
    )


async def issuing(office: Office) -> Prepared:
    """Of an appointment that was held; the next one begins as it ends."""
    keeper, (_, payer) = office.dr_vos, await office.inside()
    dossier, whom, now = await keeper.opens_dossier("D-1001"), {"id": payer}, office.sluis.clock.now
    appointment = (await keeper.books(dossier, now, timedelta(minutes=1), whom=[whom]))["appointment"]
    office.sluis.clock.forward(minutes=1)
    # The session is seen now, so that the act does not have to note it.
    await keeper.looks_at_own_account()
    return Prepared(
        lambda: keeper.issues(appointment, whom),
        "ReceiptIssued",
        {
            "receipt": "TRUE",
            "outbox_message": "template = 'document_ready'",
            "audit_event": "event = 'receipt.issued'",
        },
    )


async def making_a_client(office: Office) -> Prepared:
    person = await office.signed_up()
    await person.verifies(await person.gets_link("verify"))
    prospect, reference = (await office.olga.prospect(person.own.name))["id"], f"P-{office.made}"
    return Prepared(
        lambda: office.olga.creates_client(prospect, reference),
        "ClientCreated",
        {
            "dossier": "TRUE",
            "respondent": "TRUE",
            "access_grant": "state = 'APPROVED'",
            "account": "name LIKE 'Nieuw %' AND id NOT IN (SELECT account_id FROM prospect)",
            "outbox_message": "template = 'access_approved'",
            "audit_event": "event = 'prospect.client_created'",
        },
    )


ACTS = [accepting, answering, enrolling, approving, deactivating, resetting, issuing, making_a_client]


@pytest.mark.parametrize("prepare", ACTS)
async def test_the_nth_statement_fails(office: Office, prepare: Callable[[Office], Awaitable[Prepared]]) -> None:
    await strike_each_statement(office, prepare)
    numbers = [row["sequence"] for row in await office.sluis.rows("SELECT sequence FROM receipt ORDER BY sequence")]
    assert numbers == list(range(1, len(numbers) + 1)), "no number is missing"
