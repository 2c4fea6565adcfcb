"""The whole schema of one installation: every topic's root fields, and what the configured factors add."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

import strawberry
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

from plugins import AnyFactor, Registry
from schema.access.access import AccessMutations, AccessQueries
from schema.access.scopes import ScopeMutations
from schema.access.subscriptions import LiveSubscriptions
from schema.access.suspension import SuspensionMutations
from schema.access.undelivered import UndeliveredQueries
from schema.account.change_requests import ChangeRequestMutations, ChangeRequestQueries
from schema.account.closing import ClosingMutations
from schema.account.dossier_log import DossierLogQueries
from schema.account.own_contact import OwnContactMutations
from schema.account.viewer import ViewerQueries
from schema.appointments.appointment_staff import AppointmentStaffMutations
from schema.appointments.appointments import AppointmentMutations, AppointmentQueries
from schema.appointments.video import VideoMutations, VideoQueries
from schema.audit_trail.audit_trail import AuditTrailQueries
from schema.documents.answers import AnswerMutations, AnswerQueries
from schema.documents.reports import ReportMutations, ReportQueries
from schema.dossiers.dossiers import DossierMutations, DossierQueries
from schema.dossiers.finding import FindingQueries
from schema.dossiers.respondents import RespondentMutations
from schema.factor_setup.enrolment import enrolment_mutations
from schema.factor_setup.factor_settings import FactorSettingsMutations, removing_mutations
from schema.factor_setup.fallbacks import FallbackMutations
from schema.kit.amounts import AMOUNT
from schema.kit.completion import Executor
from schema.kit.moments import DATE, DATE_TIME
from schema.node import NodeQueries
from schema.onboarding.invitations import InvitationMutations
from schema.onboarding.prospects import ProspectMutations, ProspectQueries
from schema.onboarding.sign_up import SignUpMutations
from schema.onboarding.starter_password import StarterPasswordMutations
from schema.onboarding.verification import VerificationMutations
from schema.policy.exemptions import ExemptionMutations
from schema.policy.policy import PolicyMutations, PolicyQueries
from schema.policy.sms_usage import SmsUsageQueries
from schema.practice.practice import PracticeQueries
from schema.practice.practice_settings import PracticeSettingsMutations, PracticeSettingsQueries
from schema.receipts.receipts import ReceiptMutations, ReceiptQueries
from schema.second_factor.assembly import assemble
from schema.signin.passwordless import PrimaryMutations, passwordless_mutations
from schema.signin.passwords import PasswordMutations
from schema.signin.sessions import SessionMutations
from schema.signin.sign_in import SignInMutations, SignInQueries, answering_mutations
from schema.signin.step_up import StepUpMutations, step_up_mutations
from schema.staff.staff import StaffMutations, StaffQueries
from schema.staff.staff_registration import StaffRegistrationMutations

_QUERIES = (
    PracticeQueries,
    ViewerQueries,
    SignInQueries,
    DossierQueries,
    FindingQueries,
    AccessQueries,
    ProspectQueries,
    UndeliveredQueries,
    StaffQueries,
    PolicyQueries,
    PracticeSettingsQueries,
    SmsUsageQueries,
    ReceiptQueries,
    ReportQueries,
    AnswerQueries,
    NodeQueries,
    DossierLogQueries,
    AuditTrailQueries,
    ChangeRequestQueries,
    AppointmentQueries,
    VideoQueries,
)
_MUTATIONS = (
    SignInMutations,
    PrimaryMutations,
    FallbackMutations,
    FactorSettingsMutations,
    StepUpMutations,
    PasswordMutations,
    SessionMutations,
    InvitationMutations,
    VerificationMutations,
    SignUpMutations,
    DossierMutations,
    RespondentMutations,
    AccessMutations,
    SuspensionMutations,
    AppointmentMutations,
    AppointmentStaffMutations,
    VideoMutations,
    ScopeMutations,
    ReportMutations,
    AnswerMutations,
    StarterPasswordMutations,
    ProspectMutations,
    StaffMutations,
    StaffRegistrationMutations,
    PolicyMutations,
    ExemptionMutations,
    PracticeSettingsMutations,
    OwnContactMutations,
    ChangeRequestMutations,
    ClosingMutations,
    ReceiptMutations,
)


def build_schema(registry: Registry) -> strawberry.Schema:
    """The schema with the types of these factors; the same one for the same factors in the same order."""
    return _built(tuple(type(factor) for factor in registry))


# Half a second's work, and what a factor adds are attributes of its class. One is enough for a server; the tests, and
# the conformance kit, go to and fro between a few.
@lru_cache(8)
def _built(factors: tuple[type[AnyFactor], ...]) -> strawberry.Schema:
    assembly = assemble(factors)
    proving = (
        answering_mutations(assembly),
        passwordless_mutations(assembly),
        enrolment_mutations(assembly),
        removing_mutations(assembly),
        step_up_mutations(assembly),
    )
    return strawberry.Schema(
        query=_root("Query", "What can be read.", _QUERIES),
        mutation=_root("Mutation", "The mutations. Each answers a success or a refusal.", (*_MUTATIONS, *proving)),
        subscription=_root("Subscription", "The subscriptions.", (LiveSubscriptions,)),
        types=assembly.members,
        execution_context_class=Executor,
        config=StrawberryConfig(scalar_map={Decimal: AMOUNT, date: DATE, datetime: DATE_TIME}),
    )


def _root(name: str, description: str, topics: Sequence[type]) -> type:
    """One root type out of the fields of all topics. Raises ValueError where two topics have a field in common."""
    fields: dict[str, StrawberryField] = {}
    for topic in topics:
        own = {name: field for name, field in vars(topic).items() if isinstance(field, StrawberryField)}
        if shared := fields.keys() & own.keys():
            raise ValueError(f"{name}: two topics have {', '.join(sorted(shared))}")
        fields |= own
    made: type = strawberry.type(type(name, (), dict(fields)), description=description)
    return made


def sdl(schema: strawberry.Schema) -> str:
    """The schema in the schema definition language, types in alphabetical order."""
    return print_schema(schema) + "\n"
