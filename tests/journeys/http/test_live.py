"""Live: what happens at one worker is told at another, and a subscription ends when the right to it does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.people.cast import Belongings, Person
from tests.people.device import Answer, Subscription
from tests.people.staff import StaffPerson, at_work
from tests.support.clock import Clock
from tests.support.databases import Database, Databases
from tests.support.population import Population
from tests.support.sluis import Sluis, running, workers

PROGRESS = """subscription($id: ID!) { loginProgressChanged(dossier: $id) { respondents {
    name loginStatus { access resetRequestedAt accessBlockers { code } invitation { state } } } } }"""
#: A second by contract, and what a busy machine takes besides.
SOON = 5


@dataclass(frozen=True, slots=True)
class Stage:
    """Two workers; people act at one of them, and watchers have sockets at either."""

    sluis: Sluis
    olga: StaffPerson
    dr_vos: StaffPerson
    ada: Person
    respondent: str
    dossier: str


@pytest.fixture
async def stage(databases: Databases, populated: tuple[Database, Population]) -> AsyncIterator[Stage]:
    """Let in a few minutes ago, for the workers know only the machine's time."""
    template, population = populated
    mine = await databases.copy(template)
    clock = Clock(datetime.now(UTC) - timedelta(minutes=3))
    try:
        async with running(mine, population, clock) as sluis:
            ada = Person(sluis, Belongings("Ada de Vries", "ada@clients.example"))
            therapist = at_work(sluis, population.dr_vos)
            await therapist.signs_in()
            respondent = await therapist.lets_in(ada)
        clock.now = datetime.now(UTC)
        async with workers(sluis, 2) as served:
            yield await _on_stage(served, ada.elsewhere(sluis=served), respondent)
    finally:
        await databases.drop(mine)


async def _on_stage(served: Sluis, ada: Person, respondent: str) -> Stage:
    olga, dr_vos = (at_work(served, who, "BEARER") for who in (served.population.olga, served.population.dr_vos))
    for person in (olga, dr_vos, ada):
        assert (await person.signs_in())["__typename"] == "SignedIn"
    dossier = (await dr_vos.opens_dossier("D-1001"))["id"]
    return Stage(served, olga, dr_vos, ada, respondent, dossier)


@asynccontextmanager
async def watching(stage: Stage, person: StaffPerson) -> AsyncIterator[list[Subscription]]:
    """Four sockets to one dossier's progress, so that each worker has one; each was told how it stands."""
    watches = [person.device.subscribe(PROGRESS, id=stage.dossier) for _ in range(4)]
    async with watches[0] as one, watches[1] as two, watches[2] as three, watches[3] as four:
        lines = [one, two, three, four]
        await all_told(lines, "APPROVED")
        yield lines


async def all_told(lines: list[Subscription], access: str | None) -> None:
    """Every line tells soon that Ada's access is so."""
    async with asyncio.timeout(SOON):
        for line in lines:
            while status_of(await line.news())["access"] != access:
                pass


def status_of(progress: Answer) -> Answer:
    (respondent,) = progress["respondents"]
    status: Answer = respondent["loginStatus"]
    return status


async def ended(line: Subscription) -> None:
    """The server says soon that there is no more to come, after whatever it had to tell."""
    async with asyncio.timeout(SOON):
        while (await line.receive())["type"] != "complete":
            pass


async def closed_soon(line: Subscription) -> int:
    async with asyncio.timeout(SOON):
        return await line.closed()


async def test_what_staff_do_is_told_at_every_worker(stage: Stage) -> None:
    async with watching(stage, stage.dr_vos) as lines:
        await stage.olga.deactivates(stage.respondent)
        await all_told(lines, "DEACTIVATED")
        await stage.olga.approves(stage.respondent)
        await all_told(lines, "APPROVED")
    (grant,) = await stage.sluis.rows("SELECT state FROM access_grant")
    assert grant["state"] == "APPROVED"


@dataclass
class Way:
    """One respondent's way to the portal, as a line to the dossier tells of it."""

    line: Subscription
    name: str

    async def leads_to(self, invitation: str | None, *blockers: str) -> Answer:
        """Soon it is told that the invitation is so and that this stands in the way; answers the login's status."""
        async with asyncio.timeout(SOON):
            while True:
                everyone = (await self.line.news())["respondents"]
                status: Answer = next(one["loginStatus"] for one in everyone if one["name"] == self.name)
                state = (status["invitation"] or {}).get("state")
                if (state, [one["code"] for one in status["accessBlockers"]]) == (invitation, list(blockers)):
                    return status


async def test_how_far_a_respondent_is_can_be_followed(stage: Stage) -> None:
    joep = Person(stage.sluis, Belongings("Joep de Vries", "joep@clients.example"))
    added = await stage.dr_vos.adds_respondent(stage.dossier, joep.own.name, joep.own.email)
    respondent = added["respondent"]["id"]
    async with stage.dr_vos.device.subscribe(PROGRESS, id=stage.dossier) as line:
        way = Way(line, joep.own.name)
        await way.leads_to(None, "NOT_INVITED", "NO_PASSWORD", "NO_FACTOR", "NOT_APPROVED")
        await stage.olga.invites(respondent)
        await way.leads_to("DELIVERED", "INVITATION_OPEN", "NO_FACTOR", "NOT_APPROVED")
        link = await joep.gets_link("accept")
        await joep.opens(link)
        await way.leads_to("OPENED", "INVITATION_OPEN", "NO_FACTOR", "NOT_APPROVED")
        await joep.accepts(link, "paarse kikker in de regen")
        await way.leads_to("ACCEPTED", "NO_FACTOR", "NOT_APPROVED")
        await joep.keeps_codes(await joep.sets_up_app(await joep.starts_sign_in()))
        await way.leads_to("ACCEPTED", "NOT_APPROVED")
        await stage.olga.approves(respondent)
        assert (await way.leads_to("ACCEPTED"))["access"] == "APPROVED"
        await joep.forgets_password()
        while not (await way.leads_to("ACCEPTED"))["resetRequestedAt"]:
            pass
        await joep.resets(await joep.gets_link("reset"), "gele eend op een fiets")
        while (await way.leads_to("ACCEPTED"))["resetRequestedAt"]:
            pass


async def test_the_waiting_page_opens_by_itself_and_ends_with_the_access(stage: Stage) -> None:
    await stage.olga.resets_factors(stage.respondent)
    await stage.ada.keeps_codes(await stage.ada.sets_up_app(await stage.ada.starts_sign_in()))
    pages = [stage.ada.watches_access() for _ in range(3)]
    async with pages[0] as one, pages[1] as two, pages[2] as three:
        lines = [one, two, three]
        assert [(await line.news())["access"] for line in lines] == ["AWAITING_APPROVAL"] * 3
        assert (await stage.dr_vos.approves(stage.respondent))["__typename"] == "AccessApproved"
        async with asyncio.timeout(SOON):
            assert [await line.news() for line in lines] == [{"access": "APPROVED", "accessBlockers": []}] * 3
        await stage.dr_vos.deactivates(stage.respondent)
        assert [await closed_soon(line) for line in lines] == [4403] * 3


async def test_watching_ends_with_the_session_it_belongs_to(stage: Stage) -> None:
    phone = stage.ada.elsewhere("BEARER")
    await phone.proves(await phone.starts_sign_in(), "recovery_codes", stage.ada.own.codes[0])
    async with phone.watches_access() as ending, stage.ada.watches_access() as staying:
        assert (await ending.news())["access"] == (await staying.news())["access"] == "APPROVED"
        await stage.ada.ends_other_sessions()
        assert await closed_soon(ending) == 4403
        await stage.dr_vos.deactivates(stage.respondent)
        assert await closed_soon(staying) == 4403, "was open until now"


async def test_watching_a_dossier_ends_with_the_right_to_it(stage: Stage) -> None:
    therapist = (await stage.olga.sees_colleague(stage.dr_vos.own.email))["id"]
    async with watching(stage, stage.dr_vos) as lines:
        await stage.olga.gives_caseload(therapist, [])
        for line in lines:
            await ended(line)
    await stage.olga.gives_role(therapist, "ADMIN")
    async with watching(stage, stage.dr_vos) as lines:
        await stage.olga.gives_role(therapist, "THERAPIST")
        for line in lines:
            await ended(line)
    await stage.olga.gives_caseload(therapist, [stage.dossier])
    async with watching(stage, stage.dr_vos) as lines:
        await stage.olga.suspends(therapist)
        assert [await closed_soon(line) for line in lines] == [4403] * 4


async def test_what_is_not_ones_own_cannot_be_watched(stage: Stage) -> None:
    dr_else = at_work(stage.sluis, stage.sluis.population.else_, "BEARER", "other")
    await dr_else.signs_in()
    therapist = (await stage.olga.sees_colleague(stage.dr_vos.own.email))["id"]
    await stage.olga.gives_caseload(therapist, [])
    for person, code in ((dr_else, "NOT_FOUND"), (stage.dr_vos, "NOT_FOUND"), (stage.ada, "NOT_ALLOWED")):
        async with person.device.subscribe(PROGRESS, id=stage.dossier) as line:
            message = await line.receive()
            assert [one["extensions"]["code"] for one in message["payload"]] == [code]
