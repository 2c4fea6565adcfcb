"""Holding rows until the transaction ends, in one order everywhere (docs/adr/0014-lock-order.md).

A transaction holds what it needs in this order, and rows of one table by ascending id:

1. the practice,
2. members of staff,
3. dossiers,
4. respondents,
5. accounts,
6. whatever hangs off these: grants, invitations, links, enrolments, sign-ins, sessions, appointments, reports,
   change requests, prospects,
7. counts: attempt budgets and windows.

So two transactions never wait for each other in a circle. What is looked at before a row is held may have changed
once it is held: decide by the rows that :func:`hold_rows` answers, or by what is read after it.

Which row keeps what: the practice's row keeps the roles; a member of staff's row the agenda, the caseload and the
invitation; a dossier's row that it is open; a respondent's row its address, its invitation and that it has one login;
an account's row its grants, factors, sessions, devices and links.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from models.access.access import AccessGrant, latest_grant_of
from models.core.account import Account
from models.core.practice import Practice
from models.db.base import Row
from models.db.database import note_held
from models.dossiers.dossier import Dossier, Respondent
from models.staff.staff import StaffMember

__all__ = [
    "ORDER",
    "Held",
    "hold_account",
    "hold_epoch",
    "hold_login",
    "hold_open",
    "hold_practice",
    "hold_respondent",
    "hold_rows",
]

R = TypeVar("R", bound=Row)

#: The tables with rows that are locked, in the order of locking.
ORDER = ("practice", "staff_member", "dossier", "respondent", "account")


@dataclass(frozen=True, slots=True)
class Held:
    """The rows as they are now that nobody else can change them; an id that names no row is missing."""

    practice: Practice | None = None
    staff: dict[UUID, StaffMember] = field(default_factory=dict)
    dossiers: dict[UUID, Dossier] = field(default_factory=dict)
    respondents: dict[UUID, Respondent] = field(default_factory=dict)
    accounts: dict[UUID, Account] = field(default_factory=dict)


async def hold_rows(
    *,
    practice: object = None,
    staff: Iterable[object] = (),
    dossiers: Iterable[object] = (),
    respondents: Iterable[object] = (),
    accounts: Iterable[object] = (),
) -> Held:
    """Hold these rows until the transaction ends and answer them as they are now; at most one statement a table.

    Ids that are None are left out. Raises OutOfOrder where the transaction holds a row already that comes later.
    """
    return Held(
        practice=next(iter((await _hold(Practice, [practice])).values()), None),
        staff=await _hold(StaffMember, staff),
        dossiers=await _hold(Dossier, dossiers),
        respondents=await _hold(Respondent, respondents),
        accounts=await _hold(Account, accounts),
    )


async def _hold(model: type[R], ids: Iterable[object]) -> dict[UUID, R]:
    wanted = sorted({UUID(str(one)) for one in ids if one is not None})
    if not wanted:
        return {}
    place = ORDER.index(model._meta.db_table)
    note_held([(place, str(one)) for one in wanted])
    # Not FOR UPDATE: that would also wait for everybody who has just stored a row that refers to this one.
    rows = model.filter(id__in=wanted).order_by("id").select_for_update(no_key=True)
    return {row.id: row for row in await rows}


async def hold_practice(practice_id: object) -> Practice:
    """The practice's row."""
    practice = (await hold_rows(practice=practice_id)).practice
    assert practice is not None
    return practice


async def hold_respondent(respondent: Respondent) -> Respondent:
    """The respondent and its dossier, which is ``.dossier`` of the answer; neither is ever deleted or moved."""
    held = await hold_rows(dossiers=[respondent.dossier_id], respondents=[respondent.id])
    fresh = held.respondents[respondent.id]
    fresh.dossier = held.dossiers[respondent.dossier_id]
    return fresh


async def hold_account(account_id: object) -> Account | None:
    """The account; None where it is gone, or for None."""
    return next(iter((await hold_rows(accounts=[account_id])).accounts.values()), None)


async def hold_login(respondent: Respondent) -> tuple[Respondent, AccessGrant | None]:
    """The respondent as :func:`hold_respondent` does, and the account of its latest grant; answers that grant.

    The grant has its account, both as they are now; None where nobody ever had a login for this respondent.
    """
    fresh = await hold_respondent(respondent)
    grant = await latest_grant_of(fresh.id)
    if grant is None:
        return fresh, None
    account = await hold_account(grant.account_id)
    assert account is not None
    # Again: until then the account's own acts could change it.
    await grant.refresh_from_db()
    grant.account = account
    return fresh, grant


async def hold_epoch(account_id: object, epoch: int) -> bool:
    """Hold the account's row; False where the account is not as it was read, or gone."""
    account = await hold_account(account_id)
    return account is not None and account.epoch == epoch


async def hold_open(dossier_id: object) -> bool:
    """Hold a dossier's row, so that nobody closes it; False where it is closed."""
    held = (await hold_rows(dossiers=[dossier_id])).dossiers
    return any(dossier.closed_at is None for dossier in held.values())
