"""The person behind the session: the own account page, open before approval too."""

from datetime import datetime
from typing import Annotated

import strawberry

from flows.account import account as flow
from flows.account.biography import pending_email
from flows.appointments import own_appointments as flow_appointments
from flows.core.accounts import shown_code
from flows.core.context import Access, Caller
from flows.signin.credentials import signs_in_by_email
from flows.signin.device_names import device_name
from flows.signin.passwords import shortest_for
from flows.signin.sessions import own_sessions
from flows.signin.step_up import staff_acts_until, stepped_up_until
from models import Account, Audience, StaffRole
from models import LoginSession as StoredSession
from plugins import Role
from schema.access.scopes import OwnAccessGrant, own_access_grants
from schema.account.biography import Biography, OwnChangeRequest, own_changes, shown_biography
from schema.appointments.own_appointments import (
    OwnAppointment,
    OwnAppointmentConnection,
    own_appointments,
    own_connection,
)
from schema.dossiers.login_status import AccessBlocker, own_access_blockers
from schema.kit.download_urls import DocumentKind, download_url
from schema.kit.fields import Info, computed, query, shown_to
from schema.kit.ids import node_id
from schema.kit.permissions import Who
from schema.practice.password_rules import PASSWORD_RULES, PasswordRules
from schema.practice.practice import PublicPractice, public_practice
from schema.second_factor.own_factors import (
    DEVICE,
    FactorEnrolment,
    FallbackStatus,
    RememberedDevice,
    fallbacks,
    own_enrolment,
)

strawberry.enum(Audience, description="The kind of account: staff or respondent.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="One of the own login sessions.")
class LoginSession:
    id: strawberry.ID = strawberry.field(description="For `endSession`.")
    created_at: datetime = strawberry.field(description="When it was signed in.")
    last_seen_at: datetime = strawberry.field(description="When it was last used, to the minute.")
    expires_at: datetime = strawberry.field(description="When it ends at the latest.")
    user_agent: str = strawberry.field(description="What the browser or app called itself.")
    address: str = strawberry.field(description="The network address it was signed in from.")
    current: bool = strawberry.field(description="Whether it is the session of this request.")

    @computed(DEVICE)
    async def device(self, info: Info) -> str:
        return await device_name(info.context.app, self.user_agent, info.context.locale)


def _login_session(stored: StoredSession, caller: Caller) -> LoginSession:
    return LoginSession(
        id=node_id("LoginSession", stored.id),
        created_at=stored.created_at,
        last_seen_at=stored.last_seen_at,
        expires_at=stored.expires_at,
        user_agent=stored.user_agent,
        address=stored.address,
        current=str(stored.id) == caller.session_id,
    )


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The person who is signed in. Each list costs a statement, and only if it is selected.")
class Viewer:
    stored: strawberry.Private[Account]
    caller: strawberry.Private[Caller]
    id: strawberry.ID = strawberry.field(description="The account's id.")
    name: str = strawberry.field(description="The person's name.")
    login_code: str = strawberry.field(description="As people read it: `1234 5678`.")
    email: str | None = strawberry.field(description="Where mail goes.")
    signs_in_by_email: bool = strawberry.field(
        description="Whether the e-mail address is this account's to sign in with; one of a family's accounts has it."
    )
    language: str = strawberry.field(description="The language of texts and mail: `nl` or `en`.")
    audience: Audience = strawberry.field(description="Staff, or a respondent.")
    role: StaffRole | None = strawberry.field(description="The role at the practice; null for respondents.")
    access: Access = strawberry.field(description="What this session may do.")
    stepped_up_until: datetime | None = strawberry.field(
        description="Until when own credentials can be changed; null where `beginStepUp` comes first."
    )
    staff_acts_until: datetime | None = strawberry.field(
        description="Until when staff can approve access and the like; null where `beginStepUp` comes first."
    )

    @computed("The practice of the account.")
    def practice(self, info: Info) -> PublicPractice:
        return public_practice(info, self.stored.practice)

    @computed(PASSWORD_RULES)
    def password_rules(self, info: Info) -> PasswordRules:
        return PasswordRules(minimum=shortest_for(info.context.app, self.stored, self.stored.practice))

    @computed("What is still to do before the person can use the portal, or a further dossier; empty if nothing is.")
    async def access_blockers(self, info: Info) -> list[AccessBlocker]:
        return await own_access_blockers(info.context.app, self.caller)

    @computed("The approved accesses and what they open, oldest first.")
    async def access_grants(self, info: Info) -> list[OwnAccessGrant]:
        return await own_access_grants(self.caller)

    @computed("The second factors that are set up, oldest first; none means disabled.")
    async def factors(self, info: Info) -> list[FactorEnrolment]:
        held = await flow.own_factors(info.context.app, self.caller, Role.PROOF)
        return [own_enrolment(one, self.stored.locale, self.caller.practice_locale) for one in held]

    @computed("The fallbacks for a lost factor, such as recovery codes.")
    async def fallbacks(self, info: Info) -> list[FallbackStatus]:
        return await fallbacks(info.context.app, self.caller, self.stored)

    @computed("The devices that skip the second factor, newest first.")
    async def remembered_devices(self, info: Info) -> list[RememberedDevice]:
        devices = await flow.own_devices(info.context.app, self.stored)
        return [RememberedDevice.of(device, end) for device, end in devices]

    @computed("What the practice has stored about the person.")
    async def biography(self) -> Biography:
        return await shown_biography(self.stored)

    @computed("Where all data about the person can be downloaded as a zip, after a step-up.")
    def export_url(self, info: Info) -> str:
        return download_url(info, DocumentKind.EXPORT, self.stored.id)

    @computed("The e-mail address that waits to be confirmed by the link that was mailed to it; null where none does.")
    async def pending_email(self, info: Info) -> str | None:
        return await pending_email(info.context.app, self.stored)

    @computed("What the person asked staff to change, the newest twenty.")
    async def change_requests(self) -> list[OwnChangeRequest]:
        return await own_changes(self.caller)

    @computed("The live login sessions, newest first.")
    async def login_sessions(self, info: Info) -> list[LoginSession]:
        return [_login_session(one, self.caller) for one in await own_sessions(info.context.app, self.caller)]

    @computed("The caller's next appointment, or the one that is going on.")
    async def next_appointment(self, info: Info) -> OwnAppointment | None:
        page = await flow_appointments.next_appointment(info.context.app, self.caller)
        return next(iter(own_appointments(info, page)), None)

    @computed("The caller's appointments: those to come, or the complete history.")
    async def appointments(
        self,
        info: Info,
        past: Annotated[bool, strawberry.argument(description="The history in place of what is to come.")] = False,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 25,
        after: Annotated[str | None, strawberry.argument(description="The cursor to go on behind.")] = None,
    ) -> OwnAppointmentConnection:
        page = await flow_appointments.own_appointments(info.context.app, self.caller, first, after, past=past)
        return own_connection(info, page, after)


async def viewer_of(info: Info, caller: Caller) -> Viewer:
    """The person behind this session; one statement."""
    account = await flow.own_account(caller)
    return Viewer(
        stored=account,
        caller=caller,
        id=node_id("Account", account.id),
        name=account.name,
        login_code=shown_code(account),
        email=account.email,
        signs_in_by_email=signs_in_by_email(account.practice, account) and caller.access is not Access.UNVERIFIED,
        language=account.locale,
        audience=account.audience,
        role=caller.role,
        access=caller.access,
        stepped_up_until=stepped_up_until(info.context.app, caller),
        staff_acts_until=staff_acts_until(info.context.app, caller),
    )


class ViewerQueries:
    @query(Who.ANYONE)
    async def viewer(self, info: Info) -> Viewer | None:
        """The person who is signed in; null where nobody is."""
        caller = info.context.caller
        return await viewer_of(info, caller) if caller else None
