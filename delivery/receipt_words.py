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
    held: str
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
        held="Appointment",
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
        held="Afspraak",
        description="Omschrijving",
        amount="Bedrag",
        total="Totaal",
        void="VERVALLEN",
        voided="Deze kwitantie is vervallen sinds {day}.",
        marks=".,",
    ),
}
