"""The words of the schema that are enumerations elsewhere, each with what it means."""

from enum import Enum, StrEnum

import strawberry

from flows.access.login_status import LoginStep, Party
from flows.access.undelivered import Delivery
from flows.account.dossier_log import LogActor
from flows.appointments.appointment_state import AppointmentStanding
from flows.audit_trail.audit_trail import AuditOutcome
from flows.core.context import Access
from models import ChangeField, ChangeState, GrantState, PaymentMethod, Relation, Scope, StaffRole
from models.core.message_failure import MessageFailure


class InvitationState(StrEnum):
    """As models.onboarding.invitation.invitation_state tells it."""

    SENT = "SENT"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    OPENED = "OPENED"
    ACCEPTED = "ACCEPTED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    SUPERSEDED = "SUPERSEDED"


def _in_schema(kind: type[Enum], description: str, /, named: str | None = None, **values: str) -> None:
    """Make an enumeration known to the schema, and explain it and the values that need it."""
    strawberry.enum(kind, name=named, description=description)
    for value in kind.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values.get(value.name)


_in_schema(
    InvitationState,
    "The state of an invitation.",
    SENT="Queued for the mail relay.",
    DELIVERED="Handed to the mail relay.",
    FAILED="Its mail was refused, returned, or given up after days of trying; the problem says why.",
    OPENED="Someone opened the link's form.",
    ACCEPTED="Used: an account was made or linked.",
    EXPIRED="Too old; a new one can be sent, or asked for by the holder of the link.",
    REVOKED="Withdrawn by staff.",
    SUPERSEDED="A newer invitation took its place.",
)
_in_schema(
    LoginStep,
    "The four steps between a respondent and the portal, in order.",
    INVITATION_MAILED="The invitation was mailed, or a login was given in another way.",
    PASSWORD_SET="The person has chosen a password; a starter password does not count.",  # noqa: S106 - an explanation
    SECOND_FACTOR_SET="Two-step sign-in was set up.",
    ACCESS_APPROVED="Staff approved the access.",
)
_in_schema(
    Delivery,
    "The state of a message that did not arrive.",
    RETRYING="It is tried again, by us or by the mail relay.",
    FAILED="It was refused, or could not be sent.",
    RETURNED="The mail relay took it, and the receiving side returned it later.",
)
_in_schema(
    MessageFailure,
    "Why a message did not arrive.",
    ADDRESS_REFUSED="The e-mail address does not exist or takes no mail.",
    MAILBOX_FULL="The mailbox is full.",
    MESSAGE_REFUSED="The receiving mail server refused the message.",
    UNREACHABLE="The receiving mail server could not be reached, or did not take the message.",
    SERVICE_UNAVAILABLE="The installation's mail relay or gateway for text messages did not take it.",
    NUMBER_REFUSED="The gateway for text messages refused the message or the number.",
    NO_ADDRESS="There is no address or number.",
    LIMIT_REACHED="The limit of text messages was reached.",
    COUNTRY_NOT_ALLOWED="The practice sends no text messages to numbers of this country.",
    TOO_LATE="It could not be sent in time.",
    INTERNAL="The message could not be made.",
)
_in_schema(Party, "Who has to act.", STAFF="The practice.", RESPONDENT="The person who wants to sign in.")
_in_schema(
    GrantState,
    "The state of an account's access as one respondent.",
    PENDING="Waiting for staff to approve it.",
    APPROVED="Open.",
    DEACTIVATED="Closed by staff; approving it opens it again.",
)
_in_schema(
    Access,
    "What a signed-in account may do.",
    APPROVED="All of the person's own data.",
    AWAITING_APPROVAL="Their own account page only, until the practice approves.",
    UNVERIFIED="Their own account page only, until the e-mail address is verified.",
)
_in_schema(
    Relation,
    "What a respondent is to the client that a dossier is about.",
    SELF="The client.",
    GUARDIAN="A legal guardian who is no parent.",
)
_in_schema(
    StaffRole,
    "What a member of staff may do.",
    OWNER="Everything in the practice.",
    ADMIN="Every dossier, and staff other than owners.",
    THERAPIST="The dossiers in the own caseload.",
)
_in_schema(
    LogActor,
    "Who did something with a dossier.",
    STAFF="A member of staff, by name.",
    YOU="The caller.",
    ANOTHER_PERSON="Somebody else with a login here, such as a parent.",
    NOBODY_SIGNED_IN="A client that is not signed in, such as the holder of a mailed link.",
)
_in_schema(
    AuditOutcome,
    "The outcome of an act.",
    SUCCESS="It was done, or shown.",
    REFUSED="It was tried, and refused or not found.",
)
_in_schema(
    AppointmentStanding,
    "The state of an appointment.",
    named="AppointmentState",
    BOOKED="It will take place, or is going on.",
    PASSED="Its time is over, and nobody noted yet whether it took place (`completeAppointment`).",
    CANCELLED="It was called off.",
    COMPLETED="It took place.",
)
_in_schema(
    ChangeField,
    "A field of a person that only staff can change.",
    NAME="The person's name, and the client's on the dossier that is about the person.",
    BIRTH_DATE="The client's birth date on the dossier.",
)
_in_schema(
    ChangeState,
    "The state of a change request.",
    OPEN="Waiting for staff.",
    ACCEPTED="Made.",
    REJECTED="Not made.",
    WITHDRAWN="Taken back by the person, or ended with the account.",
)
_in_schema(
    Scope,
    "What of a dossier an access can open.",
    ANSWERS="The answers that this very person gave to questionnaires.",
    REPORTS="Reports that were released to this person.",
    APPOINTMENTS="The appointments that this person is expected at.",
    RECEIPTS="Receipts for appointments.",
)
_in_schema(
    PaymentMethod,
    "How a receipt was paid.",
    CASH="In cash.",
    CARD="By card, at the practice.",
    TRANSFER="By bank transfer.",
    DIRECT_DEBIT="By direct debit.",
    ONLINE="Online, such as by iDEAL.",
    OTHER="In another way.",
)
