"""Migrations are applied and undone with rows in all tables: nothing is lost or changed that is not theirs."""

import asyncio
import sys
from pathlib import Path

import pytest
from tortoise import Tortoise
from tortoise.migrations.autodetector import MigrationAutodetector

from models.db.database import IntegrityError, close_database, database_config, open_database
from models.db.migrating import migrate, pending_migrations
from tests.migrations.filling import all_models
from tests.migrations.picture import Picture, taken
from tests.support.databases import Database

ROOT = Path(__file__).parents[2]
NAMES = sorted(file.stem for file in (ROOT / "models" / "migrations").glob("[0-9]*.py"))
BEFORE_ALL = "__first__"


async def pending(database: Database) -> list[str]:
    try:
        await open_database(database.url)
        return await pending_migrations(database.url)
    finally:
        await close_database()


@pytest.mark.timeout(600)
async def test_each_is_undone_and_applied_again_on_a_filled_database(empty: Database, filled: Database) -> None:
    """From the newest down, and each leads where going up passes."""
    above, passed = await taken(filled), await _going_up(empty)
    for number in range(len(NAMES) - 1, 0, -1):
        # With the one above, which was applied again.
        assert await migrate(filled.url, NAMES[number - 1]) == NAMES[number : number + 2][::-1]
        below = await taken(filled)
        assert below.structure == passed[number - 1].structure
        assert below.rows == above.rows_of(below.rows), "no row is lost with a rule or another table"
        assert await migrate(filled.url, NAMES[number]) == [NAMES[number]]
        again = await taken(filled)
        assert again.structure == passed[number].structure
        assert again.rows_of(below.rows) == below.rows
        assert not any(again.rows[table] for table in again.rows.keys() - below.rows.keys())
        above = below
    assert await migrate(filled.url) == NAMES[2:]
    assert (await taken(filled)).structure == passed[-1].structure


async def _going_up(empty: Database) -> list[Picture]:
    """After each migration in turn."""
    passed = []
    for name in NAMES:
        assert await migrate(empty.url, name) == [name]
        passed.append(await taken(empty))
    return passed


async def test_all_can_be_undone_and_applied_again(filled: Database) -> None:
    whole = await taken(filled)
    await migrate(filled.url, BEFORE_ALL)
    nothing = await taken(filled)
    assert (nothing.structure, nothing.rows) == ({}, {})
    await migrate(filled.url)
    assert (await taken(filled)).structure == whole.structure


async def test_the_filled_database_has_rows_everywhere(filled: Database) -> None:
    numbers = {table: len(rows) for table, rows in (await taken(filled)).rows.items()}
    assert numbers == dict.fromkeys(await _tables_of_models(filled), 3)


async def _tables_of_models(database: Database) -> list[str]:
    try:
        await open_database(database.url)
        return [model._meta.db_table for model in all_models()]
    finally:
        await close_database()


async def test_search_keys_are_computed_again(filled: Database) -> None:
    """A key of the release before, and none at all, in each table that has names."""
    tables = ("dossier", "respondent", "prospect")
    right = {table: await _keys(filled, table) for table in tables}
    await migrate(filled.url, _before("search_keys"))
    for table in tables:
        await filled.rows(f"UPDATE {table} SET sort_key = 'o\u2019neil' WHERE sort_key LIKE '1%'")
    await filled.rows("UPDATE respondent SET sort_key = NULL WHERE sort_key LIKE '2%'")
    assert all([await _keys(filled, table) != right[table] for table in tables])
    await migrate(filled.url)
    assert {table: await _keys(filled, table) for table in tables} == right


async def _keys(database: Database, table: str) -> list[str]:
    return [row["sort_key"] for row in await database.rows(f"SELECT sort_key FROM {table} ORDER BY id")]


async def test_address_keys_are_computed_again(filled: Database) -> None:
    """The release before folded case, by which two mailboxes had one key."""
    await migrate(filled.url, _before("address_keys"))
    for table in ("account", "staff_member"):
        (row,) = await filled.rows(f"SELECT id FROM {table} WHERE email_key IS NOT NULL ORDER BY id LIMIT 1")
        joined = f"UPDATE {table} SET email = ?, email_key = ? WHERE id = ? RETURNING id"
        await filled.rows(joined, "Stra\u00dfe@example.nl", "strasse@example.nl", row["id"])
    before = await filled.count("account", "email_key IS NOT NULL")
    await migrate(filled.url)
    for table in ("account", "staff_member"):
        assert await filled.count(table, "email_key = ?", "stra\u00dfe@example.nl") == 1
    assert await filled.count("account", "email_key IS NOT NULL") == before


def _before(name: str) -> str:
    """The migration below the one of this name."""
    return NAMES[[known.partition("_")[2] for known in NAMES].index(name) - 1]


async def test_what_is_pending(empty: Database) -> None:
    assert await pending(empty) == NAMES
    await migrate(empty.url, NAMES[0])
    assert await pending(empty) == NAMES[1:]
    await migrate(empty.url)
    assert await pending(empty) == []
    assert await migrate(empty.url) == [], "nothing is done twice"


async def test_a_migration_that_fails_leaves_all_as_it_was(filled: Database) -> None:
    """A rule that the rows break: once they are mended, the same migration does."""
    await migrate(filled.url, NAMES[0])
    columns = "id, practice_id, reference, name, sort_key, locale, version, created_at"
    doubled = "SELECT ?, practice_id, reference, name, sort_key, locale, version, created_at FROM dossier LIMIT 1"
    await filled.rows(f"INSERT INTO dossier ({columns}) {doubled}", "00000000-0000-0000-0000-00000000d0b1")
    before = await taken(filled)
    with pytest.raises(IntegrityError):
        await migrate(filled.url)
    assert await taken(filled) == before
    assert await pending(filled) == NAMES[1:]
    await filled.rows("DELETE FROM dossier WHERE id = ?", "00000000-0000-0000-0000-00000000d0b1")
    assert await migrate(filled.url) == NAMES[1:]


async def test_the_models_ask_for_nothing_more(database: Database) -> None:
    """What ``makemigrations`` of the ORM would write."""
    apps = database_config(database.url)["apps"]
    try:
        await open_database(database.url)
        known = Tortoise.apps or {}
        assert await MigrationAutodetector(known, apps).changes() == []  # type: ignore[arg-type]
        fewer = {"models": {name: model for name, model in known["models"].items() if name != "SmsCount"}}
        (writer,) = await MigrationAutodetector(fewer, apps).changes()  # type: ignore[arg-type]
        assert [operation.describe() for operation in writer.operations] == ["Delete model SmsCount"], "it can tell"
    finally:
        await close_database()


async def test_migrators_at_once_wait_for_each_other(empty: Database) -> None:
    """As when several machines of a new release start."""
    outputs = await asyncio.gather(*(_migrates(empty) for _ in range(3)))
    everything = [f"applied {name}" for name in NAMES]
    assert sorted(outputs) == sorted([everything, *[["The database is up to date."]] * 2])
    assert await pending(empty) == []


async def _migrates(database: Database) -> list[str]:
    """The lines of ``python server.py migrate``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "server.py",
        "migrate",
        cwd=ROOT,
        env={"SLUIS_CONFIG": "tests/sluis.toml", "SLUIS_DATABASE_URL": database.url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, errors) == (0, b""), errors.decode()
    return output.decode().splitlines()
