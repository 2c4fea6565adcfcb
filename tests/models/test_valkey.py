"""Windows and nudges in Valkey or Redis: atomic for all workers, and never trusted further than it deserves."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import timedelta
from itertools import count

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from models.core.attempts import Window
from models.core.valkey import Valkey
from tests.support.clock import Clock
from tests.support.valkeys import FAULTS, Between, between, sweep, swept

pytestmark = pytest.mark.redis

LIMIT = 5
NEAR, FAR = Window("proof:address:203.0.113.7:1", LIMIT), Window("proof:practices:1", 3 * LIMIT)
#: A machine may be busy; who breaks something waits less.
PATIENT = 10.0
_names = count(1)

Worker = Callable[..., Valkey]


@pytest.fixture
async def installation(redis_url: str) -> AsyncIterator[str]:
    name = f"test-{os.getpid()}-{next(_names)}"
    async with swept(redis_url, name):
        yield name


@pytest.fixture
async def worker(redis_url: str, installation: str) -> AsyncIterator[Worker]:
    """Makes as many workers of one installation as are wanted."""
    made = []

    def make(url: str = redis_url, patience: float = PATIENT, pause: float = 0) -> Valkey:
        made.append(Valkey(url, installation, patience=patience, pause=pause))
        return made[-1]

    yield make
    for one in made:
        await one.close()


@pytest.fixture
async def way(redis_url: str) -> AsyncIterator[Between]:
    async with between(redis_url) as made:
        yield made


async def known(valkey: Valkey, clock: Clock) -> None:
    """It counts since a minute ago."""
    assert await valkey.count([], clock.now) is None
    clock.forward(minutes=1)
    assert await valkey.count([], clock.now) is True


async def test_events_beyond_the_limit_are_refused(worker: Worker, clock: Clock) -> None:
    valkey = worker()
    await known(valkey, clock)
    answers = [await valkey.count([NEAR, FAR], clock.now) for _ in range(LIMIT + 3)]
    assert answers == [True] * LIMIT + [False] * 3


async def test_parallel_guesses_at_two_workers_do_not_exceed_the_limit(worker: Worker, clock: Clock) -> None:
    workers = [worker(), worker()]
    await known(workers[0], clock)
    for _ in range(LIMIT - 1):
        assert await workers[0].count([NEAR], clock.now)
    answers = await asyncio.gather(*(workers[number % 2].count([NEAR], clock.now) for number in range(16)))
    assert sorted(answers, key=str) == [False] * 15 + [True]


async def test_event_over_a_narrow_limit_does_not_count_in_a_wide_one(
    worker: Worker, redis: Redis, clock: Clock
) -> None:
    valkey = worker()
    await known(valkey, clock)
    for _ in range(30):
        await valkey.count([NEAR, FAR], clock.now)
    assert int(await redis.get(valkey.prefix + FAR.key) or 0) == LIMIT


async def test_refunded_event_can_be_tried_again(worker: Worker, clock: Clock) -> None:
    valkey = worker()
    await known(valkey, clock)
    for _ in range(3 * LIMIT):
        assert await valkey.count([NEAR, FAR], clock.now)
        await valkey.refund([NEAR.key, FAR.key])
    answers = [await valkey.count([NEAR, FAR], clock.now) for _ in range(LIMIT + 1)]
    assert answers == [True] * LIMIT + [False]


async def test_counts_expire_after_two_minutes(worker: Worker, redis: Redis, clock: Clock) -> None:
    valkey = worker()
    await known(valkey, clock)
    await valkey.count([NEAR, FAR], clock.now)
    for window in (NEAR, FAR):
        assert 0 < await redis.pttl(valkey.prefix + window.key) <= 120_000


async def test_database_counts_in_the_minute_of_the_start(worker: Worker, clock: Clock) -> None:
    first, second = worker(), worker()
    clock.forward(seconds=17)
    assert await first.count([NEAR], clock.now) is None
    clock.forward(seconds=42)
    assert await first.count([NEAR], clock.now) is await second.count([NEAR], clock.now) is None
    clock.forward(seconds=1)
    assert await first.count([NEAR], clock.now) is await second.count([NEAR], clock.now) is True


async def test_database_counts_after_a_flush_until_the_next_minute(
    worker: Worker, redis: Redis, redis_url: str, installation: str, clock: Clock
) -> None:
    first, second = worker(), worker()
    await known(first, clock)
    for _ in range(LIMIT):
        await first.count([NEAR], clock.now)
    for _ in range(2):
        await sweep(redis_url, installation)
        await first.refund([NEAR.key])
        assert await first.count([NEAR], clock.now) is await second.count([NEAR], clock.now) is None
    assert await redis.get(first.prefix + NEAR.key) is None, "no refund made room for more than the limit"
    clock.forward(minutes=1)
    assert await second.count([NEAR], clock.now) is True


async def test_database_counts_after_the_clock_is_set_back(worker: Worker, clock: Clock) -> None:
    valkey = worker()
    assert await valkey.count([NEAR], clock.now) is None
    assert await valkey.count([NEAR], clock.now - timedelta(minutes=5)) is None


@pytest.mark.parametrize("fault", FAULTS)
async def test_database_counts_after_any_failure(worker: Worker, way: Between, clock: Clock, fault: str) -> None:
    valkey = worker(way.url)
    await known(valkey, clock)
    valkey._patience = 0.1 if fault == "silent" else PATIENT
    await way.breaks(fault)
    with capture_logs() as lines:
        assert [await valkey.count([NEAR], clock.now) for _ in range(3)] == [None] * 3
    assert [line["event"] for line in lines] == ["valkey.away"]
    await way.mend()
    valkey._patience = PATIENT
    with capture_logs() as lines:
        assert await valkey.count([NEAR], clock.now) is None, "what was counted in this minute is uncertain"
    assert [line["event"] for line in lines] == ["valkey.back"]
    clock.forward(minutes=1)
    assert await valkey.count([NEAR], clock.now) is True


@pytest.mark.parametrize("fault", FAULTS)
async def test_other_calls_raise_nothing_after_a_failure(worker: Worker, way: Between, fault: str) -> None:
    valkey = worker(way.url, 0.1 if fault == "silent" else PATIENT)
    await way.breaks(fault)
    await valkey.refund([NEAR.key])
    await valkey.wake_others()
    async with asyncio.timeout(PATIENT):
        assert [nudge async for nudge in valkey.wake_ups()] == []
    assert not await valkey.answers()


async def test_database_counts_where_a_key_has_the_wrong_type(worker: Worker, redis: Redis, clock: Clock) -> None:
    valkey = worker()
    await known(valkey, clock)
    await redis.lpush(valkey.prefix + NEAR.key, "not a number")
    assert await valkey.count([NEAR], clock.now) is None


async def test_requests_do_not_wait_during_the_pause_after_a_failure(
    worker: Worker, way: Between, clock: Clock
) -> None:
    valkey = worker(way.url, 0.1, pause=600)
    await way.breaks("silent")
    await valkey.count([NEAR], clock.now)
    calls, began = way.calls, time.perf_counter()
    for _ in range(100):
        assert await valkey.count([NEAR], clock.now) is None
        await valkey.refund([NEAR.key])
    assert way.calls == calls
    assert time.perf_counter() - began < 100 * 0.1, "or each of them would have waited"


async def test_one_request_at_a_time_retries_the_server(worker: Worker, way: Between, clock: Clock) -> None:
    valkey = worker(way.url, 0.1, pause=600)
    await way.breaks("silent")
    await valkey.count([NEAR], clock.now)
    valkey._away_until, calls = 0, way.calls
    await asyncio.gather(*(valkey.count([NEAR], clock.now) for _ in range(16)))
    assert way.calls == calls + 1


async def test_worker_receives_wake_ups_of_others_and_not_its_own(worker: Worker) -> None:
    mine, other = worker(), worker()
    async with asyncio.timeout(PATIENT), aclosing(mine.wake_ups()) as nudges:
        await anext(nudges)
        heard = asyncio.ensure_future(anext(nudges))
        await mine.wake_others()
        # An answer over the same connection would come after it.
        assert await mine.answers()
        await asyncio.wait({heard}, timeout=0.05)
        assert not heard.done()
        await other.wake_others()
        await heard


async def test_wake_ups_end_with_a_lost_connection(worker: Worker, way: Between, clock: Clock) -> None:
    valkey = worker(way.url)
    await known(valkey, clock)
    async with asyncio.timeout(PATIENT):
        nudges = valkey.wake_ups()
        await anext(nudges)
        await way.close()
        assert [one async for one in nudges] == []
    await way.mend()
    assert await valkey.count([NEAR], clock.now) is None, "it may have started anew"


def test_malformed_url_is_refused_without_quoting_it() -> None:
    with pytest.raises(ValueError, match="SLUIS_REDIS_URL") as told:
        Valkey("redis://:hun/ter2@127.0.0.1:6379/0", "test")
    assert "hun" not in str(told.value)
    assert told.value.__suppress_context__
