"""Attempt budgets: reserved before a proof is judged, so that parallel guesses cannot exceed them.

Counts live in the database: a new challenge, another worker, a restart or a flushed cache forgets none.
"""

from dataclasses import dataclass

from flows.house import House, Origin
from flows.limits import network_of
from flows.refusals import TooManyAttempts
from models import attempts as store
from security.limits import Blocked, released, reserve, undone


@dataclass(frozen=True, slots=True)
class Reserved:
    """One attempt, counted as a failure until :func:`succeed` says otherwise."""

    subject: str
    windows: tuple[str, ...]


def subject_of(account_id: str, kind: str) -> str:
    """The budget of one account for one kind of proof: ``password``, or a factor's name."""
    return f"{account_id}:{kind}"


def unknown_subject(house: House, practice_id: str, identifier: str) -> str:
    """The budget of an identifier that no account has, so that guessing at it looks the same."""
    return f"{practice_id}:{house.keys.mac(identifier.encode(), 'unknown-login').hex()[:32]}"


async def reserve_attempt(house: House, origin: Origin, practice_id: str, subject: str) -> Reserved | TooManyAttempts:
    """Count one attempt against the subject and the windows; call inside the first transaction."""
    now = house.now
    windows = await _counted(house, origin, practice_id, "proof")
    if isinstance(windows, TooManyAttempts):
        return windows

    async def spend(budget: store.Budget) -> store.Budget | Blocked:
        return reserve(budget, now, house.rules.attempts)

    outcome = await store.change_budget(subject, practice_id, now, spend)
    if isinstance(outcome, Blocked):
        # Nothing was guessed at: only the address that asked keeps the count.
        await store.refund_windows(list(windows[1:]), now)
        return TooManyAttempts(retry_at=outcome.until)
    return Reserved(subject, windows)


async def succeed(house: House, practice_id: str, reserved: Reserved) -> None:
    """The proof was right: refund the attempt and end the run of failures; inside the second transaction."""

    async def refund(budget: store.Budget) -> store.Budget | Blocked:
        return released(budget)

    # Windows first, as when it was reserved: the other order would deadlock with the next attempt's reservation.
    await store.refund_windows(list(reserved.windows), house.now)
    await store.change_budget(reserved.subject, practice_id, house.now, refund)


async def give_back(house: House, practice_id: str, reserved: Reserved) -> None:
    """Nothing was judged, by no fault of the person's: the attempt is not counted; the windows keep it.

    Inside the transaction that tells what happened. What the person did wrong before stays counted.
    """

    async def undo(budget: store.Budget) -> store.Budget | Blocked:
        return undone(budget, house.rules.attempts)

    await store.change_budget(reserved.subject, practice_id, house.now, undo)


async def may_begin(house: House, origin: Origin, practice_id: str) -> TooManyAttempts | None:
    """Count a sign-in that is begun without proving anything, in windows of its own: each is stored."""
    counted = await _counted(house, origin, practice_id, "begin")
    return counted if isinstance(counted, TooManyAttempts) else None


async def _counted(house: House, origin: Origin, practice_id: str, kind: str) -> tuple[str, ...] | TooManyAttempts:
    """Count one event in this minute: at its address first, and only within that limit everywhere else.

    Otherwise one address could use up what a whole practice may do. The keys are in their own order, which
    every transaction keeps, so that none waits for another in a circle.
    """
    now, rules = house.now, house.rules.windows
    minute = now.strftime("%Y%m%d%H%M")
    later = TooManyAttempts(retry_at=now.replace(second=0, microsecond=0) + store.MINUTE)
    near = f"{kind}:address:{network_of(origin.address)}:{minute}"
    wide = {
        f"{kind}:all:{minute}": rules.per_installation,
        f"{kind}:practice:{practice_id}:{minute}": rules.per_practice,
    }
    if (await store.count_windows([near], now))[near] > rules.per_address:
        return later
    counts = await store.count_windows(list(wide), now)
    if any(counts[key] > limit for key, limit in wide.items()):
        return later
    return (near, *wide)
