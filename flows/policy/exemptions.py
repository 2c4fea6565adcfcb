"""Exempting one person from setting up a factor: for a reason, until a date, by a manager."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flows.access.office import hold_office
from flows.access.reach import manager, respondent_in_reach
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.ids import as_uuid
from flows.core.texts import clean, moment
from flows.refusals import InvalidInput, NoLogin, NotAllowed, NotExempt, Problem, Refusal, StepUpRequired
from flows.signin.step_up import fresh_for_own
from models import FactorExemption
from models.db.database import transaction
from models.locks import hold_account, hold_login
from models.policy.exemption import end_exemption, exempt

LONGEST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Whom:
    """A respondent or a member of staff, by id."""

    kind: str
    identity: str


async def exempt_from_factor(
    app: AppContext, caller: Caller | None, whom: Whom, reason: str, until: datetime
) -> Refusal | None:
    """Ask no factor of this person until then, at most 90 days ahead; one who has a factor still proves it."""
    member = manager(caller)
    if not fresh_for_own(app, member):
        return StepUpRequired()
    reason, until = clean("reason", reason, 200), moment("until", until)
    if not app.now < until <= app.now + LONGEST:
        return InvalidInput("until", Problem.SOON, LONGEST.days)
    async with transaction():
        account = await _hold_account_of(member, whom)
        if account is None:
            return NoLogin()
        if str(account) == member.account_id:
            raise NotAllowed
        await exempt(
            FactorExemption(
                practice_id=member.practice_id,
                account_id=account,
                staff_id=member.staff_id,
                reason=reason,
                until=until,
                created_at=app.now,
            )
        )
        details = {"reason": reason, "until": until.isoformat()}
        await audit.record(app, member, "factor.exempted", *_about(whom, account), details=details)
        await app.signals.publish(f"account:{account}")
    return None


async def end(app: AppContext, caller: Caller | None, whom: Whom) -> Refusal | None:
    """End an exemption before its time; the next sign-in asks what the policy asks."""
    member = manager(caller)
    async with transaction():
        account = await _hold_account_of(member, whom)
        if account is None:
            return NoLogin()
        if not await end_exemption(account, app.now):
            return NotExempt()
        await audit.record(app, member, "factor.exemption_ended", *_about(whom, account))
        await app.signals.publish(f"account:{account}")
    return None


async def _hold_account_of(member: Caller, whom: Whom) -> UUID | None:
    """The account, held, or None. Raises NotFound, and what `flows.access.office.hold_office` raises."""
    if whom.kind == "StaffMember":
        account = await hold_account((await hold_office(member, whom.identity)).colleague.account_id)
        return account.id if account else None
    await hold_office(member)
    respondent = await respondent_in_reach(member, as_uuid(whom.identity) or "")
    _, grant = await hold_login(respondent)
    return grant.account_id if grant else None


def _about(whom: Whom, account: UUID) -> tuple[tuple[str, object], ...]:
    return ((whom.kind, whom.identity), ("Account", account))
