"""Hashing of passwords and other low-entropy secrets: Argon2id (RFC 9106) in a bounded pool of threads."""

import asyncio
import base64
import re
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Self, TypeVar

import argon2
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import ARGON2_VERSION, Type, hash_secret_raw

from normalise.passwords import password_form

LONGEST_PASSWORD = 1024
"""In characters, as typed. Only a bound on work: what people may choose is decided by `security.strength`."""

_DERIVED_BYTES = 32
_SALT_BYTES = 16
# So many digits that no stored salt can ask for more than ten times what any installation would set.
_WITH_COST = re.compile(rb"\$argon2id\$m=([1-9][0-9]{0,6}),t=([1-9][0-9]{0,2}),p=([1-9][0-9]?)\$")
_T = TypeVar("_T")


@dataclass(slots=True)
class Hashes:
    """The computations asked for in one request so far."""

    count: int = 0


_hashes: ContextVar[Hashes | None] = ContextVar("sluis_hashes", default=None)


@dataclass(frozen=True, slots=True)
class Cost:
    """The parameters of one derivation."""

    memory_kib: int
    time: int
    parallelism: int

    def before(self, salt: bytes) -> bytes:
        """`salt` with these parameters before it, as the PHC string format writes them."""
        return f"$argon2id$m={self.memory_kib},t={self.time},p={self.parallelism}$".encode("ascii") + salt

    @classmethod
    def of(cls, salt: bytes, today: Self) -> tuple[Self, bytes]:
        """The parameters before `salt`, or else today's; and the salt itself."""
        found = _WITH_COST.match(salt)
        return (cls(*map(int, found.groups())), salt[found.end() :]) if found else (today, salt)


#: The defaults, OWASP's minimum (Password Storage Cheat Sheet: 19 MiB, t=2, p=1).
DEFAULT_COST = Cost(memory_kib=19456, time=2, parallelism=1)


class PasswordHasher:
    """Argon2id with at most `concurrency` computations at once; further ones wait their turn.

    `pending` is told by how much the number of those that run or wait changes; from any thread.
    Passwords are normalised to NFC (NIST SP 800-63B-4, 3.1.1.2) and never truncated.
    """

    def __init__(
        self,
        memory_kib: int = DEFAULT_COST.memory_kib,
        time: int = DEFAULT_COST.time,
        parallelism: int = DEFAULT_COST.parallelism,
        concurrency: int = 2,
        pending: Callable[[int], object] = lambda _: None,
    ) -> None:
        self._argon2 = argon2.PasswordHasher(time, memory_kib, parallelism)
        # Not a semaphore around shared threads: a cancelled request would free it while its thread goes on.
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix="argon2")
        self._decoy = _decoy(self._argon2)
        self._count = 0
        self._pending = pending

    @property
    def count(self) -> int:
        """How many computations were asked for so far, decoys included."""
        return self._count

    @contextmanager
    def counted(self) -> Iterator[Hashes]:
        """Counts what this task, and tasks started inside, ask for."""
        hashes = Hashes()
        token = _hashes.set(hashes)
        try:
            yield hashes
        finally:
            _hashes.reset(token)

    async def hash(self, password: str) -> str:
        """The encoded hash, with parameters and a fresh salt; ValueError if over `LONGEST_PASSWORD`."""
        secret = _secret(password)
        return await self._compute(lambda: self._argon2.hash(secret))

    async def verify(self, encoded: str | None, password: str) -> bool:
        """Whether `password` is the one in `encoded`.

        Without a hash (nobody has this name) or with an over-long password the answer is False after the same
        work. A damaged hash raises argon2's InvalidHashError or VerificationError: a fault, not a refusal.
        """
        if encoded is None or len(password) > LONGEST_PASSWORD:
            await self._compute(lambda: self._matches(self._decoy, b""))
            return False
        secret = _secret(password)
        return await self._compute(lambda: self._matches(encoded, secret))

    def needs_rehash(self, encoded: str) -> bool:
        """Whether `encoded` was made with other parameters than these."""
        return self._argon2.check_needs_rehash(encoded)

    def salt(self) -> bytes:
        """A new salt with today's parameters before it: what is derived under it outlives a change of them."""
        cost = Cost(self._argon2.memory_cost, self._argon2.time_cost, self._argon2.parallelism)
        return cost.before(secrets.token_bytes(_SALT_BYTES))

    async def derive(self, secret: str, salt: bytes) -> bytes:
        """32 bytes that only `secret` and `salt` give, at the cost that a `salt()` says; of any other one, today's.

        Raises ValueError if `secret` is over `LONGEST_PASSWORD`, argon2's HashingError for fewer than 8 bytes.
        """
        today = Cost(self._argon2.memory_cost, self._argon2.time_cost, self._argon2.parallelism)
        normal, (cost, raw) = _secret(secret), Cost.of(salt, today)
        return await self._compute(
            lambda: hash_secret_raw(normal, raw, cost.time, cost.memory_kib, cost.parallelism, _DERIVED_BYTES, Type.ID)
        )

    def close(self) -> None:
        """Ends the threads; computations that have not begun are cancelled."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _matches(self, encoded: str, secret: bytes) -> bool:
        try:
            return self._argon2.verify(encoded, secret)
        except VerifyMismatchError:
            return False

    async def _compute(self, work: Callable[[], _T]) -> _T:
        self._count += 1
        if (hashes := _hashes.get()) is not None:
            hashes.count += 1
        future = self._pool.submit(work)
        self._pending(1)
        future.add_done_callback(lambda _: self._pending(-1))
        return await asyncio.wrap_future(future)


def _secret(password: str) -> bytes:
    if len(password) > LONGEST_PASSWORD:
        raise ValueError(f"a password has at most {LONGEST_PASSWORD} characters")
    # JSON can carry half a surrogate pair; it is as good a character as any and must not become an error.
    return password_form(password).encode("utf-8", "surrogatepass")


def _decoy(cost: argon2.PasswordHasher) -> str:
    """An encoded hash of the same cost that belongs to no password: salt and digest are random."""
    salt, digest = (_unpadded(secrets.token_bytes(length)) for length in (cost.salt_len, cost.hash_len))
    costs = f"m={cost.memory_cost},t={cost.time_cost},p={cost.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${digest}"


def _unpadded(raw: bytes) -> str:
    return base64.b64encode(raw).rstrip(b"=").decode("ascii")
