"""SQLite whose transactions take the write lock at once, and that survives a failed open, BEGIN or COMMIT.

A deferred BEGIN that reads and then writes fails with "database is locked" as soon as
another process wrote in between, whatever the busy timeout; BEGIN IMMEDIATE waits instead.
"""

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiosqlite import Connection
from tortoise.backends.base.client import ConnectionWrapper, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError, OperationalError

from models.db.engines.counting import Counting


class Transaction(Counting, SqliteTransactionWrapper):
    async def begin(self) -> None:
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error

    async def commit(self) -> None:
        try:
            await super().commit()
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error


class Context(SqliteTransactionContext):
    """As Tortoise's own, but an exit by an unexpected exception leaves no transaction open, and no lock.

    The stock context keeps the lock when BEGIN fails, after which every later statement of the process waits for ever,
    and the transaction when COMMIT fails (a full disk) or nobody waits for its end any more, which would swallow
    what comes next.
    """

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        token: Any = None
        try:
            await self.ensure_connection()
            await self.connection.begin()
            self.token = token = get_connections().set(self.connection_name, self.connection)
        except BaseException:
            get_connections().reset(token)
            self._leave(clean=False)
            raise
        client: TransactionalDBClient = self.connection
        return client

    async def __aexit__(self, kind: type[BaseException] | None, error: Any, trace: Any) -> None:
        clean = False
        try:
            if not self.connection._finalized:
                await (self.connection.rollback() if kind else self.connection.commit())
            clean = True
        finally:
            get_connections().reset(self.token)
            self._leave(clean=clean)

    def _leave(self, *, clean: bool) -> None:
        if not clean and self.connection._connection:
            # The connection's thread works in order: the cancelled statement, this one, and later ones of others.
            last = asyncio.ensure_future(self.connection._connection.rollback())
            last.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._trxlock.release()


class Wrapper(ConnectionWrapper[Connection]):
    """As Tortoise's own, but a connection that can't be made gives the lock back."""

    async def __aenter__(self) -> Connection:
        # Outside: who is cancelled while waiting for the lock has none to give back, and it is another's.
        await self._lock.acquire()
        try:
            await self.ensure_connection()
        except BaseException:
            self._lock.release()
            raise
        return self.connection


class Client(Counting, SqliteClient):
    async def create_connection(self, with_db: bool) -> None:
        """As Tortoise's own, but all or nothing: half set up it would keep no foreign key and lose what it wrote.

        Raises DBConnectionError.
        """
        try:
            # When aiosqlite itself can't open the file, its thread complains to an event loop that may be closed.
            await asyncio.to_thread(_tried, self.filename)
            await super().create_connection(with_db)
        except sqlite3.Error as error:
            await self.close()
            raise DBConnectionError(f"{self.filename} cannot be opened: {error}") from error

    def acquire_connection(self) -> ConnectionWrapper[Connection]:
        return Wrapper(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return Context(Transaction(self), self._lock)


def _tried(file: str) -> None:
    with suppress(OSError):
        # SQLite itself would make it for all to read. What it puts beside it gets the same mode. One that is there is
        # not opened: closing it would end this process's locks on it (sqlite.org/howtocorrupt.html, 2.2).
        Path(file).touch(0o600, exist_ok=False)
    sqlite3.connect(file).close()


client_class = Client
