"""Messages that did not arrive: in words that staff read, with the act that mends it (mission, 34)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.access.reach import manager
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.paging import check_size, time_position
from locales import text
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


#: Messages whose kind has a name of its own: the others are notices about the account.
TITLED = frozenset(
    {
        "invitation",
        "staff_invitation",
        "account_made",
        "starter_given",
        "reset_requested",
        "login_code_requested",
        "login_code_replaced",
        "email_change_requested",
        "sign_up_requested",
        "one_time_code",
        "access_approved",
        "document_ready",
        "appointment_booked",
        "appointment_moved",
        "appointment_cancelled",
        "appointment_reminder",
    }
)
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
    return f"{text(f'undelivered.state.{delivery}', locale)} {text(f'undelivered.reason.{failure}', locale)}"


def title_of(template: str, locale: str) -> str:
    """What kind of message it is."""
    return text(f"undelivered.title.{template if template in TITLED else 'other'}", locale)


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
