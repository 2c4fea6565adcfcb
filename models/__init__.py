"""What is stored, with the queries and the atomic updates on it.

One file a topic. Imports nothing of ours but ``security``; nobody else writes Tortoise queries.
"""

from models.access import AccessGrant, GrantState, Scope
from models.account import Account, Audience
from models.answer_form import AnswerForm
from models.appointment import (
    Appointment,
    AppointmentAttendee,
    AppointmentColleague,
    AppointmentReminder,
    AppointmentState,
)
from models.attempts import AttemptBudget, WindowCount
from models.audit import AuditEvent, AuditSubject
from models.audit_chain import AuditSegment
from models.change_request import ChangeField, ChangeRequest, ChangeState
from models.dossier import Dossier, Relation, Respondent
from models.exemption import FactorExemption
from models.factor import Challenge, FactorEnrolment, Purpose
from models.invitation import Invitation
from models.login_session import LoginSession
from models.mailed_link import LinkPurpose, MailedLink
from models.outbox import OutboxMessage, OutboxState
from models.phone_change import PhoneChange
from models.practice import Practice
from models.prospect import Prospect
from models.receipt import PaymentMethod, Receipt, ReceiptCounter
from models.report import Report, ReportRelease
from models.sign_in import SignIn, Transport
from models.signal import Signal
from models.sms import SmsCount
from models.staff import CaseloadEntry, StaffMember, StaffRole
from models.stored_file import StoredFile

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
