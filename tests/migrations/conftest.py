"""A database that no migration is applied to, and one with all of them and rows in every table."""

from collections.abc import AsyncIterator

import pytest

from models.db.database import close_database, open_database
from tests.migrations.filling import fill
from tests.support.databases import Database, Databases


@pytest.fixture
async def empty(databases: Databases) -> AsyncIterator[Database]:
    """Without any table."""
    mine = await databases.empty()
    yield mine
    await databases.drop(mine)


@pytest.fixture
async def filled(database: Database) -> Database:
    """Up to date, with three rows in every table; opened by nobody."""
    try:
        await open_database(database.url)
        for number in (1, 2, 3):
            await fill(number)
    finally:
        await close_database()
    return database
