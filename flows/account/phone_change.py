"""Changing one's own telephone number for contact: the old one stays until a code comes back from the new.

A second factor by text message is set up apart: a number for contact proves nothing when signing in.
"""

import hmac
import secrets
from contextlib import suppress
from uuid import UUID, uuid4

from flows.core import audit
from flows.core.account_mail import tell
from flows.core.attempts import counted_ahead, reserve_attempt, subject_of, succeed
from flows.core.context import AppContext, Caller
from flows.core.sms_metering import TextMessage, Use, send_sms
from flows.refusals import (
    Cause,
    ChallengeExpired,
    InvalidInput,
    NoTextMessages,
    NotSentYet,
    Problem,
    ProofRefused,
    Refusal,
    StepUpRequired,
    TooManyAttempts,
)
from flows.second_factor.holder import Holder, hold_stepped_up, holder_of_session
from flows.signin.step_up import fresh_for_own
from models import Account, PhoneChange
from models.account.phone_change import open_phone_change, supersede_phone_changes, use_phone_change
from models.db.database import transaction
from normalise.codes import read_code
from normalise.phones import mobile_number
from plugins import NotSent, Reason

_DIGITS = 6


async def ask(app: AppContext, caller: Caller | None, phone: str) -> PhoneChange | Refusal:
    """Text a code to the new number, after a step-up; nothing changes until it comes back. Raises InvalidInput."""
    holder = await holder_of_session(caller)
    assert holder.caller is not None
    if not fresh_for_own(app, holder.caller):
        return StepUpRequired()
    if app.rules.sms is None:
        return NoTextMessages()
    number = mobile_number(phone, holder.practice.country)
    if number is None:
        raise InvalidInput("phone", Problem.MOBILE)
    identity, code = uuid4(), "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
    try:
        async with transaction():
            await hold_stepped_up(holder)
            await supersede_phone_changes(holder.account.id, app.now)
            change = await PhoneChange.create(
                id=identity,
                practice_id=holder.practice.id,
                account_id=holder.account.id,
                session_id=holder.caller.session_id,
                number=number,
                code_mac=_macs(app, identity, code)[0],
                created_at=app.now,
                expires_at=app.now + app.rules.challenge_life,
            )
            text = TextMessage(number, "one_time_code", {"code": code})
            await send_sms(app, holder.account, holder.practice, holder.origin.address, text, Use.ENROL)
            await audit.record(app, holder.actor, "account.phone_change_asked", ("Account", holder.account.id))
    except NotSent as unsent:
        return NotSentYet.of(unsent, "sms")
    return change


async def confirm(app: AppContext, caller: Caller | None, code: str) -> Refusal | None:
    """The code came back, in the session that asked for it and while its step-up is fresh: the number is changed."""
    holder = await holder_of_session(caller)
    assert holder.caller is not None
    if not fresh_for_own(app, holder.caller):
        return StepUpRequired()
    change = await open_phone_change(holder.account.id, holder.caller.session_id, app.now)
    if change is None:
        return ChallengeExpired()
    practice_id = str(holder.practice.id)
    event = await counted_ahead(app, holder.origin, practice_id)
    async with transaction():
        reserved = await reserve_attempt(app, event, practice_id, subject_of(str(holder.account.id), "phone_change"))
        if isinstance(reserved, TooManyAttempts):
            if reserved.cause is Cause.BUDGET:
                await _note(app, holder, "BLOCKED")
            return reserved
    if refusal := _wrong(app, change, code):
        await _note(app, holder, "REFUSED")
        return refusal
    async with transaction():
        await hold_stepped_up(holder)
        if not await use_phone_change(change.id, app.now):
            return ChallengeExpired()
        await succeed(app, practice_id, reserved)
        await Account.filter(id=holder.account.id).update(phone=change.number)
        await audit.record(app, holder.actor, "account.phone_changed", ("Account", holder.account.id))
        await _tell_old(app, holder)
    return None


async def _note(app: AppContext, holder: Holder, outcome: str) -> None:
    subject = ("Account", holder.account.id)
    await audit.record(app, holder.actor, "account.phone_change_proof", subject, outcome=outcome)


async def _tell_old(app: AppContext, holder: Holder) -> None:
    """By mail, and at the old number; that it can't be reached any more may be why it changes."""
    await tell(app, holder.account, "notice_phone_changed")
    if holder.account.phone:
        notice = TextMessage(holder.account.phone, "number_replaced", {})
        with suppress(NotSent):
            await send_sms(app, holder.account, holder.practice, "", notice, Use.NOTICE)


def _macs(app: AppContext, identity: UUID, code: str) -> list[str]:
    """Under each key, the active one's first: a code stays right when its key no longer is that."""
    return [mac.hex() for mac in app.keys.macs(f"{identity}:{code}".encode(), "phone-change")]


def _wrong(app: AppContext, change: PhoneChange, typed: str) -> Refusal | None:
    code = read_code(typed, _DIGITS)
    if code is None:
        return ProofRefused(Reason.MALFORMED)
    # All of them are compared: how long it takes tells nothing.
    right = [hmac.compare_digest(mac, change.code_mac) for mac in _macs(app, change.id, code)]
    return None if any(right) else ProofRefused(Reason.WRONG)
