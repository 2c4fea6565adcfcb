"""Checking the password of a known account: within its budget, outside transactions."""

from flows.core import audit
from flows.core.attempts import counted_ahead, reserve_attempt, subject_of, succeed
from flows.core.context import AppContext
from flows.refusals import Cause, Refusal, TooManyAttempts, WrongCredentials
from flows.second_factor.holder import Holder
from models import Account
from models.db.database import transaction


async def checked_password(
    app: AppContext, holder: Holder, password: str, *, opens_nothing: bool = False
) -> Refusal | None:
    """Check the account's password within its budget; None when it is right.

    With ``opens_nothing`` every password is wrong, after the same work.
    """
    practice_id = str(holder.practice.id)
    # A session has a separate budget: guesses from elsewhere must not lock out the person who is signed in.
    kind = f"password@{holder.caller.session_id}" if holder.caller else "password"
    subject = subject_of(str(holder.account.id), kind)
    event = await counted_ahead(app, holder.origin, practice_id)
    async with transaction():
        reserved = await reserve_attempt(app, event, practice_id, subject)
        if isinstance(reserved, TooManyAttempts):
            if reserved.cause is Cause.BUDGET:
                await _note(app, holder, "BLOCKED")
            return reserved
    # An expired starter password is wrong everywhere.
    judged = None if opens_nothing or holder.account.password_expired(app.now) else holder.account.password_hash
    right = await app.passwords.verify(judged, password)
    async with transaction():
        await _note(app, holder, "SUCCESS" if right else "REFUSED")
        if right:
            await succeed(app, practice_id, reserved)
    return None if right else WrongCredentials()


async def _note(app: AppContext, holder: Holder, outcome: str) -> None:
    actor = holder.actor if outcome == "SUCCESS" else holder.unproven_actor
    await audit.record(app, actor, "account.password_asked", ("Account", holder.account.id), outcome=outcome)


async def rehashed(app: AppContext, account: Account, password: str) -> str | None:
    """A hash at today's cost where the stored one is cheaper, else None."""
    if account.password_hash and app.passwords.needs_rehash(account.password_hash):
        return await app.passwords.hash(password)
    return None
