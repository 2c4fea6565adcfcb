"""Changes of what only staff write: a person asks, staff decide."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from models.core.account import Account
from models.core.practice import Practice
from models.db.base import Row, parent_key, practice_key
from models.db.database import fetch
from models.staff.staff import StaffMember


class ChangeField(StrEnum):
    NAME = "NAME"
    BIRTH_DATE = "BIRTH_DATE"


class ChangeState(StrEnum):
    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class ChangeRequest(Row):
    """Kept when it is decided. ``value`` is a name, or a birth date as ISO 8601 writes it."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    account_id: UUID
    account: fields.ForeignKeyRelation[Account] = parent_key("Account")
    field = fields.CharEnumField(ChangeField, max_length=10)
    value = fields.CharField(max_length=120)
    state = fields.CharEnumField(ChangeState, max_length=9, default=ChangeState.OPEN)
    # What staff wrote to the person about their decision.
    reason = fields.CharField(max_length=200, default="")
    decided_by_id: UUID | None
    decided_by: fields.ForeignKeyNullableRelation[StaffMember] = parent_key("StaffMember", null=True)
    created_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "change_request"
        constraints = (
            UniqueConstraint(fields=("account", "field"), name="change_request_open_once", condition="state = 'OPEN'"),
        )


async def settle_change(request_id: object, state: ChangeState, now: datetime, staff_id: object, reason: str) -> bool:
    """Decide about an open request; True for exactly one of many."""
    waiting = ChangeRequest.filter(id=request_id, state=ChangeState.OPEN)
    return await waiting.update(state=state, decided_at=now, decided_by_id=staff_id, reason=reason) == 1


async def withdraw_changes(account_id: object, now: datetime) -> None:
    """Nobody waits for an answer any more."""
    await ChangeRequest.filter(account_id=account_id, state=ChangeState.OPEN).update(
        state=ChangeState.WITHDRAWN, decided_at=now
    )


async def requests_of(account_id: object) -> list[ChangeRequest]:
    """An account's requests, newest first."""
    return await ChangeRequest.filter(account_id=account_id).order_by("-created_at", "id").limit(20)


# A request is about a person, who may answer in several dossiers: it shows on each that staff approved them for.
_OPEN = """
SELECT DISTINCT c.id, c.created_at FROM change_request c
  JOIN access_grant g ON g.account_id = c.account_id AND g.state = 'APPROVED'
  JOIN respondent r ON r.id = g.respondent_id
 WHERE c.practice_id = ? AND c.state = 'OPEN' {narrowed}
 ORDER BY c.created_at, c.id LIMIT ?
"""


async def open_requests(
    practice_id: str,
    limit: int,
    *,
    staff_id: str | None = None,
    dossier_id: str | None = None,
    after: tuple[datetime, str] | None = None,
) -> list[ChangeRequest]:
    """Open requests, oldest first, with their accounts; ``staff_id`` narrows to a caseload. Two statements."""
    narrowed, params = "", list[object]()
    if staff_id is not None:
        narrowed += " AND r.dossier_id IN (SELECT e.dossier_id FROM caseload_entry e WHERE e.staff_id = ?)"
        params.append(staff_id)
    if dossier_id is not None:
        narrowed += " AND r.dossier_id = ?"
        params.append(dossier_id)
    if after is not None:
        narrowed += " AND (c.created_at, c.id) > (?, ?)"
        params += after
    found = await fetch(_OPEN.format(narrowed=narrowed), practice_id, *params, limit)
    return await _with_accounts([row["id"] for row in found])


async def _with_accounts(ids: Sequence[object]) -> list[ChangeRequest]:
    return await ChangeRequest.filter(id__in=ids).select_related("account").order_by("created_at", "id")
