"""What the outbox's worker asks of a channel: how its messages leave, and what their failures mean."""

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from models.core.message_failure import MessageFailure
from models.core.sealed import OUTBOX
from models.mail.outbox import OutboxMessage
from security.keys import KeyRing

Settle = Callable[[], Awaitable[None]]
"""What to store together with the news that a message left; tried until the database has it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed, in words that name nobody; ``final``: another attempt would fail as well.

    ``cause`` is what staff read of it.
    """

    reason: str
    final: bool
    cause: MessageFailure


class Carrier(ABC):
    """Takes the messages of one channel out of the building."""

    channel: ClassVar[str]

    @abstractmethod
    async def carry(self, row: OutboxMessage, now: datetime) -> Settle | None:
        """Send one claimed message and return once it was taken over; None when it concerns nobody.

        Raises whatever :meth:`failure` knows, and ClaimLost. Must end well within ``worker.CLAIM``.
        """

    @abstractmethod
    def failure(self, error: Exception) -> Failure:
        """What an error of ``carry`` means. The texts of strange errors may quote an address: name their type."""

    async def given_up(self, row: OutboxMessage, error: Exception) -> None:
        """Told in the transaction that closes a message which never left."""
        return

    async def rest(self) -> None:
        """Told when there is nothing more to send for now."""
        return


async def nothing() -> None:
    """Settles nothing."""
    return


def payload_of(keys: KeyRing, row: OutboxMessage) -> dict[str, Any]:
    """What a row says, opened; raises CannotOpen."""
    payload: dict[str, Any] = json.loads(keys.open(row.payload or b"", *context_of(row)))
    return payload


def context_of(row: OutboxMessage) -> tuple[str, ...]:
    """What a payload is sealed to, so that one moved to another row does not open."""
    return OUTBOX.place(row.id)
