"""Opening challenges, and returning those that are still open."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID, uuid4

from flows.core.context import AppContext
from flows.core.limits import network_of
from flows.core.pacing import give_turn_back, take_turn
from flows.core.sealing import open_challenge, open_state, seal_challenge
from flows.core.sms_metering import Use
from flows.refusals import FactorUnavailable, NotSentYet, Refusal
from flows.second_factor.desk import desk_for
from flows.second_factor.holder import Holder, Visitor
from flows.second_factor.judge import FactorFailed, call
from flows.signin.steps import Ask, FactorRequired, Step, factor_asks
from models import Challenge, FactorEnrolment, Purpose
from models.db.database import IntegrityError, transaction
from models.locks import hold_account
from models.second_factor.factor import OpenPlace, close_challenges, enrolments_of, open_challenges, open_places
from plugins import AnyFactor, NotSent, Opened, Refused, Unusable

V = TypeVar("V")

#: The most open challenges of one account. A sign-in opens one for each factor that sends nothing, and a challenge
#: lives for minutes: so a person with four factors can start ten sign-ins meanwhile.
MOST_OPEN = 40


@dataclass(frozen=True, slots=True)
class FactorQuestion:
    """An open challenge with its public part; ``challenge`` is None where the factor sends, and only on request."""

    ask: Ask
    challenge: Challenge | None
    public: Mapping[str, Any]


async def questions_for(app: AppContext, holder: Holder, step: Step) -> tuple[FactorQuestion, ...]:
    """The challenges of a FactorRequired step: those still open, and new ones for factors that send nothing."""
    if not isinstance(step, FactorRequired):
        return ()
    return await open_questions(app, holder, Purpose.SIGN_IN, step.asks)


async def open_questions(
    app: AppContext, holder: Holder, purpose: Purpose, asks: tuple[Ask, ...]
) -> tuple[FactorQuestion, ...]:
    # A challenge about to expire is no use to a person who starts typing now.
    soon = app.now + app.rules.challenge_life / 5
    known = {(c.factor, c.enrolment_id): c for c in await open_challenges(purpose, soon, holder.binding)}
    return tuple([await _question(app, holder, purpose, ask, known) for ask in asks])


async def _question(
    app: AppContext,
    holder: Holder,
    purpose: Purpose,
    ask: Ask,
    known: Mapping[tuple[str, UUID | None], Challenge],
) -> FactorQuestion:
    challenge = known.get((ask.factor.name, ask.enrolment.id if ask.enrolment else None))
    if challenge is not None:
        return FactorQuestion(ask, challenge, open_challenge(app, challenge)[0].public)
    if ask.factor.sends:
        return FactorQuestion(ask, None, {})
    try:
        return await open_question(app, holder, purpose, ask)
    except (FactorFailed, FactorUnavailable, NotSent):
        # A failing factor must not block the others.
        return FactorQuestion(ask, None, {})


async def reopened(
    app: AppContext, holder: Holder, purpose: Purpose, asks: tuple[Ask, ...], factor: str, enrolment_id: str | None
) -> tuple[FactorQuestion, ...] | Refusal:
    """All questions, with a new challenge for the ask of this factor (and enrolment, where it has several)."""
    wanted = next((ask for ask in asks if _is_about(ask, factor, enrolment_id)), None)
    if wanted is None:
        return FactorUnavailable(factor[:40])
    try:
        fresh = await open_question(app, holder, purpose, wanted)
    except NotSent as unsent:
        return NotSentYet.of(unsent, wanted.factor.name, _titles_beside(wanted, asks))
    except (FactorFailed, FactorUnavailable):
        return FactorUnavailable(wanted.factor.name, _titles_beside(wanted, asks))
    questions = await open_questions(app, holder, purpose, asks)
    return tuple(fresh if question.ask == wanted else question for question in questions)


def _titles_beside(unavailable: Ask, asks: tuple[Ask, ...]) -> tuple[Mapping[str, str], ...]:
    """The titles of the other factors that may be proven now, each once."""
    others = dict.fromkeys(ask.factor for ask in asks if ask.factor is not unavailable.factor)
    return tuple(factor.title for factor in others)


async def may_answer(app: AppContext, holder: Holder, factor_name: str) -> bool:
    """Whether the holder may prove this factor today: its challenge may be older than the policy."""
    factor = app.factors.get(factor_name)
    if factor is None or holder.policy.allows(factor):
        return True
    asks = factor_asks(app, holder.policy, await enrolments_of(holder.account.id))
    return any(ask.factor is factor for ask in asks)


def _is_about(ask: Ask, factor: str, enrolment_id: str | None) -> bool:
    named = str(ask.enrolment.id) if ask.enrolment else None
    return ask.factor.name == factor and enrolment_id in (None, named)


async def open_question(app: AppContext, holder: Holder, purpose: Purpose, ask: Ask) -> FactorQuestion:
    """Have the factor open a challenge, outside any transaction, and store it."""
    factor, mine = ask.factor, await enrolments_of(holder.account.id)
    asked_for = [e for e in mine if e.factor == factor.name and ask.enrolment in (None, e)]
    desk = desk_for(app, holder.account, holder.practice, factor, address=holder.origin.address)

    async def work() -> Opened:
        return await factor.challenge(desk, [open_state(app, factor, e) for e in asked_for])

    noted = (holder.unproven_actor, holder.account.id)
    ask_factor = partial(call, app, factor, work, Opened, noted=noted)
    opened = await call_within_send_limit(app, holder, factor, ask_factor, Use.CODE)
    challenge = await store_challenge(app, holder, purpose, factor, opened, enrolment=ask.enrolment)
    return FactorQuestion(ask, challenge, opened.public)


async def call_within_send_limit(
    app: AppContext, holder: Holder, factor: AnyFactor, ask: Callable[[], Awaitable[V]], use: Use
) -> V:
    """The result of ``ask``, in which the factor may send something to this account; raises NotSent beyond the limit.

    Without a limit somebody who knows the password could have prompts sent until the person accepts one. A turn is
    refunded where nothing was sent, but not where the factor failed: it may have sent before.
    """
    if not factor.sends:
        return await ask()
    subject = (f"send:{use.value}:{holder.account.id}:{factor.name}",)
    practice_id, rule, now = str(holder.practice.id), app.rules.prompts, app.now
    if factor.channels:
        # A channel of the outbox has its own wait between messages.
        rule = replace(rule, slow_from=rule.lock_at)
    async with transaction():
        await take_turn(subject, practice_id, rule, now)
    sent = True
    try:
        answer = await ask()
        sent = not isinstance(answer, Refused | Unusable)
        return answer
    except (NotSent, FactorUnavailable):
        sent = False
        raise
    finally:
        if not sent:
            async with transaction():
                await give_turn_back(subject, practice_id, rule, now)


async def store_challenge(
    app: AppContext,
    holder: Holder | Visitor,
    purpose: Purpose,
    factor: AnyFactor,
    opened: Opened,
    *,
    enrolment: FactorEnrolment | None = None,
    pending: Any = None,
    until: datetime | None = None,
) -> Challenge:
    """Store an open challenge, which expires after a challenge's life or at ``until``.

    An account has at most ``MOST_OPEN``. Beyond that the oldest challenge is closed of the network that has the most,
    so that an attacker who knows the password closes their own challenges before the person's.
    """
    now = app.now
    challenge = Challenge(
        id=uuid4(),
        **holder.binding,
        enrolment_id=enrolment.id if enrolment else None,
        factor=factor.name,
        purpose=purpose,
        created_at=now,
        expires_at=until or now + app.rules.challenge_life,
    )
    challenge.body = seal_challenge(app, challenge, opened.public, opened.secret, pending)
    try:
        async with transaction():
            if challenge.account_id is not None:
                # Locked, so that parallel transactions see each other's challenges.
                await hold_account(challenge.account_id)
            await challenge.save(force_create=True)
            if challenge.account_id is not None:
                await close_challenges(_beyond(await open_places(challenge.account_id, now), challenge.id))
    except IntegrityError:
        if enrolment is None:
            raise
        # The enrolment was removed while the factor opened the challenge.
        raise FactorUnavailable(factor.name) from None
    return challenge


def _beyond(places: Sequence[OpenPlace], newest: UUID) -> list[UUID]:
    """The ids of an account's open challenges to close, oldest first; never the newest."""
    by_network: dict[str, list[UUID]] = {}
    for place in places:
        if place.id != newest:
            by_network.setdefault(network_of(place.address), []).append(place.id)
    closed: list[UUID] = []
    while len(places) - len(closed) > MOST_OPEN:
        closed.append(max(by_network.values(), key=len).pop(0))
    return closed
