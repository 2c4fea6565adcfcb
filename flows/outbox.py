"""Writing a message into the outbox, in the transaction of what it tells about."""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from flows.house import House
from flows.safe_hours import CAN_WAIT, SafeHours
from models import OutboxMessage, Practice
from models.sealed import OUTBOX


async def post(
    house: House,
    practice_id: str,
    template: str,
    payload: Mapping[str, object],
    *,
    about: str = "",
    channel: str = "mail",
    event: datetime | None = None,
) -> None:
    """Queue one message; the payload is sealed for its row and wiped when the message is done.

    What can wait is due within the practice's safe hours, or at once where they come too late for the ``event``.
    """
    identity = uuid4()
    due_at = house.now
    if template in CAN_WAIT:
        due_at = SafeHours.of(await Practice.get(id=practice_id)).next(house.now, event)
    sealed = house.keys.seal(json.dumps(payload).encode(), *OUTBOX.place(identity))
    await OutboxMessage.create(
        id=identity,
        practice_id=practice_id,
        channel=channel,
        template=template,
        payload=sealed,
        about=about,
        due_at=due_at,
        created_at=house.now,
    )
    await house.bell.ring("outbox")
