"""A server with a failing n-th statement, for every n of an act, and the people who act there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.delivery.provider import Provider, providing
from tests.people.bookkeeper import Bookkeeper, keeping_books
from tests.people.device import Answer, Unanswered
from tests.people.guest import Belongings
from tests.people.manager import Manager, managing
from tests.people.phone_owner import PhoneOwner
from tests.people.staff import at_work
from tests.support.clock import Clock
from tests.support.databases import Database, Databases
from tests.support.faulty import Fault, faulty
from tests.support.population import Population
from tests.support.sluis import PATIENT, Sluis, running

#: What a failed try may leave: that it was tried, and what wakes others.
_TRACES = {
    "attempt_budget",
    "window_count",
    "signal",
    "audit_event",
    "audit_segment",
    "audit_subject",
    "outbox_message",
}
_MORE_THAN_ANY = 120


@dataclass(frozen=True, slots=True)
class Prepared:
    """An act that can be tried any number of times, and what one success of it stores."""

    act: Callable[[], Awaitable[Answer]]
    success: str
    #: For each part that is stored: how often it is there.
    parts: dict[str, str]
    #: Whether it can be done again at once, with the same success.
    again: bool = False


@dataclass
class Office:
    """A server with a fault, staff, and respondents, who are added as they are needed."""

    sluis: Sluis
    fault: Fault
    dr_vos: Bookkeeper
    olga: Manager
    provider: Provider
    made: int = field(default=0)

    def somebody(self) -> PhoneOwner:
        """Somebody new."""
        self.made += 1
        own = Belongings(f"Nieuw Nummer {self.made}", f"nieuw{self.made}@clients.example")
        return PhoneOwner(self.sluis, own, self.provider, f"06{12000000 + self.made}")

    async def added(self, person: PhoneOwner) -> str:
        """The id of the respondent that a person becomes."""
        return await self.dr_vos.takes_on(person)

    async def invited(self) -> tuple[PhoneOwner, str, str]:
        """Somebody new with a fresh invitation: the person, the link, the respondent's id."""
        person = self.somebody()
        respondent = await self.added(person)
        await self.dr_vos.invites(respondent)
        return person, await person.gets_link("accept"), respondent

    async def signed_up(self) -> PhoneOwner:
        """Somebody new who asked for an account without an invitation."""
        person = self.somebody()
        await person.signs_up("groene fiets over de dijk")
        return person

    async def inside(self) -> tuple[PhoneOwner, str]:
        """Somebody who is approved and signed in, with a remembered device; and the respondent's id."""
        person, link, respondent = await self.invited()
        await person.accepts(link, f"{person.own.name} vindt fietsen fijn")
        await person.keeps_codes(await person.sets_up_app(await person.starts_sign_in()))
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
        async with providing() as provider:
            by_text: dict[str, Any] = {"sms_gateway": "http", "sms_gateway_options": {"url": provider.url}}
            async with running(mine, population, clock, **PATIENT, **by_text) as sluis:
                dr_vos = keeping_books(at_work(sluis, population.dr_vos))
                olga = managing(at_work(sluis, population.olga, "BEARER"))
                for person in (dr_vos, olga):
                    await person.signs_in()
                yield Office(sluis, fault, dr_vos, olga, provider)
    finally:
        await databases.drop(mine)


async def strike_each_statement(office: Office, prepare: Callable[[Office], Awaitable[Prepared]]) -> None:
    """The fault strikes at a later statement of the act at each try, until it strikes none and the act succeeds.

    What is stored is as before or as after, whatever was struck, and an act that was done is not done twice.
    """
    prepared = await prepare(office)
    before, parts = await _quiet(office, prepared)
    struck = 0
    for number in range(1, _MORE_THAN_ANY):
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
            now = await _stored(office)
            half = [table for table, rows in now.items() if rows != before[table]]
            assert not half, f"half done at statement {number}: {half}"
        else:
            assert after == _one_more(parts), f"half done at statement {number}: {parts} became {after}"
            if not prepared.again:
                assert (await prepared.act()).get("code", "done") != prepared.success, "it is not done twice"
                assert await _parts(office, prepared) == after
            prepared = await prepare(office)
            before, parts = await _quiet(office, prepared)
    else:
        pytest.fail("it never got through")
    assert struck > (0 if office.fault.lost else 5), "the fault struck the act"


async def _quiet(office: Office, prepared: Prepared) -> tuple[dict[str, Any], dict[str, int]]:
    """What is stored, and how often each part is, when nothing goes on any more."""
    await office.settled()
    return await _stored(office), await _parts(office, prepared)


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


async def _parts(office: Office, prepared: Prepared) -> dict[str, int]:
    counts = ", ".join(
        f"(SELECT COUNT(*) FROM {table} WHERE {where}) AS {table}" for table, where in prepared.parts.items()
    )
    (row,) = await office.sluis.rows(f"SELECT {counts}")
    return row


def _one_more(parts: dict[str, int]) -> dict[str, int]:
    return {table: number + 1 for table, number in parts.items()}
