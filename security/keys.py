"""The key ring: sealed values (AES-256-GCM, SP 800-38D) and keyed hashes that survive a change of keys."""

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = 1
_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,16}")
_FEW = 12
_LAST_LATIN = "\u024f"
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*={0,2}")


class CannotOpen(Exception):
    """A sealed value did not open. Wrong key, wrong context and tampering are deliberately one answer."""


@dataclass(frozen=True, slots=True, repr=False)
class _Key:
    """The two subkeys of one configured key; the key itself is not kept."""

    name: str
    sealing: AESGCM
    mac: bytes

    @classmethod
    def derive(cls, name: str, secret: bytes) -> Self:
        return cls(name, AESGCM(_subkey(secret, b"sluis/seal")), _subkey(secret, b"sluis/mac"))


class KeyRing:
    """Seals with its first key and opens with any of them.

    `keys` are pairs of an id (1 to 16 letters, digits, `.`, `_` or `-`) and 32 secret bytes, newest first.
    Nonces are random, so one key should seal fewer than 2**32 values (SP 800-38D, 8.3) before it is rotated.
    """

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        """Raises ValueError for an empty ring, a malformed id or key, and an id or key that occurs twice."""
        if not keys:
            raise ValueError("at least one secret key is needed")
        for number, (name, secret) in enumerate(keys, start=1):
            _check(number, name, secret)
        if len({name for name, _ in keys}) < len(keys):
            raise ValueError("two secret keys have the same id")
        if len({secret for _, secret in keys}) < len(keys):
            raise ValueError("two secret keys are the same key under different ids")
        self._keys = {name: _Key.derive(name, secret) for name, secret in keys}
        self._active = self._keys[keys[0][0]]

    @classmethod
    def parse(cls, entries: list[str]) -> Self:
        """A ring from its settings, each `id:key` with the 32 bytes in base64url (padding optional).

        Raises ValueError that names an entry by its number, never by its text.
        """
        return cls([parse_key(number, entry) for number, entry in enumerate(entries, start=1)])

    def __repr__(self) -> str:
        return f"KeyRing(active={self._active.name!r}, keys={len(self._keys)})"

    def seal(self, plain: bytes, *aad: str) -> bytes:
        """`plain` encrypted, so that only `open` with the same `aad` (where it belongs: row, field) reads it.

        Layout: version (1 byte), length of the key id (1), key id, nonce (12), ciphertext with tag.
        """
        header = _header(self._active.name)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return header + nonce + self._active.sealing.encrypt(nonce, plain, header + _joined(aad))

    def open(self, sealed: bytes, *aad: str) -> bytes:
        """What was sealed with the same `aad`; raises CannotOpen for anything else."""
        key = self._keys.get(_key_name(sealed))
        if key is None:
            raise CannotOpen
        header = _header(key.name)
        nonce, ciphertext = sealed[len(header) :][:_NONCE_BYTES], sealed[len(header) + _NONCE_BYTES :]
        if len(ciphertext) < _TAG_BYTES:
            raise CannotOpen
        try:
            return key.sealing.decrypt(nonce, ciphertext, header + _joined(aad))
        except InvalidTag:
            raise CannotOpen from None

    @property
    def marks(self) -> dict[str, bytes]:
        """How the values sealed with each key begin, by the key's id, the active first; no mark begins another."""
        return {name: _header(name) for name in self._keys}

    @property
    def active(self) -> str:
        """The id of the key that seals."""
        return self._active.name

    def needs_reseal(self, sealed: bytes) -> bool:
        """Whether `sealed` was not made with the active key; raises CannotOpen if it is no sealed value."""
        return _key_name(sealed) != self._active.name

    def mac(self, data: bytes, *context: str) -> bytes:
        """HMAC-SHA256 (RFC 2104) of `data` with the active key, unrelated to that of any other `context`."""
        return _mac(self._active, data, context)

    def macs(self, data: bytes, *context: str) -> Iterator[bytes]:
        """`mac` with every key, the active first: one of them finds what was stored before a rotation."""
        return (_mac(key, data, context) for key in self._keys.values())


def new_counting_key() -> bytes:
    """A random key for :func:`counting_hash`."""
    return secrets.token_bytes(_KEY_BYTES)


def counting_hash(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104) of `data` with a key that serves nothing else."""
    return hmac.digest(key, data, "sha256")


def parse_key(number: int, entry: str) -> tuple[str, bytes]:
    """The id and the secret bytes of a setting's `id:key`. Raises ValueError that names it by its number alone."""
    name, colon, text = entry.partition(":")
    if not colon:
        raise ValueError(f"secret key number {number}: must have the form id:key")
    # The decoder drops characters that it does not know, so a mistyped key would become another one.
    if not _BASE64URL.fullmatch(text):
        raise ValueError(f"secret key number {number}: the key must be base64url")
    bare = text.rstrip("=")
    try:
        return name, base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        raise ValueError(f"secret key number {number}: the key is not whole") from None


def is_guessable(secret: bytes) -> bool:
    """Whether a key of 32 bytes is no random one: somebody who tries what people make up would come upon it.

    It has few distinct bytes or steps between them, repeats itself, is text in Latin letters (a passphrase, or hex or
    base64 that was not decoded), or does so where it is written in base64url. Of random keys fewer than one in
    10**12 is refused: as text 2 * 10**-13, as lower or upper case alone 10**-15 each, for few distinct values
    10**-17, all by counting such keys.
    """
    # The 42 whole characters of its base64url, as their numbers.
    written = [int.from_bytes(secret) >> shift & 63 for shift in range(8 * _KEY_BYTES - 6, -1, -6)]
    return any((_is_regular(secret, 256), _is_regular(written, 64), _is_text(secret), _is_one_case(written)))


def _is_regular(values: Sequence[int], modulus: int) -> bool:
    steps = {(after - before) % modulus for before, after in pairwise(values)}
    return min(len(set(values)), len(steps)) <= _FEW or any(values[n:] == values[:-n] for n in range(1, 17))


def _is_text(secret: bytes) -> bool:
    text = secret.strip(b"\0").decode(errors="replace")
    return all(letter in "\t\r\n" or (letter.isprintable() and letter <= _LAST_LATIN) for letter in text)


def _is_one_case(written: Sequence[int]) -> bool:
    # In base64url A is 0, a is 26, and - and _ are 62 and 63 (RFC 4648, section 5).
    return all(number < 26 or number > 61 for number in written) or all(26 <= n < 52 or n > 61 for n in written)


def _check(number: int, name: str, secret: bytes) -> None:
    if not _KEY_ID.fullmatch(name):
        raise ValueError(f"secret key number {number}: its id must be 1 to 16 of A-Z a-z 0-9 . _ -")
    if len(secret) != _KEY_BYTES:
        raise ValueError(f"secret key number {number}: {_KEY_BYTES} bytes are needed, it has {len(secret)}")


def _subkey(secret: bytes, purpose: bytes) -> bytes:
    # RFC 5869; one key never serves two algorithms.
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=purpose).derive(secret)


def _header(name: str) -> bytes:
    return bytes((_VERSION, len(name))) + name.encode("ascii")


def _key_name(sealed: bytes) -> str:
    version, length, rest = sealed[:1], sealed[1:2], sealed[2:]
    if version != bytes((_VERSION,)) or not length or len(rest) < length[0]:
        raise CannotOpen
    return rest[: length[0]].decode("ascii", errors="replace")


def _joined(parts: Sequence[str]) -> bytes:
    # Lengths first, so that ("ab", "c") and ("a", "bc") are never the same bytes.
    encoded = [part.encode() for part in parts]
    return len(encoded).to_bytes(4) + b"".join(len(part).to_bytes(4) + part for part in encoded)


def _mac(key: _Key, data: bytes, context: Sequence[str]) -> bytes:
    return hmac.digest(key.mac, _joined(context) + data, "sha256")
