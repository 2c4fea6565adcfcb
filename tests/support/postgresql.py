"""PostgreSQL databases for tests. What was given back is put in its first state when a test asks for another copy.

Making and dropping a database takes files, directories and a checkpoint of the whole server; deleting the rows of a
test and putting back its template's takes none of these. What a test did besides, to a table, a trigger or whatever
else is not rows, shows in the system catalogs: then the database is dropped after all, and another is made.
"""

import itertools
import os
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]

from tests.support.databases import Database, connected

POSTGRESQL = "postgresql://postgres@127.0.0.1:5432"

#: All that a database is made of besides rows. A condition leaves out what PostgreSQL itself brings, where it is much.
_CATALOGS = {
    "pg_class": "oid >= 16384",
    "pg_attribute": "attrelid >= 16384",
    "pg_type": "oid >= 16384",
    "pg_proc": "oid >= 16384",
    **dict.fromkeys(
        ("pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_event_trigger", "pg_rewrite", "pg_policy"), "TRUE"
    ),
    **dict.fromkeys(("pg_namespace", "pg_default_acl", "pg_extension", "pg_largeobject_metadata"), "TRUE"),
}
# A copy has the template's catalogs, row by row; whatever changes one of them leaves a newer row or fewer of them.
_STRUCTURE = " UNION ALL ".join(
    f"SELECT '{name}', concat_ws(' ', COUNT(*), MAX(xmin::text::bigint)) FROM {name} WHERE {condition}"
    for name, condition in _CATALOGS.items()
) + (
    " UNION ALL SELECT 'pg_database', concat_ws(' ', datallowconn, datconnlimit, datacl) FROM pg_database"
    " WHERE datname = current_database()"
    " UNION ALL SELECT 'pg_db_role_setting', setconfig::text FROM pg_db_role_setting"
    " WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " ORDER BY 1, 2"
)
_TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_SEQUENCES = """SELECT format('SELECT setval(%L, %s, %L);', quote_ident(sequencename),
                              coalesce(last_value, start_value), last_value IS NOT NULL)
                  FROM pg_sequences WHERE schemaname = 'public'"""
# A statement with all rows of a table as text, which each type reads back as it wrote it.
_ROWS = """SELECT format('INSERT INTO {0} SELECT * FROM unnest(%L::{0}[]);', array_agg(one)) FROM {0} one
           HAVING COUNT(*) > 0"""
# Waits until they are gone, and their locks with them.
_THROW_OUT = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1"
#: How often one is used before the rows that were deleted weigh on it.
_USES = 200


@dataclass(frozen=True, slots=True)
class _First:
    """How a template is: what it is made of, and the statements that make a copy's rows its own."""

    structure: list[Any]
    statements: str

    @classmethod
    async def of(cls, template: Database) -> "_First":
        async with connected(template.url) as connection:
            tables = [name for (name,) in await connection.fetch(_TABLES)]
            filled = [await connection.fetchval(_ROWS.format(name)) for name in tables]
            sequences = [statement for (statement,) in await connection.fetch(_SEQUENCES)]
            # Neither triggers nor foreign keys have a say in what follows.
            aside = "SET LOCAL session_replication_role = replica;"
            emptied = [f"DELETE FROM {name};" for name in tables]
            statements = "\n".join([aside, *emptied, *filter(None, filled), *sequences])
            return cls(await connection.fetch(_STRUCTURE), statements)


class PostgresqlDatabases:
    """Databases of one server; their names are of this process alone."""

    def __init__(self, server: str, worker: str) -> None:
        self._server = server
        self._names = (f"sluis_test_{worker}_{os.getpid()}_{number}" for number in itertools.count(1))
        self._firsts: dict[Database, _First] = {}
        #: Those that are there, and the template of each.
        self._made: dict[Database, Database | None] = {}
        self._idle: dict[Database, list[Database]] = defaultdict(list)
        self._uses: dict[Database, int] = defaultdict(int)

    async def reachable(self) -> bool:
        try:
            async with connected(f"{self._server}/postgres"):
                return True
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False

    async def empty(self) -> Database:
        return await self._make()

    async def copy(self, template: Database) -> Database:
        if template not in self._firsts:
            self._firsts[template] = await _First.of(template)
        while self._idle[template]:
            copy = self._idle[template].pop()
            if await self._put_back(copy, self._firsts[template]):
                return copy
            await self._drop(copy)
        return await self._make(template)

    async def drop(self, database: Database) -> None:
        template = self._made[database]
        self._uses[database] += 1
        if template is None or database in self._firsts or self._uses[database] >= _USES:
            await self._drop(database)
        else:
            self._idle[template].append(database)

    async def close(self) -> None:
        for database in list(self._made):
            await self._drop(database)

    async def _make(self, template: Database | None = None) -> Database:
        name = next(self._names)
        like = f" TEMPLATE {_name(template)}" if template else ""
        await self._run(f"CREATE DATABASE {name}{like}")
        # No test ends the database server itself.
        await self._run(f"ALTER DATABASE {name} SET synchronous_commit = off")
        made = Database(f"{self._server}/{name}")
        self._made[made] = template
        return made

    async def _drop(self, database: Database) -> None:
        await self._run(f"DROP DATABASE {_name(database)} WITH (FORCE)")
        del self._made[database]
        self._firsts.pop(database, None)

    async def _put_back(self, database: Database, first: _First) -> bool:
        """Whether it is like its template again; not where more than rows was changed, or where it can't be done."""
        try:
            await self._run(_THROW_OUT, _name(database))
            async with connected(database.url) as connection:
                if await connection.fetch(_STRUCTURE) != first.structure:
                    return False
                await connection.execute(first.statements)
                return True
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            return False

    async def _run(self, statement: str, *params: object) -> None:
        async with connected(f"{self._server}/postgres") as connection:
            await connection.execute(statement, *params)


def _name(database: Database) -> str:
    return urlsplit(database.url).path.strip("/")
