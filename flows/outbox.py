"""Writing a message into the outbox, in the transaction of what it tells about."""

import json
from collections.abc import Mapping
from uuid import uuid4

from flows.house import House
from models import OutboxMessage
from models.sealed import OUTBOX


async def post(
    house: House,
    practice_id: str,
    template: str,
    payload: Mapping[str, object],
    *,
    about: str = "",
    channel: str = "mail",
) -> None:
    """Queue one message; the payload is sealed for its row and wiped when the message is done."""
    identity = uuid4()
    sealed = house.keys.seal(json.dumps(payload).encode(), *OUTBOX.place(identity))
    await OutboxMessage.create(
        id=identity,
        practice_id=practice_id,
        channel=channel,
        template=template,
        payload=sealed,
        about=about,
        due_at=house.now,
        created_at=house.now,
    )
    await house.bell.ring("outbox")
