"""Access grants: the last gate, opened by staff."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.core.account import Account
from models.core.practice import Practice
from models.db.base import NOBODY, Row, parent_key, practice_key
from models.dossiers.dossier import Respondent
from models.staff.staff import StaffMember


class GrantState(StrEnum):
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    DEACTIVATED = "DEACTIVATED"


class Scope(StrEnum):
    """What of a dossier a grant can open."""

    ANSWERS = "ANSWERS"
    REPORTS = "REPORTS"
    APPOINTMENTS = "APPOINTMENTS"
    RECEIPTS = "RECEIPTS"


class AccessGrant(Row):
    """An account's access to one respondent.

    The database holds that a respondent has at most one grant that is not deactivated.
    """

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    account_id: UUID
    account: fields.ForeignKeyRelation[Account] = parent_key("Account")
    respondent_id: UUID
    respondent: fields.ForeignKeyRelation[Respondent] = parent_key("Respondent")
    state = fields.CharEnumField(GrantState, max_length=12, default=GrantState.PENDING)
    approved_by_id: UUID | None
    approved_by: fields.ForeignKeyNullableRelation[StaffMember] = parent_key("StaffMember", null=True)
    approved_at = fields.DatetimeField(null=True)
    # None where it opens what the relation opens.
    scopes: list[str] | None = fields.JSONField(null=True)
    deactivated_at = fields.DatetimeField(null=True)
    # The approval was withdrawn, because the password was set by a mailed link and there is no factor.
    taken_back_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "access_grant"
        constraints = (
            UniqueConstraint(fields=("account", "respondent"), name="grant_once"),
            UniqueConstraint(fields=("respondent",), name="grant_live_once", condition="state <> 'DEACTIVATED'"),
            CheckConstraint(check="state <> 'APPROVED' OR approved_at IS NOT NULL", name="grant_approved_when"),
        )


async def grant_states(account_id: object) -> list[GrantState]:
    """The states of an account's grants."""
    return [grant.state for grant in await AccessGrant.filter(account_id=account_id or NOBODY).only("id", "state")]


async def dossiers_of(account_id: object) -> list[UUID]:
    """The dossiers that an account answers for, or once did."""
    grants = await AccessGrant.filter(account_id=account_id).select_related("respondent")
    return list({grant.respondent.dossier_id for grant in grants})


async def live_grant_of(respondent_id: object) -> AccessGrant | None:
    """The respondent's one grant that is not deactivated, with its account."""
    live = AccessGrant.filter(respondent_id=respondent_id).exclude(state=GrantState.DEACTIVATED)
    return await live.select_related("account").first()


async def live_grants_of(account_id: object) -> list[AccessGrant]:
    """An account's grants that are not deactivated, as :func:`approved_grants_of`."""
    live = AccessGrant.filter(account_id=account_id).exclude(state=GrantState.DEACTIVATED)
    return await live.select_related("respondent__dossier").order_by("created_at", "id")


async def approved_grants_of(account_id: object) -> list[AccessGrant]:
    """An account's approved grants with their respondents and dossiers, oldest first: one statement."""
    return await approved_grants_of_all([account_id])


async def approved_grants_of_all(account_ids: Sequence[object]) -> list[AccessGrant]:
    """The same of several accounts: one statement."""
    approved = AccessGrant.filter(account_id__in=list(account_ids), state=GrantState.APPROVED)
    return await approved.select_related("respondent__dossier").order_by("created_at", "id")


async def latest_grant_of(respondent_id: object) -> AccessGrant | None:
    """The respondent's live grant, else the one deactivated last, with its account."""
    grants = await AccessGrant.filter(respondent_id=respondent_id).select_related("account")
    return max(grants, key=lambda g: (g.state != GrantState.DEACTIVATED, g.created_at), default=None)


async def grants_of(respondent_ids: Iterable[object]) -> list[AccessGrant]:
    """Every grant that these respondents have or had, with its account: one statement."""
    return await AccessGrant.filter(respondent_id__in=list(respondent_ids)).select_related("account")


async def approve_grant(grant_id: object, staff_id: object, now: datetime) -> bool:
    """Approve a grant that is not; False where it was already."""
    waiting = AccessGrant.filter(id=grant_id).exclude(state=GrantState.APPROVED)
    approved = await waiting.update(
        state=GrantState.APPROVED, approved_at=now, approved_by_id=staff_id, deactivated_at=None, taken_back_at=None
    )
    return approved == 1


async def ask_approval_again(account_id: object, taken_back_at: datetime | None = None) -> int:
    """Take every approval of an account's grants back; answers of how many. The time says that a mailed link did it."""
    approved = AccessGrant.filter(account_id=account_id, state=GrantState.APPROVED)
    waiting = {"state": GrantState.PENDING, "approved_at": None, "approved_by_id": None}
    return await approved.update(**waiting, taken_back_at=taken_back_at)
