"""Queueing a message in the outbox, in the transaction of the act that it is about."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import uuid4

from flows.core.context import AppContext
from flows.core.quiet_hours import CAN_WAIT, QuietHours
from models import OutboxMessage, OutboxState, Practice
from models.core.message_failure import MessageFailure
from models.core.sealed import OUTBOX
from models.mail.outbox import publish_to_dossiers


@dataclass(frozen=True, slots=True)
class To:
    """The recipient, so that staff can see whether the message arrived; empty where only the worker finds it out."""

    account_id: object = None
    respondent_id: object = None
    staff_id: object = None


async def post(
    app: AppContext,
    practice_id: str,
    template: str,
    payload: Mapping[str, object],
    to: To = To(),
    *,
    about: str = "",
    channel: str = "mail",
    event: datetime | None = None,
) -> None:
    """Queue one message; the payload is sealed for its row and wiped when the message is done.

    A message that can wait is due within the practice's hours for messages, or at once where those are too late for
    the ``event``.
    """
    identity = uuid4()
    due_at = app.now
    if template in CAN_WAIT:
        due_at = QuietHours.of(await Practice.get(id=practice_id)).next(app.now, event)
    sealed = app.keys.seal(json.dumps(payload).encode(), *OUTBOX.place(identity))
    await OutboxMessage.create(
        id=identity,
        practice_id=practice_id,
        channel=channel,
        template=template,
        payload=sealed,
        about=about,
        due_at=due_at,
        created_at=app.now,
        **asdict(to),
    )
    await app.signals.publish("outbox")


async def note_unsent(
    app: AppContext, practice_id: object, template: str, to: To, failure: MessageFailure, *, channel: str = "mail"
) -> None:
    """Store that a message could not be queued, for staff to see; nothing is sent."""
    unsent = await OutboxMessage.create(
        practice_id=practice_id,
        channel=channel,
        template=template,
        state=OutboxState.FAILED,
        failure=failure,
        due_at=app.now,
        created_at=app.now,
        done_at=app.now,
        **asdict(to),
    )
    await publish_to_dossiers(unsent, app.now)
