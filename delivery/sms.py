"""Text messages: a row becomes a short text, and the text goes to the configured gateway."""

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from delivery.carrier import Carrier, Failure, Settle, context_of, payload_of
from delivery.sms_texts import sms_text
from delivery.texts import CannotFill
from models.core.message_failure import MessageFailure
from models.core.sms import correct_sms
from models.mail.outbox import OutboxMessage, keep_payload
from plugins import SmsGateway, SmsRefused
from security.keys import CannotOpen, KeyRing

log = logging.getLogger(__name__)

TIME_LIMIT = 30.0


class TooLate(Exception):
    """What the message says holds no longer."""


class SmsCarrier(Carrier):
    """Sends while a message still means something, and puts right what it was counted to cost."""

    channel = "sms"

    def __init__(self, keys: KeyRing, gateway: SmsGateway) -> None:
        self._keys = keys
        self._gateway = gateway

    async def carry(self, row: OutboxMessage, now: datetime) -> Settle | None:
        payload = payload_of(self._keys, row)
        if now >= datetime.fromisoformat(payload["until"]):
            raise TooLate
        text = sms_text(row.template, payload["locale"], row.practice.locale, payload["values"])
        await self._hand_over(row, payload)
        async with asyncio.timeout(TIME_LIMIT):
            sent = await self._gateway.send(payload["to"], text, row.id.hex)
        log.info("sms %s taken by %s as %s", row.id, self._gateway.name, sent.provider_id)
        return partial(_correct, row, payload, sent.cost)

    def failure(self, error: Exception) -> Failure:
        if isinstance(error, SmsRefused):
            cause = MessageFailure.NUMBER_REFUSED if error.permanent else MessageFailure.SERVICE_UNAVAILABLE
            return Failure(error.reason, final=error.permanent, cause=cause)
        if isinstance(error, CannotFill | CannotOpen | KeyError):
            return Failure(_reason(error), final=False, cause=MessageFailure.INTERNAL)
        too_late = isinstance(error, TooLate)
        cause = MessageFailure.TOO_LATE if too_late else MessageFailure.SERVICE_UNAVAILABLE
        return Failure(_reason(error), final=too_late, cause=cause)

    async def given_up(self, row: OutboxMessage, error: Exception) -> None:
        """Not sent costs nothing; but of what came to no answer nobody knows, so that stays counted."""
        try:
            payload = payload_of(self._keys, row)
        except CannotOpen:
            return
        if isinstance(error, SmsRefused) or not payload.get("handed"):
            await correct_sms(row.practice_id, *_where(payload), cost=-_price(payload), count=-1)

    async def rest(self) -> None:
        await self._gateway.close()

    async def _hand_over(self, row: OutboxMessage, payload: Mapping[str, Any]) -> None:
        """Write down that the gateway gets it, before it does: from here on it may cost. Raises ClaimLost."""
        if payload.get("handed"):
            return
        sealed = self._keys.seal(json.dumps({**payload, "handed": True}).encode(), *context_of(row))
        await keep_payload(row, sealed)
        row.payload = sealed


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, CannotFill) else type(error).__name__


async def _correct(row: OutboxMessage, payload: Mapping[str, Any], cost: Decimal | None) -> None:
    if cost is not None and cost != _price(payload):
        await correct_sms(row.practice_id, *_where(payload), cost=cost - _price(payload))


def _where(payload: Mapping[str, Any]) -> tuple[str, str]:
    return payload["month"], payload["country"]


def _price(payload: Mapping[str, Any]) -> Decimal:
    return Decimal(payload["price"])
