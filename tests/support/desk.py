"""A desk for one factor alone: a clock that stands where it is put, real chance and real, cheap Argon2id."""

import asyncio
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from argon2.low_level import Type, hash_secret_raw

from plugins import Challenged, Config
from security.passwords import Cost

_CHEAP = Cost(memory_kib=8, time=1, parallelism=1)


@dataclass
class LocalDesk:
    """Implements `plugins.Desk`. `derived` counts the hashes and `sent` keeps the messages."""

    config: Config
    now: datetime = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    locale: str = "en"
    practice_name: str = "De Linde"
    account_name: str = "1234 5678"
    account_handle: bytes = b"ada"
    origins: tuple[str, ...] = ("https://portal.example",)
    rp_id: str = "portal.example"
    country: str = "NL"
    cost: Cost = _CHEAP
    derived: int = 0
    sent: list[tuple[str, str, str, dict[str, str]]] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.now.date()

    def wait(self, **spans: float) -> None:
        """Move the clock by a timedelta's keyword arguments."""
        self.now += timedelta(**spans)

    def opened(self) -> Challenged:
        """A challenge without content, opened now."""
        return Challenged(public={}, secret={}, opened_at=self.now)

    def random(self, size: int) -> bytes:
        return os.urandom(size)

    def choose(self, alphabet: str, length: int) -> str:
        return "".join(secrets.choice(alphabet) for _ in range(length))

    def salt(self) -> bytes:
        return self.cost.before(os.urandom(16))

    async def derive(self, secret: str, salt: bytes) -> bytes:
        self.derived += 1
        cost, raw = Cost.of(salt, self.cost)
        paid = (cost.time, cost.memory_kib, cost.parallelism)
        return await asyncio.to_thread(hash_secret_raw, secret.encode(), raw, *paid, 32, Type.ID)

    async def send(self, channel: str, to: str, template: str, values: Mapping[str, str]) -> None:
        self.sent.append((channel, to, template, dict(values)))
