"""Wake-ups between workers: a row per ring in the database that they share, and one poller per process.

A ring is written in the transaction of the change, so nobody wakes before there is something to see. When it has
committed, listeners of the same process wake at once. Those of others wake when their poller looks: at most
``poll`` later, or at once over a line between the workers where there is one. A line that works makes polls rarer; it
carries no news itself, so that what it loses is seen by the next poll.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from flows.core.context import Clock, WakeChannel
from flows.process.background import Pulse
from models.core.signal import add_signals, forget_signals, latest_signal, signals_after
from models.db.database import after_commit

#: Ids are handed out before they commit: look this far back for late ones.
_OVERLAP = 200
_KEEP = timedelta(minutes=5)
_TIDY_EVERY = 60.0
#: Nudges that come faster are answered by one look.
_AT_MOST_EVERY = 0.02
_TRY_AGAIN = 1.0


class DatabaseSignals:
    """Implements flows.core.context.Bell over the ``signal`` table. Times are in seconds."""

    def __init__(
        self, clock: Clock, line: WakeChannel | None = None, *, poll: float = 0.25, rare_poll: float = 0.75
    ) -> None:
        self._clock, self._line = clock, line
        self._poll, self._rare_poll = poll, rare_poll
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._seen: set[int] = set()
        self._last: int | None = None
        self._nudged, self._untold, self._hears = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def ring(self, *topics: str) -> None:
        identities = await add_signals(topics, self._clock())
        if identities:
            await after_commit(partial(self._rung, topics, identities))

    def listen(self, *topics: str) -> "_Listening":
        return _Listening(self._listeners, topics)

    async def run(self, pulse: Pulse) -> None:
        """Poll until cancelled, with a ``pulse`` after each look; asks the database only while somebody listens.

        Raises what the database raises, and has everybody look for themselves first; run it again then.
        """
        self._hears.clear()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch(pulse))
            if self._line is not None:
                tasks.create_task(self._hear(self._line))
                tasks.create_task(self._tell(self._line))

    async def _rung(self, topics: tuple[str, ...], identities: list[int]) -> None:
        if self._last is not None:
            # The poller need not wake them again.
            self._seen.update(identities)
        self._wake(topics)
        self._untold.set()

    async def _watch(self, pulse: Pulse) -> None:
        tidied = asyncio.get_running_loop().time()
        while True:
            await self._pause()
            try:
                await self._look()
            except Exception:
                self._wake(list(self._listeners))
                raise
            pulse()
            if asyncio.get_running_loop().time() - tidied > _TIDY_EVERY:
                tidied = asyncio.get_running_loop().time()
                await forget_signals(self._clock() - _KEEP)

    async def _pause(self) -> None:
        await asyncio.sleep(_AT_MOST_EVERY)
        with suppress(TimeoutError):
            async with asyncio.timeout((self._rare_poll if self._hears.is_set() else self._poll) - _AT_MOST_EVERY):
                await self._nudged.wait()
        self._nudged.clear()

    async def _hear(self, line: WakeChannel) -> None:
        while True:
            async for _ in line.nudges():
                self._hears.set()
                self._nudged.set()
            self._hears.clear()
            # Whatever was told since the last poll is lost, and the next one is not to be a rare one.
            self._nudged.set()
            await asyncio.sleep(_TRY_AGAIN)

    async def _tell(self, line: WakeChannel) -> None:
        while True:
            await self._untold.wait()
            self._untold.clear()
            await line.nudge()

    async def _look(self) -> None:
        if not any(self._listeners.values()):
            self._last = None
            self._seen.clear()
            return
        if self._last is None:
            self._last = await latest_signal()
            # Something may have rung between subscribing and now: let everyone look once.
            self._wake(list(self._listeners))
            return
        signals = await signals_after(self._last - _OVERLAP)
        self._wake(topic for identity, topic in signals if identity not in self._seen)
        self._seen.update(identity for identity, _ in signals)
        self._last = max([self._last, *(identity for identity, _ in signals)])
        self._seen = {identity for identity in self._seen if identity > self._last - _OVERLAP}

    def _wake(self, topics: Iterable[str]) -> None:
        for topic in topics:
            for event in self._listeners.get(topic, ()):
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
