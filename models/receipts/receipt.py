"""Receipts: numbered without gaps per practice and year, and never changed or deleted afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypedDict
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.expressions import Q
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.appointments.appointment import Appointment, AppointmentAttendee
from models.core.money import from_minor
from models.core.practice import Practice
from models.db.base import Row, parent_key, practice_key
from models.db.database import fetch
from models.dossiers.dossier import Dossier, Respondent
from models.staff.staff import StaffMember


class PaymentMethod(StrEnum):
    """How a receipt was paid."""

    CASH = "CASH"
    CARD = "CARD"
    TRANSFER = "TRANSFER"
    DIRECT_DEBIT = "DIRECT_DEBIT"
    ONLINE = "ONLINE"
    OTHER = "OTHER"


class Line(TypedDict):
    """What a receipt is for; the amount is in minor units of its currency, below zero for a discount."""

    description: str
    minor: int


class Receipt(Row):
    """Given to the payer, who was ``respondent`` then. What it says is all in the row, so that nothing rewrites it.

    Amounts are whole minor units. Only ``voided_at`` and what tells about it are ever set later.
    """

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    dossier_id: UUID
    dossier: fields.ForeignKeyRelation[Dossier] = fields.ForeignKeyField(
        "models.Dossier", on_delete=fields.RESTRICT, db_index=True
    )
    respondent_id: UUID
    respondent: fields.ForeignKeyRelation[Respondent] = fields.ForeignKeyField(
        "models.Respondent", on_delete=fields.RESTRICT, db_index=True
    )
    appointment_id: UUID
    appointment: fields.ForeignKeyRelation[Appointment] = fields.ForeignKeyField(
        "models.Appointment", on_delete=fields.RESTRICT, db_index=True
    )
    issued_by_id: UUID | None
    issued_by: fields.ForeignKeyNullableRelation[StaffMember] = parent_key("StaffMember", null=True)
    year = fields.IntField()
    sequence = fields.IntField()
    locale = fields.CharField(max_length=5)
    time_zone = fields.CharField(max_length=50)
    practice_name = fields.CharField(max_length=120)
    practice_address = fields.CharField(max_length=400, default="")
    # A stored file, which is kept as long as the receipt is.
    logo_id: UUID | None = fields.UUIDField(null=True)
    payer = fields.CharField(max_length=120)
    client = fields.CharField(max_length=120)
    # None on receipts that were issued before these were asked for, and where nobody filled them in.
    practice_agb = fields.CharField(max_length=8, null=True)
    practice_kvk = fields.CharField(max_length=8, null=True)
    practice_vat = fields.CharField(max_length=14, null=True)
    therapist = fields.CharField(max_length=120, null=True)
    therapist_agb = fields.CharField(max_length=8, null=True)
    therapist_big = fields.CharField(max_length=11, null=True)
    client_birth_date = fields.DateField(null=True)
    # A PaymentMethod.
    paid_on = fields.DateField(null=True)
    paid_by = fields.CharField(max_length=12, null=True)
    held_at = fields.DatetimeField()
    currency = fields.CharField(max_length=3)
    lines: list[Line] = fields.JSONField()
    total_minor = fields.BigIntField()
    note = fields.CharField(max_length=1000, default="")
    issued_at = fields.DatetimeField()
    voided_at = fields.DatetimeField(null=True)
    void_reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "receipt"
        constraints = (
            UniqueConstraint(fields=("practice", "year", "sequence"), name="receipt_number_once"),
            UniqueConstraint(
                fields=("appointment", "respondent"), name="receipt_valid_once", condition="voided_at IS NULL"
            ),
            CheckConstraint(check="total_minor > 0", name="receipt_total_positive"),
        )
        indexes = (Index(fields=("dossier_id", "issued_at", "id"), name="receipt_by_time"),)

    @property
    def number(self) -> str:
        """``2026-0001``."""
        return f"{self.year}-{self.sequence:04}"

    @property
    def total(self) -> Decimal:
        return self.amount(self.total_minor)

    def amount(self, minor: int) -> Decimal:
        """So many minor units in the receipt's currency."""
        return from_minor(minor, self.currency)


class ReceiptCounter(Row):
    """The last number that a practice gave out in a year."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    year = fields.IntField()
    sequence = fields.IntField(default=0)

    class Meta:
        table = "receipt_counter"
        constraints = (UniqueConstraint(fields=("practice", "year"), name="receipt_counter_once"),)


async def next_number(practice_id: UUID, year: int) -> int:
    """The next number of a practice's year, which nobody else takes until the transaction ends.

    Rolled back with it, so that no number is ever missing.
    """
    rows = await fetch(
        "INSERT INTO receipt_counter (id, practice_id, year, sequence) VALUES (?, ?, ?, 1)"
        " ON CONFLICT (practice_id, year) DO UPDATE SET sequence = receipt_counter.sequence + 1"
        " RETURNING sequence",
        uuid4(),
        practice_id,
        year,
    )
    return int(rows[0]["sequence"])


async def void_once(receipt_id: object, now: datetime, reason: str) -> bool:
    """Mark a receipt void; True for exactly one of many."""
    return await Receipt.filter(id=receipt_id, voided_at=None).update(voided_at=now, void_reason=reason) == 1


async def hold_appointment(appointment_id: object) -> Appointment:
    """The appointment, which nobody changes until the transaction ends."""
    return await Appointment.select_for_update(no_key=True).get(id=appointment_id)


async def attends(appointment_id: object, respondent_id: object) -> bool:
    """Whether this person is expected at that appointment."""
    return await AppointmentAttendee.filter(appointment_id=appointment_id, respondent_id=respondent_id).exists()


@dataclass(frozen=True, slots=True)
class ReceiptsOf:
    """Which receipts: those of a dossier, or of these respondents."""

    dossier_id: object = None
    payers: Sequence[object] = ()


async def receipts_page(of: ReceiptsOf, after: tuple[datetime, str] | None, limit: int) -> Sequence[Receipt]:
    """Up to ``limit`` receipts, newest first, behind the position ``after``."""
    found = Receipt.filter(dossier_id=of.dossier_id) if of.dossier_id else Receipt.filter(respondent_id__in=of.payers)
    if after:
        at, identity = after
        found = found.filter(Q(issued_at__lt=at) | Q(issued_at=at, id__lt=identity))
    return await found.order_by("-issued_at", "-id").limit(limit)
