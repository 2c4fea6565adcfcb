"""What was acknowledged is on the disk, and a full one or a lack of connections is an outage that ends."""

import asyncio

import pytest

from models.db.database import close_database, fetch, open_database, transaction
from tests.people.device import Unanswered
from tests.people.staff import StaffPerson
from tests.support.databases import Database
from tests.support.sluis import Sluis

_NO_LIMIT = 1_073_741_823


@pytest.mark.database
async def test_what_is_acknowledged_is_on_the_disk(database: Database) -> None:
    """A power cut can't be had here; what SQLite promises about one depends on these two (PRAGMA synchronous)."""
    if not database.url.startswith("sqlite:"):
        pytest.skip("PostgreSQL's own settings say so, and the tests' server is quicker")
    await open_database(database.url)
    try:
        for _ in range(2):
            assert await fetch("PRAGMA journal_mode") == [{"journal_mode": "wal"}]
            assert await fetch("PRAGMA synchronous") == [{"synchronous": 2}], "FULL"
            async with transaction():
                assert await fetch("PRAGMA synchronous") == [{"synchronous": 2}]
    finally:
        await close_database()


async def test_a_full_disk_refuses_and_work_goes_on_when_there_is_room(sluis: Sluis, dr_vos: StaffPerson) -> None:
    if not sluis.database.url.startswith("sqlite:"):
        pytest.skip("about SQLite's file")
    await fetch("PRAGMA max_page_count = 1")  # as many as there are
    made, refused = set[str](), dict[str, list[str]]()
    for number in range(100):
        reference = f"V-{number}"
        try:
            await dr_vos.creates_dossier(reference, "Emma Bakker")
            made.add(reference)
        except Unanswered as unanswered:
            refused[reference] = unanswered.codes
        if len(refused) == 3:
            break
    assert list(refused.values()) == [["UNAVAILABLE"]] * 3, "it is full"
    await fetch(f"PRAGMA max_page_count = {_NO_LIMIT}")
    stored = await sluis.rows("SELECT reference FROM dossier WHERE reference LIKE 'V-%'")
    assert {row["reference"] for row in stored} == made
    assert (await dr_vos.creates_dossier(next(iter(refused)), "Emma Bakker"))["__typename"] == "DossierCreated"
    assert await sluis.count("audit_event", "event = 'dossier.created'") == await sluis.count("dossier")


@pytest.mark.database
async def test_exhausted_pool_makes_a_request_wait(database: Database) -> None:
    """And is served when there is one, in whatever way those before ended."""
    begun, go_on = [asyncio.Event(), asyncio.Event()], asyncio.Event()

    async def holds(event: asyncio.Event) -> None:
        async with transaction():
            event.set()
            await go_on.wait()
            raise ValueError

    alone = database.url.startswith("sqlite:")
    await open_database(database.url, pool_max=2)
    try:
        holders = [asyncio.create_task(holds(event)) for event in (begun[:1] if alone else begun)]
        await asyncio.gather(*(event.wait() for event in begun[: len(holders)]))
        waiting = [asyncio.create_task(fetch("SELECT 1 AS one")) for _ in range(30)]
        assert (await asyncio.wait(waiting, timeout=0.2))[0] == set()
        waiting.pop().cancel()
        go_on.set()
        assert [list(map(dict, rows)) for rows in await asyncio.gather(*waiting)] == [[{"one": 1}]] * 29
        assert {type(error) for error in await asyncio.gather(*holders, return_exceptions=True)} == {ValueError}
    finally:
        await close_database()
