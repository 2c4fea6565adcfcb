"""Retention: whole sealed segments are purged, and each leaves its record in the chain as a checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flows.audit_trail.audit_verifying import is_whole
from flows.core import audit
from flows.core.audit import Actor
from flows.core.audit_chain import seal_of
from flows.core.context import AppContext, ClientInfo
from models import AuditSegment, Practice
from models.core.audit_chain import first_to_purge, mark_purged, rows_of, segments_of
from models.core.audit_subjects import delete_rows
from models.db.database import transaction

# What one transaction marks, and deletes.
_MARKED_AT_ONCE = 100
_ROWS_AT_ONCE = 200


class NotWhole(Exception):
    """A segment does not verify, so it is evidence. The text names it."""


@dataclass(slots=True)
class Purged:
    segments: int = 0
    rows: int = 0


async def purge(app: AppContext, practice: Practice, before: datetime) -> Purged:
    """Purge the segments with no row of ``before`` or later, and end what an earlier purge began.

    Raises NotWhole before the first segment that does not verify; those before it are purged then.
    """
    done, due = Purged(), list[AuditSegment]()
    async for segment in segments_of(practice.id):
        if segment.purged_at is None and segment.last_at < before:
            if not await is_whole(app.keys, segment):
                done.segments += await _mark(app, practice, due)
                raise NotWhole(f"{practice.slug}: segment {segment.number}")
            due.append(segment)
        if len(due) == _MARKED_AT_ONCE:
            done.segments += await _mark(app, practice, due)
            due = []
    done.segments += await _mark(app, practice, due)
    done.rows = await _delete(practice)
    return done


async def _mark(app: AppContext, practice: Practice, due: Sequence[AuditSegment]) -> int:
    """From here on their rows may be deleted, and their seals say so. How many; others may have been quicker."""
    if not due:
        return 0
    async with transaction():
        marked = [segment for segment in due if await _marked(app, segment)]
        actor = Actor(ClientInfo(address="console"), str(practice.id), role="CONSOLE")
        told = {"segments": [segment.number for segment in marked], "rows": sum(segment.events for segment in marked)}
        await audit.record(app, actor, "audit.purged", details=told)
    return len(marked)


async def _marked(app: AppContext, segment: AuditSegment) -> bool:
    was, segment.purged_at = segment.seal, app.now
    segment.seal = seal_of(app.keys, segment)
    return await mark_purged(segment, was)


async def _delete(practice: Practice) -> int:
    """The rows of all that is marked, by whomever."""
    number = deleted = 0
    while left := await first_to_purge(practice.id, number):
        number = left.number
        async for page in rows_of(practice.id, number, _ROWS_AT_ONCE):
            await delete_rows(left, page)
            deleted += len(page)
    return deleted
