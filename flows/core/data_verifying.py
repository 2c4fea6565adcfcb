"""Verifying stored data: the invariants between rows, and every sealed value."""

from collections.abc import AsyncIterator

from flows.core.context import AppContext
from models.core.sealed import SEALED_COLUMNS, sealed_ids, sealed_value
from models.invariants import Broken, broken_rows
from security.keys import CannotOpen

_SAYS = "a sealed value opens with one of the keys, at its place"


async def verify_data(app: AppContext) -> AsyncIterator[Broken]:
    """Every row that breaks an invariant or holds a value that does not open. Reads one sealed value at a time."""
    async for broken in broken_rows(app.now):
        yield broken
    for where in SEALED_COLUMNS:
        async for row_id in sealed_ids(where):
            value = await sealed_value(where, row_id)
            try:
                if value is not None:
                    app.keys.open(value.content, *value.place)
            except CannotOpen:
                yield Broken(str(where), _SAYS, str(row_id))
