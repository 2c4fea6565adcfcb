"""What becomes of a sign-up: its account, the mail about it, and what the trail tells; one account for many at once."""

import asyncio
from datetime import timedelta
from typing import Any

from flows.onboarding.sign_up import answer_sign_up
from models import Account, Audience, AuditEvent, Invitation, MailedLink, Prospect, Respondent
from models.db.database import transaction
from models.onboarding.sign_up import SignUpMail
from tests.flows.office import Office

ASKED = {
    "email": "Fleur@clients.example",
    "name": "Fleur Peters",
    "phone": "+31 6 12345678",
    "birth_date": "1984-02-29",
    "locale": "en",
    "password_hash": "$argon2id$x",
}


async def answered(office: Office, **asked: str) -> SignUpMail:
    async with transaction():
        mail = await answer_sign_up(office.app, office.practice, ASKED | asked)
    assert mail is not None
    return mail


async def trail(office: Office) -> list[tuple[Any, ...]]:
    rows = await AuditEvent.filter(practice_id=office.practice.id).order_by("id")
    return [(row.event, row.outcome, row.actor_account, row.actor_role, row.session, row.subjects) for row in rows]


async def test_sign_up_with_an_unknown_address_creates_an_account(office: Office) -> None:
    mail = await answered(office)
    account = await Account.get(email_key="fleur@clients.example")
    assert (mail.template, mail.to, mail.locale, mail.account_id) == ("verify_email", account.email, "en", account.id)
    assert set(mail.values) == {"login_code", "link", "expires_at"}, "no name: a stranger may have typed it"
    assert await trail(office) == [
        ("account.signed_up", "SUCCESS", None, "", None, [{"type": "Account", "id": str(account.id)}])
    ]
    (link,) = await MailedLink.filter(account_id=account.id)
    assert link.expires_at == office.app.now + office.app.rules.verification_life
    assert await Prospect.filter(account_id=account.id).count() == 1


async def test_sign_up_with_a_known_address_creates_nothing_and_notifies_its_owner(office: Office) -> None:
    known = await office.account(
        Audience.RESPONDENT, name="Fleur", email="fleur@clients.example", email_key="fleur@clients.example"
    )
    mail = await answered(office, name="Mallory")
    assert (mail.template, mail.to, mail.account_id) == ("account_exists", known.email, known.id)
    assert mail.values == {"name": "Fleur"}
    assert (await Account.all().count(), await Prospect.all().count(), await trail(office)) == (1, 0, [])


async def test_sign_up_with_an_invited_address_creates_nothing_and_notifies_it(office: Office) -> None:
    (dossier,) = await office.dossiers("Fleur")
    respondent = await Respondent.filter(dossier_id=dossier.id).order_by("id").first()
    now = office.app.now
    await Invitation.create(
        practice=office.practice,
        respondent=respondent,
        email="fleur@CLIENTS.example",
        token_hash="x" * 64,
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    accounts = await Account.all().count()
    mail = await answered(office)
    assert mail == SignUpMail("sign_up_invited", "fleur@CLIENTS.example", office.practice.locale, {})
    assert (await Account.all().count(), await Prospect.all().count(), await trail(office)) == (accounts, 0, [])


async def test_concurrent_workers_create_one_account_and_none_fails(office: Office) -> None:
    mails = await asyncio.gather(*(answered(office) for _ in range(6)))
    assert sorted(mail.template for mail in mails) == ["account_exists"] * 5 + ["verify_email"]
    account = await Account.get(email_key="fleur@clients.example")
    assert {mail.account_id for mail in mails} == {account.id}
    assert [event for event, *_ in await trail(office)] == ["account.signed_up"]
