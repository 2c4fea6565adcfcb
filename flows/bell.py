"""Wake-ups between workers that share only the database: a row per ring, and one poller per process.

A ring is written in the transaction of the change, so nobody wakes before there is something to see;
in the same process listeners are woken by the poller as well, at most ``poll`` later.
"""

import asyncio
from collections import defaultdict
from datetime import timedelta

import structlog

from flows.house import Clock
from models.db import UNAVAILABLE
from models.signal import add_signals, forget_signals, latest_signal, signals_after

log = structlog.get_logger(__name__)

#: Ids are handed out before they commit: look this far back for late ones.
_OVERLAP = 200
_KEEP = timedelta(minutes=5)


class DatabaseBell:
    """Implements flows.house.Bell over the ``signal`` table."""

    def __init__(self, clock: Clock, poll: float = 0.25) -> None:
        self._clock = clock
        self._poll = poll
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._seen: set[int] = set()
        self._last: int | None = None

    async def ring(self, *topics: str) -> None:
        await add_signals(topics, self._clock())

    def listen(self, *topics: str) -> "_Listening":
        return _Listening(self._listeners, topics)

    async def run(self) -> None:
        """Poll until cancelled; asks the database only while somebody listens."""
        rounds = 0
        while True:
            await asyncio.sleep(self._poll)
            try:
                await self._look()
                rounds += 1
                if rounds % 240 == 0:
                    await forget_signals(self._clock() - _KEEP)
            except UNAVAILABLE as error:
                log.warning("bell.database_away", error=type(error).__name__)
                self._wake_all()
                await asyncio.sleep(1)

    async def _look(self) -> None:
        if not any(self._listeners.values()):
            self._last = None
            return
        if self._last is None:
            self._last = await latest_signal()
            # Something may have rung between subscribing and now: let everyone look once.
            self._wake_all()
            return
        for identity, topic in await signals_after(self._last - _OVERLAP):
            if identity in self._seen:
                continue
            self._seen.add(identity)
            self._last = max(self._last, identity)
            for event in self._listeners.get(topic, ()):
                event.set()
        self._seen = {identity for identity in self._seen if identity > self._last - _OVERLAP}

    def _wake_all(self) -> None:
        for events in self._listeners.values():
            for event in events:
                event.set()


class _Listening:
    def __init__(self, listeners: dict[str, set[asyncio.Event]], topics: tuple[str, ...]) -> None:
        self._listeners, self._topics, self._event = listeners, topics, asyncio.Event()

    async def __aenter__(self) -> asyncio.Event:
        for topic in self._topics:
            self._listeners[topic].add(self._event)
        return self._event

    async def __aexit__(self, *error: object) -> None:
        for topic in self._topics:
            self._listeners[topic].discard(self._event)
            if not self._listeners[topic]:
                del self._listeners[topic]
