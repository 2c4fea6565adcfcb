"""Receipts: issued and voided by staff, read by them and by who paid."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from flows.core.paging import cursor_of
from flows.receipts import receipts as flow
from flows.receipts.receipt_facts import Payment
from flows.receipts.receipts import LineDraft, ReceiptDraft, ReceiptPage
from flows.refusals import (
    AppointmentNotHeld,
    InvalidInput,
    NotAnAttendee,
    NotFound,
    ReceiptExists,
    ReceiptVoid,
)
from flows.refusals import Refusal as FlowRefusal
from models import Audience, PaymentMethod
from models import Receipt as StoredReceipt
from schema.kit.arguments import GIVEN, DossierId
from schema.kit.download_urls import DocumentKind, download_url
from schema.kit.fields import Info, computed, mutation, query, shown_to
from schema.kit.ids import node_id, raw_id
from schema.kit.permissions import Who
from schema.kit.relay import PageInfo


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="One line of a receipt.")
class ReceiptLine:
    description: str = strawberry.field(description="What was paid for.")
    amount: Decimal = strawberry.field(
        description="In the receipt's currency, with all its decimals; a discount is below zero."
    )


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="A receipt of an appointment, as it was issued: nothing on it ever changes.")
class Receipt:
    stored: strawberry.Private[StoredReceipt]
    id: strawberry.ID = strawberry.field(description="For `voidReceipt`.")
    number: str = strawberry.field(description="The year and a number, without gaps in a practice: `2026-0001`.")
    issued_at: datetime = strawberry.field(description="When it was issued.")
    held_at: datetime = strawberry.field(description="When the appointment began.")
    payer: str = strawberry.field(description="Whom it is for.")
    client: str = strawberry.field(description="The name of the dossier's client.")
    client_birth_date: date | None = strawberry.field(description="The client's; null where the dossier had none.")
    therapist: str | None = strawberry.field(description="With whom the appointment was; null on older receipts.")
    therapist_agb_code: str | None = strawberry.field(description="The therapist's AGB code; null without one.")
    therapist_big_number: str | None = strawberry.field(description="The therapist's BIG number; null without one.")
    practice_agb_code: str | None = strawberry.field(description="The practice's AGB code; null without one.")
    practice_kvk_number: str | None = strawberry.field(description="In the trade register; null without one.")
    practice_vat_number: str | None = strawberry.field(description="The VAT identification number; null without one.")
    paid_on: date | None = strawberry.field(description="The day of payment; null on older receipts.")
    paid_by: PaymentMethod | None = strawberry.field(description="How it was paid; null where it was not told.")
    currency: str = strawberry.field(description="ISO 4217, such as `EUR`.")
    lines: list[ReceiptLine] = strawberry.field(description="What was paid for, in the order given.")
    total: Decimal = strawberry.field(description="The sum of the lines.")
    note: str = strawberry.field(description="A text below it, such as one about tax; empty where there is none.")
    voided_at: datetime | None = strawberry.field(description="Since when it is void; null where it is valid.")

    @computed("Why it was voided, for staff; null for anybody else, and for a valid one.")
    def void_reason(self, info: Info) -> str | None:
        caller = info.context.caller
        shown = caller is not None and caller.audience is Audience.STAFF and self.stored.voided_at
        return self.stored.void_reason if shown else None

    @computed("Its PDF, by GET with the session's cookie or bearer token.")
    def download_url(self, info: Info) -> str:
        return download_url(info, DocumentKind.RECEIPT, self.stored.id)


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="A receipt's place in the list.")
class ReceiptEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this receipt.")
    node: Receipt = strawberry.field(description="The receipt.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="One page of receipts.")
class ReceiptConnection:
    edges: list[ReceiptEdge] = strawberry.field(description="The receipts, newest first.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")


def shown_receipt(stored: StoredReceipt) -> Receipt:
    return Receipt(
        stored=stored,
        id=node_id("Receipt", stored.id),
        number=stored.number,
        issued_at=stored.issued_at,
        held_at=stored.held_at,
        payer=stored.payer,
        client=stored.client,
        client_birth_date=stored.client_birth_date,
        therapist=stored.therapist,
        therapist_agb_code=stored.therapist_agb,
        therapist_big_number=stored.therapist_big,
        practice_agb_code=stored.practice_agb,
        practice_kvk_number=stored.practice_kvk,
        practice_vat_number=stored.practice_vat,
        paid_on=stored.paid_on,
        paid_by=PaymentMethod(stored.paid_by) if stored.paid_by else None,
        currency=stored.currency,
        lines=[ReceiptLine(description=one["description"], amount=stored.amount(one["minor"])) for one in stored.lines],
        total=stored.total,
        note=stored.note,
        voided_at=stored.voided_at,
    )


def _connection(page: ReceiptPage, after: str | None) -> ReceiptConnection:
    cursors = [cursor_of(row.issued_at.isoformat(), str(row.id)) for row in page.rows]
    return ReceiptConnection(
        edges=[
            ReceiptEdge(cursor=cursor, node=shown_receipt(row)) for cursor, row in zip(cursors, page.rows, strict=True)
        ],
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=after is not None,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
    )


First = Annotated[int, strawberry.argument(description="How many, 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="The cursor to go on behind.")]


class ReceiptQueries:
    @query(Who.RESPONDENT)
    async def receipts(self, info: Info, first: First = 25, after: After = None) -> ReceiptConnection:
        """One's own receipts, in all dossiers where one may see them."""
        return _connection(await flow.own(info.context.app, info.context.caller, first, after), after)

    @query(Who.STAFF)
    async def dossier_receipts(
        self, info: Info, dossier: DossierId, first: First = 25, after: After = None
    ) -> ReceiptConnection:
        """A dossier's receipts."""
        identity, app, caller = raw_id("Dossier", dossier), info.context.app, info.context.caller
        return _connection(await flow.of_dossier(app, caller, identity, first, after), after)


@strawberry.input(description="A line of a new receipt.")
class ReceiptLineInput:
    description: str = strawberry.field(description="What was paid for, up to 120 characters.")
    amount: Decimal = strawberry.field(description="Above zero, as text such as `95.00`.")


@strawberry.input(description="A new receipt of an appointment that was held.")
class IssueReceiptInput:
    appointment: strawberry.ID = strawberry.field(description="The appointment's id.")
    respondent: strawberry.ID = strawberry.field(description="Who paid: one of those who attended.")
    lines: list[ReceiptLineInput] = strawberry.field(description="1 to 20 lines.")
    currency: str | None = strawberry.field(default=None, description="ISO 4217; null: the practice's own.")
    note: str = strawberry.field(default="", description="A text below it, such as one about tax; lines are kept.")
    discounts: list[ReceiptLineInput] | None = strawberry.field(
        default=None, description="What is taken off, with amounts above zero: up to 20, together less than the lines."
    )
    paid_on: date | None = strawberry.field(
        default=None, description="The day of payment, until today; null: today, by the practice's clock."
    )
    paid_by: PaymentMethod | None = strawberry.field(default=None, description="How it was paid; null: not told.")


@strawberry.input(description="A receipt to declare void.")
class VoidReceiptInput:
    receipt: strawberry.ID = strawberry.field(description="The receipt's id.")
    reason: str = strawberry.field(description="Why, for staff; up to 200 characters.")


@shown_to(Who.STAFF)
@strawberry.interface(description="Something about a receipt was done.")
class ReceiptChanged:
    receipt: Receipt = strawberry.field(description="The receipt as it is now.")


@shown_to(Who.STAFF)
@strawberry.type(description="The receipt is there; where the payer may see it, a mail tells that something is new.")
class ReceiptIssued(ReceiptChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The receipt is void and stays in the list; a new one can be issued.")
class ReceiptVoided(ReceiptChanged):
    pass


class ReceiptMutations:
    @mutation(
        Who.STAFF,
        answers=(ReceiptIssued,),
        refuses=(NotFound, InvalidInput, NotAnAttendee, AppointmentNotHeld, ReceiptExists),
    )
    async def issue_receipt(self, info: Info, given: Annotated[IssueReceiptInput, GIVEN]) -> object:
        """Issue a receipt of an appointment to one who attended and paid."""
        draft = ReceiptDraft(
            raw_id("Appointment", given.appointment),
            raw_id("Respondent", given.respondent),
            [LineDraft(line.description, line.amount) for line in given.lines],
            given.currency,
            given.note,
            [LineDraft(line.description, line.amount) for line in given.discounts or ()],
            Payment(given.paid_on, given.paid_by),
        )
        issued = await flow.issue(info.context.app, info.context.caller, draft)
        return issued if isinstance(issued, FlowRefusal) else ReceiptIssued(receipt=shown_receipt(issued))

    @mutation(Who.STAFF, answers=(ReceiptVoided,), refuses=(NotFound, InvalidInput, ReceiptVoid))
    async def void_receipt(self, info: Info, given: Annotated[VoidReceiptInput, GIVEN]) -> object:
        """Declare a receipt void; it is never deleted, and keeps its number."""
        identity, app, caller = raw_id("Receipt", given.receipt), info.context.app, info.context.caller
        voided = await flow.void(app, caller, identity, given.reason)
        return voided if isinstance(voided, FlowRefusal) else ReceiptVoided(receipt=shown_receipt(voided))
