"""Completing a sign-in: the next step after a proof, or the login session after the last step.

The step is computed inside the transaction of the proof, so that a code is spent together with the session that it
opens. Challenges, which plugins make, are opened after it.
"""

from dataclasses import dataclass

from flows.core import audit
from flows.core.account_signals import publish_account_change
from flows.core.audit import Actor
from flows.core.context import Access, AppContext
from flows.refusals import Refusal, SignInExpired
from flows.second_factor.holder import Holder
from flows.signin import remembered_devices
from flows.signin.challenges import FactorQuestion, questions_for
from flows.signin.notices import tell_new_device
from flows.signin.remembered_devices import NewRememberedDevice
from flows.signin.sessions import access_of
from flows.signin.steps import Ready, Step, next_step
from models import Audience, LoginSession, Transport
from models.core.account import may_complete
from models.db.database import transaction
from models.locks import hold_account
from models.second_factor.factor import enrolments_of
from models.signin.sign_in import advance_sign_in
from security.tokens import new_token, token_hash


@dataclass(frozen=True, slots=True)
class StepPending:
    """The sign-in is at ``step``. ``token`` belongs to the next request; ``questions`` are the open challenges."""

    step: Step
    token: str
    holder: Holder
    questions: tuple[FactorQuestion, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A login session was opened. ``session_token`` and ``waiver_token`` are returned here once, and never again."""

    session_token: str
    waiver_token: str | None
    waiver_seconds: int
    transport: Transport
    access: Access
    holder: Holder
    session: LoginSession


Outcome = StepPending | SignedIn | Refusal

#: The result of the transaction of a proof: the session, the next step, or a refusal.
StepReached = SignedIn | Step | Refusal


async def advance_in_transaction(
    app: AppContext, holder: Holder, new_device: NewRememberedDevice | None = None
) -> StepReached:
    """Inside the transaction of a proof: the next step, or the session when no step is left.

    Raises SignInExpired, which rolls the transaction back, where the account's epoch was raised meanwhile.
    """
    step = next_step(app, holder, await enrolments_of(holder.account.id))
    return await _complete(app, holder, new_device) if isinstance(step, Ready) else step


async def present(app: AppContext, holder: Holder, token: str, reached: StepReached) -> Outcome:
    """After the transaction: the outcome for the person, with the challenges of the step."""
    if isinstance(reached, SignedIn | Refusal):
        return reached
    return StepPending(reached, token, holder, await questions_for(app, holder, reached))


async def _complete(app: AppContext, holder: Holder, new_device: NewRememberedDevice | None) -> SignedIn:
    """Turn a proven sign-in into a session, once."""
    sign_in, account, now = holder.sign_in, holder.account, app.now
    assert sign_in is not None
    if not await may_complete(account.id, sign_in.epoch, now):
        raise SignInExpired
    if await advance_sign_in(sign_in, completed_at=now) is None:
        raise SignInExpired
    token = new_token()
    session = await _open_session(app, holder, token)
    if new_device and not await remembered_devices.store(app, holder, new_device):
        new_device = None
    if new_device:
        await tell_new_device(app, account, new_device.device)
    actor = Actor(holder.origin, str(holder.practice.id), str(account.id), account.audience.value, str(session.id))
    await audit.record(app, actor, "sign_in.completed", ("Account", account.id))
    await publish_account_change(app, account.id)
    return SignedIn(
        session_token=token,
        waiver_token=new_device.token if new_device else None,
        waiver_seconds=sign_in.remember_seconds,
        transport=sign_in.transport,
        access=await access_of(account),
        holder=holder,
        session=session,
    )


async def _open_session(app: AppContext, holder: Holder, token: str) -> LoginSession:
    sign_in, account, now = holder.sign_in, holder.account, app.now
    assert sign_in is not None
    total = app.rules.staff_session_total if account.audience is Audience.STAFF else app.rules.session_total
    return await LoginSession.create(
        practice_id=holder.practice.id,
        account_id=account.id,
        token_hash=token_hash(token),
        transport=sign_in.transport,
        proven_by=sign_in.proven_by,
        proven_with=sign_in.proven_with,
        created_at=now,
        last_seen_at=now,
        expires_at=now + total,
        # A remembered device proves no presence: sensitive acts need a step-up.
        stepped_up_at=None if sign_in.waived else now,
        address=sign_in.address,
        user_agent=sign_in.user_agent,
    )


async def advance(app: AppContext, holder: Holder, token: str, **changes: object) -> Outcome:
    """Store ``changes`` of a sign-in that needed no proof of a factor, and return its next step."""
    assert holder.sign_in is not None
    new_device = await remembered_devices.prepare(app, holder, holder.sign_in.remember_seconds)
    try:
        async with transaction():
            await hold_account(holder.account.id)
            if await advance_sign_in(holder.sign_in, **changes) is None:
                return SignInExpired()
            reached = await advance_in_transaction(app, holder, new_device)
    except Refusal as refusal:
        return refusal
    return await present(app, holder, token, reached)
