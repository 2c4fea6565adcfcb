"""A database for each test, copied from a template that is made once: SQLite's here, PostgreSQL's in its own file."""

import asyncio
import contextlib
import itertools
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]

_PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Database:
    """Where it is, for the server; and what is stored in it, looked at past the product's code."""

    url: str

    async def rows(self, sql: str, *params: object) -> list[dict[str, Any]]:
        """The rows that a statement answers, over a connection of its own; ``?`` stands for a parameter.

        As the driver gives them: SQLite's times, ids and booleans are text and numbers.
        """
        if self.url.startswith("sqlite://"):
            return await asyncio.to_thread(_sqlite_rows, self.url.removeprefix("sqlite://"), sql, params)
        head, *rest = sql.split("?")
        numbered = head + "".join(f"${n}{part}" for n, part in enumerate(rest, 1))
        async with connected(self.url) as connection:
            return [dict(row) for row in await connection.fetch(numbered, *params)]

    async def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table, over one connection."""
        if self.url.startswith("sqlite://"):
            return await asyncio.to_thread(_sqlite_tables, self.url.removeprefix("sqlite://"))
        async with connected(self.url) as connection:
            names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            return {name: [dict(row) for row in await connection.fetch(f"SELECT * FROM {name}")] for (name,) in names}

    async def count(self, table: str, where: str = "TRUE", *params: object) -> int:
        """How many rows of a table are so."""
        rows = await self.rows(f"SELECT COUNT(*) AS n FROM {table} WHERE {where}", *params)
        return int(rows[0]["n"])


def _sqlite_rows(path: str, sql: str, params: tuple[object, ...]) -> list[dict[str, Any]]:
    with contextlib.closing(sqlite3.connect(path, timeout=_PATIENCE)) as connection:
        connection.row_factory = sqlite3.Row
        with connection:
            return [
                dict(row) for row in connection.execute(sql, [p if isinstance(p, bytes) else str(p) for p in params])
            ]


def _sqlite_tables(path: str) -> dict[str, list[dict[str, Any]]]:
    with contextlib.closing(sqlite3.connect(path, timeout=_PATIENCE)) as connection:
        connection.row_factory = sqlite3.Row
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")] for (name,) in names.fetchall()
        }


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    """A connection to PostgreSQL, for a few statements."""
    connection = await asyncpg.connect(url, timeout=_PATIENCE, command_timeout=_PATIENCE)
    try:
        yield connection
    finally:
        await connection.close()


class Databases(Protocol):
    """Makes databases and takes them away again."""

    async def empty(self) -> Database: ...

    async def copy(self, template: Database) -> Database:
        """Nobody may have the template open."""
        ...

    async def drop(self, database: Database) -> None: ...

    async def close(self) -> None:
        """Take away all that is left; none may be asked for after this."""
        ...


class SqliteDatabases:
    """Files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, itertools.count(1)

    async def empty(self) -> Database:
        return Database(f"sqlite://{self._folder / f'{next(self._numbers)}.db'}")

    async def copy(self, template: Database) -> Database:
        copy = await self.empty()
        shutil.copy(urlsplit(template.url).path, urlsplit(copy.url).path)
        return copy

    async def drop(self, database: Database) -> None:
        for file in self._folder.glob(f"{Path(urlsplit(database.url).path).name}*"):
            file.unlink()

    async def close(self) -> None:
        """Nothing: the folder is pytest's."""
