"""Where a person of the kit is, as the possession sees it."""

import json
from dataclasses import dataclass
from datetime import datetime

from conformance.possession import Message
from conformance.stage import Stage
from models import OutboxMessage, Practice


@dataclass(frozen=True, slots=True)
class Around:
    """Implements conformance.Surroundings for one person."""

    stage: Stage
    practice: Practice

    @property
    def now(self) -> datetime:
        return self.stage.clock.now

    @property
    def origin(self) -> str:
        return self.stage.app.rules.public_url

    @property
    def rp_id(self) -> str:
        return self.origin.partition("://")[2]

    def wait(self, seconds: float) -> None:
        self.stage.clock.wait(seconds)

    async def messages(self) -> list[Message]:
        """Each person of the kit is alone in the practice unless a check wants two, who then read in turn."""
        rows = await OutboxMessage.filter(
            practice_id=self.practice.id, channel__in=list(self.stage.factor.channels)
        ).order_by("created_at")
        return [self._message(row) for row in rows]

    def _message(self, row: OutboxMessage) -> Message:
        body = json.loads(self.stage.app.keys.open(row.payload or b"", "outbox", str(row.id)))
        return Message(row.channel, body["to"], row.template, body["values"])
