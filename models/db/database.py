"""The database: opening it, transactions, raw statements, and what "busy or away" looks like.

Statements are written once, with ``?`` for parameters; PostgreSQL's numbered form is derived.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.exceptions import (
    DBConnectionError,
    IntegrityError,
    NotExistOrMultiple,
    ObjectDoesNotExistError,
    OperationalError,
)
from tortoise.transactions import in_transaction

from models.db.tls import tls_of

__all__ = [
    "UNAVAILABLE",
    "IntegrityError",
    "OutOfOrder",
    "after_commit",
    "close_database",
    "execute",
    "fetch",
    "is_outage",
    "must_write",
    "note_held",
    "open_database",
    "transaction",
]

#: What the drivers raise when the database is busy, full, restarting, out of reach or closed to us.
UNAVAILABLE: tuple[type[Exception], ...] = (
    OperationalError,
    DBConnectionError,
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # On a connection that broke a moment ago.
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.TooManyConnectionsError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.DiskFullError,
    asyncpg.OutOfMemoryError,
    asyncpg.QueryCanceledError,
)

#: What passes for one of these and is a fault of ours: trying again would not help.
_FAULTS: tuple[type[Exception], ...] = (IntegrityError, NotExistOrMultiple, ObjectDoesNotExistError)
#: The same of what an OperationalError of Tortoise's carries: a statement that is wrong, or a value that does not fit.
_WRONG: tuple[type[Exception], ...] = (asyncpg.SyntaxOrAccessError, asyncpg.DataError)
_CLOSED: tuple[type[Exception], ...] = (asyncpg.InsufficientPrivilegeError,)
_SQLITE_WRONG = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE, sqlite3.SQLITE_TOOBIG)

MODULES = [
    "models.core.practice",
    "models.core.account",
    "models.staff.staff",
    "models.dossiers.dossier",
    "models.access.access",
    "models.appointments.appointment",
    "models.onboarding.invitation",
    "models.core.mailed_link",
    "models.signin.sign_in",
    "models.signin.login_session",
    "models.second_factor.factor",
    "models.policy.exemption",
    "models.account.phone_change",
    "models.account.change_request",
    "models.onboarding.prospect",
    "models.core.attempts",
    "models.mail.outbox",
    "models.receipts.receipt",
    "models.core.sms",
    "models.documents.stored_file",
    "models.documents.report",
    "models.documents.answer_form",
    "models.core.audit",
    "models.core.audit_chain",
    "models.core.signal",
]


def database_config(url: str, *, pool_min: int = 1, pool_max: int = 10) -> dict[str, Any]:
    """Tortoise's configuration for ``sqlite:///absolute``, ``sqlite://relative`` or ``postgresql://…?sslmode=…``.

    Raises ValueError with one line that names the accepted forms.
    """
    return {
        "connections": {"default": _connection(url, pool_min, pool_max)},
        "apps": {"models": {"models": MODULES, "default_connection": "default", "migrations": "models.migrations"}},
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(url: str, pool_min: int, pool_max: int) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = url.removeprefix("sqlite://")
        if not path:
            raise ValueError("database_url: give SQLite a file, as in sqlite://sluis.db")
        return {
            "engine": "models.db.engines.sqlite",
            "credentials": {
                "file_path": str(Path(path)),
                "journal_mode": "WAL",
                "synchronous": "FULL",
                # In ms. Who waits may do so behind two others of its process, and an operation has 15 s for all of it.
                "busy_timeout": 3000,
                "cache_size": -65536,
            },
        }
    if parts.scheme in ("postgres", "postgresql") and parts.path.strip("/"):
        return {
            "engine": "models.db.engines.postgresql",
            "credentials": {
                "host": parts.hostname or "127.0.0.1",
                "port": parts.port or 5432,
                "user": unquote(parts.username or "postgres"),
                "password": unquote(parts.password) if parts.password else None,
                "database": parts.path.strip("/"),
                "minsize": pool_min,
                "maxsize": pool_max,
                "timeout": 10,
                "command_timeout": 30,
                "ssl": tls_of(parts.query),
            },
        }
    raise ValueError("database_url: use sqlite://FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE")


async def open_database(url: str, *, pool_min: int = 1, pool_max: int = 10) -> None:
    """Open the process's one database; one dialect per process (Tortoise's metadata is global)."""
    await Tortoise.init(config=database_config(url, pool_min=pool_min, pool_max=pool_max), _enable_global_fallback=True)


async def close_database() -> None:
    await Tortoise.close_connections()


def is_outage(error: BaseException) -> bool:
    """Whether this is the database being away, so that trying again may help; else it is a fault of ours."""
    if not isinstance(error, UNAVAILABLE) or isinstance(error, _FAULTS):
        return False
    cause = error.args[0] if isinstance(error, OperationalError) and error.args else error
    if isinstance(cause, sqlite3.OperationalError):
        # What ended a transaction from below also has its COMMIT and ROLLBACK fail, as a wrong statement does.
        wrong = cause.sqlite_errorcode & 0xFF in _SQLITE_WRONG
        return not wrong or "no transaction is active" in str(cause)
    return isinstance(cause, _CLOSED) or not isinstance(cause, _WRONG)


def connection() -> BaseDBAsyncClient:
    """The current connection: the transaction's own inside :func:`transaction`."""
    return get_connection("default")


def is_sqlite() -> bool:
    return connection().capabilities.dialect == "sqlite"


Later = Callable[[], Awaitable[None]]

#: What waits for the running transaction to commit; unset outside transactions.
_later: ContextVar[list[Later] | None] = ContextVar("sluis_after_commit", default=None)

Place = tuple[int, str]
#: The rows that the running transaction holds, by their places in the one order; unset outside transactions.
_held: ContextVar[set[Place] | None] = ContextVar("sluis_held_rows", default=None)


class OutOfOrder(RuntimeError):
    """A transaction asked for a row that comes before one it holds: a fault of ours, which could end in a deadlock."""


def note_held(places: list[Place]) -> None:
    """Note that the running transaction is about to hold rows; ``places`` are in order. See :mod:`models.locks`.

    Raises OutOfOrder, also outside a transaction, where nothing can be held.
    """
    held = _held.get()
    if held is None:
        raise OutOfOrder("no transaction is running")
    new = [place for place in places if place not in held]
    if new and held and new[0] < max(held):
        raise OutOfOrder(f"{new[0]} after {max(held)}")
    held.update(new)


class NotWritten(OperationalError):
    """The database would not take a row, whatever its reason."""


@asynccontextmanager
async def must_write() -> AsyncIterator[None]:
    """What this writes the database has to take: a refusal of its own, as by a trigger, is NotWritten then.

    Which is one of UNAVAILABLE, where a broken rule is elsewhere a fault of ours.
    """
    try:
        yield
    except (IntegrityError, asyncpg.PostgresError) as error:
        if is_outage(error):
            raise
        raise NotWritten(type(error).__name__) from error


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """All or nothing. Never hold it over a hash, a plugin or the network: SQLite has one writer."""
    outer, mine = _later.get(), list[Later]()
    token, held = _later.set(mine), _held.set(set() if outer is None else _held.get())
    try:
        async with in_transaction("default"):
            yield
    finally:
        _held.reset(held)
        _later.reset(token)
    if outer is not None:
        outer.extend(mine)
        return
    for work in mine:
        await work()


async def after_commit(work: Later) -> None:
    """Do ``work``, which raises nothing, once the outermost transaction has committed; at once where there is none.

    Where it rolls back, or nobody knows whether it committed, ``work`` is not done.
    """
    waiting = _later.get()
    if waiting is None:
        await work()
    else:
        waiting.append(work)


async def fetch(sql: str, *params: Any) -> list[dict[str, Any]]:
    """Run a statement that returns rows (SELECT, or a change with RETURNING)."""
    client = connection()
    rows: list[dict[str, Any]] = await client.execute_query_dict(
        _dialect(sql, client.capabilities.dialect), [_param(p) for p in params]
    )
    return rows


async def execute(sql: str, *params: Any) -> int:
    """Run an UPDATE or DELETE and tell how many rows it changed."""
    client = connection()
    changed, _ = await client.execute_query(_dialect(sql, client.capabilities.dialect), [_param(p) for p in params])
    return changed


@lru_cache(maxsize=512)
def _dialect(sql: str, dialect: str) -> str:
    """``?`` becomes ``$1`` … on PostgreSQL; our statements hold no literal question marks."""
    if dialect == "sqlite":
        return sql
    head, *rest = sql.split("?")
    return head + "".join(f"${n}{part}" for n, part in enumerate(rest, 1))


def literal(text: str) -> str:
    """``text`` for a LIKE pattern with ``ESCAPE '\\'``, in which it stands for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _param(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) and is_sqlite() else value


def as_time(value: Any) -> datetime | None:
    """A timestamp from a raw row: SQLite keeps text, PostgreSQL a datetime; both are UTC."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


async def wait_for_writer(attempt: int) -> None:
    """Back off before trying a lost race again: a few milliseconds, growing."""
    await asyncio.sleep(min(0.002 * 2**attempt, 0.05))
