"""The floor's way to the database: the bare drivers, and for SQLite a commit that requests share."""

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

import asyncpg  # type: ignore[import-untyped]

#: A statement with ``?`` for its parameters, and those.
Statement = tuple[str, Sequence[Any]]


class Store(Protocol):
    """Rows come as tuples, in the order of the statement's columns."""

    async def rows(self, sql: str, *params: Any) -> Sequence[Any]: ...

    async def write(self, first: Statement, *others: Statement) -> bool:
        """One transaction, durable when this returns; nothing is written and False if ``first`` changes no row."""
        ...

    def time(self, moment: datetime) -> Any:
        """A time as a parameter."""
        ...


async def open_store(url: str) -> Store:
    if url.startswith("sqlite://"):
        return SqliteStore(url.removeprefix("sqlite://"))
    return PostgresqlStore(await asyncpg.create_pool(url, min_size=10, max_size=10))


class SqliteStore:
    """Reads on the event loop, since a thread's hop costs more than most of them; writes in one thread."""

    def __init__(self, path: str) -> None:
        self._reading, self._writing = _connected(path), _connected(path)
        self._waiting: list[tuple[Sequence[Statement], asyncio.Future[bool]]] = []
        self._flush: asyncio.Task[None] | None = None

    async def rows(self, sql: str, *params: Any) -> Sequence[Any]:
        return self._reading.execute(sql, params).fetchall()

    async def write(self, first: Statement, *others: Statement) -> bool:
        written = asyncio.get_running_loop().create_future()
        self._waiting.append(((first, *others), written))
        if self._flush is None:
            self._flush = asyncio.create_task(self._write_waiting())
        return bool(await written)

    def time(self, moment: datetime) -> str:
        return moment.isoformat(" ")

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            results = await asyncio.to_thread(self._commit, [statements for statements, _ in batch])
            for (_, written), result in zip(batch, results, strict=True):
                written.set_result(result)
        self._flush = None

    def _commit(self, batch: Sequence[Sequence[Statement]]) -> list[bool]:
        self._writing.execute("BEGIN IMMEDIATE")
        results = [self._one(statements) for statements in batch]
        self._writing.execute("COMMIT")
        return results

    def _one(self, statements: Sequence[Statement]) -> bool:
        (first, params), *others = statements
        if self._writing.execute(first, params).rowcount != 1:
            return False
        for sql, more in others:
            self._writing.execute(sql, more)
        return True


def _connected(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for setting in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "cache_size=-65536"):
        connection.execute(f"PRAGMA {setting}")
    return connection


class PostgresqlStore:
    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def rows(self, sql: str, *params: Any) -> Sequence[Any]:
        found: Sequence[Any] = await self._pool.fetch(_numbered(sql), *params)
        return found

    async def write(self, first: Statement, *others: Statement) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            if not (await connection.execute(_numbered(first[0]), *first[1])).endswith(" 1"):
                return False
            for sql, params in others:
                await connection.execute(_numbered(sql), *params)
        return True

    def time(self, moment: datetime) -> datetime:
        return moment


@lru_cache
def _numbered(sql: str) -> str:
    head, *rest = sql.split("?")
    return head + "".join(f"${n}{part}" for n, part in enumerate(rest, 1))
