"""Login sessions: authenticating a token, and ending sessions and remembered devices."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flows.core import assurance, audit
from flows.core.account_signals import publish_account_change
from flows.core.assurance import Acting, Cause
from flows.core.context import Access, AppContext, Caller, ClientInfo
from flows.core.ids import as_uuid
from flows.refusals import NotFound, NotSignedIn, Refusal
from models import Account, Audience, GrantState, LoginSession, StaffRole
from models.access.access import grant_states
from models.db.database import transaction
from models.locks import hold_account
from models.second_factor.factor import forget_device, forget_devices
from models.signin.login_session import end_account_sessions, identify, sessions_of, touch
from security.tokens import token_hash

#: Writing "last seen" more often would make every read a write.
_SEEN_EVERY = timedelta(minutes=1)


async def authenticate(app: AppContext, origin: ClientInfo, token: str) -> Caller | None:
    """The caller of a session token; one statement, and nothing is cached between requests."""
    now = app.now
    row = await identify(token_hash(token), now, now - app.rules.session_idle)
    if row is None:
        return None
    if now - row["last_seen_at"] > _SEEN_EVERY:
        await touch(row["session_id"], now)
    return caller_of(origin, row)


def caller_of(origin: ClientInfo, row: dict[str, Any]) -> Caller:
    audience = Audience(row["audience"])
    return Caller(
        origin=replace(origin, locale=row["locale"]),
        session_id=row["session_id"],
        account_id=row["account_id"],
        practice_id=row["practice_id"],
        practice_slug=row["slug"],
        audience=audience,
        access=Access(row["access"]),
        role=StaffRole(row["role"]) if row["role"] else None,
        staff_id=row["staff_id"],
        locale=row["locale"],
        stepped_up_at=row["stepped_up_at"],
        time_zone=row["time_zone"],
        practice_locale=row["practice_locale"],
    )


async def access_of(account: Account) -> Access:
    """How far an account may go: staff are approved by being staff, respondents by a grant."""
    if account.audience is Audience.STAFF:
        return Access.APPROVED
    states = await grant_states(account.id)
    if GrantState.APPROVED in states:
        return Access.APPROVED
    return Access.AWAITING_APPROVAL if states or account.email_verified_at else Access.UNVERIFIED


async def still_live(app: AppContext, caller: Caller) -> Caller | None:
    """The caller as the database has it now, for subscriptions, which outlive their request."""
    row = await identify(None, app.now, app.now - app.rules.session_idle, session_id=caller.session_id)
    return caller_of(caller.origin, row) if row else None


async def still_watching(app: AppContext, caller: Caller) -> Caller | None:
    """:func:`still_live` that also keeps the session of a person without access alive, up to the session's total.

    Such a person waits at an open page. With access an open page does not show that the person is present (OWASP
    Session Management, idle timeout).
    """
    now = app.now
    row = await identify(None, now, now - app.rules.session_idle, session_id=caller.session_id)
    if row is None:
        return None
    if Access(row["access"]) is not Access.APPROVED and now - row["last_seen_at"] > _SEEN_EVERY:
        await touch(row["session_id"], now)
    return caller_of(caller.origin, row)


async def end_sessions(app: AppContext, account_id: object, *, but: str | None = None) -> None:
    """End an account's sessions inside the running transaction, and wake its subscribers."""
    await hold_account(account_id)
    await end_account_sessions(account_id, app.now, but)
    await publish_account_change(app, account_id)


async def sign_out(app: AppContext, caller: Caller | None) -> None:
    """End the caller's own session; signing out twice is no error."""
    if caller is None:
        return
    async with transaction():
        await hold_account(caller.account_id)
        await LoginSession.filter(id=caller.session_id).update(ended_at=app.now)
        await audit.record(app, caller, "session.signed_out", ("LoginSession", caller.session_id))
        await app.signals.publish(f"account:{caller.account_id}")


async def end_one(app: AppContext, caller: Caller | None, session_id: str) -> Refusal | None:
    """End one of one's own sessions."""
    if caller is None:
        return NotSignedIn()
    identity = as_uuid(session_id)
    async with transaction():
        await hold_account(caller.account_id)
        ended = await LoginSession.filter(id=identity, account_id=caller.account_id, ended_at=None).update(
            ended_at=app.now
        )
        if not ended:
            return NotFound()
        await audit.record(app, caller, "session.ended", ("LoginSession", identity))
        await app.signals.publish(f"account:{caller.account_id}")
    return None


async def end_others(app: AppContext, caller: Caller | None) -> Refusal | None:
    """End all of one's own sessions but this one."""
    if caller is None:
        return NotSignedIn()
    async with transaction():
        await end_sessions(app, caller.account_id, but=caller.session_id)
        await audit.record(app, caller, "session.others_ended", ("Account", caller.account_id))
    return None


async def own_sessions(app: AppContext, caller: Caller) -> list[LoginSession]:
    return await sessions_of(caller.account_id, app.now, app.now - app.rules.session_idle)


async def revoke_device(app: AppContext, caller: Caller | None, device_id: str) -> Refusal | None:
    """Forget one remembered device of one's own."""
    if caller is None:
        return NotSignedIn()
    identity = as_uuid(device_id)
    async with transaction():
        await hold_account(caller.account_id)
        if not (gone := await forget_device(caller.account_id, identity)):
            return NotFound()
        await assurance.end(app, caller.account_id, Cause.DEVICE_REVOKED, Acting(session=caller.session_id), gone)
        await audit.record(app, caller, "device.revoked", ("FactorEnrolment", identity))
    return None


async def revoke_all_devices(app: AppContext, caller: Caller | None) -> Refusal | None:
    """Forget every remembered device of one's own."""
    if caller is None:
        return NotSignedIn()
    async with transaction():
        await hold_account(caller.account_id)
        gone = await forget_devices(caller.account_id)
        await assurance.end(app, caller.account_id, Cause.DEVICE_REVOKED, Acting(session=caller.session_id), gone)
        await audit.record(app, caller, "device.all_revoked", ("Account", caller.account_id))
    return None
