"""The staff of a practice as their managers see them: one statement, however many."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.core.message_failure import MessageFailure
from models.db.database import as_time, fetch
from models.onboarding.invitation import TOLD, told
from models.staff.staff import StaffRole


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member of staff with the newest invitation, and how many clients are in the caseload; the id is text."""

    id: str
    name: str
    email: str
    role: StaffRole
    suspended: bool
    has_account: bool
    caseload: int
    agb_code: str | None
    big_number: str | None
    exempt_until: datetime | None
    invitation_state: str | None
    invitation_email: str | None
    invitation_sent_at: datetime | None
    invitation_relayed_at: datetime | None
    invitation_opened_at: datetime | None
    invitation_expires_at: datetime | None
    invitation_failure: MessageFailure | None
    invitation_failed_at: datetime | None
    invitation_retry_at: datetime | None


_STAFF = f"""
SELECT m.id, m.name, m.email, m.role, m.suspended_at, m.account_id, m.agb_code, m.big_number, a.exempt_until,
       {TOLD},
       (SELECT COUNT(*) FROM caseload_entry c WHERE c.staff_id = m.id) AS caseload
  FROM staff_member m
  LEFT JOIN account a ON a.id = m.account_id
  LEFT JOIN invitation i ON i.id = (
       SELECT x.id FROM invitation x WHERE x.staff_id = m.id ORDER BY x.created_at DESC, x.superseded, x.id LIMIT 1)
 WHERE m.practice_id = ?
"""  # noqa: S608 - names of columns only


async def staff_rows(practice_id: str, now: datetime) -> list[StaffRow]:
    """All members of staff, the suspended and the invited ones too, in no particular order."""
    return [_row(row, now) for row in await fetch(_STAFF, practice_id)]


async def staff_row(practice_id: str, staff_id: str, now: datetime) -> StaffRow | None:
    rows = await fetch(_STAFF + "AND m.id = ?", practice_id, staff_id)
    return _row(rows[0], now) if rows else None


def _row(row: dict[str, Any], now: datetime) -> StaffRow:
    return StaffRow(
        id=str(row["id"]),
        name=row["name"],
        email=row["email"],
        role=StaffRole(row["role"]),
        suspended=row["suspended_at"] is not None,
        has_account=row["account_id"] is not None,
        caseload=int(row["caseload"]),
        agb_code=row["agb_code"],
        big_number=row["big_number"],
        exempt_until=as_time(row["exempt_until"]),
        **told(row, now),
    )
