"""Valkey or Redis: the windows of a minute for all workers, and wake-ups between them. The database is the fallback.

The server may lose its data. A key says since which minute it counts. A worker that finds no such key, as after a
flush, or comes back after an outage writes the current minute there. Until that minute is over every worker counts in
the database, so a loss allows at most one more window.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from models.core.attempts import Window

__all__ = ["Valkey"]

T = TypeVar("T")
log = structlog.get_logger(__name__)

_CONNECTIONS = 32
_KEPT_MS = 120_000
_SILENCE = 5.0

#: KEYS: since, then the windows. ARGV: this minute, how long a window is kept, 1 after an outage, then the limits.
_COUNT = """
local since = redis.call('GET', KEYS[1])
if not since or ARGV[3] == '1' then
  since = ARGV[1]
  redis.call('SET', KEYS[1], since)
end
redis.call('PEXPIRE', KEYS[1], 86400000)
if since >= ARGV[1] then return 'elsewhere' end
for number = 2, #KEYS do
  local count = redis.call('INCR', KEYS[number])
  redis.call('PEXPIRE', KEYS[number], ARGV[2])
  if count > tonumber(ARGV[number + 2]) then return 'over' end
end
return 'within'
"""

#: A window that is gone is not made again: its count would begin below zero.
_REFUND = """
for _, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or 0) > 0 then redis.call('DECR', key) end
end
return 'refunded'
"""

_ANSWERS = {b"within": True, b"over": False, b"elsewhere": None}


class Valkey:
    """One server, shared by the workers of ``installation``; each call takes one round trip and raises no exception.

    After a failure, or no answer within ``patience`` seconds, no request asks it for ``pause`` seconds. One request
    after that tries again. Both changes are logged, once. The constructor raises ValueError for a malformed URL.
    """

    def __init__(self, url: str, installation: str, *, patience: float = 0.25, pause: float = 2.0) -> None:
        self._patience, self._pause = patience, pause
        # In braces, so that a cluster keeps all of it in one place.
        self.prefix = f"sluis:{{{installation}}}:"
        self._me = secrets.token_hex(8).encode()
        self._away_until: float | None = None
        self._doubts = 0
        self._client = Redis.from_pool(_pool(url))

    async def count(self, windows: Sequence[Window], now: datetime) -> bool | None:
        """Count one event in each window of this minute, in their order, until one is over its limit.

        Returns False if one was over; None where the database has to count.
        """
        keys = [f"{self.prefix}since", *(self.prefix + window.key for window in windows)]
        limits = [window.limit for window in windows]

        async def work() -> bool | None:
            doubts = self._doubts
            answer = await self._script(_COUNT, keys, f"{now:%Y%m%d%H%M}", _KEPT_MS, int(doubts > 0), *limits)
            if self._doubts == doubts:
                self._doubts = 0
            return _ANSWERS[answer]

        return await self._tried(work)

    async def refund(self, keys: Sequence[str]) -> None:
        """Take one event back out of each window. A failure leaves it counted."""
        await self._tried(lambda: self._script(_REFUND, [self.prefix + key for key in keys]))

    async def wake_others(self) -> None:
        """Have the other workers poll the database now."""
        await self._tried(lambda: self._client.publish(f"{self.prefix}bell", self._me))

    async def wake_ups(self) -> AsyncGenerator[None, None]:
        """Once when the subscription works, then at each wake-up by another worker; ends with the connection."""
        subscribed = False
        with suppress(Exception):
            async with self._client.pubsub() as channel:
                async with asyncio.timeout(4 * self._patience):
                    await channel.subscribe(f"{self.prefix}bell")
                    if (await _message(channel))["type"] != "subscribe":
                        raise ConnectionError
                subscribed = True
                yield
                while True:
                    message = await _message(channel)
                    if message["type"] == "message" and message["data"] != self._me:
                        yield
        # A restart that no request noticed ends the subscription too.
        self._doubts += subscribed

    async def answers(self) -> bool:
        """Whether the server answers now; logged where it does not."""
        return await self._tried(self._client.ping) is True

    async def close(self) -> None:
        await self._client.aclose()

    async def _script(self, script: str, keys: Sequence[str], *values: Any) -> Any:
        return await self._client.eval(script, len(keys), *keys, *values)

    async def _tried(self, work: Callable[[], Awaitable[T]]) -> T | None:
        """The result of ``work``. None where it fails or times out, and at once during the pause after a failure."""
        now = time.monotonic()
        if self._away_until is not None:
            if now < self._away_until:
                return None
            # One request at a time tries the server again.
            self._away_until = now + self._pause
        try:
            async with asyncio.timeout(self._patience):
                answer = await work()
        except Exception as error:  # noqa: BLE001 - after any error the database counts
            self._lost(error)
            return None
        if self._away_until is not None:
            self._away_until = None
            log.warning("valkey.back")
        return answer

    def _lost(self, error: Exception) -> None:
        # The error's type only: its text may quote the URL.
        if self._away_until is None:
            log.warning("valkey.away", error=type(error).__name__)
        self._doubts += 1
        self._away_until = time.monotonic() + self._pause


def _pool(url: str) -> BlockingConnectionPool:
    try:
        # `_tried` sets one time limit over the whole request.
        return BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=None,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
    except ValueError:
        # The error's own text may quote the password.
        raise ValueError("SLUIS_REDIS_URL: can't be read; write special characters in it as %XX") from None


async def _message(channel: PubSub) -> dict[str, Any]:
    """The next message; after a silence it pings, and raises TimeoutError where the ping is not answered."""
    for _ in range(2):
        if message := await channel.get_message(timeout=_SILENCE):
            return dict(message)
        await channel.ping()
    raise TimeoutError
