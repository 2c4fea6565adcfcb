"""What a receipt says besides its lines, as it is at the moment of issuing: insurers ask for it (docs/adr/0010)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flows.refusals import InvalidInput, Problem
from models import Dossier, PaymentMethod, Practice, StaffMember

_EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Payment:
    """When and how it was paid; ``on`` None is the day of issuing by the practice's clock, ``by`` None is not told."""

    on: date | None = None
    by: PaymentMethod | None = None


def facts_of(practice: Practice, therapist: StaffMember, dossier: Dossier) -> dict[str, Any]:
    """The columns about the practice, the therapist and the client."""
    return {
        "practice_name": practice.name,
        "practice_address": practice.postal_address or "",
        "practice_agb": practice.agb_code,
        "practice_kvk": practice.kvk_number,
        "practice_vat": practice.vat_number,
        "logo_id": practice.logo_id,
        "therapist": therapist.name,
        "therapist_agb": therapist.agb_code,
        "therapist_big": therapist.big_number,
        "client": dossier.name,
        "client_birth_date": dossier.birth_date,
    }


def paid(payment: Payment, practice: Practice, now: datetime) -> dict[str, Any]:
    """The columns about the payment. Raises InvalidInput for a day that is to come, by the practice's clock."""
    today = now.astimezone(ZoneInfo(practice.time_zone)).date()
    day = payment.on or today
    if not _EARLIEST <= day <= today:
        raise InvalidInput("paidOn", Problem.PAST_DATE)
    return {"paid_on": day, "paid_by": payment.by.value if payment.by else None}
