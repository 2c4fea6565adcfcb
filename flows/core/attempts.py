"""Attempt budgets: reserved before a proof is judged, so that parallel guesses cannot exceed them.

An account's counts live in the database: a new challenge, another worker, a restart or a flushed cache forgets none.
The windows of a minute may be counted elsewhere, ahead of the transaction; whatever fails there, the database counts.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flows.core.context import AppContext, ClientInfo
from flows.core.limits import hidden, network_of
from flows.refusals import Cause, TooManyAttempts
from models.core import attempts as store
from models.core.attempts import Subject, Window
from models.core.practice import Practice, keep_counting_key
from models.core.sealed import COUNTING_KEY
from models.db.database import after_commit
from security.keys import CannotOpen, counting_hash, new_counting_key
from security.limits import Blocked, released, reserve, undone


@dataclass(frozen=True, slots=True)
class Event:
    """One event in a minute's windows, the address's first. ``within`` is None where the database has to count it."""

    windows: tuple[Window, ...]
    ends: datetime
    within: bool | None


@dataclass(frozen=True, slots=True)
class Reserved:
    """One attempt, counted as a failure until :func:`succeed` says otherwise."""

    subject: Subject
    event: Event


def subject_of(account_id: str, kind: str) -> Subject:
    """The budget of one account for one kind of proof: ``password``, or a factor's name."""
    return (f"{account_id}:{kind}",)


async def unknown_subject(app: AppContext, practice: Practice, identifier: str) -> Subject:
    """The budget of an identifier that no account has, so that guessing at it looks the same.

    Ask for it whether an account has the identifier or not: so it takes the same work. Its names under the ring are
    those from before the practice had a counting key, and go on where that key does not open.
    """
    names = hidden(app, identifier, "unknown-login")
    if key := await _counting_key(app, practice):
        names.append(counting_hash(key, identifier.encode()).hex()[:32])
    return tuple(f"{practice.id}:{name}" for name in names)


async def _counting_key(app: AppContext, practice: Practice) -> bytes | None:
    """What it counts outlives each key of the ring; None where the key that sealed it was dropped too soon."""
    place = COUNTING_KEY.place(practice.id)
    sealed = practice.counting_key
    if sealed is None:
        sealed = await keep_counting_key(practice.id, app.keys.seal(new_counting_key(), *place))
    try:
        return app.keys.open(sealed, *place) if sealed else None
    except CannotOpen:
        return None


async def counted_ahead(app: AppContext, origin: ClientInfo, practice_id: str, kind: str = "proof") -> Event:
    """Count one event in this minute's windows, where that does not take the database; before any transaction."""
    now, rules = app.now, app.rules.windows
    minute = now.strftime("%Y%m%d%H%M")
    # The address first, and only within its limit the others: one address must not use up what a whole practice may
    # do, nor one practice what all may. Their names are in that order too, which keeps every transaction from
    # waiting for another in a circle.
    windows = (
        Window(f"{kind}:address:{network_of(origin.address)}:{minute}", rules.per_address),
        Window(f"{kind}:practice:{practice_id}:{minute}", rules.per_practice),
        Window(f"{kind}:practices:{minute}", rules.per_installation),
    )
    return await _counted(app, windows, now)


async def _counted(app: AppContext, windows: tuple[Window, ...], now: datetime) -> Event:
    within = await app.counter.count(windows, now) if app.counter else None
    return Event(windows, now.replace(second=0, microsecond=0) + store.MINUTE, within)


async def reserve_attempt(
    app: AppContext, event: Event, practice_id: str, subject: Subject
) -> Reserved | TooManyAttempts:
    """Count one attempt against the windows and the subject; call inside the first transaction.

    Where it answers Cause.BUDGET the caller tells the trail; beyond a window nothing was about this subject, the log
    has it, and the trail does not grow.
    """
    now = app.now
    if not await _is_within(event, now):
        return TooManyAttempts(event.ends, Cause.WINDOW)

    async def spend(budget: store.Budget) -> store.Budget | Blocked:
        return reserve(budget, now, app.rules.attempts)

    outcome = await store.change_budget(subject, practice_id, now, spend)
    if isinstance(outcome, Blocked):
        # Nothing was guessed at: only the address that asked keeps the count.
        await _refund(app, event, event.windows[1:])
        return TooManyAttempts(outcome.until, Cause.BUDGET)
    return Reserved(subject, event)


async def succeed(app: AppContext, practice_id: str, reserved: Reserved) -> None:
    """The proof was right: refund the attempt and end the run of failures; inside the second transaction."""

    async def refund(budget: store.Budget) -> store.Budget | Blocked:
        return released(budget)

    # Windows first, as when it was reserved: the other order would deadlock with the next attempt's reservation.
    await _refund(app, reserved.event, reserved.event.windows)
    await store.change_budget(reserved.subject, practice_id, app.now, refund)


async def give_back(app: AppContext, practice_id: str, reserved: Reserved) -> None:
    """Nothing was judged, by no fault of the person's: the attempt is not counted; the windows keep it.

    Inside the transaction that tells what happened. What the person did wrong before stays counted.
    """

    async def undo(budget: store.Budget) -> store.Budget | Blocked:
        return undone(budget, app.rules.attempts)

    await store.change_budget(reserved.subject, practice_id, app.now, undo)


async def may_begin(app: AppContext, origin: ClientInfo, practice_id: str) -> TooManyAttempts | None:
    """Count a sign-in that is begun without proving anything, in windows of its own: each is stored."""
    event = await counted_ahead(app, origin, practice_id, "begin")
    return None if await _is_within(event, app.now) else TooManyAttempts(event.ends, Cause.WINDOW)


async def may_choose_password(app: AppContext, whom: str) -> TooManyAttempts | None:
    """Count a password that ``whom`` would have, before it is looked at: estimating its strength is work.

    ``whom`` is who may choose it, an account or a link, so that nobody else uses the limit up; an address where
    anybody may. A weak password costs nothing but this count.
    """
    now = app.now
    window = Window(f"choose:{whom}:{now:%Y%m%d%H%M}", app.rules.windows.per_address)
    event = await _counted(app, (window,), now)
    return None if await _is_within(event, now) else TooManyAttempts(retry_at=event.ends)


async def _is_within(event: Event, now: datetime) -> bool:
    return await store.within_windows(event.windows, now) if event.within is None else event.within


async def _refund(app: AppContext, event: Event, windows: tuple[Window, ...]) -> None:
    """Where the event was counted; elsewhere than in the database only when the transaction has committed."""
    keys = [window.key for window in windows]
    if event.within is None:
        await store.refund_windows(keys, app.now)
    elif app.counter:
        await after_commit(partial(app.counter.refund, keys))
