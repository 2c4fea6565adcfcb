"""Mail: a row becomes a letter, and the letter goes to the relay."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from delivery.bounces import ReturnPath
from delivery.carrier import Carrier, Failure, Settle, context_of, nothing, payload_of
from delivery.compose import Sender, compose
from delivery.mail import Mailer, MailFailure, PermanentFailure
from delivery.resolve import REQUESTS, Resolver
from delivery.texts import CannotFill, Letter
from models.appointments.appointment import is_coming
from models.core.message_failure import MessageFailure
from models.db.database import transaction
from models.mail.outbox import OutboxMessage, keep_payload
from normalise.addresses import BadAddress
from security.keys import KeyRing


class MailCarrier(Carrier):
    """Keeps its connection to the relay until there is nothing more to send."""

    channel = "mail"

    def __init__(
        self, keys: KeyRing, mailer: Mailer, resolver: Resolver, mail_from: str, bounces: str | None = None
    ) -> None:
        """``bounces`` is where delivery reports go, None: to the sender. Raises ValueError for what is no address."""
        self._keys = keys
        self._mailer = mailer
        self._sender = Sender(mail_from, resolver.public_url)
        self._resolver = resolver
        self._return_path = ReturnPath(keys, bounces) if bounces else None

    async def carry(self, row: OutboxMessage, now: datetime) -> Settle | None:
        letter = await self._letter(row, payload_of(self._keys, row), now)
        if letter is None:
            return None
        message = compose(letter, row.practice, row.id, self._sender, now)
        await self._mailer.send(message, self._return_path.sender_of(row.id) if self._return_path else None)
        return nothing

    def failure(self, error: Exception) -> Failure:
        told = isinstance(error, MailFailure | CannotFill)
        reason = str(error) if told else type(error).__name__
        return Failure(reason, final=isinstance(error, PermanentFailure | BadAddress), cause=_cause(error))

    async def rest(self) -> None:
        await self._mailer.close()

    async def _letter(self, row: OutboxMessage, payload: dict[str, Any], now: datetime) -> Letter | None:
        if row.template in REQUESTS:
            return await self._answer(row, payload, now)
        if (reminded := payload.get("appointment")) and not await _still(reminded, now):
            return None
        return Letter(row.template, payload["to"], payload["locale"], payload["values"])

    async def _answer(self, row: OutboxMessage, payload: dict[str, Any], now: datetime) -> Letter | None:
        """The letter for a request; another attempt carries the same link for as long as it lives.

        Were every attempt to make a new link, one whose acknowledgement got lost would kill the link that
        has arrived; were none to, an outage of the relay would deliver dead links.
        """
        known = payload.get("letter")
        if known and datetime.fromisoformat(known["values"]["expires_at"]) > now:
            row.account_id = _account_of(known)
            return Letter(**known)
        async with transaction():
            letter = await self._resolver.resolve(row.template, payload, row.practice, now)
            # From here on staff can be told what becomes of it.
            row.account_id = _account_of(asdict(letter)) if letter else None
            if letter and "expires_at" in letter.values:
                kept = json.dumps({**payload, "letter": asdict(letter)}).encode()
                await keep_payload(row, self._keys.seal(kept, *context_of(row)))
        return letter


def _account_of(letter: Mapping[str, Any]) -> UUID | None:
    return UUID(letter["account"]) if letter.get("account") else None


def _cause(error: Exception) -> MessageFailure:
    if isinstance(error, MailFailure):
        return error.cause
    return MessageFailure.ADDRESS_REFUSED if isinstance(error, BadAddress) else MessageFailure.INTERNAL


async def _still(reminded: dict[str, str], now: datetime) -> bool:
    """Whether the appointment that a mail reminds of is still to come, at the time it tells."""
    return await is_coming(reminded["id"], datetime.fromisoformat(reminded["starts_at"]), now)
