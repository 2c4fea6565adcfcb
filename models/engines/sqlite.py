"""SQLite whose transactions take the write lock at once, and that survives a failed open, BEGIN or COMMIT.

A deferred BEGIN that reads and then writes fails with "database is locked" as soon as
another process wrote in between, whatever the busy timeout; BEGIN IMMEDIATE waits instead.
"""

import asyncio
import sqlite3
from typing import Any

from aiosqlite import Connection
from tortoise.backends.base.client import ConnectionWrapper, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError, OperationalError

from models.engines.counting import Counting


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
            # Disk full or busy: the transaction is still open and would swallow the next one.
            await self.rollback()
            raise OperationalError(error) from error


class Context(SqliteTransactionContext):
    """As Tortoise's own, but a BEGIN that fails gives the lock back.

    The stock context keeps it, after which every later statement of the process waits for ever.
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
            self._trxlock.release()
            raise
        client: TransactionalDBClient = self.connection
        return client


class Wrapper(ConnectionWrapper[Connection]):
    """As Tortoise's own, but a connection that can't be made gives the lock back."""

    async def __aenter__(self) -> Connection:
        try:
            return await super().__aenter__()
        except BaseException:
            self._lock.release()
            raise


class Client(Counting, SqliteClient):
    async def create_connection(self, with_db: bool) -> None:
        """As Tortoise's own, but all or nothing: half set up it would keep no foreign key and lose what it wrote.

        Raises DBConnectionError.
        """
        try:
            # When aiosqlite itself can't open the file, its thread complains to an event loop that may be closed.
            await asyncio.to_thread(lambda: sqlite3.connect(self.filename).close())
            await super().create_connection(with_db)
        except sqlite3.Error as error:
            await self.close()
            raise DBConnectionError(f"{self.filename} cannot be opened: {error}") from error

    def acquire_connection(self) -> ConnectionWrapper[Connection]:
        return Wrapper(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return Context(Transaction(self), self._lock)


client_class = Client
