"""Writing a message into the outbox, in the transaction of what it tells about."""

import json
from collections.abc import Mapping
from uuid import uuid4

from flows.house import House
from models import Account, OutboxMessage


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
    sealed = house.keys.seal(json.dumps(payload).encode(), "outbox", str(identity))
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


async def tell(house: House, account: Account, template: str, **values: str) -> None:
    """Queue a message to the person behind an account, in their language; nothing where there is no address.

    It tells when it happened besides ``values``.
    """
    if account.email:
        payload = {"to": account.email, "locale": account.locale, "values": {"at": house.now.isoformat(), **values}}
        await post(house, str(account.practice_id), template, payload)
