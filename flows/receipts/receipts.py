"""Receipts of appointments: issued and voided by staff, read and downloaded by the payer; never changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flows.access.reach import dossier_in_reach, respondent_in_reach, staff
from flows.access.scopes import reads_now, respondents_with
from flows.appointments.appointments import appointment_in_reach
from flows.core import audit
from flows.core.account_mail import tell
from flows.core.context import AppContext, Caller
from flows.core.ids import as_uuid
from flows.core.limits import hour_is_full, within_hourly_limit
from flows.core.paging import check_size, time_position
from flows.core.texts import clean, clean_lines
from flows.documents import files
from flows.documents.documents import Document
from flows.documents.export_bundle import Bundle
from flows.receipts.receipt_facts import Payment, facts_of, paid
from flows.refusals import (
    AppointmentNotHeld,
    InvalidInput,
    NotAnAttendee,
    NotFound,
    NotSignedIn,
    Problem,
    ReceiptExists,
    ReceiptVoid,
    Refusal,
    Unavailable,
    item,
)
from models import Appointment, AppointmentState, Audience, Receipt, Respondent, Scope, StaffMember, StoredFile
from models.access.access import live_grant_of
from models.core.money import DECIMALS, DEFAULT_CURRENCY, from_minor, to_minor
from models.db.database import IntegrityError, transaction
from models.locks import hold_rows
from models.receipts.receipt import Line, ReceiptsOf, attends, hold_appointment, next_number, receipts_page, void_once

MOST_LINES = 20
#: In whole units; nobody's session costs more, and all sums stay exact.
MOST = Decimal(10**9)
_MEDIA_TYPE = "application/pdf"
#: Of an export: how many are told, how many of those as paper too, and how large that can be at most.
_MOST_EXPORTED, _MOST_PRINTED, _LARGEST = 10_000, 20, 1_000_000


@dataclass(frozen=True, slots=True)
class LineDraft:
    description: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ReceiptDraft:
    """What staff give; ``currency`` None is the practice's own."""

    appointment_id: str
    respondent_id: str
    lines: Sequence[LineDraft]
    currency: str | None = None
    note: str = ""
    # With amounts above zero, which are taken off.
    discounts: Sequence[LineDraft] = ()
    payment: Payment = field(default_factory=Payment)


async def issue(app: AppContext, caller: Caller | None, draft: ReceiptDraft) -> Receipt | Refusal:
    """Number and write a receipt of an appointment that was held, once for each who attended.

    Raises NotFound and InvalidInput.
    """
    member = staff(caller)
    appointment = await appointment_in_reach(member, draft.appointment_id)
    respondent = await respondent_in_reach(member, draft.respondent_id)
    written = _written(draft, respondent.practice.currency or DEFAULT_CURRENCY)
    written |= paid(draft.payment, respondent.practice, app.now)
    if not await attends(appointment.id, respondent.id):
        return NotAnAttendee()
    try:
        async with transaction():
            # Held, so that nobody closes the payer's access, or cancels it, before the receipt is there.
            await hold_rows(respondents=[respondent.id])
            appointment = await hold_appointment(appointment.id)
            if not _was_held(appointment, app.now):
                return AppointmentNotHeld()
            receipt = await _write(app, member, respondent, appointment, written)
            details = {"number": receipt.number}
            await audit.record(app, member, "receipt.issued", *_about(receipt), details=details)
            await _tell(app, respondent)
            return receipt
    except IntegrityError:
        return ReceiptExists()


def _was_held(appointment: Appointment, now: datetime) -> bool:
    if appointment.state is AppointmentState.BOOKED:
        return appointment.ends_at <= now
    return appointment.state is AppointmentState.COMPLETED


def _about(receipt: Receipt) -> tuple[tuple[str, object], ...]:
    return (("Dossier", receipt.dossier_id), ("Respondent", receipt.respondent_id), ("Receipt", receipt.id))


def _written(draft: ReceiptDraft, default: str) -> dict[str, Any]:
    currency = draft.currency if draft.currency is not None else default
    if currency not in DECIMALS:
        raise InvalidInput("currency", Problem.CURRENCY)
    if not draft.lines:
        raise InvalidInput("lines", Problem.MISSING)
    lines = _lines("lines", draft.lines, currency)
    discounts = _lines("discounts", draft.discounts, currency)
    total, off = sum(line["minor"] for line in lines), sum(line["minor"] for line in discounts)
    if off >= total:
        raise InvalidInput("discounts", Problem.BELOW, from_minor(total, currency))
    lines += [Line(description=line["description"], minor=-line["minor"]) for line in discounts]
    total -= off
    return {
        "currency": currency,
        "lines": lines,
        "total_minor": total,
        "note": clean_lines("note", draft.note, 1000),
    }


def _lines(field: str, drafts: Sequence[LineDraft], currency: str) -> list[Line]:
    if len(drafts) > MOST_LINES:
        raise InvalidInput(field, Problem.TOO_MANY, MOST_LINES)
    return [_line(field, index, line, currency) for index, line in enumerate(drafts)]


def _line(field: str, index: int, line: LineDraft, currency: str) -> Line:
    with item(field, index):
        return Line(description=clean("description", line.description, 120), minor=_minor(line.amount, currency))


def _minor(amount: Decimal, currency: str) -> int:
    minor = to_minor(amount, currency)
    if not minor or amount > MOST:
        raise InvalidInput("amount", Problem.AMOUNT, DECIMALS[currency])
    return minor


async def _write(
    app: AppContext, member: Caller, payer: Respondent, appointment: Appointment, written: dict[str, Any]
) -> Receipt:
    practice, now = payer.practice, app.now
    grant = await live_grant_of(payer.id)
    year = now.astimezone(ZoneInfo(practice.time_zone)).year
    return await Receipt.create(
        practice_id=practice.id,
        dossier_id=payer.dossier_id,
        respondent_id=payer.id,
        appointment_id=appointment.id,
        issued_by_id=member.staff_id,
        year=year,
        sequence=await next_number(practice.id, year),
        locale=grant.account.locale if grant else payer.dossier.locale,
        time_zone=practice.time_zone,
        payer=payer.name,
        **facts_of(practice, await StaffMember.get(id=appointment.staff_id), payer.dossier),
        held_at=appointment.starts_at,
        issued_at=now,
        **written,
    )


async def _tell(app: AppContext, payer: Respondent) -> None:
    """Mail that there is something new, if the payer may see it there."""
    grant = await live_grant_of(payer.id)
    if grant and reads_now(grant, payer.relation, Scope.RECEIPTS):
        await tell(app, grant.account, "document_ready")


async def void(app: AppContext, caller: Caller | None, receipt_id: str, reason: str) -> Receipt | Refusal:
    """Mark a receipt as void: it stays, with its number. Raises NotFound and InvalidInput."""
    member = staff(caller)
    receipt = await _staffs(member, receipt_id)
    reason = clean("reason", reason, 200)
    async with transaction():
        if not await void_once(receipt.id, app.now, reason):
            return ReceiptVoid()
        await audit.record(app, member, "receipt.voided", *_about(receipt), details={"number": receipt.number})
    await receipt.refresh_from_db()
    return receipt


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """One page, newest first."""

    rows: Sequence[Receipt]
    has_next: bool


async def of_dossier(
    app: AppContext, caller: Caller | None, dossier_id: str, first: int, after: str | None
) -> ReceiptPage:
    """A dossier's receipts, for staff. Raises NotFound, BadCursor and PageTooLarge."""
    member = staff(caller)
    check_size(app, first)
    dossier = await dossier_in_reach(member, dossier_id)
    page = await _page(ReceiptsOf(dossier_id=dossier.id), first, after)
    await audit.record(app, member, "receipt.listed", ("Dossier", dossier.id), *_ids(page))
    return page


async def own(app: AppContext, caller: Caller | None, first: int, after: str | None) -> ReceiptPage:
    """The receipts of which the caller is the payer, through an approved grant that opens them."""
    if caller is None:
        raise NotSignedIn
    check_size(app, first)
    page = await _page(ReceiptsOf(payers=await _payer_ids(caller)), first, after)
    await audit.record(app, caller, "receipt.listed", ("Account", caller.account_id), *_ids(page))
    return page


async def _page(which: ReceiptsOf, first: int, after: str | None) -> ReceiptPage:
    rows = await receipts_page(which, time_position(after), first + 1)
    return ReceiptPage(rows[:first], len(rows) > first)


def _ids(page: ReceiptPage) -> list[tuple[str, object]]:
    return [("Receipt", row.id) for row in page.rows]


async def download(app: AppContext, caller: Caller | None, receipt_id: str) -> Document:
    """The receipt as a PDF, for staff within reach and for its payer, and not more than so many an hour.

    Raises NotSignedIn, NotFound, TooManyAttempts and Unavailable.
    """
    if caller is None:
        raise NotSignedIn
    try:
        receipt = await (_staffs if caller.audience is Audience.STAFF else _payers)(caller, receipt_id)
    except NotFound as no:
        about = (*audit.denied(no), ("Receipt", receipt_id))
        await audit.record(app, caller, "receipt.downloaded", *about, outcome="REFUSED")
        raise
    if not await within_hourly_limit(
        app, "receipt", f"account:{caller.account_id}", limit=app.rules.windows.receipts_per_hour
    ):
        raise hour_is_full(app)
    await audit.record(app, caller, "receipt.downloaded", *_about(receipt), details={"number": receipt.number})
    return Document(f"{receipt.number}.pdf", _MEDIA_TYPE, await _paper(app, receipt))


async def _paper(app: AppContext, receipt: Receipt) -> bytes:
    """Its PDF, with the practice's picture as it was then."""
    if app.printer is None:
        raise Unavailable
    logo = None
    if receipt.logo_id is not None:
        stored = await StoredFile.get(id=receipt.logo_id, practice_id=receipt.practice_id)
        logo = (await files.document(app, stored, "")).content
    return await app.printer.print(receipt, logo)


async def receipts_part(caller: Caller, bundle: Bundle) -> None:
    """What one's own receipts say, the newest with their paper."""
    rows = await receipts_page(ReceiptsOf(payers=await _payer_ids(caller)), None, _MOST_EXPORTED)
    bundle.tell(
        "receipts",
        [
            {
                "number": row.number,
                "issuedAt": row.issued_at,
                "voidedAt": row.voided_at,
                "practice": row.practice_name,
                "payer": row.payer,
                "client": row.client,
                "clientBirthDate": row.client_birth_date,
                "therapist": row.therapist,
                "paidOn": row.paid_on,
                "paidBy": row.paid_by,
                "heldAt": row.held_at,
                "currency": row.currency,
                "lines": [{"description": one["description"], "amount": row.amount(one["minor"])} for one in row.lines],
                "total": row.total,
                "note": row.note,
            }
            for row in rows
        ],
    )
    for row in rows[:_MOST_PRINTED]:
        name = f"receipts/{row.number}.pdf"
        if bundle.fits(name, _LARGEST):
            bundle.add(name, await _paper(bundle.app, row))


async def _staffs(member: Caller, receipt_id: str) -> Receipt:
    receipt = await _found(member, receipt_id)
    await dossier_in_reach(member, str(receipt.dossier_id))
    return receipt


async def _payers(caller: Caller, receipt_id: str) -> Receipt:
    receipt = await _found(caller, receipt_id)
    if receipt.respondent_id not in await _payer_ids(caller):
        raise NotFound
    return receipt


async def _payer_ids(caller: Caller) -> list[UUID]:
    """The respondents as which the caller may see receipts."""
    return [respondent.id for respondent in await respondents_with(caller, Scope.RECEIPTS)]


async def _found(caller: Caller, receipt_id: str) -> Receipt:
    identity = as_uuid(receipt_id)
    receipt = await Receipt.get_or_none(id=identity, practice_id=caller.practice_id) if identity else None
    if receipt is None:
        raise NotFound
    return receipt
