"""The staff of a practice, and their caseloads."""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from models.core.account import Account
from models.core.practice import Practice
from models.db.base import NOBODY, Row, parent_key, practice_key
from models.dossiers.dossier import Dossier


class StaffRole(StrEnum):
    OWNER = "OWNER"
    ADMIN = "ADMIN"
    THERAPIST = "THERAPIST"


class StaffMember(Row):
    """A person who works there, without an account until the invitation is accepted."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    account_id: UUID | None
    account: fields.ForeignKeyNullableRelation[Account] = parent_key("Account", null=True)
    name = fields.CharField(max_length=120)
    email = fields.CharField(max_length=254)
    email_key = fields.CharField(max_length=254)
    role = fields.CharEnumField(StaffRole, max_length=10)
    suspended_at = fields.DatetimeField(null=True)
    # Under which insurers know a therapist, as receipts say.
    agb_code = fields.CharField(max_length=8, null=True)
    big_number = fields.CharField(max_length=11, null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "staff_member"
        constraints = (
            UniqueConstraint(fields=("account",), name="staff_account_once"),
            UniqueConstraint(fields=("practice", "email_key"), name="staff_email_once"),
        )


class CaseloadEntry(Row):
    """This therapist treats this client."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    staff_id: UUID
    staff: fields.ForeignKeyRelation[StaffMember] = parent_key("StaffMember")
    dossier_id: UUID
    dossier: fields.ForeignKeyRelation[Dossier] = parent_key("Dossier")

    class Meta:
        table = "caseload_entry"
        constraints = (UniqueConstraint(fields=("staff", "dossier"), name="caseload_once"),)


async def staff_of_account(account_id: object) -> StaffMember | None:
    """The member of staff behind an account."""
    return await StaffMember.get_or_none(account_id=account_id or NOBODY)


async def in_caseload(staff_id: object, dossier_id: object) -> bool:
    """Whether this member of staff treats this client."""
    return await CaseloadEntry.filter(staff_id=staff_id or NOBODY, dossier_id=dossier_id).exists()


async def caseload_of(staff_id: object) -> set[UUID]:
    """The dossiers in this member of staff's caseload."""
    entries = CaseloadEntry.filter(staff_id=staff_id or NOBODY)
    return {entry.dossier_id for entry in await entries.only("id", "dossier_id")}


async def add_entries(practice_id: object, pairs: Iterable[tuple[object, object]]) -> None:
    """Add dossiers to caseloads, as pairs of staff member and dossier; existing entries stay, also concurrent ones."""
    entries = [CaseloadEntry(practice_id=practice_id, staff_id=staff, dossier_id=dossier) for staff, dossier in pairs]
    await CaseloadEntry.bulk_create(entries, ignore_conflicts=True)


async def active_owners(practice_id: object) -> int:
    """How many owners of a practice can sign in."""
    return await StaffMember.filter(
        practice_id=practice_id, role=StaffRole.OWNER, suspended_at=None, account_id__isnull=False
    ).count()


async def owner_accounts(practice_id: object) -> list[Account]:
    """The accounts of a practice's owners who can sign in."""
    owners = StaffMember.filter(practice_id=practice_id, role=StaffRole.OWNER, suspended_at=None)
    return [member.account for member in await owners.select_related("account") if member.account]


async def move_staff_address(account_id: object, email: str, email_key: str | None) -> None:
    """Colleagues see the address that the account has from now on; without a key, one that signs in somebody else."""
    known = {"email": email} if email_key is None else {"email": email, "email_key": email_key}
    await StaffMember.filter(account_id=account_id).update(**known)
