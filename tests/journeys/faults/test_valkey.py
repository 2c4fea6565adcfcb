"""Limits hold wherever the minute's windows are counted, across workers, and whatever becomes of Valkey meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from models.core.valkey import Valkey
from tests.journeys.arena import RACERS, race
from tests.people.cast import Belongings, Person
from tests.people.staff import StaffPerson
from tests.support.clock import Clock
from tests.support.databases import Database, Databases
from tests.support.mail_relay import Post
from tests.support.population import Population
from tests.support.sluis import Sluis, running, workers
from tests.support.valkeys import FAULTS, Between, be_patient, between, know, sweep

pytestmark = pytest.mark.security

LIMIT = 5
PLENTY = 10_000
WRONG, LATER = "WRONG_CREDENTIALS", "TOO_MANY_ATTEMPTS"
WINDOWS = ("limit_address_per_minute", "limit_practice_per_minute", "limit_installation_per_minute")
_logins = count(1)


def at_most(number: int, window: str = WINDOWS[0]) -> dict[str, Any]:
    """Settings with one limit that is soon reached."""
    return dict.fromkeys(WINDOWS, PLENTY) | {window: number}


def counted_in_each(window: str) -> list[Any]:
    """The window in the database, and in Valkey."""
    return [(window, "database"), pytest.param((window, "valkey"), marks=pytest.mark.redis)]


def called(case: tuple[str, str]) -> str:
    return "-".join(case)


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One limit, of the window and the store that the test is about."""
    window, store = request.param
    url = {"redis_url": request.getfixturevalue("redis_url")} if store == "valkey" else {}
    return at_most(LIMIT, window) | url


@pytest.fixture
async def worker(
    databases: Databases, populated: tuple[Database, Population], clock: Clock, settings: dict[str, Any]
) -> AsyncIterator[Sluis]:
    """A server that has counted there for a minute."""
    template, population = populated
    mine = await databases.copy(template)
    try:
        async with running(mine, population, clock, **settings) as sluis:
            clock.forward(minutes=1)
            yield sluis
    finally:
        await databases.drop(mine)


def stranger(sluis: Sluis) -> Person:
    return Person(sluis, Belongings("Mallory", "mallory@elsewhere.example"), "BEARER")


async def guesses(sluis: Sluis, number: int) -> list[str]:
    """What each gets of so many at once, each at a login that nobody has guessed at."""
    people = [stranger(sluis) for _ in range(number)]
    answers = await race([one.starts_sign_in(f"{next(_logins):08}", "geraden wachtwoord") for one in people])
    return sorted(answer["code"] for answer in answers)


async def stored(sluis: Sluis) -> list[dict[str, Any]]:
    """What the database has counted."""
    return await sluis.rows("SELECT key, count FROM window_count ORDER BY key")


async def one_by_one(sluis: Sluis, number: int) -> list[str]:
    return [code for _ in range(number) for code in await guesses(sluis, 1)]


@pytest.mark.parametrize(
    "settings", [one for window in WINDOWS for one in counted_in_each(window)], indirect=True, ids=called
)
async def test_parallel_guesses_at_the_last_free_place_of_a_window(worker: Sluis, settings: dict[str, Any]) -> None:
    before = await stored(worker)
    assert await one_by_one(worker, LIMIT - 1) == [WRONG] * (LIMIT - 1)
    assert await guesses(worker, RACERS) == [LATER] * (RACERS - 1) + [WRONG]
    assert (await stored(worker) == before) == ("redis_url" in settings)
    worker.clock.forward(minutes=1)
    assert await one_by_one(worker, 1) == [WRONG], "it ends with the minute"


@pytest.fixture
async def two_workers(
    databases: Databases, populated: tuple[Database, Population], settings: dict[str, Any]
) -> AsyncIterator[Sluis]:
    """Processes of their own, at the machine's time."""
    template, population = populated
    mine = await databases.copy(template)
    try:
        async with workers(Sluis("", Clock(), Post(Clock()), mine, population, None), 2, **settings) as served:
            if "redis_url" in settings:
                await know(settings["redis_url"], served.url)
            yield served
    finally:
        await databases.drop(mine)


@pytest.mark.parametrize("settings", counted_in_each(WINDOWS[0]), indirect=True, ids=called)
async def test_parallel_guesses_at_two_workers(two_workers: Sluis) -> None:
    while True:
        began = datetime.now(UTC)
        assert await one_by_one(two_workers, LIMIT - 1) == [WRONG] * (LIMIT - 1)
        codes = await guesses(two_workers, RACERS)
        if began.minute == datetime.now(UTC).minute:
            break
        # A minute that ended in between gave everybody more, and the one under way has counted some of them.
        await asyncio.sleep(61 - datetime.now(UTC).second)
    assert codes == [LATER] * (RACERS - 1) + [WRONG]


@pytest.fixture
async def way(redis_url: str) -> AsyncIterator[Between]:
    async with between(redis_url) as made:
        yield made


@pytest.fixture
def given_settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Valkey by a way that can break."""
    way: Between = request.getfixturevalue("way")
    return at_most(LIMIT) | {"redis_url": way.url}


def valkey_of(sluis: Sluis) -> Valkey:
    assert sluis.app is not None
    assert isinstance(sluis.app.counter, Valkey)
    return sluis.app.counter


async def fails(sluis: Sluis, way: Between, fault: str) -> None:
    if fault == "flush":
        await sweep(way.url, sluis.url)
        return
    be_patient(valkey_of(sluis), 0.1 if fault == "silent" else 10)
    await way.breaks(fault)


async def mends(sluis: Sluis, way: Between) -> None:
    be_patient(valkey_of(sluis))
    await way.mend()


async def counts_again(sluis: Sluis) -> None:
    """In the next minute; or in the one after, where its line for nudges was the last to notice."""
    before, codes = None, list[str]()
    for _ in range(3):
        sluis.clock.forward(minutes=1)
        before = await stored(sluis)
        codes = await one_by_one(sluis, LIMIT + 1)
        if await stored(sluis) == before:
            break
    assert await stored(sluis) == before
    assert codes == [WRONG] * LIMIT + [LATER]


@pytest.mark.redis
@pytest.mark.parametrize("fault", ["flush", *FAULTS])
async def test_what_fails_lets_through_one_more_window_at_most(sluis: Sluis, way: Between, fault: str) -> None:
    sluis.clock.forward(minutes=1)
    before = await stored(sluis)
    assert await one_by_one(sluis, 3) == [WRONG] * 3
    assert await stored(sluis) == before, "so far it counted"
    await fails(sluis, way, fault)
    assert await one_by_one(sluis, LIMIT - 1) == [WRONG] * (LIMIT - 1)
    assert await guesses(sluis, RACERS) == [LATER] * (RACERS - 1) + [WRONG], "the database counts"
    await fails(sluis, way, fault)
    await mends(sluis, way)
    assert await one_by_one(sluis, 3) == [LATER] * 3, "until the minute is over"
    await counts_again(sluis)


@pytest.mark.redis
@pytest.mark.parametrize("fault", ["flush", "cut"])
async def test_an_accounts_failures_survive(sluis: Sluis, way: Between, dr_vos: StaffPerson, fault: str) -> None:
    sluis.clock.forward(minutes=1)
    mallory = stranger(sluis)
    for number in range(LIMIT):
        if number == LIMIT - 2:
            await fails(sluis, way, fault)
        assert (await mallory.starts_sign_in(dr_vos.own.login, f"geraden wachtwoord {number}"))["code"] == WRONG
    refusal = await mallory.starts_sign_in(dr_vos.own.login, dr_vos.own.password)
    assert refusal["code"] == LATER
    assert datetime.fromisoformat(refusal["retryAt"]) == sluis.clock.now + timedelta(seconds=30)
    await mends(sluis, way)
    assert (await mallory.starts_sign_in(dr_vos.own.login, dr_vos.own.password))["code"] == LATER


@pytest.mark.redis
async def test_guesses_at_one_account_never_exceed_its_limit(
    databases: Databases, populated: tuple[Database, Population], clock: Clock, redis_url: str
) -> None:
    """No window's row is held in the database here: nothing but the account's own count stands between them."""
    template, population = populated
    mine = await databases.copy(template)
    try:
        async with running(mine, population, clock, **dict.fromkeys(WINDOWS, PLENTY), redis_url=redis_url) as sluis:
            clock.forward(minutes=1)
            people, login = [stranger(sluis) for _ in range(RACERS)], population.dr_vos.email
            alone = [await people[0].starts_sign_in(login, "geraden wachtwoord") for _ in range(LIMIT - 1)]
            assert [answer["code"] for answer in alone] == [WRONG] * (LIMIT - 1)
            answers = await race([one.starts_sign_in(login, "nog een gok") for one in people])
            assert sorted(answer["code"] for answer in answers) == [LATER] * (RACERS - 1) + [WRONG]
    finally:
        await databases.drop(mine)


@pytest.mark.redis
async def test_only_failures_count(sluis: Sluis, dr_vos: StaffPerson) -> None:
    sluis.clock.forward(minutes=1)
    before = await stored(sluis)
    for _ in range(2 * LIMIT):
        assert (await dr_vos.elsewhere().starts_sign_in())["__typename"] == "FactorRequired"
    assert await stored(sluis) == before
    assert await one_by_one(sluis, LIMIT + 1) == [WRONG] * LIMIT + [LATER]


@pytest.mark.redis
async def test_a_success_that_could_not_be_taken_back_stays_counted(
    sluis: Sluis, way: Between, dr_vos: StaffPerson
) -> None:
    """Nobody is let in on a count that nobody knows."""
    sluis.clock.forward(minutes=1)
    assert sluis.app is not None
    verify = sluis.app.passwords.verify

    async def breaks_meanwhile(encoded: str | None, password: str) -> bool:
        await fails(sluis, way, "cut")
        return await verify(encoded, password)

    sluis.app.passwords.verify = breaks_meanwhile  # type: ignore[method-assign]
    assert (await dr_vos.elsewhere().starts_sign_in())["__typename"] == "FactorRequired"
    sluis.app.passwords.verify = verify  # type: ignore[method-assign]
    await mends(sluis, way)
    await counts_again(sluis)


@pytest.mark.redis
async def test_a_server_starts_and_works_without_it(
    databases: Databases, populated: tuple[Database, Population], clock: Clock, way: Between
) -> None:
    await way.breaks("cut")
    template, population = populated
    mine = await databases.copy(template)
    try:
        async with running(mine, population, clock, **at_most(LIMIT), redis_url=way.url) as sluis:
            async with httpx.AsyncClient(base_url=sluis.url) as http:
                assert (await http.get("/ready")).status_code == 200
            clock.forward(minutes=1)
            assert await one_by_one(sluis, LIMIT + 1) == [WRONG] * LIMIT + [LATER]
    finally:
        await databases.drop(mine)
