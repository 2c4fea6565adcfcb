"""PostgreSQL through asyncpg, with a pool that survives a failed BEGIN."""

import asyncpg  # type: ignore[import-untyped]
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections

from models.db.engines.counting import Counting


class Transaction(Counting, TransactionWrapper):
    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(Transaction(self))


class Context(TransactionContextPooled):
    """As Tortoise's own, but a BEGIN that fails gives the connection back to the pool.

    The stock context keeps it, so that a database restart would drain the pool for good.
    """

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        pool = self.client._parent._pool
        self.client._connection = await pool.acquire()
        try:
            await self.client.begin()
        except BaseException:
            await pool.release(self.client._connection)
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client


class Session(asyncpg.Connection):  # type: ignore[misc]
    """One that needs no reset between its users: none leaves settings, locks, cursors or LISTEN behind.

    The stock reset is a round trip for each use. What still happens to a transaction that was left open is its end.
    """

    __slots__ = ()

    def get_reset_query(self) -> str:
        return ""


class Client(Counting, AsyncpgDBClient):
    connection_class = Session

    def _in_transaction(self) -> TransactionContext:
        return Context(Transaction(self), self._pool_init_lock)


client_class = Client
