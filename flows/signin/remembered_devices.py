"""Remembered devices: a device stores a WAIVER's token and presents it when signing in.

A change of password, factors, recovery codes or access deletes them. They expire by the server's clock, and sooner
where the practice shortens the time for which it remembers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flows.core import audit
from flows.core.audit import Actor
from flows.core.context import AppContext, ClientInfo
from flows.core.policy import Policy, policy_of
from flows.core.sealing import open_state, seal_state
from flows.refusals import FactorUnavailable
from flows.second_factor.desk import desk_for
from flows.second_factor.holder import Holder
from flows.second_factor.judge import FactorFailed, call
from flows.second_factor.proofs import handle_of
from flows.signin.credentials import Credentials
from flows.signin.device_names import device_name
from models import Account, FactorEnrolment, Practice
from models.db.base import NOBODY
from models.second_factor.factor import enrolments_of
from plugins import Accepted, AnyFactor, Challenged, Issued, NotSent, Refused, Role, State
from security.ages import latest_start

#: A token is the factor's name and the token that the factor issued.
_SEPARATOR = ":"
_LONGEST = 500

#: Finds the token that a device stores for an account (its id; None for a login that no account has).
WaiverFor = Callable[[object | None], str | None]


@dataclass(frozen=True, slots=True)
class NewRememberedDevice:
    """A waiver that is stored together with its session; ``device`` is its name in mail."""

    factor: AnyFactor
    issued: Issued[State]
    lifetime: timedelta
    token: str
    device: str


def no_account(_: object | None) -> None:
    """A WaiverFor of a device that is not remembered."""


def any_account(token: str | None) -> WaiverFor:
    """A WaiverFor of a device with one token, whatever the account."""
    return lambda _: token


async def recognise(
    app: AppContext, origin: ClientInfo, found: Credentials | None, practice: Practice, waiver_for: WaiverFor
) -> FactorEnrolment | None:
    """The enrolment that this device's token proves for this account, else None.

    Read-only: the token is not rotated, so two tabs can sign in at once.
    """
    token = waiver_for(found.account.id if found else None)
    name, _, own = (token or "")[:_LONGEST].partition(_SEPARATOR)
    factor = app.factors.get(name)
    if factor is None or factor.role is not Role.WAIVER:
        return None
    # Queried for an unknown login too, so that the time does not show whether the login exists.
    enrolment = await FactorEnrolment.get_or_none(
        account_id=found.account.id if found else NOBODY, factor=name, handle=handle_of(factor, own) or ""
    )
    if found is None or enrolment is None:
        return None
    account = found.account
    if not alive(enrolment, policy_of(practice.policy, account.audience), app.now):
        return None
    desk = desk_for(app, account, practice, factor)

    async def work() -> Accepted[Any] | Refused:
        return await factor.verify(desk, open_state(app, factor, enrolment), Challenged({}, {}, app.now), own)

    # The password is not checked yet.
    actor = Actor(origin, str(practice.id))
    try:
        verdict = await call(app, factor, work, Accepted, Refused, noted=(actor, account.id))
    except (FactorFailed, FactorUnavailable, NotSent):
        return None
    return enrolment if isinstance(verdict, Accepted) else None


def alive(enrolment: FactorEnrolment, policy: Policy, now: datetime) -> bool:
    """Whether a waiver is valid now, by the server's clock and today's policy."""
    end = end_of(enrolment, policy)
    if enrolment.created_at > latest_start(now):
        return False
    return end is not None and now < end


def end_of(enrolment: FactorEnrolment, policy: Policy) -> datetime | None:
    """When a waiver expires: as issued, or sooner where the policy was shortened."""
    if enrolment.expires_at is None:
        return None
    return min(enrolment.expires_at, enrolment.created_at + policy.longest_memory())


async def devices_of(app: AppContext, account: Account, practice: Practice) -> list[tuple[FactorEnrolment, datetime]]:
    """The remembered devices that are valid, newest first, each with its end under today's policy."""
    policy = policy_of(practice.policy, account.audience)
    devices = [(e, end_of(e, policy)) for e in await enrolments_of(account.id) if e.role == Role.WAIVER]
    return [(device, end) for device, end in reversed(devices) if end is not None and app.now < end]


def durations(app: AppContext, holder: Holder) -> tuple[int, ...]:
    """The seconds for which this holder may have a device remembered; empty without an allowed WAIVER."""
    return holder.policy.remember if any(holder.policy.allows(f) for f in app.factors.of(Role.WAIVER)) else ()


async def prepare(app: AppContext, holder: Holder, seconds: int) -> NewRememberedDevice | None:
    """Have the first allowed WAIVER issue a token for ``seconds``; call outside any transaction."""
    factor = next((f for f in app.factors.of(Role.WAIVER) if holder.policy.allows(f)), None)
    if factor is None or seconds not in holder.policy.remember:
        return None
    lifetime = timedelta(seconds=seconds)
    desk = desk_for(app, holder.account, holder.practice, factor)
    try:
        issued = await call(
            app, factor, lambda: factor.issue(desk, lifetime), Issued, noted=(holder.actor, holder.account.id)
        )
    except (FactorFailed, NotSent):
        return None
    token = issued.kept.get("token")
    # A failure to remember the device must not refuse the sign-in.
    if holder.sign_in is None or not isinstance(token, str):
        return None
    device = await device_name(app, holder.sign_in.user_agent, holder.account.locale)
    return NewRememberedDevice(factor, issued, lifetime, f"{factor.name}{_SEPARATOR}{token}", device)


async def store(app: AppContext, holder: Holder, new_device: NewRememberedDevice) -> bool:
    """Store the device, in the transaction that opens its session.

    False where the policy was shortened since the token was issued.
    """
    identity, now = uuid4(), app.now
    assert holder.sign_in is not None
    practice = await Practice.get(id=holder.practice.id)
    if new_device.lifetime > policy_of(practice.policy, holder.account.audience).longest_memory():
        return False
    await FactorEnrolment.create(
        id=identity,
        practice_id=holder.practice.id,
        account_id=holder.account.id,
        factor=new_device.factor.name,
        role=new_device.factor.role.value,
        slot=str(identity),
        handle=new_device.issued.handle,
        label=new_device.issued.label[:60],
        state=seal_state(app, str(holder.account.id), new_device.factor, new_device.issued.state),
        state_version=new_device.factor.state_version,
        created_at=now,
        confirmed_at=now,
        expires_at=now + new_device.lifetime,
        user_agent=holder.sign_in.user_agent,
    )
    await audit.record(app, holder.actor, "device.remembered", ("Account", holder.account.id))
    return True
