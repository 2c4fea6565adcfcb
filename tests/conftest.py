"""What all tests share: the kind of database they run on, a database for each, and the product on a port.

One kind of database in one process, because the ORM's metadata is made for one dialect: run pytest once for each.
"""

import gc
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from commands.event_loop import RoomyLoop
from flows.core.data_verifying import verify_data
from models.db.migrating import migrate
from tests.security.defences import tests_named
from tests.support.clock import Clock
from tests.support.command import stop_fork_server
from tests.support.databases import Database, Databases, SqliteDatabases
from tests.support.population import Population, populate
from tests.support.postgresql import POSTGRESQL, PostgresqlDatabases
from tests.support.sluis import Sluis, running, settings_for
from tests.support.watching import watched

#: What has a database in these folders stores something in it.
_STORING = {"journeys", "flows", "migrations"}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sluis")
    group.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help="what tests store in")
    group.addoption("--postgresql", metavar="URL", default=POSTGRESQL, help="the server, without a database's name")
    group.addoption("--redis", metavar="URL", default="redis://127.0.0.1:6379/7", help="Valkey or Redis")
    group.addoption("--fuzz", metavar="N", type=int, help="how many examples fuzz tests try, other ones at each run")


def pytest_configure(config: pytest.Config) -> None:
    """Always the same examples, and few documents for each field of the schema, unless many are asked for."""
    many = config.getoption("--fuzz")
    register = hypothesis.settings.register_profile
    register("values", max_examples=many or 100, derandomize=not many, database=None, deadline=None)
    register("documents", hypothesis.settings.get_profile("values"), max_examples=many or 2)
    hypothesis.settings.load_profile("values")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        in_folder = item.path.is_relative_to(here) and item.path.relative_to(here).parts[0] in _STORING
        # Without one of these there is nothing to store in, and the kind of it makes no difference.
        if in_folder and "databases" in getattr(item, "fixturenames", ()):
            item.add_marker("database")
        if item.nodeid.partition("[")[0] in tests_named():
            item.add_marker("security")


def pytest_collection_finish() -> None:
    """What is here by now stays to the end; each full collection of garbage would look at all of it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, for each waits now and then: for mail, for a server that stops."""
    return (os.cpu_count() or 1) + 1


def pytest_asyncio_loop_factories() -> dict[str, type[RoomyLoop]]:
    """The server's own loop: asyncio's would hold back what replies to a socket that it was handed (Nagle)."""
    return {"roomy": RoomyLoop}


@pytest.fixture(scope="session", autouse=True)
async def _commands() -> AsyncIterator[None]:
    yield
    await stop_fork_server()


@pytest.fixture(scope="session")
async def databases(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Databases]:
    """Makes databases of the kind that this run is about."""
    made: Databases = SqliteDatabases(tmp_path_factory.mktemp("databases"))
    if pytestconfig.getoption("--database") == "postgresql":
        made = await _postgresql(pytestconfig.getoption("--postgresql").rstrip("/"))
    yield made
    await made.close()


async def _postgresql(server: str) -> Databases:
    made = PostgresqlDatabases(server, os.environ.get("PYTEST_XDIST_WORKER", "main"))
    if not await made.reachable():
        reason = f"no PostgreSQL answers at {server.rpartition('@')[2]}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return made


@pytest.fixture(scope="session")
async def migrated(databases: Databases) -> AsyncIterator[Database]:
    """All tables and no rows: a template, not to be written to."""
    template = await databases.empty()
    await migrate(template.url)
    yield template
    await databases.drop(template)


@pytest.fixture(scope="session")
async def populated(databases: Databases, migrated: Database) -> AsyncIterator[tuple[Database, Population]]:
    """A template with the people that are there before a test begins."""
    template = await databases.copy(migrated)
    yield template, await populate(settings_for(template, "http://localhost:8000", 1025))
    await databases.drop(template)


@pytest.fixture
async def database(databases: Databases, migrated: Database) -> AsyncIterator[Database]:
    """A database of the test's own, with all tables and no rows; opened by nobody."""
    mine = await databases.copy(migrated)
    yield mine
    await databases.drop(mine)


@pytest.fixture
async def redis(pytestconfig: pytest.Config) -> AsyncIterator[Redis]:
    """Valkey or Redis, shared with others: take away what you put there."""
    url = pytestconfig.getoption("--redis")
    async with Redis.from_url(url) as client:
        try:
            await client.ping()
        except (OSError, RedisError):
            reason = f"no Valkey or Redis answers at {url.rpartition('@')[2]}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        yield client


@pytest.fixture
def redis_url(pytestconfig: pytest.Config, redis: Redis) -> str:
    """Where it answers."""
    url: str = pytestconfig.getoption("--redis")
    return url


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def given_settings() -> dict[str, Any]:
    """Settings of the server other than the defaults; a module or a test replaces this."""
    return {}


@pytest.fixture
async def sluis(
    request: pytest.FixtureRequest,
    databases: Databases,
    populated: tuple[Database, Population],
    clock: Clock,
    given_settings: dict[str, Any],
) -> AsyncIterator[Sluis]:
    """The product on a real port, with people, a database, a relay and a clock of the test's own.

    In the end every row is as it must be (models/invariants.py), and no statement wrote without the lock that it needs.
    """
    template, population = populated
    mine = await databases.copy(template)
    try:
        with watched() as watch:
            async with running(mine, population, clock, **given_settings) as served:
                yield served
                assert served.app is not None
                broken = [one async for one in verify_data(served.app)]
        mark = request.node.get_closest_marker("tampers")
        meant = {*mark.args} if mark else set()
        assert not [str(one) for one in broken if one.invariant not in meant]
        assert {one.invariant for one in broken} == meant, "what the mark names is broken, else it hides something"
        assert not watch.found
    finally:
        await databases.drop(mine)
