"""What stands on a receipt besides what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language's, with what it writes for the two marks of 1,234.50."""

    title: str
    date: str
    payer: str
    client: str
    born: str
    therapist: str
    registration: str
    held: str
    paid: str
    ways: Mapping[str, str]
    vat: str
    discount: str
    description: str
    amount: str
    total: str
    void: str
    voided: str
    marks: str


WORDS: Mapping[str, Words] = {
    "en": Words(
        title="Receipt",
        date="Date",
        payer="Paid by",
        client="Client",
        born="Birth date of client",
        therapist="Therapist",
        registration="Registration",
        held="Appointment",
        paid="Paid on",
        ways={
            "CASH": "in cash",
            "CARD": "by card",
            "TRANSFER": "by bank transfer",
            "DIRECT_DEBIT": "by direct debit",
            "ONLINE": "online",
            "OTHER": "in another way",
        },
        vat="VAT",
        discount="Discount: {what}",
        description="Description",
        amount="Amount",
        total="Total",
        void="VOID",
        voided="This receipt is void since {day}.",
        marks=",.",
    ),
    "nl": Words(
        title="Kwitantie",
        date="Datum",
        payer="Betaald door",
        client="Cliënt",
        born="Geboortedatum cliënt",
        therapist="Behandelaar",
        registration="Registratie",
        held="Afspraak",
        paid="Betaald op",
        ways={
            "CASH": "contant",
            "CARD": "met pin",
            "TRANSFER": "per bank",
            "DIRECT_DEBIT": "per automatische incasso",
            "ONLINE": "online",
            "OTHER": "op een andere manier",
        },
        vat="Btw-id",
        discount="Korting: {what}",
        description="Omschrijving",
        amount="Bedrag",
        total="Totaal",
        void="VERVALLEN",
        voided="Deze kwitantie is vervallen sinds {day}.",
        marks=".,",
    ),
}
