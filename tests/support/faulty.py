"""The product's own engines, above which nothing knows that a statement of a request will fail."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import asyncpg  # type: ignore[import-untyped]
import pytest
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.sqlite.client import SqliteTransactionWrapper
from tortoise.exceptions import OperationalError

from models.db.engines import postgresql, sqlite
from models.db.engines.counting import tally

T = TypeVar("T")


@dataclass
class Fault:
    """Strikes at one statement of a request, BEGIN and COMMIT included; what workers do is left alone.

    ``at`` counts from 1; at 0 nothing fails. With ``lost`` only COMMITs count, and what strikes one is that it happens
    and the news of it gets lost.
    """

    at: int = 0
    lost: bool = False
    seen: int = 0
    struck: bool = False

    def arm(self, at: int) -> None:
        self.at, self.seen, self.struck = at, 0, False

    def strikes(self) -> bool:
        """Whether it is the turn of this statement."""
        if not self.at or tally.get() is None:
            return False
        self.seen += 1
        if self.seen != self.at:
            return False
        self.struck = True
        return True

    async def before(self, statement: Callable[[], Awaitable[T]]) -> T:
        if not self.lost and self.strikes():
            raise OperationalError("the fault of the test")
        return await statement()

    async def around(self, commit: Callable[[], Awaitable[T]], error: Exception) -> T:
        """A COMMIT fails as the driver has it fail."""
        strikes = self.strikes()
        if strikes and not self.lost:
            raise error
        done = await commit()
        if strikes:
            raise error
        return done


@contextmanager
def faulty(patch: pytest.MonkeyPatch) -> Iterator[Fault]:
    """Databases that are opened inside have engines that fail when the fault says so."""
    fault = Fault()

    class Statements:
        async def execute_insert(self, query: str, values: list[Any]) -> Any:
            return await fault.before(partial(super().execute_insert, query, values))  # type: ignore[misc]

        async def execute_query(self, query: str, values: list[Any] | None = None) -> Any:
            return await fault.before(partial(super().execute_query, query, values))  # type: ignore[misc]

        async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> Any:
            return await fault.before(partial(super().execute_query_dict, query, values))  # type: ignore[misc]

        async def execute_many(self, query: str, values: list[Any]) -> None:
            await fault.before(partial(super().execute_many, query, values))  # type: ignore[misc]

        async def begin(self) -> None:
            await fault.before(super().begin)  # type: ignore[misc]

    class SqliteCommit(SqliteTransactionWrapper):
        async def commit(self) -> None:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            await fault.around(super().commit, error)

    class PostgresqlCommit(TransactionWrapper):
        async def commit(self) -> None:
            error = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
            await fault.around(super().commit, error)

    # Below what the product's engines add, and above the driver.
    kinds: dict[Any, Any] = {
        sqlite: type("Transaction", (Statements, sqlite.Transaction, SqliteCommit), {}),
        postgresql: type("Transaction", (Statements, postgresql.Transaction, PostgresqlCommit), {}),
    }
    for engine, transaction in kinds.items():
        patch.setattr(engine, "Transaction", transaction)
        patch.setattr(engine, "client_class", type("Client", (Statements, engine.Client), {}))
    yield fault
    patch.undo()
