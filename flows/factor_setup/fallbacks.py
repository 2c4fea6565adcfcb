"""Recovery codes and other FALLBACKs: issued once, confirmed by the person, and renewed as a set."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flows.core import assurance, audit
from flows.core.account_mail import tell
from flows.core.assurance import Cause
from flows.core.context import AppContext
from flows.core.limits import hour_is_full, within_request_limit
from flows.core.sealing import seal_state
from flows.refusals import FactorUnavailable, FallbackReplaced, Refusal, SignInExpired, StepNotOpen, StepUpRequired
from flows.second_factor.desk import desk_for
from flows.second_factor.holder import Holder, hold, hold_stepped_up
from flows.second_factor.judge import FactorFailed, call
from flows.signin.challenges import store_challenge
from flows.signin.completion import Outcome, advance_in_transaction, present
from flows.signin.remembered_devices import prepare
from flows.signin.step_up import fresh_for_own
from flows.signin.steps import FallbackUnconfirmed, has_factor, next_step
from models import FactorEnrolment, Purpose
from models.db.database import IntegrityError, transaction
from models.second_factor.factor import (
    consume_challenge,
    delete_enrolments,
    enrolments_of,
    keep_fallback,
    open_challenges,
)
from models.signin.sign_in import advance_sign_in
from plugins import AnyFactor, Issued, NotSent, Opened, Role
from security.tokens import new_token, token_hash


@dataclass(frozen=True, slots=True)
class IssuedFallback:
    """What the person must store; shown in this answer and never again. ``token`` is the sign-in's new one.

    ``identity`` is the id of the set, which the confirmation names.
    """

    factor: AnyFactor
    identity: UUID
    kept: dict[str, Any]
    token: str | None


async def issue(app: AppContext, holder: Holder, factor_name: str) -> IssuedFallback | Refusal:
    """Issue a new set. The old one is void at once; the new one is valid when confirmed."""
    factor = app.factors.get(factor_name)
    if factor is None or factor.role is not Role.FALLBACK or not holder.policy.allows(factor):
        return FactorUnavailable(factor_name[:40])
    enrolments = await enrolments_of(holder.account.id)
    if refusal := _may_issue(app, holder, factor, enrolments):
        return refusal
    if not await within_request_limit(app, "fallback", f"account:{holder.account.id}"):
        return hour_is_full(app)
    desk = desk_for(app, holder.account, holder.practice, factor)
    try:
        issued = await call(
            app, factor, lambda: factor.issue(desk, None), Issued, noted=(holder.actor, holder.account.id)
        )
    except (FactorFailed, NotSent):
        return FactorUnavailable(factor.name)
    renewed = any(e.factor == factor.name and e.confirmed_at for e in enrolments)
    token = new_token() if holder.sign_in else None
    try:
        async with transaction():
            await hold_stepped_up(holder)
            identity, gone = await _replace(app, holder, factor, issued)
            await assurance.end(app, holder.account.id, Cause.CODES_RENEWED, holder.acting, gone)
            if renewed:
                await tell(app, holder.account, "notice_codes_regenerated")
            await audit.record(app, holder.actor, "fallback.issued", ("Account", holder.account.id))
            if holder.sign_in and token:
                advanced = await advance_sign_in(holder.sign_in, token_hash=token_hash(token))
                if advanced is None:
                    raise SignInExpired
    except IntegrityError:
        return StepNotOpen()
    except Refusal as refusal:
        return refusal
    return IssuedFallback(factor, identity, dict(issued.kept), token)


def _may_issue(app: AppContext, holder: Holder, factor: AnyFactor, enrolments: list[FactorEnrolment]) -> Refusal | None:
    if holder.sign_in is not None:
        step = next_step(app, holder, enrolments)
        return None if isinstance(step, FallbackUnconfirmed) and step.factor is factor else StepNotOpen()
    assert holder.caller is not None
    if not fresh_for_own(app, holder.caller):
        return StepUpRequired()
    # A fallback needs a factor to fall back from (security.md: recovery codes alone are no factor).
    return None if has_factor(enrolments) else StepNotOpen()


async def _replace(
    app: AppContext, holder: Holder, factor: AnyFactor, issued: Issued[Any]
) -> tuple[UUID, list[FactorEnrolment]]:
    # Checked again under the lock: the account's last factor may be gone, and a fallback must not be alone.
    if refusal := _may_issue(app, holder, factor, await enrolments_of(holder.account.id)):
        raise refusal
    gone = [one for one in await enrolments_of(holder.account.id) if one.factor == factor.name]
    await delete_enrolments(gone)
    enrolment = await FactorEnrolment.create(
        practice_id=holder.practice.id,
        account_id=holder.account.id,
        factor=factor.name,
        role=factor.role.value,
        slot="only",
        handle=issued.handle,
        state=seal_state(app, str(holder.account.id), factor, issued.state),
        state_version=factor.state_version,
        created_at=app.now,
    )
    # Only this sign-in or session, to which the set was shown, can confirm it. The challenge's id stays secret: no
    # proof can answer it.
    until = holder.sign_in.expires_at if holder.sign_in else app.now + app.rules.session_total
    await store_challenge(app, holder, Purpose.ENROL, factor, Opened(), enrolment=enrolment, until=until)
    return enrolment.id, gone


async def confirm(
    app: AppContext, holder: Holder, token: str | None, factor_name: str, issue_id: str
) -> Outcome | Refusal | None:
    """The person confirms to have stored the set ``issue_id``, which this sign-in or session was shown.

    Refused where another tab had a newer set issued meanwhile. Returns the next step in a sign-in, None in a session.
    """
    if holder.sign_in is not None:
        step = next_step(app, holder, await enrolments_of(holder.account.id))
        if not isinstance(step, FallbackUnconfirmed) or step.factor.name != factor_name:
            return StepNotOpen()
    new_device = await prepare(app, holder, holder.sign_in.remember_seconds) if holder.sign_in else None
    try:
        async with transaction():
            await hold(holder)
            mine = await open_challenges(Purpose.ENROL, app.now, holder.binding)
            shown = next((each for each in mine if each.factor == factor_name), None)
            if shown is None:
                return StepNotOpen()
            if str(shown.enrolment_id) != issue_id:
                return FallbackReplaced()
            if not await keep_fallback(shown.enrolment_id, app.now):
                return StepNotOpen()
            await consume_challenge(shown.id, app.now)
            await audit.record(app, holder.actor, "fallback.confirmed", ("Account", holder.account.id))
            reached = await advance_in_transaction(app, holder, new_device) if holder.sign_in else None
    except Refusal as refusal:
        return refusal
    return await present(app, holder, token or "", reached) if reached else None
