"""Attempt budgets: reserved before a proof is judged, so that parallel guesses cannot exceed them.

An account's counts are in the database: no new challenge, other worker, restart or flushed cache resets them. The
windows of a minute may be counted in Valkey, before the transaction; where that fails the database counts.
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
    """One event in the windows of a minute, the address first. ``within`` is None where the database has to count."""

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
    """The budget of an identifier that no account has, so that guessing looks the same with and without an account.

    Call it in both cases: so both take the same work. The names under the key ring are those from before the practice
    had a counting key; they also serve where no key opens the counting key.
    """
    names = hidden(app, identifier, "unknown-login")
    if key := await _counting_key(app, practice):
        names.append(counting_hash(key, identifier.encode()).hex()[:32])
    return tuple(f"{practice.id}:{name}" for name in names)


async def _counting_key(app: AppContext, practice: Practice) -> bytes | None:
    """The practice's own key, so that its counts survive a key rotation; None where no key of the ring opens it."""
    place = COUNTING_KEY.place(practice.id)
    sealed = practice.counting_key
    if sealed is None:
        sealed = await keep_counting_key(practice.id, app.keys.seal(new_counting_key(), *place))
    try:
        return app.keys.open(sealed, *place) if sealed else None
    except CannotOpen:
        return None


async def counted_ahead(app: AppContext, origin: ClientInfo, practice_id: str, kind: str = "proof") -> Event:
    """Count one event in this minute's windows outside the database, if that works; call before any transaction."""
    now, rules = app.now, app.rules.windows
    minute = now.strftime("%Y%m%d%H%M")
    # The address first, and the others only within its limit: one address must not use up the limit of a practice,
    # nor one practice the limit of the installation. Their names sort in that order too, which prevents deadlocks.
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

    On Cause.BUDGET the caller writes an audit row. Beyond a window nothing concerned this subject: only the log has
    it, so a flood can't fill the trail.
    """
    now = app.now
    if not await _is_within(event, now):
        return TooManyAttempts(event.ends, Cause.WINDOW)

    async def spend(budget: store.Budget) -> store.Budget | Blocked:
        return reserve(budget, now, app.rules.attempts)

    outcome = await store.change_budget(subject, practice_id, now, spend)
    if isinstance(outcome, Blocked):
        # No guess was judged: only the address keeps the count.
        await _refund(app, event, event.windows[1:])
        return TooManyAttempts(outcome.until, Cause.BUDGET)
    return Reserved(subject, event)


async def succeed(app: AppContext, practice_id: str, reserved: Reserved) -> None:
    """The proof was right: refund the attempt and reset the run of failures; call inside the second transaction."""

    async def refund(budget: store.Budget) -> store.Budget | Blocked:
        return released(budget)

    # Windows first, as in `reserve_attempt`: the other order could deadlock with the next attempt.
    await _refund(app, reserved.event, reserved.event.windows)
    await store.change_budget(reserved.subject, practice_id, app.now, refund)


async def give_back(app: AppContext, practice_id: str, reserved: Reserved) -> None:
    """Refund an attempt that was not judged for a reason outside the person's control; the windows keep their count.

    Call inside the transaction of the audit row. Earlier failures stay counted.
    """

    async def undo(budget: store.Budget) -> store.Budget | Blocked:
        return undone(budget, app.rules.attempts)

    await store.change_budget(reserved.subject, practice_id, app.now, undo)


async def may_begin(app: AppContext, origin: ClientInfo, practice_id: str) -> TooManyAttempts | None:
    """Count the start of a sign-in without any proof, in separate windows: each start is stored."""
    event = await counted_ahead(app, origin, practice_id, "begin")
    return None if await _is_within(event, app.now) else TooManyAttempts(event.ends, Cause.WINDOW)


async def may_choose_password(app: AppContext, chooser: str) -> TooManyAttempts | None:
    """Count one new password before its strength is estimated, which is expensive.

    ``chooser`` is the account or the link that may choose it, so that nobody else uses up the limit; the network
    address where anybody may. A weak password costs only this count.
    """
    now = app.now
    window = Window(f"choose:{chooser}:{now:%Y%m%d%H%M}", app.rules.windows.per_address)
    event = await _counted(app, (window,), now)
    return None if await _is_within(event, now) else TooManyAttempts(retry_at=event.ends)


async def _is_within(event: Event, now: datetime) -> bool:
    return await store.within_windows(event.windows, now) if event.within is None else event.within


async def _refund(app: AppContext, event: Event, windows: tuple[Window, ...]) -> None:
    """Refund where the event was counted; outside the database only after the commit."""
    keys = [window.key for window in windows]
    if event.within is None:
        await store.refund_windows(keys, app.now)
    elif app.counter:
        await after_commit(partial(app.counter.refund, keys))
