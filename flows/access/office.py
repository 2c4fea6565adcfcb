"""Acts on colleagues: the actor and the colleagues are checked while their rows are locked."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flows.core.context import Caller
from flows.core.ids import as_uuid
from flows.refusals import NotAllowed, NotFound, NotSignedIn
from models import Practice, StaffMember, StaffRole
from models.locks import hold_rows

_MANAGERS = (StaffRole.OWNER, StaffRole.ADMIN)


@dataclass(frozen=True, slots=True)
class Office:
    """The practice, the acting member of staff and the colleagues, locked until the transaction ends."""

    practice: Practice
    member: StaffMember
    colleagues: tuple[StaffMember, ...]

    @property
    def colleague(self) -> StaffMember:
        """The only colleague."""
        (one,) = self.colleagues
        return one

    def check_owner(self) -> None:
        """Raises NotAllowed unless an OWNER acts."""
        if self.member.role is not StaffRole.OWNER:
            raise NotAllowed


async def hold_office(caller: Caller, *staff_ids: str) -> Office:
    """Lock the practice, the caller's own row and those of these colleagues, inside the running transaction.

    Checks the caller again: raises NotSignedIn where the caller is suspended now, NotAllowed where the caller is no
    manager any more or is ADMIN and acts on an OWNER, and NotFound unless all colleagues work at the practice.
    """
    wanted = _ids(staff_ids)
    held = await hold_rows(practice=caller.practice_id, staff=[caller.staff_id, *wanted])
    assert held.practice is not None
    member = held.staff.get(UUID(str(caller.staff_id)))
    if member is None or member.suspended_at is not None:
        raise NotSignedIn
    if member.role not in _MANAGERS:
        raise NotAllowed
    colleagues = tuple(held.staff[one] for one in wanted if one in held.staff)
    if len(colleagues) < len(wanted) or any(one.practice_id != held.practice.id for one in colleagues):
        raise NotFound
    if member.role is not StaffRole.OWNER and any(one.role is StaffRole.OWNER for one in colleagues):
        raise NotAllowed
    return Office(held.practice, member, colleagues)


def _ids(staff_ids: Iterable[str]) -> list[UUID]:
    """Each id once, in order; raises NotFound for a malformed one."""
    found = [as_uuid(one) for one in staff_ids]
    if None in found:
        raise NotFound
    return [UUID(one) for one in dict.fromkeys(found) if one is not None]
