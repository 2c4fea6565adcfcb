"""The n-th statement fails, for every n of an act: what is stored is as before or as after, and trying again works."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.bookkeeper import keeping_books
from tests.clock import Clock
from tests.databases import Database, Databases
from tests.faulty import Fault, faulty
from tests.manager import Manager, managing
from tests.people import Belongings, Person
from tests.population import Population
from tests.sluis import Sluis, running
from tests.speaking import Answer, Unanswered
from tests.staff import StaffPerson, at_work

#: What a failed try may leave: that it was tried, and what wakes others.
_TRACES = {"attempt_budget", "window_count", "signal", "audit_event", "outbox_message"}
#: Each try is counted, and here there are many.
_PATIENT = {
    "failures_slow_from": 99,
    "failures_per_hour": 9999,
    "failures_per_day": 9999,
    "limit_address_per_minute": 9999,
    "limit_resets_per_hour": 999,
    "limit_invitations_per_hour": 999,
    "limit_sign_ups_per_hour": 999,
}
_MORE_THAN_ANY = 120


@dataclass(frozen=True, slots=True)
class Prepared:
    """An act that can be tried any number of times, and what one success of it stores."""

    act: Callable[[], Awaitable[Answer]]
    success: str
    #: For each part that is stored: how often it is there.
    parts: dict[str, str]


@dataclass
class Office:
    """A server with a fault, staff, and respondents whose number grows as they are needed."""

    sluis: Sluis
    fault: Fault
    dr_vos: StaffPerson
    olga: Manager
    made: int = field(default=0)

    async def invited(self) -> tuple[Person, str, str]:
        """Somebody new with a fresh invitation: the person, the link, the respondent's id."""
        self.made += 1
        name = f"Nieuw Nummer {self.made}"
        person = Person(self.sluis, Belongings(name, f"nieuw{self.made}@clients.example"))
        dossier = (await self.dr_vos.opens_dossier("D-1001"))["id"]
        added = await self.dr_vos.adds_respondent(dossier, name, person.own.email)
        respondent: str = added["respondent"]["id"]
        await self.dr_vos.invites(respondent)
        return person, await person.gets_link("accept"), respondent

    async def inside(self) -> tuple[Person, str]:
        """Somebody who is approved and signed in, with a remembered device; and the respondent's id."""
        person, link, respondent = await self.invited()
        await person.accepts(link, f"{person.own.name} vindt fietsen fijn")
        await person.keeps_codes(await person.sets_up_app(await person.knocks()))
        await self.dr_vos.approves(respondent)
        await person.signs_in(remember=12 * 3600)
        return person, respondent

    async def settled(self) -> None:
        """Until all mail has left, so that only the act changes what is stored."""
        async with asyncio.timeout(30):
            while await self.sluis.count("outbox_message", "state = 'WAITING'"):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.02)


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fault]:
    with faulty(monkeypatch) as made:
        yield made


@pytest.fixture(params=["fails", "answer lost"])
async def office(
    request: pytest.FixtureRequest,
    fault: Fault,
    databases: Databases,
    populated: tuple[Database, Population],
    clock: Clock,
) -> AsyncIterator[Office]:
    """The statement fails; or it is a COMMIT that happened, and the connection broke before its answer."""
    template, population = populated
    mine = await databases.copy(template)
    fault.lost = request.param == "answer lost"
    if fault.lost and mine.url.startswith("sqlite:"):
        await databases.drop(mine)
        pytest.skip("a file answers a COMMIT or did not do it")
    try:
        async with running(mine, population, clock, **_PATIENT) as sluis:
            dr_vos = at_work(sluis, population.dr_vos)
            olga = managing(at_work(sluis, population.olga, "BEARER"))
            for person in (dr_vos, olga):
                await person.signs_in()
            yield Office(sluis, fault, dr_vos, olga)
    finally:
        await databases.drop(mine)


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
    step, code = await device.knocks(), person.app.code()
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
    step = await person.confirms_password(await person.knocks())
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
    keeper, (_, payer) = keeping_books(office.dr_vos), await office.inside()
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
    office.made += 1
    person = Person(office.sluis, Belongings(f"Nieuw Nummer {office.made}", f"nieuw{office.made}@clients.example"))
    await person.signs_up("groene fiets over de dijk")
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
    """The fault strikes at a later statement of the act at each try, until it strikes none and the act succeeds."""
    prepared = await prepare(office)
    await office.settled()
    struck = 0
    for number in range(1, _MORE_THAN_ANY):
        before, parts = await _stored(office), await _parts(office, prepared)
        office.fault.arm(number)
        answer = await _tried(prepared)
        office.fault.arm(0)
        after = await _parts(office, prepared)
        if answer is not None and not office.fault.struck:
            assert answer["__typename"] == prepared.success, answer
            assert after == _one_more(parts)
            break
        struck += 1
        if after == parts:
            assert await _stored(office) == before, f"half done at statement {number}"
        else:
            assert after == _one_more(parts), f"half done at statement {number}"
            assert (await prepared.act()).get("code", "done") != prepared.success, "it is not done twice"
            assert await _parts(office, prepared) == after
            prepared = await prepare(office)
            await office.settled()
    else:
        pytest.fail("it never got through")
    assert struck > 5, "the fault struck the act"
    numbers = [row["sequence"] for row in await office.sluis.rows("SELECT sequence FROM receipt ORDER BY sequence")]
    assert numbers == list(range(1, len(numbers) + 1)), "no number is missing"


async def _tried(prepared: Prepared) -> Answer | None:
    """The answer; None where there is none, for the one reason that may be given."""
    try:
        return await prepared.act()
    except Unanswered as unanswered:
        if unanswered.codes != ["UNAVAILABLE"]:
            raise
        return None


async def _stored(office: Office) -> dict[str, Any]:
    rows = await office.sluis.database.tables()
    return {table: sorted(found, key=str) for table, found in rows.items() if table not in _TRACES}


async def _parts(office: Office, prepared: Prepared) -> dict[str, Any]:
    return {table: await office.sluis.count(table, where) for table, where in prepared.parts.items()}


def _one_more(parts: dict[str, Any]) -> dict[str, Any]:
    return {table: number + 1 for table, number in parts.items()}
