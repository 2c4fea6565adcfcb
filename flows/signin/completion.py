"""Arriving: where a sign-in stands after something was proven, and the login session at its end.

What arrives is decided inside the transaction of the proof, so that a code is spent together with the session
it opens; challenges, which factors make, are opened after it.
"""

from dataclasses import dataclass

from flows.core import audit
from flows.core.account_signals import ring_account
from flows.core.audit import Actor
from flows.core.context import Access, House
from flows.refusals import Refusal, SignInExpired
from flows.second_factor.holder import Holder
from flows.signin import remembered_devices
from flows.signin.challenges import Question, questions_for
from flows.signin.notices import tell_new_device
from flows.signin.remembered_devices import Memory
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
class UnderWay:
    """The sign-in stands at ``step``; ``token`` goes with the next request, ``questions`` are open challenges."""

    step: Step
    token: str
    holder: Holder
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A login session began. ``session_token`` and ``waiver_token`` are told here once, and never again."""

    session_token: str
    waiver_token: str | None
    waiver_seconds: int
    transport: Transport
    access: Access
    holder: Holder
    session: LoginSession


Outcome = UnderWay | SignedIn | Refusal

#: What the transaction of a proof ends in: the session, the next step, or a refusal.
Arrived = SignedIn | Step | Refusal


async def arrive(house: House, holder: Holder, memory: Memory | None = None) -> Arrived:
    """Inside the transaction of what was just proven: the next step, or the session when nothing is left.

    Raises SignInExpired, which undoes the transaction, when the account moved on in the meantime.
    """
    step = next_step(house, holder, await enrolments_of(holder.account.id))
    return await _complete(house, holder, memory) if isinstance(step, Ready) else step


async def show(house: House, holder: Holder, token: str, arrived: Arrived) -> Outcome:
    """After the transaction: what the person sees, with the challenges of a step that has some."""
    if isinstance(arrived, SignedIn | Refusal):
        return arrived
    return UnderWay(arrived, token, holder, await questions_for(house, holder, arrived))


async def _complete(house: House, holder: Holder, memory: Memory | None) -> SignedIn:
    """Turn a proven sign-in into a session, once."""
    sign_in, account, now = holder.sign_in, holder.account, house.now
    assert sign_in is not None
    if not await may_complete(account.id, sign_in.epoch, now):
        raise SignInExpired
    if await advance_sign_in(sign_in, completed_at=now) is None:
        raise SignInExpired
    token = new_token()
    session = await _open_session(house, holder, token)
    if memory and not await remembered_devices.store(house, holder, memory):
        memory = None
    if memory:
        await tell_new_device(house, account, memory.device)
    actor = Actor(holder.origin, str(holder.practice.id), str(account.id), account.audience.value, str(session.id))
    await audit.record(house, actor, "sign_in.completed", ("Account", account.id))
    await ring_account(house, account.id)
    return SignedIn(
        session_token=token,
        waiver_token=memory.token if memory else None,
        waiver_seconds=sign_in.remember_seconds,
        transport=sign_in.transport,
        access=await access_of(account),
        holder=holder,
        session=session,
    )


async def _open_session(house: House, holder: Holder, token: str) -> LoginSession:
    sign_in, account, now = holder.sign_in, holder.account, house.now
    assert sign_in is not None
    total = house.rules.staff_session_total if account.audience is Audience.STAFF else house.rules.session_total
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
        # A remembered device is no proof of who is there: sensitive acts ask again.
        stepped_up_at=None if sign_in.waived else now,
        address=sign_in.address,
        user_agent=sign_in.user_agent,
    )


async def advance(house: House, holder: Holder, token: str, **changes: object) -> Outcome:
    """Note something about a sign-in that needed no proof of a factor, and answer where it stands then."""
    assert holder.sign_in is not None
    memory = await remembered_devices.prepare(house, holder, holder.sign_in.remember_seconds)
    try:
        async with transaction():
            await hold_account(holder.account.id)
            if await advance_sign_in(holder.sign_in, **changes) is None:
                return SignInExpired()
            arrived = await arrive(house, holder, memory)
    except Refusal as refusal:
        return refusal
    return await show(house, holder, token, arrived)
