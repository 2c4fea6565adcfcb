"""The database goes away while people are at work, and comes back: nobody has to restart anything."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]
import httpx
import pytest
from structlog.testing import capture_logs

from models.db.database import UNAVAILABLE, close_database, execute, fetch, is_outage, open_database, transaction
from tests.people.cast import Person
from tests.people.device import Unanswered
from tests.people.staff import StaffPerson
from tests.support.databases import Database, Databases, SqliteDatabases
from tests.support.sluis import Sluis


@asynccontextmanager
async def away(database: Database) -> AsyncIterator[None]:
    """Nobody is let in and everybody is thrown out, as when a server restarts."""
    server, _, name = database.url.rpartition("/")
    throws_out = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        await connection.execute(throws_out, name)
        yield
    finally:
        await connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
        await connection.close()


@asynccontextmanager
async def held(database: Database) -> AsyncIterator[None]:
    """Another process writes, and does not stop: longer than anybody is willing to wait."""
    with closing(sqlite3.connect(urlsplit(database.url).path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def outage(sluis: Sluis) -> AbstractAsyncContextManager[None]:
    """Writing is impossible; on PostgreSQL reading as well."""
    return held(sluis.database) if _is_sqlite(sluis) else away(sluis.database)


def _is_sqlite(sluis: Sluis) -> bool:
    return sluis.database.url.startswith("sqlite:")


async def unavailable(act: Awaitable[object]) -> None:
    """Await something that is asked of the server; it is refused for the one reason there is."""
    with pytest.raises(Unanswered) as refused:
        await act
    assert refused.value.codes == ["UNAVAILABLE"]


async def test_work_goes_on_when_the_database_is_back(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    respondent = await dr_vos.finds(ada.own.name)
    await dr_vos.gives_email(respondent, ada.own.email)
    stored = [await sluis.count(table) for table in ("dossier", "invitation", "outbox_message")]
    async with outage(sluis):
        await unavailable(dr_vos.invites(respondent["id"]))
        await unavailable(dr_vos.creates_dossier("D-9001", "Emma Bakker"))
        await unavailable(dr_vos.elsewhere().starts_sign_in())
        await says_whether_it_is_ready(sluis)
    assert [await sluis.count(table) for table in ("dossier", "invitation", "outbox_message")] == stored
    assert (await dr_vos.creates_dossier("D-9001", "Emma Bakker"))["__typename"] == "DossierCreated"
    assert (await dr_vos.invites(respondent["id"]))["__typename"] == "RespondentInvited"
    assert (await ada.opens(await ada.gets_link("accept")))["__typename"] == "InvitationOpened", "mail leaves again"
    await says_whether_it_is_ready(sluis, ready=True)


async def says_whether_it_is_ready(sluis: Sluis, *, ready: bool = False) -> None:
    """Alive at any time; ready while it can be read from."""
    # On SQLite who waits to write may have the one connection, or not: during an outage either is true.
    either = not ready and _is_sqlite(sluis)
    async with httpx.AsyncClient(base_url=sluis.url, timeout=15) as http:
        assert (await http.get("/health")).status_code == 200
        status = (await http.get("/ready")).status_code
        assert status == (200 if ready else 503) or (either and status == 200)
        assert (await http.get("/p/demo")).status_code == 200, "the page itself says what is wrong"


async def test_the_waiting_page_hears_of_what_happens_after(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    """Workers wake each other by the database: that goes on too."""
    respondent = await dr_vos.lets_in(ada)
    async with outage(sluis):
        await unavailable(dr_vos.deactivates(respondent))
    assert await sluis.count("access_grant", "state = 'APPROVED'") == 1
    async with ada.watches_access() as page:
        assert (await page.news())["access"] == "APPROVED"
        await dr_vos.resets_factors(respondent)
        assert await page.closed() in {4401, 4403}, "who is signed out hears so"


async def test_a_sign_in_under_way_goes_on(sluis: Sluis, dr_vos: StaffPerson) -> None:
    """The code that was typed during the outage is not spent."""
    device = dr_vos.elsewhere("BEARER")
    sluis.clock.forward(minutes=1)
    step, code = await device.starts_sign_in(), dr_vos.app.code()
    sessions = await sluis.count("login_session")
    async with outage(sluis):
        await unavailable(device.proves(step, "totp", code))
    assert await sluis.count("login_session") == sessions
    assert (await device.proves(step, "totp", code))["__typename"] == "SignedIn"
    assert (await device.proves(step, "totp", code))["__typename"] != "SignedIn"


async def test_a_fault_of_ours_is_no_outage(sluis: Sluis, dr_vos: StaffPerson) -> None:
    """Trying again would not help: the answer does not say so, and the log has it as an error."""
    await sluis.rows("ALTER TABLE access_grant RENAME COLUMN approved_at TO approved_once")
    with capture_logs() as lines, pytest.raises(Unanswered) as refused:
        await dr_vos.finds("Ada de Vries")
    assert set(refused.value.codes) == {"INTERNAL"}
    assert [line["log_level"] for line in lines if line["event"] == "graphql.failed"] == ["error"]


@pytest.mark.parametrize(
    ("statement", "outage"),
    [
        ("SELECT nothing FROM account", False),
        ("SELECT FROM WHERE", False),
        ("SELECT 1 FROM nothing", False),
        ("SELECT abs(-9223372036854775808)", None),
        ("SELECT CAST('x' AS INTEGER)", None),
    ],
)
async def test_what_is_an_outage(database: Database, statement: str, outage: bool | None) -> None:
    """A wrong statement is none on either database; a value that does not fit is refused by PostgreSQL alone."""
    await open_database(database.url)
    try:
        if outage is None and database.url.startswith("sqlite:"):
            pytest.skip("SQLite takes it, or says so otherwise")
        with pytest.raises(UNAVAILABLE) as raised:
            await fetch(statement)
        assert is_outage(raised.value) is bool(outage)
    finally:
        await close_database()


async def test_connections_that_break_under_load_break_nothing(sluis: Sluis, dr_vos: StaffPerson) -> None:
    """Each dossier that was acknowledged is there once; of the others none is there, or all of it."""
    if _is_sqlite(sluis):
        pytest.skip("there is no connection to break")
    server, _, name = sluis.database.url.rpartition("/")
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        tries = [asyncio.create_task(_makes(dr_vos, f"L-{number}")) for number in range(60)]
        for _ in range(5):
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
                name,
            )
            await asyncio.sleep(0.02)
        made = {reference for reference in await asyncio.gather(*tries) if reference}
    finally:
        await connection.close()
    stored = await sluis.rows("SELECT reference FROM dossier WHERE reference LIKE 'L-%'")
    references = [row["reference"] for row in stored]
    assert len(references) == len(set(references))
    assert made <= set(references)
    written = await sluis.count("audit_event", "event = 'dossier.created'")
    assert written == await sluis.count("dossier"), "with its audit event, each"
    assert (await dr_vos.creates_dossier("L-after", "Emma Bakker"))["__typename"] == "DossierCreated"


async def _makes(dr_vos: StaffPerson, reference: str) -> str | None:
    """The reference, where the dossier was acknowledged."""
    try:
        answer = await dr_vos.creates_dossier(reference, "Emma Bakker")
    except Unanswered as unanswered:
        if unanswered.codes != ["UNAVAILABLE"]:
            raise
        return None
    assert answer["__typename"] == "DossierCreated"
    return reference


async def test_cancelled_wait_releases_no_other_lock(database: Database) -> None:
    """It once let others into a transaction that was under way, on SQLite's one connection."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def holds() -> None:
        async with transaction():
            begun.set()
            await go_on.wait()
            await fetch("SELECT 1 AS one")

    await open_database(database.url)
    try:
        holder = asyncio.create_task(holds())
        await begun.wait()
        impatient = asyncio.create_task(fetch("SELECT 1 AS one"))
        await asyncio.wait({impatient}, timeout=0.1)
        impatient.cancel()
        await asyncio.wait({impatient})
        patient = asyncio.create_task(fetch("SELECT 2 AS two"))
        alone = database.url.startswith("sqlite:")
        done, _ = await asyncio.wait({patient}, timeout=0.1 if alone else 5)
        assert done == (set() if alone else {patient})
        go_on.set()
        await holder
        assert [dict(row) for row in await patient] == [{"two": 2}]
    finally:
        await close_database()


async def test_cancelled_wait_for_the_writer_leaves_no_transaction(databases: Databases, database: Database) -> None:
    """However often they are told to stop: what comes next is stored."""
    if not isinstance(databases, SqliteDatabases):
        pytest.skip("about SQLite's one writer")

    async def emptied(table: str) -> None:
        async with transaction():
            await execute(f"DELETE FROM {table}")

    await open_database(database.url)
    other = sqlite3.connect(database.url.removeprefix("sqlite://"), isolation_level=None)
    try:
        for _ in range(2):
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(emptied("signal"))
            for _ in range(2):
                await asyncio.wait({waiting}, timeout=0.1)
                waiting.cancel()
            other.rollback()
            with suppress(asyncio.CancelledError):
                await waiting
            await execute("INSERT INTO window_count (key, count, ends_at) VALUES ('k', 0, '2026-01-01')")
            assert await database.count("window_count") == 1, "seen by everybody"
            await emptied("window_count")
            assert await database.count("window_count") == 0
    finally:
        other.close()
        await close_database()


async def test_a_file_that_can_not_be_opened_is_tried_again(databases: Databases, tmp_path: Path) -> None:
    """It once kept a lock, and everything after waited for ever."""
    if not isinstance(databases, SqliteDatabases):
        pytest.skip("about files")
    folder = tmp_path / "not mounted yet"
    try:
        await open_database(f"sqlite://{folder}/sluis.db")
        for _ in range(2):
            with pytest.raises(UNAVAILABLE):
                await asyncio.wait_for(fetch("SELECT 1 AS one"), 5)
            with pytest.raises(UNAVAILABLE):
                async with asyncio.timeout(5), transaction():
                    pass
        folder.mkdir()
        assert await fetch("PRAGMA foreign_keys") == [{"foreign_keys": 1}]
    finally:
        await close_database()
