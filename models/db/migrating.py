"""Running the ORM's migrations, one migrator at a time, and telling whether any are due."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tortoise import Tortoise
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from models.db.database import close_database, connection, database_config, fetch, is_sqlite, transaction

#: Any number, as long as every migrator of a database uses the same.
_LOCK = 8_214_733


async def migrate(url: str, target: str = "__latest__") -> list[str]:
    """Bring the database to ``target`` (a migration's name); answers what was applied or undone.

    Opens and closes its own connection. Two migrators wait for each other.
    """
    config = database_config(url)
    await Tortoise.init(config=config, init_connections=False, _enable_global_fallback=True)
    try:
        async with _alone(url):
            executor = MigrationExecutor(connection(), config["apps"])
            # Looking for the ORM's own table before it is there would abort PostgreSQL's transaction.
            await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
            targets = [MigrationTarget(app_label="models", name=target)]
            steps = await executor.plan(targets)
            await executor.migrate(targets)
            return [step.migration.name for step in steps]
    finally:
        await close_database()


async def pending_migrations(url: str) -> list[str]:
    """The migrations that the open database still needs; none when it is up to date."""
    # To the ORM a database that does not answer is one where nothing was applied.
    await fetch("SELECT 1 AS one")
    executor = MigrationExecutor(connection(), database_config(url)["apps"])
    steps = await executor.plan([MigrationTarget(app_label="models", name="__latest__")])
    return [step.migration.name for step in steps]


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[None]:
    if is_sqlite():
        async with _file_lock(Path(url.removeprefix("sqlite://") + ".migrating")):
            yield
    else:
        # PostgreSQL's DDL is transactional: all of it in one transaction, which also holds the lock.
        async with transaction():
            await connection().execute_query("SELECT pg_advisory_xact_lock($1)", [_LOCK])
            yield


@asynccontextmanager
async def _file_lock(path: Path) -> AsyncIterator[None]:
    # Any process that can read it can lock it, and would block every migration.
    await asyncio.to_thread(path.touch, 0o600)
    with path.open("w") as file:
        # Released when the file is closed; the file stays, or a waiter would lock one that is gone.
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield
