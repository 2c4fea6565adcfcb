"""Valkey or Redis: the short windows of all workers, and a nudge between them. Whatever it fails at, the database does.

It is never trusted to remember. A key says since which minute it counts; who finds none, as after a flush, writes the
running minute there, and so does who comes back after an outage. Until that minute is over every worker counts in the
database: what was lost is at most one more window.
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

#: A window that is gone is not made anew: it would begin below nought.
_REFUND = """
for _, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or 0) > 0 then redis.call('DECR', key) end
end
return 'refunded'
"""

_ANSWERS = {b"within": True, b"over": False, b"elsewhere": None}


class Valkey:
    """One server, shared by the workers of ``installation``; each call takes one round trip and raises nothing.

    Where it does not answer well within ``patience`` seconds it is left alone for ``pause`` seconds, so that not every
    request pays for it; one of the requests after that tries again. Both changes are logged, once. Raises ValueError
    for a URL that is none.
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

        Answers whether none was; None where the database has to count.
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
        """Take one event back out of each window; what can't be taken back stays counted."""
        await self._tried(lambda: self._script(_REFUND, [self.prefix + key for key in keys]))

    async def nudge(self) -> None:
        """Tell the other workers that there is news in the database."""
        await self._tried(lambda: self._client.publish(f"{self.prefix}bell", self._me))

    async def nudges(self) -> AsyncGenerator[None, None]:
        """Once when it begins to listen, then at each nudge of another worker; ends when nothing is heard any more."""
        heard = False
        with suppress(Exception):
            async with self._client.pubsub() as line:
                async with asyncio.timeout(4 * self._patience):
                    await line.subscribe(f"{self.prefix}bell")
                    if (await _message(line))["type"] != "subscribe":
                        raise ConnectionError
                heard = True
                yield
                while True:
                    message = await _message(line)
                    if message["type"] == "message" and message["data"] != self._me:
                        yield
        # A restart that no request noticed ends the line too.
        self._doubts += heard

    async def answers(self) -> bool:
        """Whether it does now; logged where it does not."""
        return await self._tried(self._client.ping) is True

    async def close(self) -> None:
        await self._client.aclose()

    async def _script(self, script: str, keys: Sequence[str], *values: Any) -> Any:
        return await self._client.eval(script, len(keys), *keys, *values)

    async def _tried(self, work: Callable[[], Awaitable[T]]) -> T | None:
        """What ``work`` answers in time; None where it fails, and at once while this server is left alone."""
        now = time.monotonic()
        if self._away_until is not None:
            if now < self._away_until:
                return None
            # One at a time tries whether it is back.
            self._away_until = now + self._pause
        try:
            async with asyncio.timeout(self._patience):
                answer = await work()
        except Exception as error:  # noqa: BLE001 - whatever it was, the database does it
            self._lost(error)
            return None
        if self._away_until is not None:
            self._away_until = None
            log.warning("valkey.back")
        return answer

    def _lost(self, error: Exception) -> None:
        # Its kind only: the text may quote the URL.
        if self._away_until is None:
            log.warning("valkey.away", error=type(error).__name__)
        self._doubts += 1
        self._away_until = time.monotonic() + self._pause


def _pool(url: str) -> BlockingConnectionPool:
    try:
        # Whoever asks sets the time limit, over all of it.
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
        # Its own words may quote the password.
        raise ValueError("SLUIS_REDIS_URL: can't be read; write special characters in it as %XX") from None


async def _message(line: PubSub) -> dict[str, Any]:
    """The next; raises TimeoutError where the line stays silent though asked, as it is after a while."""
    for _ in range(2):
        if message := await line.get_message(timeout=_SILENCE):
            return dict(message)
        await line.ping()
    raise TimeoutError
