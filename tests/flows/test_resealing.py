"""Sealing anew, beside who stores meanwhile."""

from flows.core.outbox import post
from models import OutboxMessage
from models.core.sealed import OUTBOX, swap_sealed
from models.db.database import transaction
from tests.flows.office import Office


async def test_reseal_does_not_overwrite_a_concurrent_write(office: Office) -> None:
    """Else a code that was spent between reading a row and sealing it anew would be unspent after."""
    async with transaction():
        await post(office.app, str(office.practice.id), "notice", {"to": "ada@clients.example"})
    row = await OutboxMessage.get()
    read = row.payload
    assert read is not None
    await OutboxMessage.filter(id=row.id).update(payload=b"stored meanwhile")
    assert not await swap_sealed(OUTBOX, row.id, read, b"sealed anew")
    assert (await OutboxMessage.get()).payload == b"stored meanwhile"
    assert await swap_sealed(OUTBOX, row.id, b"stored meanwhile", b"sealed anew")
