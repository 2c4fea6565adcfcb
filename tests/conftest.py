"""What all tests share: the kind of database they run on, a database for each, and the product on a port.

One kind of database in one process, because the ORM's metadata is made for one dialect: run pytest once for each.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from models.migrating import migrate
from tests.clock import Clock
from tests.databases import POSTGRESQL, Database, Databases, PostgresqlDatabases, SqliteDatabases
from tests.population import Population, populate
from tests.sluis import Sluis, running, settings_for

#: Everything in these folders stores something.
_STORING = {"journeys", "flows", "migrations"}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sluis")
    group.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help="what tests store in")
    group.addoption("--postgresql", metavar="URL", default=POSTGRESQL, help="the server, without a database's name")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.path.relative_to(here).parts[0] in _STORING:
            item.add_marker("database")


@pytest.fixture(scope="session")
async def databases(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Makes databases of the kind that this run is about."""
    if pytestconfig.getoption("--database") == "sqlite":
        return SqliteDatabases(tmp_path_factory.mktemp("databases"))
    server = pytestconfig.getoption("--postgresql").rstrip("/")
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
def clock() -> Clock:
    return Clock()


@pytest.fixture
def given_settings() -> dict[str, Any]:
    """Settings of the server other than the defaults; a module or a test replaces this."""
    return {}


@pytest.fixture
async def sluis(
    databases: Databases, populated: tuple[Database, Population], clock: Clock, given_settings: dict[str, Any]
) -> AsyncIterator[Sluis]:
    """The product on a real port, with people, a database, a relay and a clock of the test's own."""
    template, population = populated
    mine = await databases.copy(template)
    try:
        async with running(mine, population, clock, **given_settings) as served:
            yield served
    finally:
        await databases.drop(mine)
