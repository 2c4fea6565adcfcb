"""Step-up: authenticating again within a session, before a sensitive act.

It takes the password, and a factor where the account has one. A remembered device does not replace the factor here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.core import audit
from flows.core.context import AppContext, Caller, ClientInfo
from flows.refusals import FactorUnavailable, NotAllowed, NotSignedIn, Refusal, StepUpRequired
from flows.second_factor.holder import Holder, holder_of_session
from flows.second_factor.proofs import GivenProof, prove
from flows.signin.challenges import FactorQuestion, may_answer, open_questions, reopened
from flows.signin.notices import tell_stand_in_used
from flows.signin.password_check import checked_password
from flows.signin.steps import Ask, factor_asks, has_factor
from models import FactorEnrolment, LoginSession, Purpose
from models.db.database import transaction
from models.locks import hold_account
from models.second_factor.factor import enrolments_of
from security.ages import is_within
from security.tokens import new_token, token_hash


def fresh_for_own(app: AppContext, caller: Caller) -> bool:
    """Recent enough for one's own credentials, policy and exports."""
    return _fresh(app, caller, app.rules.step_up_own)


def fresh_for_staff(app: AppContext, caller: Caller) -> bool:
    """Recent enough for staff who approve, reset factors or give a starter password."""
    return _fresh(app, caller, app.rules.step_up_staff)


def _fresh(app: AppContext, caller: Caller, age: timedelta) -> bool:
    return caller.stepped_up_at is not None and is_within(caller.stepped_up_at, app.now, age)


@dataclass(frozen=True, slots=True)
class SteppedUp:
    """The session with its new token, which replaces the old one because the assurance was raised."""

    session_token: str
    session: LoginSession


def stepped_up_until(app: AppContext, caller: Caller) -> datetime | None:
    """Until when one's own credentials can be changed; None where a step-up is needed first."""
    at = caller.stepped_up_at
    return at + app.rules.step_up_own if at is not None and fresh_for_own(app, caller) else None


def staff_acts_until(app: AppContext, caller: Caller) -> datetime | None:
    """Until when staff can approve and the like; None where a step-up is needed first, and for respondents."""
    at = caller.stepped_up_at
    open_now = caller.staff_id is not None and at is not None and fresh_for_staff(app, caller)
    return at + app.rules.step_up_staff if at is not None and open_now else None


async def begin(app: AppContext, caller: Caller | None) -> tuple[FactorQuestion, ...]:
    """The factors that may answer; none where the account has no factor, and the password is enough."""
    holder = await holder_of_session(caller)
    return await open_questions(app, holder, Purpose.STEP_UP, await _asks(app, holder))


async def _asks(app: AppContext, holder: Holder) -> tuple[Ask, ...]:
    enrolments = await enrolments_of(holder.account.id)
    if not has_factor(enrolments):
        return ()
    asks = factor_asks(app, holder.policy, enrolments)
    if not asks:
        raise FactorUnavailable(enrolments[0].factor)
    return asks


async def open_challenge(
    app: AppContext, caller: Caller | None, factor: str, enrolment_id: str | None
) -> tuple[FactorQuestion, ...] | Refusal:
    """A new challenge of one factor, for a step-up; returns all open ones."""
    holder = await holder_of_session(caller)
    return await reopened(app, holder, Purpose.STEP_UP, await _asks(app, holder), factor, enrolment_id)


async def confirm(
    app: AppContext,
    caller: Caller | None,
    origin: ClientInfo,
    password: str,
    challenge_id: str | None,
    given: GivenProof | None,
) -> SteppedUp | Refusal:
    """Check the password, and the proof where the account has a factor; the session gets a new token.

    Returns NotAllowed where the answer can't carry the token: a browser's session is renewed by cookie only.
    """
    holder = await holder_of_session(caller)
    assert holder.caller is not None
    session = await LoginSession.get(id=holder.caller.session_id)
    if not origin.reached_by(session.transport, holder.practice.slug):
        return NotAllowed()
    refusal = await checked_password(app, holder, password)
    if refusal:
        return refusal
    token = new_token()
    if not has_factor(await enrolments_of(holder.account.id)):
        async with transaction():
            await _raise_assurance(app, holder, token)
        return SteppedUp(token, session)
    if challenge_id is None or given is None:
        return StepUpRequired()
    if not await may_answer(app, holder, given.factor):
        return FactorUnavailable(given.factor)

    async def proven(enrolment: FactorEnrolment) -> None:
        await tell_stand_in_used(app, holder.account, enrolment, signed_in=False)
        await _raise_assurance(app, holder, token)

    outcome = await prove(app, holder, Purpose.STEP_UP, challenge_id, given, proven)
    return outcome if isinstance(outcome, Refusal) else SteppedUp(token, session)


async def _raise_assurance(app: AppContext, holder: Holder, token: str) -> None:
    assert holder.caller is not None
    await hold_account(holder.account.id)
    raised = await LoginSession.filter(id=holder.caller.session_id, ended_at=None).update(
        stepped_up_at=app.now, token_hash=token_hash(token)
    )
    if not raised:
        raise NotSignedIn
    await audit.record(app, holder.actor, "session.stepped_up", ("LoginSession", holder.caller.session_id))
