"""About a value that somebody typed: which field it is, and what is wrong with it, in words."""

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from flows.refusals.base import Refusal


class Problem(StrEnum):
    """What can be wrong with a value. Part of the API, as ``problemCode``."""

    MISSING = "MISSING"
    TOO_LONG = "TOO_LONG"
    TOO_MANY = "TOO_MANY"
    CHARACTERS = "CHARACTERS"
    CHOICE = "CHOICE"
    EITHER = "EITHER"
    RANGE = "RANGE"
    BELOW = "BELOW"
    PAST_DATE = "PAST_DATE"
    MOMENT = "MOMENT"
    PAST_MOMENT = "PAST_MOMENT"
    SOON = "SOON"
    PERIOD = "PERIOD"
    EMAIL = "EMAIL"
    SAME = "SAME"
    PHONE = "PHONE"
    MOBILE = "MOBILE"
    TIME_ZONE = "TIME_ZONE"
    COUNTRY = "COUNTRY"
    ORIGIN = "ORIGIN"
    LINK = "LINK"
    HOST = "HOST"
    EMPTY = "EMPTY"
    CLOCK = "CLOCK"
    TOKEN = "TOKEN"  # noqa: S105 - the place of one
    MONTH = "MONTH"
    REQUEST = "REQUEST"
    UNUSABLE = "UNUSABLE"
    AMOUNT = "AMOUNT"
    CURRENCY = "CURRENCY"
    AGB = "AGB"
    BIG = "BIG"
    KVK = "KVK"
    VAT = "VAT"


#: What each says; ``bound`` is the limit that was passed, or what there is to choose from.
PROBLEMS: Mapping[Problem, Mapping[str, str]] = {
    Problem.MISSING: {"en": "This must be filled in.", "nl": "Dit moet ingevuld zijn."},
    Problem.TOO_LONG: {"en": "At most {bound} characters fit here.", "nl": "Hier passen hoogstens {bound} tekens."},
    Problem.TOO_MANY: {"en": "At most {bound} are possible.", "nl": "Er zijn er hoogstens {bound} mogelijk."},
    Problem.CHARACTERS: {
        "en": "There are characters in it that cannot be used.",
        "nl": "Er staan tekens in die niet gebruikt kunnen worden.",
    },
    Problem.CHOICE: {"en": "Choose one of: {bound}.", "nl": "Kies een van: {bound}."},
    Problem.EITHER: {
        "en": "Give one of these, and only one: {bound}.",
        "nl": "Geef een van deze, en niet meer: {bound}.",
    },
    Problem.RANGE: {"en": "Give a number within {bound}.", "nl": "Geef een getal binnen {bound}."},
    Problem.BELOW: {
        "en": "Together this must be less than {bound}.",
        "nl": "Dit moet samen minder zijn dan {bound}.",
    },
    Problem.PAST_DATE: {
        "en": "Give a date from 1900 until today.",
        "nl": "Geef een datum vanaf 1900 tot en met vandaag.",
    },
    Problem.MOMENT: {
        "en": "Give a date and a time with its offset, such as 2026-03-02T12:00:00+01:00.",
        "nl": "Geef een datum en een tijd met tijdverschil, zoals 2026-03-02T12:00:00+01:00.",
    },
    Problem.PAST_MOMENT: {
        "en": "Give a moment from 1900 until now, with its offset, such as 2026-03-02T12:00:00+01:00.",
        "nl": "Geef een moment vanaf 1900 tot nu, met tijdverschil, zoals 2026-03-02T12:00:00+01:00.",
    },
    Problem.SOON: {
        "en": "Give a moment in the next {bound} days.",
        "nl": "Geef een moment in de komende {bound} dagen.",
    },
    Problem.PERIOD: {
        "en": "End after the beginning, and at most {bound} days later.",
        "nl": "Eindig na het begin, en hoogstens {bound} dagen later.",
    },
    Problem.EMAIL: {
        "en": "This is not an address that can be mailed to, such as name@example.org.",
        "nl": "Dit is geen adres waarheen gemaild kan worden, zoals naam@example.org.",
    },
    Problem.SAME: {"en": "This is what it is already.", "nl": "Zo is het al."},
    Problem.PHONE: {
        "en": "This is not a phone number, such as +31 6 12345678.",
        "nl": "Dit is geen telefoonnummer, zoals +31 6 12345678.",
    },
    Problem.MOBILE: {
        "en": "This is not a mobile phone number, such as +31 6 12345678.",
        "nl": "Dit is geen mobiel telefoonnummer, zoals +31 6 12345678.",
    },
    Problem.TIME_ZONE: {
        "en": "This is not a time zone, such as Europe/Amsterdam.",
        "nl": "Dit is geen tijdzone, zoals Europe/Amsterdam.",
    },
    Problem.COUNTRY: {
        "en": "This is not the code of a country, such as NL.",
        "nl": "Dit is niet de code van een land, zoals NL.",
    },
    Problem.ORIGIN: {
        "en": "Give an address like https://portal.example.org, without a path.",
        "nl": "Geef een adres als https://portaal.example.org, zonder pad.",
    },
    Problem.LINK: {
        "en": "Give an address that begins with https://.",
        "nl": "Geef een adres dat met https:// begint.",
    },
    Problem.HOST: {"en": "Give an address at {bound}.", "nl": "Geef een adres bij {bound}."},
    Problem.AGB: {"en": "An AGB code has 8 digits.", "nl": "Een AGB-code heeft 8 cijfers."},
    Problem.BIG: {"en": "A BIG number has 11 digits.", "nl": "Een BIG-nummer heeft 11 cijfers."},
    Problem.KVK: {"en": "A KvK number has 8 digits.", "nl": "Een KvK-nummer heeft 8 cijfers."},
    Problem.VAT: {
        "en": "A Dutch VAT number looks like NL123456789B01.",
        "nl": "Een btw-identificatienummer ziet eruit als NL123456789B01.",
    },
    Problem.CLOCK: {
        "en": "Give a time within {bound}, such as 08:30.",
        "nl": "Geef een tijd binnen {bound}, zoals 08:30.",
    },
    Problem.EMPTY: {"en": "Leave this empty here.", "nl": "Laat dit hier leeg."},
    Problem.TOKEN: {
        "en": "Put {{token}} behind the # of this address, and nowhere else.",
        "nl": "Zet {{token}} achter het # van dit adres, en nergens anders.",
    },
    Problem.MONTH: {"en": "Give a month, such as 2026-03.", "nl": "Geef een maand, zoals 2026-03."},
    Problem.UNUSABLE: {"en": "This cannot be used here.", "nl": "Dit kan hier niet gebruikt worden."},
    Problem.REQUEST: {
        "en": "Give what this way of signing in needs, and nothing else.",
        "nl": "Geef wat deze manier van inloggen nodig heeft, en niets anders.",
    },
    Problem.AMOUNT: {
        "en": "Give an amount above zero with at most {bound} decimals.",
        "nl": "Geef een bedrag boven nul met hoogstens {bound} decimalen.",
    },
    Problem.CURRENCY: {
        "en": "This is not the code of a currency, such as EUR.",
        "nl": "Dit is niet de code van een munt, zoals EUR.",
    },
}

#: What people call the fields that may be refused, by their names in the schema.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "accept": {"en": "Link of the invitation", "nl": "Link van de uitnodiging"},
    "address": {"en": "Network address", "nl": "Netwerkadres"},
    "allowedOrigins": {"en": "Addresses of your own portal", "nl": "Adressen van uw eigen portaal"},
    "answers": {"en": "Answers", "nl": "Antwoorden"},
    "attendees": {"en": "Attendees", "nl": "Deelnemers"},
    "amount": {"en": "Amount", "nl": "Bedrag"},
    "birthDate": {"en": "Birth date", "nl": "Geboortedatum"},
    "completedAt": {"en": "Filled in", "nl": "Ingevuld"},
    "country": {"en": "Country", "nl": "Land"},
    "currency": {"en": "Currency", "nl": "Munt"},
    "description": {"en": "Description", "nl": "Omschrijving"},
    "email": {"en": "E-mail address", "nl": "E-mailadres"},
    "endsAt": {"en": "End", "nl": "Einde"},
    "event": {"en": "Event", "nl": "Gebeurtenis"},
    "format": {"en": "Format", "nl": "Formaat"},
    "from": {"en": "From", "nl": "Vanaf"},
    "file": {"en": "File", "nl": "Bestand"},
    "groups": {"en": "Groups", "nl": "Groepen"},
    "helpdeskEmail": {"en": "E-mail address of the helpdesk", "nl": "E-mailadres van de helpdesk"},
    "helpdeskPhone": {"en": "Phone number of the helpdesk", "nl": "Telefoonnummer van de helpdesk"},
    "invitationDays": {"en": "Days that an invitation is valid", "nl": "Dagen dat een uitnodiging geldig is"},
    "label": {"en": "Label", "nl": "Benaming"},
    "language": {"en": "Language", "nl": "Taal"},
    "logo": {"en": "Logo", "nl": "Logo"},
    "month": {"en": "Month", "nl": "Maand"},
    "lines": {"en": "Lines", "nl": "Regels"},
    "agbCode": {"en": "AGB code", "nl": "AGB-code"},
    "bigNumber": {"en": "BIG number", "nl": "BIG-nummer"},
    "discounts": {"en": "Discounts", "nl": "Kortingen"},
    "kvkNumber": {"en": "KvK number", "nl": "KvK-nummer"},
    "paidOn": {"en": "Paid on", "nl": "Betaald op"},
    "staffMember": {"en": "Member of staff", "nl": "Medewerker"},
    "vatNumber": {"en": "VAT number", "nl": "Btw-identificatienummer"},
    "name": {"en": "Name", "nl": "Naam"},
    "note": {"en": "Note", "nl": "Notitie"},
    "number": {"en": "Number", "nl": "Nummer"},
    "offeredFrom": {"en": "Offered from", "nl": "Aangeboden vanaf"},
    "on": {"en": "Date", "nl": "Datum"},
    "phone": {"en": "Phone number", "nl": "Telefoonnummer"},
    "portal": {"en": "Address of the portal", "nl": "Adres van het portaal"},
    "postalAddress": {"en": "Postal address", "nl": "Postadres"},
    "question": {"en": "Question", "nl": "Vraag"},
    "questions": {"en": "Questions", "nl": "Vragen"},
    "reason": {"en": "Reason", "nl": "Reden"},
    "reference": {"en": "Reference", "nl": "Referentie"},
    "reminderMinutes": {"en": "Minutes before an appointment", "nl": "Minuten voor een afspraak"},
    "remindersFrom": {"en": "Reminders from", "nl": "Herinneringen vanaf"},
    "remindersUntil": {"en": "Reminders until", "nl": "Herinneringen tot"},
    "request": {"en": "Details", "nl": "Gegevens"},
    "requiredFrom": {"en": "Required from", "nl": "Verplicht vanaf"},
    "reset": {"en": "Link for a new password", "nl": "Link voor een nieuw wachtwoord"},
    "respondents": {"en": "Persons", "nl": "Personen"},
    "search": {"en": "Search", "nl": "Zoeken"},
    "smsCountries": {"en": "Countries for text messages", "nl": "Landen voor sms"},
    "startsAt": {"en": "Beginning", "nl": "Begin"},
    "text": {"en": "Text", "nl": "Tekst"},
    "therapists": {"en": "Therapists", "nl": "Behandelaars"},
    "timeZone": {"en": "Time zone", "nl": "Tijdzone"},
    "to": {"en": "Until", "nl": "Tot"},
    "title": {"en": "Title", "nl": "Titel"},
    "until": {"en": "Until", "nl": "Tot"},
    "verify": {"en": "Link that verifies an address", "nl": "Link die een adres bevestigt"},
    "video": {"en": "Video room", "nl": "Videokamer"},
    "videoLink": {"en": "Address of the video room", "nl": "Adres van de videokamer"},
}


#: What stands before the decimals of an amount.
DECIMAL_SIGNS: Mapping[str, str] = {"en": ".", "nl": ","}


def called(field: str, locale: str) -> str:
    """What people call a field; its own name in words where nobody gave it one."""
    if names := FIELDS.get(field):
        return names.get(locale, names["en"])
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", field).capitalize()


#: What people call one item of a list, by the list's name in the schema.
ITEMS: Mapping[str, Mapping[str, str]] = {
    "allowedOrigins": {"en": "Address of your own portal", "nl": "Adres van uw eigen portaal"},
    "answers": {"en": "Answer", "nl": "Antwoord"},
    "discounts": {"en": "Discount", "nl": "Korting"},
    "groups": {"en": "Group", "nl": "Groep"},
    "lines": {"en": "Line", "nl": "Regel"},
    "questions": {"en": "Question", "nl": "Vraag"},
    "reminderMinutes": {"en": "Reminder", "nl": "Herinnering"},
    "smsCountries": {"en": "Country for text messages", "nl": "Land voor sms"},
}


@dataclass(eq=False)
class InvalidInput(Refusal):
    """A value that cannot be used: `field` names it as in the schema, `message` as people do; `problem` says why."""

    kind = "INVALID_INPUT"
    texts = {"en": "Please check “{name}”. {problem}", "nl": "Controleer “{name}”. {problem}"}
    spoken = ("problem",)
    field: str
    problem_code: Problem
    #: The limit that was passed, an amount as Decimal; what there is to choose from, or a tuple of fields.
    bound: object = ""
    #: A sentence per language in place of the problem's own, from a factor that knows better.
    why: Mapping[str, str] | None = None
    #: Grows at the front on its way up: see :func:`item`.
    path: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self.path = self.path or [self.field]

    def problem(self, locale: str) -> str:
        if self.why:
            return self.why.get(locale, self.why["en"])
        texts = PROBLEMS[self.problem_code]
        bound = self.bound
        if isinstance(bound, tuple):
            bound = ", ".join(called(field, locale) for field in bound)
        if isinstance(bound, Decimal):
            bound = str(bound).replace(".", DECIMAL_SIGNS.get(locale, DECIMAL_SIGNS["en"]))
        return texts.get(locale, texts["en"]).format(bound=bound)

    def message(self, locale: str) -> str:
        text = self.texts.get(locale, self.texts["en"])
        return text.format(name=_place(self.path, locale), problem=self.problem(locale))


def _place(path: Sequence[str], locale: str) -> str:
    """ "Line 2, Amount" of ``["lines", "1", "amount"]``."""
    items = [
        f"{ITEMS[name].get(locale, ITEMS[name]['en'])} {int(index) + 1}"
        for name, index in pairwise(path)
        if index.isdecimal()
    ]
    return ", ".join(items if path[-1].isdecimal() else [*items, called(path[-1], locale)])


@contextmanager
def item(name: str, index: int) -> Iterator[None]:
    """Whatever is refused inside is in this item, from 0, of the list that the schema calls ``name``."""
    try:
        yield
    except InvalidInput as wrong:
        # A check of an item by itself calls the item by the name of its list.
        within = wrong.path[1:] if wrong.path[0] == name else wrong.path
        wrong.path = [name, str(index), *within]
        raise


@contextmanager
def inside(*names: str) -> Iterator[None]:
    """Whatever is refused inside is in the input object that these names lead to, from the outermost."""
    try:
        yield
    except InvalidInput as wrong:
        wrong.path = [*names, *wrong.path]
        raise


@dataclass(eq=False)
class AlreadyExists(Refusal):
    """Unique in the practice, and taken; `field` names it as in the schema, `message` as people do."""

    kind = "ALREADY_EXISTS"
    texts = {"en": "This is already in use: {name}.", "nl": "Dit is al in gebruik: {name}."}
    field: str

    def message(self, locale: str) -> str:
        name = called(self.field, locale)
        return self.texts.get(locale, self.texts["en"]).format(name=name[0].lower() + name[1:])
