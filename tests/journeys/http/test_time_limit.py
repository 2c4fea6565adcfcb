"""An operation that takes too long ends, with all of it done or nothing, and what it held is there for others."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import asyncpg  # type: ignore[import-untyped]
import pytest

from tests.people.device import Unanswered
from tests.people.staff import StaffPerson
from tests.support.databases import Database
from tests.support.sluis import Sluis

pytestmark = pytest.mark.security


@asynccontextmanager
async def _held(database: Database) -> AsyncIterator[None]:
    """Somebody else writes what a sign-out wants to write, and takes their time."""
    if database.url.startswith("sqlite:"):
        with closing(sqlite3.connect(database.url.removeprefix("sqlite://"), isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                connection.execute("ROLLBACK")
        return
    connection = await asyncpg.connect(database.url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE dossier IN EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


@pytest.fixture
def given_settings() -> dict[str, object]:
    return {"graphql_seconds": 1}


async def test_what_waits_too_long_is_not_done_and_leaves_nothing_held(sluis: Sluis, dr_vos: StaffPerson) -> None:
    async with _held(sluis.database):
        with pytest.raises(Unanswered) as slow:
            await dr_vos.creates_dossier("D-7001", "Te Laat")
        assert slow.value.codes == ["TIMEOUT"]
    # As often as there may be connections that something was left in.
    for number in range(12):
        assert "code" not in await dr_vos.creates_dossier(f"D-71{number:02}", "Op Tijd")
    assert await sluis.count("dossier", "reference LIKE 'D-71%'") == 12, "seen by everybody else"
    assert await sluis.count("dossier", "reference = 'D-7001'") == 0
    assert await sluis.count("audit_event", "event = 'dossier.created'") == 12 + await _made_before(sluis)


async def _made_before(sluis: Sluis) -> int:
    return await sluis.count("dossier", "reference NOT LIKE 'D-7%'")


async def test_many_that_wait_too_long_leave_the_others_room(sluis: Sluis, dr_vos: StaffPerson) -> None:
    """More than there are connections, all at once."""
    async with _held(sluis.database):
        slow = [dr_vos.creates_dossier(f"D-70{number:02}", "Te Laat") for number in range(12)]
        done = await asyncio.gather(*slow, return_exceptions=True)
        codes = [one.codes for one in done if isinstance(one, Unanswered)]
        assert len(codes) == 12
        assert {code for each in codes for code in each} <= {"TIMEOUT", "UNAVAILABLE"}
    assert "code" not in await dr_vos.creates_dossier("D-7100", "Op Tijd")
    assert await sluis.count("dossier", "reference LIKE 'D-70%'") == 0
