"""Sealing the audit trail: every practice's new rows become its next segment, some time after they were written.

So nobody who writes one waits for the chain. Any number of sealers may run at once.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from flows.core.audit_chain import BEGINNING, Digest, chain_of, seal_of
from flows.core.context import AppContext
from models import AuditSegment
from models.core.audit_chain import StoredEvent, add_segment, last_segment, practices_unsealed, unsealed
from models.db.database import as_time

#: Rows in a segment at most; one transaction marks them all.
LARGEST = 1000


async def seal_all(app: AppContext) -> None:
    """One round over all practices."""
    for practice_id in await practices_unsealed():
        while await seal_next(app, practice_id):
            pass


async def seal_next(app: AppContext, practice_id: str) -> bool:
    """Seal the oldest rows of a practice; True where there may be more to do.

    False where nothing was left, or another sealer was quicker, who then goes on.
    """
    # In this order: rows that are read as unsealed and a segment that has them make the number a taken one.
    previous = await last_segment(practice_id)
    rows = await unsealed(practice_id, LARGEST)
    if not rows:
        return False
    segment = await asyncio.to_thread(_segment, app, practice_id, previous, rows)
    return await add_segment(segment, [row.id for row in rows]) and len(rows) == LARGEST


def _segment(
    app: AppContext, practice_id: str, previous: AuditSegment | None, rows: Sequence[StoredEvent]
) -> AuditSegment:
    digest = Digest()
    digest.add(rows)
    segment = AuditSegment(
        practice_id=UUID(practice_id),
        number=previous.number + 1 if previous else 1,
        events=len(rows),
        first_at=as_time(rows[0].at),
        last_at=as_time(rows[-1].at),
        digest=digest.hexadecimal(),
        sealed_at=app.now,
    )
    segment.chain = chain_of(segment, previous.chain if previous else BEGINNING)
    segment.seal = seal_of(app.keys, segment)
    return segment
