"""Messages that did not arrive, as staff see them: rows of the outbox with the person that each was for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.core.message_failure import MessageFailure
from models.db.database import as_time, fetch
from models.mail.outbox import OutboxState


@dataclass(frozen=True, slots=True)
class UndeliveredRow:
    """One message. Ids are text; times are aware UTC. ``status`` is the technical reply, which names nobody.

    ``retry_at`` is the next attempt of ours; None where there is none. ``failed_at`` is when it failed for good.
    """

    id: str
    template: str
    channel: str
    state: OutboxState
    failure: MessageFailure
    status: str
    created_at: datetime
    failed_at: datetime | None
    retry_at: datetime | None
    has_account: bool
    is_respondent: bool
    name: str | None = None
    respondent_id: str | None = None
    dossier_id: str | None = None
    staff_id: str | None = None
    prospect_id: str | None = None


#: What a raw statement selects of outbox message ``o`` for :func:`undelivered`.
UNDELIVERED = """o.id AS message_id, o.template AS message_template, o.channel AS message_channel,
       o.state AS message_state, o.failure AS message_failure, o.last_error AS message_status,
       o.created_at AS message_created_at, o.done_at AS message_done_at, o.due_at AS message_due_at,
       o.account_id AS message_account_id"""

_PEOPLE = """
       COALESCE(r.name, m.name, a.name) AS name, r.id AS respondent_id, r.dossier_id, m.id AS staff_id,
       p.id AS prospect_id
  FROM outbox_message o
  LEFT JOIN account a ON a.id = o.account_id
  LEFT JOIN prospect p ON p.account_id = o.account_id
  LEFT JOIN staff_member m ON m.id = o.staff_id OR m.account_id = o.account_id
  LEFT JOIN respondent r ON r.id = COALESCE(o.respondent_id, (
       SELECT g.respondent_id FROM access_grant g WHERE g.account_id = o.account_id
        ORDER BY g.created_at DESC, g.id LIMIT 1))"""


async def undelivered_rows(practice_id: str, after: tuple[datetime, str] | None, limit: int) -> list[UndeliveredRow]:
    """Up to ``limit`` messages of a practice that need attention, the newest first; one statement."""
    where, params = "o.practice_id = ? AND o.failure IS NOT NULL AND o.settled_at IS NULL", list[Any]([practice_id])
    if after is not None:
        where += " AND (o.created_at, o.id) < (?, ?)"
        params += after
    rows = await fetch(
        f"SELECT {UNDELIVERED}, {_PEOPLE} WHERE {where} ORDER BY o.created_at DESC, o.id DESC LIMIT ?",
        *params,
        limit,
    )
    return [_row(row) for row in rows]


async def undelivered_count(practice_id: str) -> int:
    """How many messages of a practice need attention."""
    rows = await fetch(
        "SELECT COUNT(*) AS n FROM outbox_message WHERE practice_id = ? AND failure IS NOT NULL AND settled_at IS NULL",
        practice_id,
    )
    return int(rows[0]["n"])


def undelivered(row: dict[str, Any], *, is_respondent: bool = True, **person: Any) -> UndeliveredRow | None:
    """What a raw row that selected UNDELIVERED tells; None where there is no such message."""
    if row["message_id"] is None:
        return None
    created_at, state = as_time(row["message_created_at"]), OutboxState(row["message_state"])
    assert created_at is not None
    return UndeliveredRow(
        id=str(row["message_id"]),
        template=row["message_template"],
        channel=row["message_channel"],
        state=state,
        failure=MessageFailure(row["message_failure"]),
        status=row["message_status"],
        created_at=created_at,
        failed_at=as_time(row["message_done_at"]) if state in (OutboxState.FAILED, OutboxState.BOUNCED) else None,
        retry_at=as_time(row["message_due_at"]) if state is OutboxState.WAITING else None,
        has_account=row["message_account_id"] is not None,
        is_respondent=is_respondent,
        **person,
    )


def _row(row: dict[str, Any]) -> UndeliveredRow:
    ids = {name: str(row[name]) if row[name] else None for name in ("respondent_id", "dossier_id", "staff_id")}
    prospect = str(row["prospect_id"]) if row["prospect_id"] and not row["respondent_id"] else None
    respondent = ids["respondent_id"] is not None
    found = undelivered(row, is_respondent=respondent, name=row["name"], prospect_id=prospect, **ids)
    assert found is not None
    return found
