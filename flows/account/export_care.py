"""What an export tells of the care: exactly what the portal shows this person, read as the portal reads it."""

from typing import Any

from flows.appointments.appointment_state import standing_of
from flows.appointments.own_appointments import own_appointments
from flows.core.context import Access, Caller
from flows.core.paging import cursor_of
from flows.documents.export_bundle import Bundle
from models import Audience

_PAGES = 20


def _sees_care(caller: Caller) -> bool:
    return caller.audience is Audience.RESPONDENT and caller.access is Access.APPROVED


async def appointments_part(caller: Caller, bundle: Bundle) -> None:
    """Newest first: at most two thousand that are over, and as many that come."""
    if _sees_care(caller):
        coming = await _appointments(caller, bundle, past=False)
        bundle.tell("appointments", [*reversed(coming), *await _appointments(caller, bundle, past=True)])


async def _appointments(caller: Caller, bundle: Bundle, *, past: bool) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after = None
    for _ in range(_PAGES):
        page = await own_appointments(bundle.app, caller, bundle.app.rules.page_size, after, past=past)
        rows += [
            {
                "startsAt": row.starts_at,
                "endsAt": row.ends_at,
                "state": standing_of(row, bundle.app.now),
                "with": row.staff.name,
                "colleagues": [one.name for one in page.colleagues[row.id]],
                "note": row.note,
                "video": bool(row.video),
            }
            for row in page.rows
        ]
        if not page.has_next:
            break
        after = cursor_of(page.rows[-1].starts_at.isoformat(), str(page.rows[-1].id))
    return rows
