"""Messages that did not arrive: in words that staff read, with the act that mends it (mission, 34)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.access.reach import manager
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.paging import check_size, time_position
from models.core.message_failure import ADDRESS_FAILURES, MessageFailure
from models.mail.outbox import OutboxState
from models.mail.undelivered import UndeliveredRow, undelivered_count, undelivered_rows


class Delivery(StrEnum):
    """How a message that did not arrive stands."""

    RETRYING = "RETRYING"
    FAILED = "FAILED"
    RETURNED = "RETURNED"


@dataclass(frozen=True, slots=True)
class UndeliveredPage:
    """One page; ``total`` is None where it was not asked for."""

    rows: Sequence[UndeliveredRow]
    has_next: bool
    total: int | None


_REASONS: Mapping[MessageFailure, Mapping[str, str]] = {
    MessageFailure.ADDRESS_REFUSED: {
        "en": "The e-mail address does not exist or takes no mail. Check it with the person.",
        "nl": "Het e-mailadres bestaat niet of neemt geen mail aan. Vraag het na bij de persoon.",
    },
    MessageFailure.MAILBOX_FULL: {
        "en": "The mailbox is full. Ask the person to make room, or for another address.",
        "nl": "De mailbox is vol. Vraag de persoon om ruimte te maken, of om een ander adres.",
    },
    MessageFailure.MESSAGE_REFUSED: {
        "en": "The receiving mail server refused the message. Ask for another address, or tell your administrator.",
        "nl": "De mailserver van de ontvanger weigerde de mail. Vraag om een ander adres, of meld het uw beheerder.",
    },
    MessageFailure.UNREACHABLE: {
        "en": "The receiving mail server could not be reached or did not take the message.",
        "nl": "De mailserver van de ontvanger was niet bereikbaar of nam het bericht niet aan.",
    },
    MessageFailure.SERVICE_UNAVAILABLE: {
        "en": "Our mail relay or the provider of text messages did not take it. Tell your administrator.",
        "nl": "Onze mailserver of de aanbieder van sms nam het niet aan. Meld het aan uw beheerder.",
    },
    MessageFailure.NUMBER_REFUSED: {
        "en": "The provider of text messages refused the message or the number. Check the number with the person.",
        "nl": "De aanbieder van sms weigerde het bericht of het nummer. Vraag het nummer na bij de persoon.",
    },
    MessageFailure.NO_ADDRESS: {
        "en": "There is no e-mail address or phone number that it could go to.",
        "nl": "Er is geen e-mailadres of telefoonnummer waar het heen kon.",
    },
    MessageFailure.LIMIT_REACHED: {
        "en": "The limit of text messages was reached.",
        "nl": "Het maximum aantal sms-berichten was bereikt.",
    },
    MessageFailure.COUNTRY_NOT_ALLOWED: {
        "en": "The practice sends no text messages to numbers of this country.",
        "nl": "De praktijk stuurt geen sms naar nummers in dit land.",
    },
    MessageFailure.TOO_LATE: {
        "en": "It could not be sent in time and means nothing any more.",
        "nl": "Het kon niet op tijd weg en heeft nu geen zin meer.",
    },
    MessageFailure.INTERNAL: {
        "en": "The message could not be made. Tell your administrator.",
        "nl": "Het bericht kon niet gemaakt worden. Meld het aan uw beheerder.",
    },
}
_STATES: Mapping[Delivery, Mapping[str, str]] = {
    Delivery.RETRYING: {"en": "Being tried again.", "nl": "Wordt opnieuw geprobeerd."},
    Delivery.FAILED: {"en": "Not sent.", "nl": "Niet verstuurd."},
    Delivery.RETURNED: {"en": "Returned.", "nl": "Teruggekomen."},
}
_TITLES: Mapping[str, Mapping[str, str]] = {
    "invitation": {"en": "Invitation", "nl": "Uitnodiging"},
    "staff_invitation": {"en": "Invitation of a colleague", "nl": "Uitnodiging van een collega"},
    "account_made": {"en": "Login code of a new account", "nl": "Inlogcode van een nieuw account"},
    "starter_given": {"en": "Login code with a starter password", "nl": "Inlogcode bij een startwachtwoord"},
    "reset_requested": {"en": "Link for a new password", "nl": "Link voor een nieuw wachtwoord"},
    "login_code_requested": {"en": "Forgotten login code", "nl": "Vergeten inlogcode"},
    "login_code_replaced": {"en": "New login code", "nl": "Nieuwe inlogcode"},
    "email_change_requested": {"en": "Confirmation of a new address", "nl": "Bevestiging van een nieuw adres"},
    "sign_up_requested": {"en": "Confirmation of a sign-up", "nl": "Bevestiging van een aanmelding"},
    "one_time_code": {"en": "Code for signing in", "nl": "Code om in te loggen"},
    "access_approved": {"en": "News: the portal is open", "nl": "Bericht: het portaal is open"},
    "document_ready": {"en": "News: something new in the portal", "nl": "Bericht: iets nieuws in het portaal"},
    "appointment_booked": {"en": "Appointment booked", "nl": "Afspraak gemaakt"},
    "appointment_moved": {"en": "Appointment moved", "nl": "Afspraak verzet"},
    "appointment_cancelled": {"en": "Appointment cancelled", "nl": "Afspraak afgezegd"},
    "appointment_reminder": {"en": "Reminder of an appointment", "nl": "Herinnering aan een afspraak"},
}
_OTHER = {"en": "Notice about the account", "nl": "Bericht over het account"}
#: Which act sends a message of this kind again; others are news that nobody sends twice.
_SENT_BY: Mapping[str, str] = {
    "invitation": "inviteRespondent",
    "staff_invitation": "resendStaffInvitation",
    "starter_given": "giveStarterPassword",
    "sign_up_requested": "verifyProspect",
    "login_code_replaced": "replaceLoginCode",
}
#: What mends an address comes first, where the message goes to the respondent's and not to an account's.
_TO_RESPONDENT = frozenset(
    {"invitation", "appointment_booked", "appointment_moved", "appointment_cancelled", "appointment_reminder"}
)
#: The address itself, or its mailbox, stands in the way.
_ANOTHER_ADDRESS = ADDRESS_FAILURES | {MessageFailure.MAILBOX_FULL, MessageFailure.MESSAGE_REFUSED}


async def undelivered_page(
    app: AppContext, caller: Caller | None, first: int, after: str | None, *, counted: bool
) -> UndeliveredPage:
    """The practice's messages that need attention, the newest first, for OWNER and ADMIN; at most three statements.

    Raises BadCursor, PageTooLarge, NotSignedIn or NotAllowed.
    """
    member = manager(caller)
    check_size(app, first)
    found = await undelivered_rows(member.practice_id, time_position(after), first + 1)
    total = await undelivered_count(member.practice_id) if counted else None
    rows = found[:first]
    await audit.record(app, member, "message.listed", *_subjects(rows))
    return UndeliveredPage(rows, len(found) > first, total)


def _subjects(rows: Sequence[UndeliveredRow]) -> list[tuple[str, object]]:
    kinds = (("Respondent", "respondent_id"), ("Dossier", "dossier_id"), ("Prospect", "prospect_id"))
    found = {(kind, identity) for row in rows for kind, name in kinds if (identity := getattr(row, name)) is not None}
    return sorted(found)


def delivery_of(state: OutboxState) -> Delivery:
    """How a message with a failure stands."""
    match state:
        case OutboxState.FAILED:
            return Delivery.FAILED
        case OutboxState.BOUNCED:
            return Delivery.RETURNED
        case _:
            return Delivery.RETRYING


def words_of(delivery: Delivery, failure: MessageFailure, locale: str) -> str:
    """What became of a message, in two sentences: how it stands, and why."""
    return f"{_in(_STATES[delivery], locale)} {_in(_REASONS[failure], locale)}"


def title_of(template: str, locale: str) -> str:
    """What kind of message it is."""
    return _in(_TITLES.get(template, _OTHER), locale)


def act_for(row: UndeliveredRow) -> str | None:
    """The mutation by which staff mend it; None where there is none, or trying again goes by itself."""
    if row.state not in (OutboxState.FAILED, OutboxState.BOUNCED):
        return None
    if row.channel == "mail" and row.failure in _ANOTHER_ADDRESS:
        if row.template in _TO_RESPONDENT and not row.has_account:
            return "updateRespondent"
        if row.has_account and row.is_respondent:
            return "correctAccountEmail"
    return _SENT_BY.get(row.template)


def invitation_delivery(failed_at: datetime | None, relayed_at: datetime | None) -> Delivery:
    """How the mail of an invitation that has a failure stands."""
    if failed_at is None:
        return Delivery.RETRYING
    return Delivery.FAILED if relayed_at is None else Delivery.RETURNED


def _in(texts: Mapping[str, str], locale: str) -> str:
    return texts.get(locale, texts["en"])
