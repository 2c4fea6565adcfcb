"""Sends what waits in the outbox: at least once, and never again after it was taken over."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from delivery.carrier import Carrier, Settle
from models.db.database import transaction
from models.mail.outbox import ClaimLost, OutboxMessage, claim_due, mark_dropped, mark_failed, mark_sent

log = logging.getLogger(__name__)

BATCH = 20
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
# Longer than a carrier can take over one message, or a second worker would send it as well.
CLAIM = timedelta(minutes=5)


def wait_after(failures: int) -> timedelta:
    """How long to leave a message alone after so many failures (from 1): doubling, up to an hour."""
    return min(FIRST_WAIT * (1 << min(failures - 1, 16)), LONGEST_WAIT)


class OutboxWorker:
    """One of any number of workers on the messages of one channel.

    ``poll`` is in seconds: how long a message may wait when nobody called ``wake``.
    """

    def __init__(self, carrier: Carrier, clock: Callable[[], datetime], poll: float = 1.0) -> None:
        self._carrier = carrier
        self._clock = clock
        self._poll = poll
        self._awake = asyncio.Event()
        # Taken over, but the database was away when it should have been told.
        self._unmarked: dict[UUID, tuple[OutboxMessage, datetime, Settle]] = {}

    def wake(self) -> None:
        """Look at the outbox now: something was written into it."""
        self._awake.set()

    @property
    def channel(self) -> str:
        """What its messages go by."""
        return self._carrier.channel

    async def run(self, pulse: Callable[[], None]) -> None:
        """Deliver until cancelled; then finish the message under way. ``pulse`` after each round.

        Raises what :meth:`deliver_due` raises; run it again then.
        """
        while True:
            self._awake.clear()
            handled = await self.deliver_due(BATCH)
            pulse()
            if handled < BATCH:
                await self._rest(self._poll)

    async def deliver_due(self, limit: int = BATCH) -> int:
        """Attempt up to ``limit`` due messages, one after the other; how many were attempted.

        Raises what the database raises when it is busy or away.
        """
        try:
            for handled in range(limit):
                if not await _to_its_end(self._deliver_next()):
                    return handled
            return limit
        finally:
            await self._carrier.rest()

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._awake.wait()

    async def _deliver_next(self) -> bool:
        await self._mark_sent()
        now = self._clock()
        row = await claim_due(now, now + CLAIM, self._carrier.channel)
        if row is None:
            return False
        try:
            settle = await self._carrier.carry(row, now)
            if settle is None:
                await mark_dropped(row, self._clock())
                return True
        except ClaimLost:
            return True
        except Exception as error:  # noqa: BLE001 - one bad row must not hold up the others
            await self._put_off(row, error)
            return True
        self._unmarked[row.id] = (row, self._clock(), settle)
        await self._mark_sent()
        return True

    async def _mark_sent(self) -> None:
        for message_id, (row, at, settle) in list(self._unmarked.items()):
            async with transaction():
                await mark_sent(row, at)
                await settle()
            del self._unmarked[message_id]

    async def _put_off(self, row: OutboxMessage, error: Exception) -> None:
        now, failure = self._clock(), self._carrier.failure(error)
        hopeless = failure.final or now - row.created_at >= GIVE_UP_AFTER
        outcome = "given up" if hopeless else "put off"
        about = (row.channel, row.id, row.template, outcome, row.attempts, failure.reason)
        log.warning("%s %s (%s) %s at attempt %d: %s", *about)
        async with transaction():
            retry_at = None if hopeless else now + wait_after(row.attempts)
            mine = await mark_failed(row, now, failure.reason[:200], retry_at, failure.cause)
            if mine and hopeless:
                await self._carrier.given_up(row, error)


async def _to_its_end(delivery: Coroutine[Any, Any, bool]) -> bool:
    """Await ``delivery`` even through a cancellation: what the relay took must be marked as sent."""
    task = asyncio.ensure_future(delivery)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()):
            log.error("outbox: %s while stopping", type(error).__name__)
        raise
