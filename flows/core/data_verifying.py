"""Whether what is stored is as it must be: the rows among themselves, and every sealed value."""

from collections.abc import AsyncIterator

from flows.core.context import AppContext
from models.core.sealed import SEALED_COLUMNS, sealed_ids, sealed_value
from models.invariants import Broken, broken_rows
from security.keys import CannotOpen

_SAYS = "a sealed value opens with one of the keys, at its place"


async def verify_data(app: AppContext) -> AsyncIterator[Broken]:
    """Every row that is not as it must be; reads all that is sealed, one value at a time."""
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
