"""A house of real security objects over a database of the test's own, and two practices in it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from flows.core.context import AppContext, Rules
from models import Practice
from models.db.database import close_database, open_database
from plugins import build_registry
from schema.build import build_schema
from security.keys import KeyRing
from security.passwords import PasswordHasher
from tests.flows.office import LocalSignals, Office
from tests.support.clock import Clock
from tests.support.databases import Database

_FACTORS = ["totp", "recovery_codes", "remembered_devices"]


@pytest.fixture
def signals() -> LocalSignals:
    return LocalSignals()


@pytest.fixture
def app(clock: Clock, signals: LocalSignals) -> Iterator[AppContext]:
    passwords = PasswordHasher(memory_kib=64, time=1)
    keys = KeyRing([("test", bytes(32))])
    yield AppContext(Rules(), clock, keys, passwords, build_registry(_FACTORS, {}), signals)
    passwords.close()


@pytest.fixture
async def opened(database: Database) -> AsyncIterator[None]:
    try:
        await open_database(database.url)
        yield
    finally:
        await close_database()


async def _office(app: AppContext, slug: str) -> Office:
    practice = await Practice.create(slug=slug, name=slug.title(), created_at=app.now)
    return Office(build_schema(app.factors), app, practice)


@pytest.fixture
async def office(opened: None, app: AppContext) -> Office:
    return await _office(app, "linden")


@pytest.fixture
async def other_office(opened: None, app: AppContext) -> Office:
    return await _office(app, "elders")
