"""A practice in a database of its own, a relay on a real port, and time that stands still."""

from collections.abc import AsyncIterator

import pytest

from models import Practice
from models.db.database import close_database, open_database
from tests.delivery.post import NOON, Post, Relay, Time
from tests.support.databases import Database


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def opened(database: Database) -> AsyncIterator[None]:
    try:
        await open_database(database.url)
        yield
    finally:
        await close_database()


@pytest.fixture
async def practice(opened: None) -> Practice:
    return await Practice.create(
        slug="linden",
        name="Praktijk De Linde",
        helpdesk_email="help@example.org",
        helpdesk_phone="020 123 4567",
        created_at=NOON,
    )


@pytest.fixture
async def post(practice: Practice, time: Time) -> AsyncIterator[Post]:
    relay = Relay(time)
    port = await relay.start()
    try:
        yield Post(practice, relay, port, time)
    finally:
        await relay.stop()
