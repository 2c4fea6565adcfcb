"""The slow-down to the second: each wait, each window and the lock, on both of their edges."""

from datetime import UTC, datetime, timedelta

import pytest

from security.limits import Blocked, Budget, Rule, blocked, released, reserve, undone

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
RULE = Rule()
LOOSE = Rule(per_hour=1000, per_day=1000)
"""Windows out of the way, to see the consecutive failures alone."""
UNHURRIED = Rule(slow_from=100, per_hour=20, per_day=50)
"""Waits out of the way, to see the windows alone."""


def taken(budget: Budget, now: datetime, rule: Rule) -> Budget:
    reserved = reserve(budget, now, rule)
    assert isinstance(reserved, Budget), reserved
    return reserved


def failed(count: int, rule: Rule, budget: Budget | None = None, now: datetime = NOON) -> tuple[Budget, datetime]:
    """A budget after `count` failures, each at the first moment that is free; and that of the last one."""
    budget = budget or Budget()
    for _ in range(count):
        while refusal := blocked(budget, now, rule):
            assert refusal.until is not None
            assert refusal.until > now
            now = refusal.until
        budget = taken(budget, now, rule)
    return budget, now


def test_the_numbers_are_the_documented_ones() -> None:
    assert Rule() == Rule(5, timedelta(seconds=30), timedelta(minutes=15), 20, 50, 100)


def test_the_first_five_go_without_a_wait() -> None:
    budget = Budget()
    for count in range(1, 6):
        budget = taken(budget, NOON, RULE)
        assert (budget.consecutive, budget.hour_count, budget.day_count) == (count, count, count)
        assert (budget.blocked_until is None) == (count < 5)


@pytest.mark.parametrize(
    ("failures", "wait"),
    [(5, 30), (6, 60), (7, 120), (8, 240), (9, 480), (10, 900), (11, 900), (60, 900), (99, 900)],
)
def test_each_wait_ends_on_the_second(failures: int, wait: int) -> None:
    budget, last = failed(failures, LOOSE)
    until = last + timedelta(seconds=wait)
    assert reserve(budget, last, LOOSE) == Blocked(until)
    assert reserve(budget, until - TICK, LOOSE) == Blocked(until)
    assert taken(budget, until, LOOSE).consecutive == failures + 1


def test_a_refused_attempt_changes_nothing() -> None:
    budget, last = failed(5, RULE)
    for _ in range(100):
        assert isinstance(reserve(budget, last + TICK, RULE), Blocked)
    assert taken(budget, last + timedelta(seconds=30), RULE).consecutive == 6


def test_parallel_guesses_never_exceed_the_budget() -> None:
    budget, passed = Budget(), 0
    for _ in range(16):
        if isinstance(reserved := reserve(budget, NOON, RULE), Budget):
            budget, passed = reserved, passed + 1
    assert passed == 5


def test_both_edges_of_the_hour() -> None:
    budget, last = failed(20, UNHURRIED)
    assert last == NOON
    end = NOON + timedelta(hours=1)
    assert reserve(budget, NOON, UNHURRIED) == Blocked(end)
    assert reserve(budget, end - TICK, UNHURRIED) == Blocked(end)
    fresh = taken(budget, end, UNHURRIED)
    assert (fresh.hour_started, fresh.hour_count) == (end, 1)
    assert (fresh.day_started, fresh.day_count) == (NOON, 21)


def test_an_hour_begins_with_its_first_attempt() -> None:
    budget = taken(Budget(), NOON, UNHURRIED)
    within = taken(budget, NOON + timedelta(hours=1) - TICK, UNHURRIED)
    assert (within.hour_started, within.hour_count) == (NOON, 2)
    after = taken(budget, NOON + timedelta(hours=1), UNHURRIED)
    assert (after.hour_started, after.hour_count) == (NOON + timedelta(hours=1), 1)


def test_both_edges_of_the_day() -> None:
    budget, last = failed(50, UNHURRIED)
    assert last == NOON + timedelta(hours=2)
    end = NOON + timedelta(days=1)
    assert reserve(budget, last, UNHURRIED) == Blocked(end)
    assert reserve(budget, end - TICK, UNHURRIED) == Blocked(end)
    fresh = taken(budget, end, UNHURRIED)
    assert (fresh.day_started, fresh.day_count) == (end, 1)


@pytest.mark.parametrize(("wait", "told"), [(5, 10), (15, 15)])
def test_the_longest_of_several_waits_is_told(wait: int, told: int) -> None:
    an_hour_ends_in_ten_minutes = NOON - timedelta(minutes=50)
    budget = Budget(
        consecutive=8,
        hour_started=an_hour_ends_in_ten_minutes,
        hour_count=20,
        day_started=an_hour_ends_in_ten_minutes,
        day_count=20,
        blocked_until=NOON + timedelta(minutes=wait),
    )
    assert reserve(budget, NOON, RULE) == Blocked(NOON + timedelta(minutes=told))


def test_no_day_of_guessing_exceeds_fifty() -> None:
    budget, now, passed = Budget(), NOON, 0
    while now < NOON + timedelta(days=1):
        if isinstance(reserved := reserve(budget, now, RULE), Budget):
            budget, passed = reserved, passed + 1
        now += timedelta(seconds=30)
    assert passed == 50


def test_both_edges_of_the_lock() -> None:
    before, _ = failed(99, RULE)
    assert not before.locked
    budget, last = failed(1, RULE, before, NOON + timedelta(days=10))
    assert budget.locked
    assert budget.consecutive == 100
    assert reserve(budget, last + timedelta(days=3650), RULE) == Blocked(None)


def test_a_stricter_rule_locks_at_once() -> None:
    budget, last = failed(10, RULE)
    assert reserve(budget, last + timedelta(days=1), Rule(lock_at=10)) == Blocked(None)
    assert isinstance(reserve(budget, last + timedelta(days=1), Rule(lock_at=11)), Budget)


def test_success_refunds_its_own_attempt_only() -> None:
    budget, last = failed(4, RULE)
    assert released(taken(budget, last, RULE)) == Budget(0, NOON, 4, NOON, 4)


def test_success_at_the_last_moment_unlocks() -> None:
    before, _ = failed(99, RULE)
    hundredth, _ = failed(1, RULE, before, NOON + timedelta(days=10))
    after = released(hundredth)
    assert (after.consecutive, after.blocked_until, after.locked) == (0, None, False)


def test_success_between_guesses_buys_no_further_ones() -> None:
    budget, now = Budget(), NOON
    for _ in range(5):
        budget, now = failed(4, RULE, budget, now)
        budget = released(taken(budget, now, RULE)) if budget.hour_count < 20 else budget
    assert budget.hour_count == 20
    assert reserve(budget, now, RULE) == Blocked(NOON + timedelta(hours=1))


def test_success_as_the_last_of_the_hour_may_come_again() -> None:
    budget, _ = failed(19, UNHURRIED)
    for _ in range(100):
        budget = released(taken(budget, NOON, UNHURRIED))
    assert budget.hour_count == 19


def test_a_release_without_a_count_stays_at_zero() -> None:
    assert released(Budget()) == Budget()


def test_a_clock_set_back_opens_nothing_and_recovers() -> None:
    slowed, last = failed(5, RULE)
    full, _ = failed(20, UNHURRIED)
    earlier = NOON - timedelta(hours=3)
    assert reserve(slowed, earlier, RULE) == Blocked(last + timedelta(seconds=30))
    assert reserve(full, earlier, UNHURRIED) == Blocked(NOON + timedelta(hours=1))
    assert taken(Budget(1, NOON, 1, NOON, 1), earlier, RULE).hour_count == 2
    assert isinstance(reserve(full, NOON + timedelta(hours=1), UNHURRIED), Budget)


@pytest.mark.parametrize(
    "bad",
    [
        {"slow_from": 0},
        {"slow_from": 101},
        {"lock_at": 4},
        {"lock_at": 101},
        {"first_wait": timedelta(0)},
        {"longest_wait": timedelta(seconds=29)},
        {"per_hour": 0},
        {"per_day": 19},
    ],
)
def test_a_rule_that_protects_nothing_is_refused(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must satisfy"):
        Rule(**bad)  # type: ignore[arg-type]


def test_a_wait_may_be_constant_and_very_long() -> None:
    week = timedelta(days=7)
    budget, last = failed(99, Rule(1, week, week, 1000, 1000))
    assert budget.blocked_until == last + week


@pytest.mark.parametrize("failures", [0, 1, 4, 5, 19, 98, 99])
def test_an_attempt_in_which_nothing_was_judged_leaves_the_failures_before_it(failures: int) -> None:
    budget, now = failed(failures, LOOSE)
    while refusal := blocked(budget, now, LOOSE):
        assert refusal.until is not None
        now = refusal.until
    after = undone(taken(budget, now, LOOSE), LOOSE)
    assert (after.consecutive, after.hour_count + 1, after.blocked_until, after.locked) == (
        failures,
        taken(budget, now, LOOSE).hour_count,
        None,
        False,
    )
    assert taken(after, now, LOOSE) == taken(budget, now, LOOSE)
