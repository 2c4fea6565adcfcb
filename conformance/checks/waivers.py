"""A device's token: of one account and one practice, until a date that only the server knows."""

import asyncio
from datetime import timedelta

from conformance.check import USABLE, check
from conformance.person import REMEMBERED, Person, ready
from conformance.stage import Stage
from flows.signin.completion import SignedIn
from models import Practice
from plugins import Role

_BOUND = (*USABLE, "test_a_token_is_of_one_account")
_TABS = 16
_INSTANT = timedelta(microseconds=1)


@check(Role.WAIVER)
async def test_a_token_is_of_one_account(stage: Stage) -> None:
    """One person's device let another person skip the factor."""
    practice = await stage.practice()
    ours, theirs = await ready(stage, practice), await ready(stage, practice)
    await _asks_for_factor(theirs, ours.device)


@check(Role.WAIVER, after=_BOUND)
async def test_a_token_is_of_one_practice(stage: Stage) -> None:
    """A device that was remembered in one practice let somebody skip the factor in another."""
    ours, theirs = await ready(stage), await ready(stage)
    await _asks_for_factor(theirs, ours.device)


@check(Role.WAIVER)
async def test_a_token_has_an_end(stage: Stage) -> None:
    """A device was still remembered at its end, or not any more just before."""
    person = await ready(stage)
    (row,) = await person.enrolments()
    assert row.expires_at is not None
    stage.clock.now = row.expires_at - _INSTANT
    assert isinstance(await person.starts_sign_in(device=person.device), SignedIn), "the token ended before its time"
    stage.clock.now = row.expires_at
    await _asks_for_factor(person, person.device)


@check(Role.WAIVER)
async def test_a_shorter_policy_ends_it_at_once(stage: Stage) -> None:
    """The practice shortened how long it remembers, and a device was remembered for what it had been promised."""
    person = await ready(stage)
    shorter = REMEMBERED // 2
    await Practice.filter(id=person.practice.id).update(policy={"RESPONDENT": {"remember": [shorter]}})
    stage.clock.wait(shorter)
    await _asks_for_factor(person, person.device)


@check(Role.WAIVER)
async def test_two_tabs_may_show_it_at_once(stage: Stage) -> None:
    """A browser with many tabs shows one token many times at once: each has to be let in, so a token is not spent
    and not rotated."""
    person = await ready(stage)
    outcomes = await asyncio.gather(*(person.starts_sign_in(device=person.device) for _ in range(_TABS)))
    let_in = sum(isinstance(outcome, SignedIn) for outcome in outcomes)
    assert let_in == _TABS, f"{let_in} of {_TABS} tabs were let in"


@check(Role.WAIVER)
async def test_two_devices_are_two(stage: Stage) -> None:
    """A second device was remembered, and the first forgotten; or both have one token."""
    person = await ready(stage)
    first = person.device
    await person.has_device_remembered()
    assert person.device != first, "two devices have one token"
    for device in (first, person.device):
        assert isinstance(await person.starts_sign_in(device=device), SignedIn), "one of two devices was forgotten"


async def _asks_for_factor(person: Person, token: str | None) -> None:
    """With this token the sign-in stands at the factor."""
    await person.reads(await person.starts_sign_in(device=token), None, person.authenticator.factor)
