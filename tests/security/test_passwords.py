"""Hashes of passwords: nothing cut off, nothing free of charge, never more at once than allowed."""

import asyncio
import threading
import unicodedata
from collections.abc import Iterator
from typing import Any

import argon2
import pytest
from argon2.exceptions import HashingError, InvalidHashError, VerificationError

from security.passwords import DEFAULT_COST, LONGEST_PASSWORD, PasswordHasher

CHEAP: dict[str, Any] = {"memory_kib": 64, "time": 1}


@pytest.fixture
def hasher() -> Iterator[PasswordHasher]:
    made = PasswordHasher(**CHEAP)
    yield made
    made.close()


async def test_a_password_verifies_and_another_does_not(hasher: PasswordHasher) -> None:
    encoded = await hasher.hash("zwaluw op het dak")
    assert await hasher.verify(encoded, "zwaluw op het dak")
    assert not await hasher.verify(encoded, "zwaluw op het dak ")
    assert not await hasher.verify(encoded, "")


async def test_the_default_is_owasps_minimum_in_argon2id() -> None:
    hasher = PasswordHasher()
    encoded = await hasher.hash("zwaluw op het dak")
    hasher.close()
    assert encoded.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_the_same_password_never_hashes_the_same(hasher: PasswordHasher) -> None:
    assert await hasher.hash("zwaluw") != await hasher.hash("zwaluw")


async def test_composed_and_decomposed_accents_are_one_password(hasher: PasswordHasher) -> None:
    composed = "café Łódź één"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    assert await hasher.verify(await hasher.hash(composed), decomposed)
    assert await hasher.verify(await hasher.hash(decomposed), composed)


@pytest.mark.parametrize("length", [72, 73, 128, 256, LONGEST_PASSWORD])
async def test_the_last_character_counts(hasher: PasswordHasher, length: int) -> None:
    encoded = await hasher.hash("a" * length)
    assert await hasher.verify(encoded, "a" * length)
    assert not await hasher.verify(encoded, "a" * (length - 1) + "b")


@pytest.mark.parametrize("password", ["nul\0byte", "\ud800 half a pair", "🦢" * 20, ""])
async def test_any_characters_will_do(hasher: PasswordHasher, password: str) -> None:
    encoded = await hasher.hash(password)
    assert await hasher.verify(encoded, password)
    assert not await hasher.verify(encoded, password.partition("\0")[0] + "x")


async def test_nobodys_password_costs_the_same_and_is_never_right(hasher: PasswordHasher) -> None:
    for password in ("", "guess", "a" * (LONGEST_PASSWORD + 1)):
        before = hasher.count
        assert not await hasher.verify(None, password)
        assert hasher.count == before + 1


async def test_the_decoy_has_the_cost_of_the_configured_hash(hasher: PasswordHasher) -> None:
    assert not hasher.needs_rehash(hasher._decoy)
    assert len(hasher._decoy) == len(await hasher.hash("zwaluw"))
    assert hasher._decoy != PasswordHasher(**CHEAP)._decoy


async def test_an_overlong_password_is_refused_after_the_same_work(hasher: PasswordHasher) -> None:
    encoded = await hasher.hash("a" * LONGEST_PASSWORD)
    before = hasher.count
    assert not await hasher.verify(encoded, "a" * (LONGEST_PASSWORD + 1))
    assert hasher.count == before + 1
    with pytest.raises(ValueError, match="at most 1024"):
        await hasher.hash("a" * (LONGEST_PASSWORD + 1))


@pytest.mark.parametrize("damaged", ["", "plain text", "$argon2id$v=19$m=64,t=1,p=1$c2FsdA"])
async def test_a_damaged_hash_is_a_fault_and_no_refusal(hasher: PasswordHasher, damaged: str) -> None:
    with pytest.raises((InvalidHashError, VerificationError)):
        await hasher.verify(damaged, "zwaluw")


async def test_rehash_when_the_cost_changed(hasher: PasswordHasher) -> None:
    encoded = await hasher.hash("zwaluw")
    dearer = PasswordHasher(memory_kib=128, time=1)
    assert not hasher.needs_rehash(encoded)
    assert dearer.needs_rehash(encoded)
    assert await dearer.verify(encoded, "zwaluw")
    dearer.close()


async def test_derive_is_repeatable_and_bound_to_secret_and_salt(hasher: PasswordHasher) -> None:
    derived = await hasher.derive("ABCD-EFGH-JKLM", b"salt of 16 bytes")
    assert len(derived) == 32
    assert derived == await hasher.derive("ABCD-EFGH-JKLM", b"salt of 16 bytes")
    assert derived != await hasher.derive("ABCD-EFGH-JKLN", b"salt of 16 bytes")
    assert derived != await hasher.derive("ABCD-EFGH-JKLM", b"salt of 16 bytez")
    assert hasher.count == 4
    with pytest.raises(HashingError):
        await hasher.derive("ABCD-EFGH-JKLM", b"short")


async def test_what_is_derived_outlives_a_change_of_the_cost(hasher: PasswordHasher) -> None:
    dearer, salt = PasswordHasher(memory_kib=128, time=3, parallelism=2), hasher.salt()
    assert (salt[:25], len(salt)) == (b"$argon2id$m=64,t=1,p=1$" + salt[23:25], 23 + 16)
    assert salt != hasher.salt()
    derived = await hasher.derive("ABCD-EFGH-JKLM", salt)
    assert await dearer.derive("ABCD-EFGH-JKLM", salt) == derived
    assert await hasher.derive("ABCD-EFGH-JKLM", dearer.salt()[:-16] + salt[-16:]) != derived, "the cost counts"
    bare = b"salt of 16 bytes"
    assert await dearer.derive("ABCD-EFGH-JKLM", bare) != await hasher.derive("ABCD-EFGH-JKLM", bare)
    at_default = DEFAULT_COST.before(bare)
    assert await PasswordHasher().derive("x", bare) == await dearer.derive("x", at_default)
    dearer.close()


async def test_every_computation_is_counted(hasher: PasswordHasher) -> None:
    encoded = await hasher.hash("zwaluw")
    await hasher.verify(encoded, "zwaluw")
    await hasher.verify(encoded, "wrong")
    await hasher.verify(None, "zwaluw")
    await hasher.derive("zwaluw", b"saltsalt")
    assert hasher.count == 5


async def test_never_more_threads_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher, lock, running, most = PasswordHasher(**CHEAP, concurrency=2), threading.Lock(), 0, 0
    together = threading.Barrier(2)
    compute = argon2.PasswordHasher.hash

    def watched(self: argon2.PasswordHasher, password: bytes) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(timeout=10)
        encoded = compute(self, password)
        with lock:
            running -= 1
        return encoded

    monkeypatch.setattr(argon2.PasswordHasher, "hash", watched)
    await asyncio.gather(*(hasher.hash("zwaluw") for _ in range(8)))
    hasher.close()
    assert most == 2


async def test_the_event_loop_goes_on_while_hashing() -> None:
    hasher, ticks = PasswordHasher(memory_kib=19456, time=4), 0
    work = asyncio.ensure_future(hasher.hash("zwaluw"))
    while not work.done():
        await asyncio.sleep(0)
        ticks += 1
    hasher.close()
    assert ticks > 10
