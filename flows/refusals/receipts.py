"""About receipts: when there is nothing to give one for, and what was given already."""

from flows.refusals.base import Refusal


class AppointmentNotHeld(Refusal):
    """A receipt is for an appointment that is over, and was not cancelled."""

    kind = "APPOINTMENT_NOT_HELD"


class NotAnAttendee(Refusal):
    """The person whom the receipt is for does not attend the appointment."""

    kind = "NOT_AN_ATTENDEE"


class ReceiptExists(Refusal):
    """There is a valid receipt of this appointment for this person; void it first."""

    kind = "RECEIPT_EXISTS"


class ReceiptVoid(Refusal):
    """The receipt was voided before."""

    kind = "RECEIPT_VOID"
