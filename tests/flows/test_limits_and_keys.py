"""Counts of what the database names by keyed hashes alone go on while the keys are changed, whichever is first."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from flows.core.attempts import unknown_subject
from flows.core.context import AppContext, ClientInfo
from flows.core.key_rotation import Fate, reseal
from flows.core.limits import invitation_allowed
from flows.core.sms_metering import TextMessage, Use, send_sms
from flows.onboarding import sign_up
from flows.refusals import TooManyAttempts
from flows.signin import passwords, sign_in
from flows.signin.sign_in import SignInRequest
from models import Account, Audience, Practice, Transport
from models.core.sealed import COUNTING_KEY
from models.db.database import transaction
from models.db.engines.counting import Tally, tally
from plugins import NotSent
from security.keys import KeyRing
from security.limits import Rule
from tests.flows.office import Office
from tests.flows.test_sms import LOOSE
from tests.support.clock import Clock

OLD, NEW = ("old", bytes(range(32))), ("new", bytes(range(32, 64)))
#: As an operator changes them: added, moved to the front, the old one taken out.
RINGS = ([OLD], [OLD, NEW], [NEW, OLD], [NEW])
LIMIT = 5

Ask = Callable[[Office, AppContext, int], Awaitable[bool]]


@pytest.fixture
async def office(office: Office) -> Office:
    """Open for sign-ups, with one account that gets text messages."""
    await Practice.filter(id=office.practice.id).update(sign_up_open=True)
    await office.account(Audience.RESPONDENT, name="Ada")
    return office


def keyed(app: AppContext, *keys: tuple[str, bytes]) -> AppContext:
    """The same house with another ring, as a worker that was started with it has it."""
    rules = replace(app.rules, sms=replace(LOOSE, per_hour=LIMIT))
    return replace(app, keys=KeyRing(keys), rules=rules)


def origin(number: int) -> ClientInfo:
    """Each from an address of its own."""
    return ClientInfo(address=f"192.0.2.{number}")


async def asks_for_reset(office: Office, app: AppContext, number: int) -> bool:
    refusal = await passwords.forgot(app, origin(number), office.practice.slug, "bram@clients.example")
    return not isinstance(refusal, TooManyAttempts)


async def signs_up(office: Office, app: AppContext, number: int) -> bool:
    bram = sign_up.SignUpRequest(
        "bram@clients.example", "Bram", "+31612345678", date(1980, 1, 1), "paarse kikker in de regen", "nl"
    )
    return not isinstance(await sign_up.sign_up(app, origin(number), office.practice.slug, bram), TooManyAttempts)


async def is_invited(office: Office, app: AppContext, number: int) -> bool:
    async with transaction():
        return await invitation_allowed(
            app, "invitation", office.practice.id, f"staff:{number}", "bram@clients.example"
        )


async def is_texted(office: Office, app: AppContext, number: int) -> bool:
    account = await Account.get(practice=office.practice)
    try:
        text = TextMessage("+31612345678", "number_replaced", {})
        await send_sms(app, account, office.practice, f"192.0.2.{number}", text, Use.NOTICE)
    except NotSent:
        return False
    return True


async def starts_sign_in(office: Office, app: AppContext, number: int) -> bool:
    return (await told(office, app, number, "nobody@clients.example"))[0] == "WrongCredentials"


EACH = pytest.mark.parametrize("ask", [asks_for_reset, signs_up, is_invited, is_texted, starts_sign_in])


@EACH
async def test_count_continues_through_a_key_rotation(office: Office, ask: Ask) -> None:
    for number, ring in enumerate(([OLD], [OLD, NEW], [OLD, NEW], [NEW, OLD], [NEW, OLD])):
        assert await ask(office, keyed(office.app, *ring), number)
    for number, ring in enumerate(([NEW, OLD], [OLD, NEW]), start=LIMIT):
        assert not await ask(office, keyed(office.app, *ring), number), ring


@EACH
async def test_count_made_with_both_keys_survives_the_old_key(office: Office, ask: Ask) -> None:
    for number in range(LIMIT):
        assert await ask(office, keyed(office.app, OLD, NEW), number)
    assert not await ask(office, keyed(office.app, NEW), LIMIT)


@EACH
@pytest.mark.parametrize(("one", "other"), list(pairwise(RINGS)), ids=["added", "moved", "removed"])
async def test_workers_with_different_active_keys_share_one_count(
    office: Office, ask: Ask, one: list[tuple[str, bytes]], other: list[tuple[str, bytes]]
) -> None:
    """Sixteen at once, at two workers of which one was restarted already."""
    houses = [keyed(office.app, *one), keyed(office.app, *other)]
    outcomes = await asyncio.gather(*(ask(office, houses[number % 2], number) for number in range(16)))
    assert sum(outcomes) == LIMIT


async def test_known_and_unknown_login_look_the_same_through_a_key_rotation(office: Office) -> None:
    """What is told, from when on it goes on, and what it costs."""
    known = await office.account(Audience.RESPONDENT, password_hash=await office.app.passwords.hash("a"))
    assert isinstance(office.app.clock, Clock)
    # The first sign-in at a practice makes its key.
    await unknown_subject(keyed(office.app, OLD), office.practice, "")
    seen: dict[str, list[tuple[object, int]]] = {known.login_code: [], "nobody@clients.example": []}
    for number, ring in enumerate(([OLD],) * LIMIT + RINGS[1:]):
        if ring == [NEW, OLD]:
            office.app.clock.now += timedelta(seconds=30)
        for login, answers in seen.items():
            answers.append(await told(office, keyed(office.app, *ring), number, login))
    ours, nobodys = seen.values()
    assert nobodys == ours
    wrong, now = "WrongCredentials", office.app.now
    assert [answer for answer, _ in ours] == [wrong] * LIMIT + [now, wrong, now + timedelta(minutes=1)]


@pytest.mark.parametrize("locked", [False, True], ids=["slowed", "locked"])
async def test_known_and_unknown_login_look_the_same_without_the_old_key(office: Office, locked: bool) -> None:
    """Neither login is guessed at between the change of keys and the end of the old one."""
    known = await office.account(Audience.RESPONDENT, password_hash=await office.app.passwords.hash("a"))
    logins = known.login_code, "nobody@clients.example"
    lock = Rule(slow_from=LIMIT, lock_at=LIMIT) if locked else Rule()
    app = replace(office.app, rules=replace(office.app.rules, attempts=lock))
    for number in range(LIMIT):
        for login in logins:
            assert (await told(office, keyed(app, OLD), number, login))[0] == "WrongCredentials"
    resealed = [fate async for _, fate in reseal(KeyRing([NEW, OLD]), COUNTING_KEY)]
    assert resealed == [Fate.RESEALED]
    ours, nobodys = [await told(office, keyed(app, NEW), LIMIT, login) for login in logins]
    assert ours == nobodys
    wait = None if locked else app.now + timedelta(seconds=30)
    assert ours[0] == wait


async def test_concurrent_creation_of_the_counting_key_keeps_one(office: Office) -> None:
    app, practice = office.app, await Practice.get(id=office.practice.id)
    assert practice.counting_key is None
    subjects = await asyncio.gather(*(unknown_subject(app, practice, "nobody") for _ in range(8)))
    assert len(set(subjects)) == 1
    stored = await Practice.get(id=practice.id)
    assert await unknown_subject(app, stored, "nobody") == subjects[0]


async def told(office: Office, app: AppContext, number: int, login: str) -> tuple[object, int]:
    """The refusal's name or when to come back, and how many statements that took."""
    counted = Tally()
    token = tally.set(counted)
    try:
        entry = SignInRequest(office.practice.slug, login, "geraden wachtwoord", Transport.BEARER)
        answer = await sign_in.start(app, origin(number), entry)
    finally:
        tally.reset(token)
    return getattr(answer, "retry_at", type(answer).__name__), counted.statements
