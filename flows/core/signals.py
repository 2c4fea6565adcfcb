"""Publish and subscribe between workers: a row per signal in the shared database, and one poller per process.

A signal is written in the transaction of the change, so no subscriber wakes before the change can be read. After the
commit, subscribers of the same process wake at once. Those of other processes wake at the next poll: at most ``poll``
later, or at once by a wake channel where one is configured. A working channel makes polls rarer. It carries no data,
so the next poll finds a signal that the channel lost.
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

#: Ids are assigned before their transaction commits: poll this far back for late ones.
_OVERLAP = 200
_KEEP = timedelta(minutes=5)
_TIDY_EVERY = 60.0
#: Wake-ups that come faster share one poll.
_AT_MOST_EVERY = 0.02
_TRY_AGAIN = 1.0


class DatabaseSignals:
    """Implements flows.core.context.Signals over the ``signal`` table. Times are in seconds."""

    def __init__(
        self, clock: Clock, channel: WakeChannel | None = None, *, poll: float = 0.25, rare_poll: float = 0.75
    ) -> None:
        self._clock, self._channel = clock, channel
        self._poll, self._rare_poll = poll, rare_poll
        self._subscribers: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._seen: set[int] = set()
        self._last: int | None = None
        self._woken, self._unsent, self._receiving = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def publish(self, *topics: str) -> None:
        identities = await add_signals(topics, self._clock())
        if identities:
            await after_commit(partial(self._published, topics, identities))

    def subscribe(self, *topics: str) -> "_Subscription":
        return _Subscription(self._subscribers, topics)

    async def run(self, pulse: Pulse) -> None:
        """Poll until cancelled, with a ``pulse`` after each poll; reads the database only while there are subscribers.

        Raises what the database raises, after it woke every subscriber. The caller runs it again.
        """
        self._receiving.clear()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch(pulse))
            if self._channel is not None:
                tasks.create_task(self._receive(self._channel))
                tasks.create_task(self._send(self._channel))

    async def _published(self, topics: tuple[str, ...], identities: list[int]) -> None:
        if self._last is not None:
            # These subscribers are awake: the poller skips these rows.
            self._seen.update(identities)
        self._wake(topics)
        self._unsent.set()

    async def _watch(self, pulse: Pulse) -> None:
        tidied = asyncio.get_running_loop().time()
        while True:
            await self._pause()
            try:
                await self._poll_once()
            except Exception:
                self._wake(list(self._subscribers))
                raise
            pulse()
            if asyncio.get_running_loop().time() - tidied > _TIDY_EVERY:
                tidied = asyncio.get_running_loop().time()
                await forget_signals(self._clock() - _KEEP)

    async def _pause(self) -> None:
        await asyncio.sleep(_AT_MOST_EVERY)
        with suppress(TimeoutError):
            async with asyncio.timeout((self._rare_poll if self._receiving.is_set() else self._poll) - _AT_MOST_EVERY):
                await self._woken.wait()
        self._woken.clear()

    async def _receive(self, channel: WakeChannel) -> None:
        while True:
            async for _ in channel.wake_ups():
                self._receiving.set()
                self._woken.set()
            self._receiving.clear()
            # Wake-ups since the last poll may be lost: poll now.
            self._woken.set()
            await asyncio.sleep(_TRY_AGAIN)

    async def _send(self, channel: WakeChannel) -> None:
        while True:
            await self._unsent.wait()
            self._unsent.clear()
            await channel.wake_others()

    async def _poll_once(self) -> None:
        if not any(self._subscribers.values()):
            self._last = None
            self._seen.clear()
            return
        if self._last is None:
            self._last = await latest_signal()
            # A signal may have come between subscribing and now: wake every subscriber once.
            self._wake(list(self._subscribers))
            return
        signals = await signals_after(self._last - _OVERLAP)
        self._wake(topic for identity, topic in signals if identity not in self._seen)
        self._seen.update(identity for identity, _ in signals)
        self._last = max([self._last, *(identity for identity, _ in signals)])
        self._seen = {identity for identity in self._seen if identity > self._last - _OVERLAP}

    def _wake(self, topics: Iterable[str]) -> None:
        for topic in topics:
            for event in self._subscribers.get(topic, ()):
                event.set()


class _Subscription:
    def __init__(self, subscribers: dict[str, set[asyncio.Event]], topics: tuple[str, ...]) -> None:
        self._subscribers, self._topics, self._event = subscribers, topics, asyncio.Event()

    async def __aenter__(self) -> asyncio.Event:
        for topic in self._topics:
            self._subscribers[topic].add(self._event)
        return self._event

    async def __aexit__(self, *error: object) -> None:
        for topic in self._topics:
            self._subscribers[topic].discard(self._event)
            if not self._subscribers[topic]:
                del self._subscribers[topic]
