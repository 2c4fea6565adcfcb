"""An audit trail to tamper with: two practices, and an attacker in the database, with triggers or without."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]

from flows.audit_trail.audit_sealing import seal_all
from flows.core.audit import Actor, record
from flows.core.context import AppContext, ClientInfo
from models import Practice
from models.core.audit_guards import ON_POSTGRESQL, ON_SQLITE
from models.db.database import close_database, open_database
from server import compose
from tests.support.clock import Clock
from tests.support.command import Ended, ran
from tests.support.databases import Database
from tests.support.sluis import settings_for

_REFUSED = (sqlite3.IntegrityError, asyncpg.CheckViolationError)
_TABLES = ("audit_event", "audit_segment", "audit_subject")


@dataclass(frozen=True, slots=True)
class Archive:
    """A database with a trail; nobody has it open unless a block of :meth:`opened` says so."""

    database: Database
    clock: Clock

    @property
    def sqlite(self) -> bool:
        return self.database.url.startswith("sqlite:")

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[AppContext]:
        """The product's own code at work on it, with the keys that its commands have."""
        app = compose(settings_for(self.database, "http://localhost:8000", 1025), self.clock)
        try:
            await open_database(self.database.url)
            yield app
        finally:
            await close_database()
            app.passwords.close()

    async def filled(self) -> None:
        """Three segments of three rows in the one practice, two of one in the other, and a row in none."""
        async with self.opened() as app:
            linden = await Practice.create(slug="linden", name="Linden", created_at=app.now)
            elders = await Practice.create(slug="elders", name="Elders", created_at=app.now)
            for number in (1, 2, 3):
                await write(app, linden, 3)
                await write(app, elders, 1 if number < 3 else 0)
                await seal_all(app)
            await write(app, linden, 1)

    async def runs(self, *arguments: object) -> Ended:
        """``python server.py …`` on it."""
        return await ran(*arguments, database_url=self.database.url)

    async def faults(self, *arguments: object) -> list[str]:
        """What ``verify-audit`` finds, a line each; none when it is content."""
        ended = await self.runs("verify-audit", *arguments)
        assert "Traceback" not in ended.errors, ended.errors
        lines = [line for line in ended.output.splitlines() if "; head " not in line]
        assert bool(lines) == bool(ended.code), ended
        return lines

    async def sql(self, *statements: str) -> None:
        """As somebody with the database's password."""
        for statement in statements:
            await self.database.rows(statement)

    async def refusal(self, statement: str) -> str:
        """What the database says to it; empty if it does it."""
        try:
            await self.sql(statement)
        except _REFUSED as refusal:
            return str(refusal)
        return ""

    @property
    def words(self) -> dict[str, str]:
        """What statements say differently to the two databases: a time that is none, and an id."""
        new = "'00000000-0000-0000-0000-0000000000aa'"
        if self.sqlite:
            return {"strange": "'yesterday'", "new": new}
        return {"strange": "'infinity'", "new": f"CAST({new} AS uuid)"}

    @asynccontextmanager
    async def unguarded(self) -> AsyncIterator[None]:
        """As somebody who may change tables, and leaves no trace but what was done meanwhile."""
        guards = ON_SQLITE if self.sqlite else ON_POSTGRESQL
        each = [(table, name) for table, names in guards.items() for name in names]
        if self.sqlite:
            made = [
                await self.database.rows(f"SELECT sql FROM sqlite_master WHERE name = '{name}'") for _, name in each
            ]
            await self.sql(*(f"DROP TRIGGER {name}" for _, name in each))
            yield
            await self.sql(*(str(row["sql"]) for (row,) in made))
        else:
            await self.sql(*(f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name in each))
            yield
            await self.sql(*(f"ALTER TABLE {table} ENABLE TRIGGER {name}" for table, name in each))

    async def triggers(self) -> set[str]:
        """Names of all that the trail's tables have, enabled or not."""
        rows = await self.database.rows(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'"
            if self.sqlite
            else "SELECT CAST(t.tgname AS text) AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND c.relname LIKE 'audit%'"
        )
        return {str(row["name"]) for row in rows}

    async def whole(self) -> dict[str, list[dict[str, Any]]]:
        """Everything of the trail that is stored."""
        tables = await self.database.tables()
        return {name: sorted(tables[name], key=str) for name in _TABLES}


async def write(app: AppContext, practice: Practice, number: int, *subjects: str) -> None:
    """Audit rows as acts write them, a second apart, each with two subjects."""
    for _ in range(number):
        app.clock.forward(seconds=1)  # type: ignore[attr-defined]
        actor = Actor(ClientInfo(address="192.0.2.1", request="r-1"), str(practice.id), str(UUID(int=7)), "THERAPIST")
        about = [("Dossier", name) for name in subjects or ("d-1", "d-2")]
        await record(app, actor, "dossier.read", *about, details={"via": "Łukasz", "count": 2, "none": None})
