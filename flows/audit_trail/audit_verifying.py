"""Verifying the audit trail: everything is recomputed from the rows, and what differs is told, a line each.

Works while the product writes, seals and purges. Memory does not grow with the trail.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from flows.core.audit_chain import BEGINNING, Digest, chain_of, seal_holds
from models import AuditSegment, Practice
from models.core.audit_chain import StoredEvent, count_unsealed, rows_of, rows_without_segment, segments_of
from models.core.audit_guards import missing_guards
from models.core.audit_subjects import miscounted, strays
from security.keys import KeyRing


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong where; ``segment`` is None for rows that are in none."""

    practice: str
    segment: int | None
    what: str

    def __str__(self) -> str:
        where = "rows in no segment" if self.segment is None else f"segment {self.segment}"
        return f"{self.practice}: {where}: {self.what}"


@dataclass(slots=True)
class Trail:
    """A practice's chain as far as it was verified; its head is the last segment's number and chain."""

    practice_id: str
    slug: str
    number: int = 0
    chain: str = BEGINNING
    segments: int = 0
    purged: int = 0
    events: int = 0
    unsealed: int = 0


#: By the practice's id: the number and chain of a segment that was its last when it was exported.
Heads = Mapping[str, tuple[int, str]]


async def verify(keys: KeyRing, practice: Practice, trail: Trail, heads: Heads) -> AsyncIterator[Finding]:
    """Everything that is wrong with one practice's trail, which is filled in on the way."""
    expected = heads.get(str(practice.id))
    async for segment in segments_of(practice.id):
        for what in [*_place(trail, segment), *await _faults(keys, segment)]:
            yield Finding(practice.slug, segment.number, what)
        if expected and segment.number == expected[0]:
            if segment.chain != expected[1]:
                yield Finding(practice.slug, segment.number, "is not the one whose head was exported")
            expected = None
        _add(trail, segment)
    if expected:
        yield Finding(practice.slug, expected[0], "is gone; its head was exported: the end was cut off")
    for number, rows in await rows_without_segment(practice.id):
        yield Finding(practice.slug, number, f"is gone and has {rows} row(s)")
    async for what in _subjects(practice.id, None):
        yield Finding(practice.slug, None, what)
    trail.unsealed = await count_unsealed(practice.id)


async def verify_subjects(slugs: Mapping[str, str]) -> AsyncIterator[Finding]:
    """What the index of subjects says beyond the rows that it is of, in all practices."""
    async for stray in strays():
        slug = slugs.get(stray.practice_id, stray.practice_id)
        yield Finding(
            slug, stray.segment, f"the index of subjects has row {stray.id} of event {stray.event}, which is not so"
        )


async def verify_guards() -> str | None:
    """Which of the triggers that keep the trail append-only are not there, and what to do; None where all are."""
    missing = await missing_guards()
    if not missing:
        return None
    return (
        f"the database lacks {len(missing)} trigger(s) of the audit trail, or they are disabled: {', '.join(missing)}; "
        "rows that are not sealed may have been changed unseen: find out who did that, and put them back "
        "(docs/operations.md)"
    )


def _place(trail: Trail, segment: AuditSegment) -> list[str]:
    """What is wrong with where it comes in the chain."""
    if segment.number != trail.number + 1:
        return [f"comes after segment {trail.number}: what was between them is gone"]
    if segment.chain != chain_of(segment, trail.chain):
        return ["its record, or the chain before it, was changed"]
    return []


async def _faults(keys: KeyRing, segment: AuditSegment) -> list[str]:
    found = [] if seal_holds(keys, segment) else ["its seal is of none of our keys"]
    digest, index = Digest(), []
    async for page in rows_of(segment.practice_id, segment.number):
        digest.add(page)
        index += await _unlisted(segment.practice_id, page)
    if digest.hexadecimal() == segment.digest and not segment.purged_at:
        return [*found, *index]
    # It may have been purged since it was read.
    purged = segment.purged_at or (await AuditSegment.get(id=segment.id)).purged_at
    if purged:
        return (
            [*found, f"is purged and has {digest.events} row(s) left: run purge-audit again"]
            if digest.events
            else found
        )
    return [*found, _difference(segment, digest), *index]


def _difference(segment: AuditSegment, digest: Digest) -> str:
    if digest.events < segment.events:
        return f"{segment.events - digest.events} row(s) of {segment.events} are gone"
    if digest.events > segment.events:
        return f"{digest.events - segment.events} row(s) were added"
    return "a row was changed"


async def _subjects(practice_id: UUID, number: int | None) -> AsyncIterator[str]:
    async for page in rows_of(practice_id, number):
        for what in await _unlisted(practice_id, page):
            yield what


async def _unlisted(practice_id: UUID, page: list[StoredEvent]) -> list[str]:
    return [
        f"the index of subjects differs by {number} for event {event}"
        for event, number in (await miscounted(practice_id, page)).items()
    ]


def _add(trail: Trail, segment: AuditSegment) -> None:
    trail.number, trail.chain = segment.number, segment.chain
    trail.segments += 1
    trail.events += segment.events
    trail.purged += bool(segment.purged_at)


async def is_whole(keys: KeyRing, segment: AuditSegment) -> bool:
    """Whether nothing is wrong with the segment by itself."""
    return not await _faults(keys, segment)
