"""Each test finds the same database, whatever the one before did to the database it had."""

from collections.abc import Awaitable, Callable

import asyncpg  # type: ignore[import-untyped]
import pytest

from models.db.database import close_database, open_database
from tests.migrations.filling import fill
from tests.migrations.picture import Picture, taken
from tests.support.databases import Database, Databases, connected
from tests.support.population import Population
from tests.support.postgresql import PostgresqlDatabases

Spoils = Callable[[Database], Awaitable[object]]
_APPLIED = "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', 'none', CURRENT_TIMESTAMP)"


async def _adds(database: Database) -> None:
    """A row to every table."""
    try:
        await open_database(database.url)
        await fill(1)
    finally:
        await close_database()
    await database.rows(_APPLIED)


async def _changes(database: Database) -> None:
    await database.rows("UPDATE account SET name = 'Another', email = NULL")
    await database.rows("DELETE FROM login_session")
    await database.rows("DELETE FROM tortoise_migrations")


async def _adds_a_column(database: Database) -> None:
    await database.rows("ALTER TABLE account ADD COLUMN nickname text")


async def _drops_an_index(database: Database) -> None:
    await database.rows("DROP INDEX grant_live_once")


async def _drops_a_column(database: Database) -> None:
    await database.rows("ALTER TABLE outbox_message DROP COLUMN last_error")


@pytest.mark.database
@pytest.mark.parametrize("spoils", [_adds, _changes, _adds_a_column, _drops_an_index, _drops_a_column])
async def test_nothing_is_left_of_a_test(
    databases: Databases, populated: tuple[Database, Population], spoils: Spoils
) -> None:
    first = await databases.copy(populated[0])
    whole = await _whole(first)
    await spoils(first)
    assert await _whole(first) != whole
    await databases.drop(first)
    second = await databases.copy(populated[0])
    assert await _whole(second) == whole
    await databases.drop(second)


async def _whole(database: Database) -> tuple[Picture, object]:
    return await taken(database), await database.rows("SELECT name FROM tortoise_migrations ORDER BY id")


@pytest.mark.database
async def test_one_is_used_again_unless_more_than_rows_was_changed(databases: Databases, migrated: Database) -> None:
    if not isinstance(databases, PostgresqlDatabases):
        pytest.skip("SQLite's files are copied")
    used = []
    for spoils in (_adds, _adds, _drops_an_index, _adds):
        mine = await databases.copy(migrated)
        await spoils(mine)
        await databases.drop(mine)
        used.append(mine)
    assert used[0] == used[1] == used[2] != used[3]


@pytest.mark.database
async def test_who_is_still_connected_is_thrown_out(databases: Databases, migrated: Database) -> None:
    """As servers are that a test killed: their locks last until PostgreSQL notices."""
    if not isinstance(databases, PostgresqlDatabases):
        pytest.skip("SQLite's files are copied")
    first = await databases.copy(migrated)
    async with connected(first.url) as left:
        await left.execute("BEGIN")
        await left.execute("LOCK TABLE account")
        await left.execute("SELECT pg_advisory_lock(1)")
        await databases.drop(first)
        second = await databases.copy(migrated)
        assert second == first
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
            await left.execute("SELECT 1")
        assert await second.rows("SELECT pg_try_advisory_lock(1) AS free") == [{"free": True}]
    await databases.drop(second)


@pytest.mark.database
async def test_numbers_are_given_out_from_the_start(databases: Databases, migrated: Database) -> None:
    given = []
    for _ in range(2):
        mine = await databases.copy(migrated)
        await mine.rows(_APPLIED)
        given.append((await mine.rows("SELECT MAX(id) AS id FROM tortoise_migrations"))[0]["id"])
        await databases.drop(mine)
    assert given[0] == given[1]
