"""Where a respondent stands on the way to the portal, as staff see it, and as the respondent does."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from flows.access import login_status as flow
from flows.access.login_status import Blocker, LoginStep, Party
from flows.core.context import AppContext, Caller
from flows.dossiers.reading import own_blockers
from models import GrantState, Scope
from models.access.login_status import LoginFacts
from models.access.staff_page import StaffRow
from models.core.message_failure import ADDRESS_FAILURES
from schema.dossiers.message_problem import MessageProblem, invitation_problem, message_problem
from schema.kit.enums import InvitationState
from schema.kit.fields import shown_to
from schema.kit.lookahead import Selection
from schema.kit.permissions import Who


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="One thing to do before the person can use the portal.")
class AccessBlocker:
    code: str = strawberry.field(description="Stable, UPPER_SNAKE_CASE.")
    party: Party = strawberry.field(description="Who must act.")
    mutation: str = strawberry.field(
        description="The mutation that `party` calls to remove it, after the blockers before it in the list."
    )
    message: str = strawberry.field(description="A sentence about it, in the reader's language.")


@shown_to(Who.STAFF)
@strawberry.type(description="One of the four steps to the portal.")
class LoginStepState:
    step: LoginStep = strawberry.field(description="Which step.")
    party: Party = strawberry.field(description="Who must do it.")
    done_at: datetime | None = strawberry.field(description="When it was done; null while it is not.")
    problem: MessageProblem | None = strawberry.field(
        description="What became of the step's mail where it did not arrive, or not yet; null otherwise."
    )


@shown_to(Who.STAFF)
@strawberry.type(description="The newest invitation of a person.")
class InvitationStatus:
    state: InvitationState = strawberry.field(description="Its state.")
    sent_to: str = strawberry.field(description="The e-mail address it was mailed to.")
    sent_at: datetime = strawberry.field(description="When staff sent it.")
    relayed_at: datetime | None = strawberry.field(description="When the mail relay took it.")
    opened_at: datetime | None = strawberry.field(description="When the link's form was first opened.")
    expires_at: datetime = strawberry.field(description="From when its link no longer works.")
    problem: MessageProblem | None = strawberry.field(
        description="What became of its mail where it did not arrive, or not yet; null otherwise."
    )


@shown_to(Who.STAFF)
@strawberry.type(description="The state of a respondent's login.")
class LoginStatus:
    login_code: str | None = strawberry.field(
        description="As people read it, `1234 5678`; null while there is no account."
    )
    email: str | None = strawberry.field(
        description="Where mail about the login goes: the account's address; before there is one, the respondent's."
    )
    phone: str | None = strawberry.field(
        description="The number that the person proved to have; before there is one, the respondent's."
    )
    steps: list[LoginStepState] = strawberry.field(description="The four steps, in order.")
    access_blockers: list[AccessBlocker] = strawberry.field(
        description="What is still to do before the person can use the portal, in order; the first can be done now. "
        "Empty: the portal is open."
    )
    invitation: InvitationStatus | None = strawberry.field(description="The newest invitation; null without one.")
    undelivered: MessageProblem | None = strawberry.field(
        description="The newest mail or text message to the person that did not arrive, or not yet; null without one."
    )
    access: GrantState | None = strawberry.field(description="Null while there is no login.")
    scopes: list[Scope] | None = strawberry.field(
        description="What of the dossier the access opens, once it is approved; null while there is none."
    )
    scopes_chosen: bool = strawberry.field(
        description="Whether staff chose the scopes; otherwise they follow from the relation."
    )
    approved_by: str | None = strawberry.field(description="The member of staff who approved the access last.")
    approved_at: datetime | None = strawberry.field(description="When the access was approved last.")
    reset_requested_at: datetime | None = strawberry.field(
        description="When the person last asked for a new password without setting one since."
    )
    last_sign_in_at: datetime | None = strawberry.field(description="When the person last signed in.")
    factor_set: bool = strawberry.field(description="Whether two-step sign-in is set up.")
    suspended_at: datetime | None = strawberry.field(
        description="Since when the account is suspended, in all dossiers; null while it is not."
    )
    closed_at: datetime | None = strawberry.field(description="When the person closed the account; null while not.")
    starter_password_until: datetime | None = strawberry.field(
        description="When the starter password ends that the person has not replaced yet; null without one."
    )
    exempt_until: datetime | None = strawberry.field(
        description="Until when the person need not set it up; null where that is not so."
    )


def login_status(selection: Selection, facts: LoginFacts) -> LoginStatus:
    """Tell the facts; the lists stay empty where the query does not select them."""
    return LoginStatus(
        login_code=flow.shown_code(facts),
        email=facts.account_email or facts.email,
        phone=facts.account_phone or facts.phone,
        steps=_steps(selection, facts) if "steps" in selection.names else [],
        access_blockers=_blockers(selection, facts) if "accessBlockers" in selection.names else [],
        invitation=shown_invitation(facts, selection.locale),
        undelivered=message_problem(facts.undelivered, selection.locale) if facts.undelivered else None,
        access=GrantState(facts.grant_state) if facts.grant_state else None,
        scopes=_scopes(facts) if "scopes" in selection.names else None,
        scopes_chosen=facts.grant_scopes is not None,
        approved_by=facts.approved_by,
        approved_at=facts.approved_at,
        reset_requested_at=facts.reset_requested_at,
        last_sign_in_at=facts.last_sign_in_at,
        factor_set=facts.factor_set_at is not None,
        suspended_at=None if facts.closed_at else facts.suspended_at,
        closed_at=facts.closed_at,
        starter_password_until=facts.starter_until,
        exempt_until=facts.exempt_until if facts.exempt_until and selection.now < facts.exempt_until else None,
    )


async def own_access_blockers(app: AppContext, caller: Caller) -> list[AccessBlocker]:
    """What stands between a signed-in person and the portal, or a further dossier; nothing for staff."""
    return shown_blockers(await own_blockers(app, caller))


def shown_blockers(blockers: Sequence[Blocker]) -> list[AccessBlocker]:
    """The domain's blockers as the schema's."""
    return [AccessBlocker(code=b.code, party=b.party, mutation=b.mutation, message=b.message) for b in blockers]


def _blockers(selection: Selection, facts: LoginFacts) -> list[AccessBlocker]:
    return shown_blockers(flow.blockers_of(facts, selection.now, selection.locale))


def _scopes(facts: LoginFacts) -> list[Scope] | None:
    opened = flow.opened_scopes(facts)
    return None if opened is None else list(opened)


def _steps(selection: Selection, facts: LoginFacts) -> list[LoginStepState]:
    mailed = _invitation_problem(facts, selection.locale)
    return [
        LoginStepState(
            step=s.step,
            party=s.party,
            done_at=s.done_at,
            problem=mailed if s.step is LoginStep.INVITATION_MAILED else None,
        )
        for s in flow.steps_of(facts)
    ]


def _invitation_problem(facts: LoginFacts | StaffRow, locale: str) -> MessageProblem | None:
    """Of an invitation that can still be used; one that was withdrawn or accepted needs nothing."""
    if facts.invitation_state in (None, "ACCEPTED", "REVOKED", "SUPERSEDED"):
        return None
    act = "resendStaffInvitation"
    if isinstance(facts, LoginFacts):
        act = "updateRespondent" if facts.invitation_failure in ADDRESS_FAILURES else "inviteRespondent"
    return invitation_problem(facts, locale, act)


def shown_invitation(facts: LoginFacts | StaffRow, locale: str) -> InvitationStatus | None:
    if facts.invitation_sent_at is None:
        return None
    assert facts.invitation_state is not None
    assert facts.invitation_expires_at is not None
    return InvitationStatus(
        state=InvitationState(facts.invitation_state),
        sent_to=facts.invitation_email or "",
        sent_at=facts.invitation_sent_at,
        relayed_at=facts.invitation_relayed_at,
        opened_at=facts.invitation_opened_at,
        expires_at=facts.invitation_expires_at,
        problem=_invitation_problem(facts, locale),
    )
