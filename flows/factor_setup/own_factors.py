"""One's own factors: renaming them, and removing them by a proof of themselves. Remembered devices are renamed too."""

from uuid import UUID

from flows.core import assurance, audit
from flows.core.account_mail import tell
from flows.core.assurance import Acting, Cause
from flows.core.context import AppContext, Caller
from flows.core.ids import as_uuid
from flows.core.policy import Demand
from flows.core.texts import clean
from flows.refusals import ChallengeExpired, FactorUnavailable, LastFactor, NotFound, Refusal
from flows.second_factor.holder import Holder, hold, holder_of_session
from flows.second_factor.plugin_removed import notify_plugin_removed
from flows.second_factor.proofs import GivenProof, prove
from flows.signin.challenges import FactorQuestion, reopened
from flows.signin.steps import Ask, has_factor, is_usable
from models import FactorEnrolment, Purpose
from models.db.database import transaction
from models.second_factor.factor import delete_enrolments, enrolments_of
from plugins import AnyFactor, Role


async def rename(app: AppContext, caller: Caller | None, enrolment_id: str, label: str) -> Refusal | None:
    """Rename a factor, in up to 60 characters. Raises InvalidInput."""
    return await _rename(app, caller, Role.PROOF, enrolment_id, label, "factor.renamed")


async def rename_device(app: AppContext, caller: Caller | None, device_id: str, label: str) -> Refusal | None:
    """Rename a remembered device, in up to 60 characters. Raises InvalidInput."""
    return await _rename(app, caller, Role.WAIVER, device_id, label, "device.renamed")


async def _rename(
    app: AppContext, caller: Caller | None, role: Role, enrolment_id: str, label: str, event: str
) -> Refusal | None:
    holder, label = await holder_of_session(caller), clean("label", label, 60)
    mine = FactorEnrolment.filter(id=as_uuid(enrolment_id), account_id=holder.account.id, role=role.value)
    async with transaction():
        if not await mine.update(label=label):
            return NotFound()
        await audit.record(app, holder.actor, event, ("Account", holder.account.id))
    return None


async def begin_removal(app: AppContext, caller: Caller | None, enrolment_id: str) -> FactorQuestion | Refusal:
    """Open a challenge of the factor to remove; its proof replaces a step-up."""
    holder = await holder_of_session(caller)
    found = await _removable(app, holder, enrolment_id)
    if isinstance(found, Refusal):
        return found
    factor, enrolment = found
    questions = await reopened(app, holder, Purpose.REMOVE, (Ask(factor, enrolment),), factor.name, None)
    return questions if isinstance(questions, Refusal) else questions[0]


async def remove(
    app: AppContext, caller: Caller | None, enrolment_id: str, challenge_id: str, given: GivenProof
) -> Refusal | None:
    """Remove a factor by a proof of it. Remembered devices are deleted, and with the last factor its fallbacks too."""
    holder = await holder_of_session(caller)
    found = await _removable(app, holder, enrolment_id)
    if isinstance(found, Refusal):
        return found
    factor, wanted = found

    async def proven(enrolment: FactorEnrolment) -> list[FactorEnrolment]:
        if enrolment.id != wanted.id:
            raise ChallengeExpired
        return await _take_away(app, holder, factor, enrolment)

    gone = await prove(app, holder, Purpose.REMOVE, challenge_id, given, proven)
    if isinstance(gone, ChallengeExpired):
        # A concurrent removal ends the challenge, and may have made this factor the last one: then say that instead.
        now_found = await _removable(app, holder, enrolment_id)
        return now_found if isinstance(now_found, Refusal) else gone
    if isinstance(gone, Refusal):
        return gone
    await notify_plugin_removed(app, holder.actor, holder.account, holder.practice, gone)
    return None


async def _removable(app: AppContext, holder: Holder, enrolment_id: str) -> tuple[AnyFactor, FactorEnrolment] | Refusal:
    enrolments = await enrolments_of(holder.account.id)
    identity = as_uuid(enrolment_id)
    enrolment = next((e for e in enrolments if str(e.id) == identity and e.role == Role.PROOF), None)
    if enrolment is None:
        return NotFound()
    factor = app.factors.get(enrolment.factor)
    if factor is None:
        return FactorUnavailable(enrolment.factor)
    return LastFactor() if _is_needed(app, holder, enrolment.id, enrolments) else (factor, enrolment)


def _is_needed(app: AppContext, holder: Holder, identity: UUID, enrolments: list[FactorEnrolment]) -> bool:
    """Whether without it the policy's demand is not met, or no installed factor is left."""
    others = [e for e in enrolments if e.role == Role.PROOF and e.id != identity]
    if any(is_usable(app, holder.policy, e) for e in others):
        return False
    stranded = bool(others) and not any(e.factor in app.factors for e in others)
    return stranded or holder.demand(app.now) is Demand.REQUIRED


async def _take_away(
    app: AppContext, holder: Holder, factor: AnyFactor, enrolment: FactorEnrolment
) -> list[FactorEnrolment]:
    """Remove it inside the transaction of the proof. Raises LastFactor after a concurrent removal, and as `hold`."""
    account = holder.account
    # Locked, so that two concurrent removals can't remove the last two factors.
    await hold(holder)
    enrolments = await enrolments_of(account.id)
    if _is_needed(app, holder, enrolment.id, enrolments):
        raise LastFactor
    gone = [e for e in enrolments if e.id == enrolment.id]
    if not has_factor([e for e in enrolments if e.id != enrolment.id]):
        gone += [e for e in enrolments if e.role == Role.FALLBACK]
    await delete_enrolments(gone)
    assert holder.caller is not None
    await assurance.end(app, account.id, Cause.FACTOR_REMOVED, Acting(session=holder.caller.session_id), gone)
    subjects = (("Account", account.id), ("FactorEnrolment", enrolment.id))
    await audit.record(app, holder.actor, "factor.removed", *subjects, details={"factor": factor.name})
    await tell(app, account, "notice_factor_removed", gone, factor=holder.in_words(factor.title))
    return gone
