"""The numbers under which health insurers know a member of staff, for receipts."""

from collections.abc import Mapping

from flows.access.office import hold_office
from flows.access.reach import manager
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.texts import registration
from models import StaffMember
from models.db.database import transaction
from normalise.registrations import AGB, BIG

#: The schema's field, and the kind of number, of each column.
_NUMBERS = {"agb_code": ("agbCode", AGB), "big_number": ("bigNumber", BIG)}


async def set_registration(
    app: AppContext, caller: Caller | None, staff_id: str, changes: Mapping[str, object]
) -> StaffMember:
    """Set the AGB code, the BIG number, or both; an empty text takes one away. Receipts of before keep theirs.

    Raises InvalidInput, NotFound, and NotAllowed for an ADMIN who reaches for an OWNER.
    """
    member = manager(caller)
    values = {column: registration(kind, field, str(changes[column])) for column, (field, kind) in _given(changes)}
    async with transaction():
        colleague = (await hold_office(member, staff_id)).colleague
        if values:
            await StaffMember.filter(id=colleague.id).update(**values)
        details = {"fields": sorted(field for _, (field, _) in _given(changes))}
        await audit.record(app, member, "staff.registration_set", ("StaffMember", colleague.id), details=details)
    return colleague


def _given(changes: Mapping[str, object]) -> list[tuple[str, tuple[str, str]]]:
    return [(column, told) for column, told in _NUMBERS.items() if column in changes]
