"""About receipts: when there is nothing to give one for, and what was given already."""

from flows.refusals.base import Refusal


class AppointmentNotHeld(Refusal):
    """A receipt is for an appointment that is over, and was not cancelled."""

    kind = "APPOINTMENT_NOT_HELD"
    texts = {
        "en": "A receipt can be issued once the appointment has taken place.",
        "nl": "Een kwitantie kan gemaakt worden als de afspraak is geweest.",
    }


class NotAnAttendee(Refusal):
    """The person whom the receipt is for does not attend the appointment."""

    kind = "NOT_AN_ATTENDEE"
    texts = {
        "en": "This person does not attend that appointment.",
        "nl": "Deze persoon neemt niet deel aan die afspraak.",
    }


class ReceiptExists(Refusal):
    """There is a valid receipt of this appointment for this person; void it first."""

    kind = "RECEIPT_EXISTS"
    texts = {
        "en": "There is already a receipt of this appointment for this person. Void it first.",
        "nl": "Er is al een kwitantie van deze afspraak voor deze persoon. Laat die eerst vervallen.",
    }


class ReceiptVoid(Refusal):
    """The receipt was voided before."""

    kind = "RECEIPT_VOID"
    texts = {"en": "This receipt is void already.", "nl": "Deze kwitantie is al vervallen."}
