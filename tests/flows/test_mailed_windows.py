"""Mail that is asked for has a limit for a practice and for the installation; a narrow limit uses up no wide one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from flows.core.context import AppContext, ClientInfo, Windows
from flows.core.limits import hour_is_full
from flows.onboarding import invitations, sign_up
from flows.refusals import TooManyAttempts
from flows.signin import passwords
from flows.staff import staff
from models import Audience, OutboxMessage, Practice, Relation, Respondent, StaffRole, WindowCount
from models.db.engines.counting import Tally, tally
from tests.flows.office import Office
from tests.support.clock import Clock

OF_A_PRACTICE, OF_ALL = 3, 5

Ask = Callable[[Office, AppContext, int], Awaitable[bool]]


@pytest.fixture(params=[Windows(mails_per_practice=OF_A_PRACTICE, mails_per_installation=OF_ALL)], ids=["few"])
def app(app: AppContext, request: pytest.FixtureRequest) -> AppContext:
    return replace(app, rules=replace(app.rules, windows=request.param))


@pytest.fixture
async def offices(office: Office, other_office: Office) -> list[Office]:
    """Two practices that let people sign up, each with an owner."""
    await Practice.all().update(sign_up_open=True)
    return [office, other_office]


async def asks_for_reset(office: Office, app: AppContext, number: int) -> bool:
    login, slug = f"{number}@clients.example", office.practice.slug
    return allowed(await passwords.forgot(app, at_home(number), slug, login))


async def signs_up(office: Office, app: AppContext, number: int) -> bool:
    who = sign_up.SignUpRequest(
        f"{number}@clients.example", "Bram", "+31612345678", date(1980, 1, 1), "paarse kikker in de regen", "nl"
    )
    return allowed(await sign_up.sign_up(app, at_home(number), office.practice.slug, who))


async def is_invited(office: Office, app: AppContext, number: int) -> bool:
    owner = await office.hire(f"vos{number}", StaffRole.OWNER)
    (dossier,) = await office.dossiers(f"Anna {number}", respondents=0)
    respondent = await Respondent.create(
        practice=office.practice,
        dossier=dossier,
        relation=Relation.OTHER,
        name="Bram",
        email=f"{number}@clients.example",
        created_at=app.now,
    )
    return allowed(await invitations.invite(app, owner.caller, str(respondent.id)))


async def is_hired(office: Office, app: AppContext, number: int) -> bool:
    owner = await office.hire(f"vos{number}", StaffRole.OWNER)
    hire = staff.Hire("Kim", f"{number}@{office.practice.slug}.example", StaffRole.THERAPIST)
    return allowed(await staff.invite_staff(app, owner.caller, hire))


def at_home(number: int) -> ClientInfo:
    """Each has an address of its own."""
    return ClientInfo(address=f"192.0.2.{number}")


def allowed(answer: object) -> bool:
    return not isinstance(answer, TooManyAttempts)


EACH = pytest.mark.parametrize("ask", [asks_for_reset, signs_up, is_invited, is_hired])


@EACH
async def test_mails_beyond_the_limit_of_practice_or_installation_are_refused(
    offices: list[Office], app: AppContext, ask: Ask
) -> None:
    """A practice beyond its own limit uses up no more of what all may do."""
    ours, theirs = offices
    asked = [await ask(ours, app, number) for number in range(10)]
    assert asked == [True] * OF_A_PRACTICE + [False] * 7
    left = [await ask(theirs, app, number) for number in range(10, 20)]
    assert left == [True] * (OF_ALL - OF_A_PRACTICE) + [False] * 8
    assert await OutboxMessage.all().count() == OF_ALL
    assert isinstance(app.clock, Clock)
    app.clock.now += timedelta(hours=1)
    assert await ask(ours, app, 20)
    assert await ask(theirs, app, 21)


@EACH
async def test_sixteen_concurrent_requests_for_the_last_place_let_one_through(
    offices: list[Office], app: AppContext, ask: Ask
) -> None:
    ours, theirs = offices
    for number in range(OF_A_PRACTICE - 1):
        assert await ask(ours, app, number)
    assert sum(await asyncio.gather(*(ask(ours, app, number) for number in range(10, 26)))) == 1, "a practice's"
    assert await ask(theirs, app, 30)
    assert sum(await asyncio.gather(*(ask(theirs, app, number) for number in range(40, 56)))) == 1, "of all"


@pytest.mark.parametrize(
    ("app", "asking"),
    [
        (Windows(requests_per_hour=1, mails_per_practice=2), {"login": "{}@clients.example"}),
        (Windows(requests_per_hour=1, mails_per_practice=2), {"address": "192.0.2.{}"}),
    ],
    indirect=["app"],
    ids=["one address", "one recipient"],
)
async def test_request_beyond_a_narrow_limit_does_not_count_in_a_wide_one(
    offices: list[Office], app: AppContext, asking: dict[str, str]
) -> None:
    async def asks(number: int, **of: str) -> bool:
        given = {"login": "bram@clients.example", "address": "198.51.100.1"} | of
        origin = ClientInfo(address=given["address"].format(number))
        slug = offices[0].practice.slug
        return allowed(await passwords.forgot(app, origin, slug, given["login"].format(number)))

    assert [await asks(number, **asking) for number in range(9)] == [True] + [False] * 8
    counted = {row.key.split(":")[1]: row.count for row in await WindowCount.filter(key__contains=":practice")}
    assert counted == {"practice": 1, "practices": 1}
    assert await asks(0, login="ada@clients.example", address="203.0.113.1")


async def test_kinds_of_requests_have_separate_limits(offices: list[Office], app: AppContext) -> None:
    assert [await asks_for_reset(offices[0], app, number) for number in range(4)] == [True] * 3 + [False]
    for ask in (signs_up, is_invited):
        assert [await ask(offices[0], app, number) for number in range(10, 14)] == [True] * 3 + [False]


async def test_known_and_unknown_login_get_the_same_answer_below_and_beyond_the_limit(
    offices: list[Office], app: AppContext
) -> None:
    ada = await offices[0].account(Audience.RESPONDENT, name="Ada", email="ada@x.example", email_key="ada@x.example")

    async def asks(number: int, login: str) -> tuple[str, int]:
        counted = Tally()
        token = tally.set(counted)
        try:
            answer = await passwords.forgot(app, at_home(number), offices[0].practice.slug, login)
        finally:
            tally.reset(token)
        return repr(answer), counted.statements

    assert await asks(0, ada.login_code) == await asks(1, "99999999")
    assert (await asks(2, "88888888"))[0] == "None", "the third, and the last"
    known = await asks(3, ada.login_code)
    assert known == await asks(4, "99999999")
    assert known[0] == repr(hour_is_full(app))


@pytest.mark.parametrize("app", [Windows()], indirect=True, ids=["defaults"])
async def test_practice_can_invite_a_hundred_clients_in_an_hour(offices: list[Office], app: AppContext) -> None:
    assert all([await is_invited(offices[0], app, number) for number in range(100)])
