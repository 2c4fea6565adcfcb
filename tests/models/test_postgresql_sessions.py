"""A connection to PostgreSQL serves one after the other, and none of them finds what another left."""

import pytest

from models.db.database import close_database, execute, fetch, open_database
from tests.support.databases import Database

pytestmark = pytest.mark.database


async def test_transaction_left_open_is_ended_by_the_server(database: Database) -> None:
    if database.url.startswith("sqlite:"):
        pytest.skip("a file has no pool of connections")
    await open_database(database.url, pool_max=1)
    try:
        await execute("BEGIN")
        # Within a transaction now() stands still.
        found = [await fetch("SELECT pg_backend_pid() AS backend, now() AS now") for _ in range(2)]
    finally:
        await close_database()
    (first,), (second,) = found
    assert first["backend"] == second["backend"]
    assert first["now"] < second["now"]
