"""The hash chain of the audit trail: digests of rows, the chain of segments, and their seals.

Everything is hashed as canonical JSON: keys sorted, no spaces, ASCII. So a segment's digest and chain can be
recomputed from its rows, and its seal with the key as well.
"""

import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from models.core.audit_chain import AuditSegment, StoredEvent, swap_seal
from security.keys import KeyRing

#: The chain before the first segment.
BEGINNING = "0" * 64
_CONTEXT = "audit segment"


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class Digest:
    """SHA-256 over rows, one line each, in the order of their times and ids."""

    def __init__(self) -> None:
        self._hash, self.events = sha256(), 0

    def add(self, rows: Iterable[StoredEvent]) -> None:
        for row in rows:
            self._hash.update(canonical(row.plain) + b"\n")
            self.events += 1

    def hexadecimal(self) -> str:
        return self._hash.hexdigest()


def chain_of(segment: AuditSegment, previous: str) -> str:
    """SHA-256 over a segment's own columns and the chain before it."""
    content = {
        "practice": str(segment.practice_id),
        "number": segment.number,
        "events": segment.events,
        "first_at": _time(segment.first_at),
        "last_at": _time(segment.last_at),
        "digest": segment.digest,
        "sealed_at": _time(segment.sealed_at),
        "previous": previous,
    }
    return sha256(canonical(content)).hexdigest()


def seal_of(keys: KeyRing, segment: AuditSegment) -> str:
    """The seal of a segment as it is now, with the active key."""
    return keys.mac(_sealed(segment), _CONTEXT).hex()


def sealer_of(keys: KeyRing, segment: AuditSegment) -> str | None:
    """The id of the key that made a segment's seal; None where no key of the ring made it for this chain and state."""
    macs = zip(keys.marks, keys.macs(_sealed(segment), _CONTEXT), strict=True)
    return next((name for name, mac in macs if hmac.compare_digest(mac.hex(), segment.seal)), None)


def seal_holds(keys: KeyRing, segment: AuditSegment) -> bool:
    """Whether a key of the ring made its seal for this chain and state."""
    return sealer_of(keys, segment) is not None


async def reseal(keys: KeyRing, segment: AuditSegment) -> bool:
    """Replace the seal of an older key of the ring by the active key's.

    True if the active key's seal is stored now, also where another process stored it. False if no key of the ring made
    the seal, which then stays.
    """
    if not seal_holds(keys, segment):
        return False
    seal = seal_of(keys, segment)
    if seal != segment.seal and not await swap_seal(segment, seal):
        now = await AuditSegment.get(id=segment.id)
        return now.seal == seal_of(keys, now)
    return True


def _sealed(segment: AuditSegment) -> bytes:
    return canonical({"chain": segment.chain, "purged_at": segment.purged_at and _time(segment.purged_at)})


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
