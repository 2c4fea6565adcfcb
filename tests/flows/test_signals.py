"""When subscribers wake: after the commit, in every worker, once; with a wake channel between workers or without."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from redis.asyncio import Redis

from flows.core.signals import DatabaseSignals
from models.core.valkey import Valkey
from models.db.database import after_commit, transaction
from tests.support.clock import Clock
from tests.support.valkeys import between

pytestmark = pytest.mark.usefixtures("opened")

TOPIC = "dossier:1"
#: No test lives so long.
NEVER = 3600.0
SOON = 20.0


class Told:
    """What was done after the commit, in order."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    async def tell(self, part: str) -> None:
        await after_commit(lambda: self._add(part))

    async def _add(self, part: str) -> None:
        self.parts.append(part)


async def test_after_commit_runs_in_order_after_the_outermost_commit() -> None:
    told = Told()
    async with transaction():
        await told.tell("first")
        async with transaction():
            await told.tell("within")
        await told.tell("last")
        assert told.parts == []
    assert told.parts == ["first", "within", "last"]
    await told.tell("alone")
    assert told.parts[3:] == ["alone"], "where there is nothing to wait for"


async def test_after_commit_skips_what_was_rolled_back() -> None:
    told = Told()
    with suppress(ZeroDivisionError):
        async with transaction():
            await told.tell("first")
            async with transaction():
                await told.tell("within")
            raise ZeroDivisionError
    async with transaction():
        await told.tell("kept")
        with suppress(ZeroDivisionError):
            async with transaction():
                await told.tell("undone")
                raise ZeroDivisionError
    assert told.parts == ["kept"]


@asynccontextmanager
async def runs(*signals: DatabaseSignals) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(signals.run(lambda: None)) for signals in signals]
    try:
        async with asyncio.timeout(2 * SOON):
            yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def settled(signals: DatabaseSignals, news: asyncio.Event) -> None:
    """The poller has looked for the first time, which wakes everybody."""
    async with asyncio.timeout(SOON):
        await news.wait()
    news.clear()


async def test_subscribers_wake_after_the_commit_only(clock: Clock) -> None:
    signals = DatabaseSignals(clock, poll=NEVER)
    async with runs(signals), signals.subscribe(TOPIC) as news, signals.subscribe("dossier:2") as other:
        async with transaction():
            await signals.publish(TOPIC)
            assert not news.is_set()
        assert news.is_set(), "without a poll"
        news.clear()
        with suppress(ZeroDivisionError):
            async with transaction():
                await signals.publish(TOPIC)
                raise ZeroDivisionError
        assert not news.is_set()
        await signals.publish(TOPIC)
        assert news.is_set(), "outside a transaction"
        assert not other.is_set()


async def test_signal_of_own_process_wakes_once(clock: Clock) -> None:
    signals = DatabaseSignals(clock, poll=0.03)
    async with runs(signals), signals.subscribe(TOPIC) as news, signals.subscribe("dossier:2") as polled:
        await settled(signals, news)
        polled.clear()
        await signals.publish(TOPIC)
        news.clear()
        # Another worker's, which the poller finds and so has been past ours.
        await DatabaseSignals(clock).publish("dossier:2")
        await settled(signals, polled)
        assert not news.is_set()


async def test_subscriber_of_another_worker_wakes_at_its_next_poll(clock: Clock) -> None:
    here, there = DatabaseSignals(clock, poll=NEVER), DatabaseSignals(clock, poll=0.03)
    async with runs(here, there), there.subscribe(TOPIC) as news:
        await settled(there, news)
        await here.publish(TOPIC)
        await settled(there, news)


async def test_many_own_signals_hide_none_of_another_worker(clock: Clock) -> None:
    """More than the poller reads back."""
    signals = DatabaseSignals(clock, poll=0.03)
    async with runs(signals), signals.subscribe(TOPIC) as news, signals.subscribe("dossier:2") as other:
        await settled(signals, news)
        for _ in range(3):
            await signals.publish(*["dossier:3"] * 150)
        other.clear()
        await DatabaseSignals(clock).publish("dossier:2")
        await settled(signals, other)
        assert len(signals._seen) <= 450


@asynccontextmanager
async def channels(*urls: str) -> AsyncIterator[list[Valkey]]:
    """The wake channels of workers, each with its own URL."""
    name = f"bell-{id(urls)}"
    made = [Valkey(url, name, patience=SOON, pause=0) for url in urls]
    try:
        yield made
    finally:
        for one in made:
            await one.close()


@pytest.mark.redis
async def test_subscriber_of_another_worker_wakes_at_once_over_a_wake_channel(clock: Clock, redis_url: str) -> None:
    async with channels(redis_url, redis_url) as (mine, others):
        # The first poll finds the latest signal; after that only the channel wakes.
        here, there = DatabaseSignals(clock, mine, rare_poll=NEVER), DatabaseSignals(clock, others, rare_poll=NEVER)
        async with runs(here, there), there.subscribe(TOPIC) as news:
            await settled(there, news)
            await receiving(there)
            for _ in range(3):
                await here.publish(TOPIC)
                await settled(there, news)


async def receiving(signals: DatabaseSignals) -> None:
    """Wait until its wake channel works."""
    async with asyncio.timeout(SOON):
        await signals._receiving.wait()


@pytest.mark.redis
async def test_worker_without_its_wake_channel_polls(clock: Clock, redis_url: str, redis: Redis) -> None:
    async with between(redis_url) as way, channels(redis_url, way.url) as (mine, others):
        here, there = DatabaseSignals(clock, mine), DatabaseSignals(clock, others, poll=0.03, rare_poll=NEVER)
        async with runs(here, there), there.subscribe(TOPIC) as news:
            await settled(there, news)
            await receiving(there)
            await way.close()
            await here.publish(TOPIC)
            await settled(there, news)
            await way.mend()
            await receiving(there)
            await here.publish(TOPIC)
            await settled(there, news)
