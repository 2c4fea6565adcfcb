"""What is stored, with the queries and the atomic updates on it.

One file a topic. Imports nothing of ours but ``security``; nobody else writes Tortoise queries.
"""

from models.access.access import AccessGrant, GrantState, Scope
from models.account.change_request import ChangeField, ChangeRequest, ChangeState
from models.account.phone_change import PhoneChange
from models.appointments.appointment import (
    Appointment,
    AppointmentAttendee,
    AppointmentColleague,
    AppointmentReminder,
    AppointmentState,
)
from models.core.account import Account, Audience
from models.core.attempts import AttemptBudget, WindowCount
from models.core.audit import AuditEvent, AuditSubject
from models.core.audit_chain import AuditSegment
from models.core.mailed_link import LinkPurpose, MailedLink
from models.core.practice import Practice
from models.core.signal import Signal
from models.core.sms import SmsCount
from models.documents.answer_form import AnswerForm
from models.documents.report import Report, ReportRelease
from models.documents.stored_file import StoredFile
from models.dossiers.dossier import Dossier, Relation, Respondent
from models.mail.outbox import OutboxMessage, OutboxState
from models.onboarding.invitation import Invitation
from models.onboarding.prospect import Prospect
from models.policy.exemption import FactorExemption
from models.receipts.receipt import PaymentMethod, Receipt, ReceiptCounter
from models.second_factor.factor import Challenge, FactorEnrolment, Purpose
from models.signin.login_session import LoginSession
from models.signin.sign_in import SignIn, Transport
from models.staff.staff import CaseloadEntry, StaffMember, StaffRole

__all__ = [
    "AccessGrant",
    "Account",
    "AnswerForm",
    "Appointment",
    "AppointmentAttendee",
    "AppointmentColleague",
    "AppointmentReminder",
    "AppointmentState",
    "AttemptBudget",
    "Audience",
    "AuditEvent",
    "AuditSegment",
    "AuditSubject",
    "CaseloadEntry",
    "Challenge",
    "ChangeField",
    "ChangeRequest",
    "ChangeState",
    "Dossier",
    "FactorEnrolment",
    "FactorExemption",
    "GrantState",
    "Invitation",
    "LinkPurpose",
    "LoginSession",
    "MailedLink",
    "OutboxMessage",
    "OutboxState",
    "PaymentMethod",
    "PhoneChange",
    "Practice",
    "Prospect",
    "Purpose",
    "Receipt",
    "ReceiptCounter",
    "Relation",
    "Report",
    "ReportRelease",
    "Respondent",
    "Scope",
    "SignIn",
    "Signal",
    "SmsCount",
    "StaffMember",
    "StaffRole",
    "StoredFile",
    "Transport",
    "WindowCount",
]
