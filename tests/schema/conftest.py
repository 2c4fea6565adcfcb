"""A house of real security objects, a database of its own for each test that stores, and the endpoint on a port."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from flows.core.context import AppContext, Rules
from models.db.database import close_database, open_database
from plugins import build_registry
from schema.transport import TransportRules
from security.keys import KeyRing
from security.passwords import PasswordHasher
from tests.schema.running import Bells, Served, served
from tests.schema.small import small_schema
from tests.support.clock import Clock
from tests.support.databases import Database


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and "database" in getattr(item, "fixturenames", ()):
            item.add_marker("database")


@pytest.fixture
async def database(database: Database) -> AsyncIterator[Database]:
    """A database of the test's own, open in this process."""
    try:
        await open_database(database.url)
        yield database
    finally:
        await close_database()


@pytest.fixture
def bells() -> Bells:
    return Bells()


@pytest.fixture
def app(clock: Clock, bells: Bells) -> Iterator[AppContext]:
    passwords = PasswordHasher(memory_kib=64, time=1)
    yield AppContext(
        rules=Rules(),
        clock=clock,
        keys=KeyRing([("test", bytes(32))]),
        passwords=passwords,
        factors=build_registry(["totp"], {}),
        signals=bells,
    )
    passwords.close()


@pytest.fixture
def rules() -> TransportRules:
    return TransportRules()


@pytest.fixture
async def endpoint(app: AppContext, rules: TransportRules) -> AsyncIterator[Served]:
    async with served(small_schema(), app, rules) as running:
        yield running
