"""Challenges that are opened over and over by somebody who knows a password: how many are sent, and how many stay."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from plugins import EnrolmentBegun, Opened
from tests.people.device import Answer
from tests.people.factor_owner import FactorOwner
from tests.people.guest import Belongings
from tests.people.staff import StaffPerson
from tests.support.failing import misbehaving, raises
from tests.support.sluis import Sluis

pytestmark = pytest.mark.security

A_RUN, AN_HOUR, A_DAY = 3, 10, 30
OPEN = """mutation($input: OpenChallengeInput!) { openChallenge(input: $input) { __typename
  ... on FactorRequired { options { factor challenge { id } } }
  ... on StepUpBegun { options { factor challenge { id } } }
  ... on NotSentYet { reason retryAt } ... on Refusal { code message } } }"""


@dataclass
class Phone:
    """What the prompts arrive at: the factor sends them itself, not through the core's outbox."""

    prompts: list[str] = field(default_factory=list)

    async def challenge(self, _: Any, desk: Any, states: Any) -> Opened:
        self.prompts.append("sign in?")
        return Opened()

    async def begin(self, factor: Any, *_: Any) -> EnrolmentBegun[Any]:
        self.prompts.append("set up?")
        shown = {"secret": "A" * 32, "uri": "otpauth://totp/x", "qr_svg": "<svg/>"}
        return EnrolmentBegun(factor.State(secret=b"0" * 20), public=shown)


@pytest.fixture
def given_settings() -> dict[str, Any]:
    return {"trusted_proxies": ["127.0.0.0/8", "::1/128"], "limit_address_per_minute": 1000}


@pytest.fixture
async def ada(sluis: Sluis, dr_vos: StaffPerson) -> FactorOwner:
    """A respondent, let in."""
    person = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"))
    await dr_vos.lets_in(person)
    return person


@pytest.fixture
def phone(sluis: Sluis) -> Iterator[Phone]:
    """The app of everybody sends a prompt for each challenge, as a push factor does."""
    phone = Phone()

    async def challenge(self: Any, desk: Any, states: Any) -> Opened:
        return await phone.challenge(self, desk, states)

    async def begin(self: Any, desk: Any, states: Any, request: Any) -> Any:
        return await phone.begin(self)

    with misbehaving(sluis, "totp", 5, sends=True, challenge=challenge, begin_enrolment=begin):
        yield phone


async def opens(person: FactorOwner, step: Answer | None = None) -> Answer:
    """Have the app asked, in a sign-in or, without one, for a step-up."""
    given = {"signIn": step["token"] if step else None, "factor": "totp"}
    answer: Answer = await person.device.ask(OPEN, input=given)
    return answer


def at(person: FactorOwner, address: str) -> FactorOwner:
    """The person at a device with this address."""
    other = person.elsewhere("BEARER")
    other.device.http.headers["X-Forwarded-For"] = address
    return other


async def test_somebody_with_the_password_has_three_prompts_sent_and_then_waits(
    sluis: Sluis, ada: FactorOwner, phone: Phone
) -> None:
    """Whatever sign-in or session asks; the refusal says when the next one goes."""
    thief = ada.elsewhere("BEARER")
    answers = [await opens(thief, await thief.starts_sign_in()) for _ in range(40)]
    assert [one["__typename"] for one in answers] == ["FactorRequired"] * A_RUN + ["NotSentYet"] * 37
    assert len(phone.prompts) == A_RUN
    refusal = answers[-1]
    assert (refusal["code"], refusal["reason"]) == ("NOT_SENT_TOO_SOON", "TOO_SOON")
    retry_at = datetime.fromisoformat(refusal["retryAt"])
    assert retry_at == sluis.clock.now + timedelta(seconds=30)
    assert (await opens(ada))["retryAt"] == refusal["retryAt"], "a step-up asks the same phone"
    assert (await ada.begins_removal(await ada.has("totp")))["code"] in {"NOT_SENT_TOO_SOON", "LAST_FACTOR"}
    assert len(phone.prompts) == A_RUN
    sluis.clock.now = retry_at
    assert (await opens(thief, await thief.starts_sign_in()))["__typename"] == "FactorRequired"
    assert len(phone.prompts) == A_RUN + 1


async def test_prompts_of_an_hour_and_of_a_day_have_an_end(sluis: Sluis, ada: FactorOwner, phone: Phone) -> None:
    began, thief = sluis.clock.now, ada.elsewhere("BEARER")
    hours: dict[int, int] = {}
    while sluis.clock.now < began + timedelta(hours=23):
        answer = await opens(thief, await thief.starts_sign_in())
        if answer["__typename"] == "NotSentYet":
            assert datetime.fromisoformat(answer["retryAt"]) > sluis.clock.now
            sluis.clock.now = datetime.fromisoformat(answer["retryAt"])
        else:
            hour = int((sluis.clock.now - began) / timedelta(hours=1))
            hours[hour] = hours.get(hour, 0) + 1
    assert max(hours.values()) <= AN_HOUR
    assert len(phone.prompts) == sum(hours.values()) == A_DAY


async def test_of_sixteen_at_once_three_are_sent(sluis: Sluis, ada: FactorOwner, phone: Phone) -> None:
    thief = ada.elsewhere("BEARER")
    steps = [await thief.starts_sign_in() for _ in range(16)]
    answers = await asyncio.gather(*(opens(thief, step) for step in steps))
    assert sorted(one["__typename"] for one in answers) == ["FactorRequired"] * A_RUN + ["NotSentYet"] * 13
    assert len(phone.prompts) == A_RUN


async def test_factor_that_fails_may_have_sent_before(sluis: Sluis, ada: FactorOwner) -> None:
    """What fails counts; the codes of what says that it sent nothing are not counted."""
    thief = ada.elsewhere("BEARER")
    with misbehaving(sluis, "totp", sends=True, challenge=raises):
        codes = [(await opens(thief, await thief.starts_sign_in()))["code"] for _ in range(A_RUN + 1)]
    assert codes == ["FACTOR_UNAVAILABLE"] * A_RUN + ["NOT_SENT_TOO_SOON"]


async def test_setting_up_has_a_pace_of_its_own(sluis: Sluis, ada: FactorOwner, phone: Phone) -> None:
    """Its prompts go to what nobody has proven yet, and must not stop those to what the person has."""
    begun = [await ada.scans({}) for _ in range(A_RUN + 1)]
    assert [one.get("code") for one in begun] == [None] * A_RUN + ["NOT_SENT_TOO_SOON"]
    assert phone.prompts == ["set up?"] * A_RUN
    assert (await opens(ada))["__typename"] == "StepUpBegun"


async def test_flood_leaves_so_many_open_and_keeps_those_of_the_person(sluis: Sluis, ada: FactorOwner) -> None:
    """The person began first and elsewhere: what the flood closes is the flood's own."""
    home = at(ada, "198.51.100.1")
    step = await home.starts_sign_in()
    sluis.clock.forward(seconds=1)
    thief = at(ada, "203.0.113.7")
    for _ in range(10):
        begun = await thief.starts_sign_in()
        await asyncio.gather(*(opens(thief, begun) for _ in range(5)))
    (account,) = await sluis.rows("SELECT id FROM account WHERE login_code = ?", ada.own.login.replace(" ", ""))
    live = "account_id = ? AND consumed_at IS NULL"
    assert await sluis.count("challenge", live, account["id"]) == 40
    sluis.clock.forward(seconds=30)
    assert (await home.proves(step, "totp", home.app.code()))["__typename"] == "SignedIn"


async def test_used_up_codes_are_neither_offered_nor_advised(sluis: Sluis, ada: FactorOwner) -> None:
    """Six recovery codes, used one after the other; then the app is what is left, and its refusal names no other."""
    thief = ada.elsewhere("BEARER")

    async def refusal() -> Answer:
        step = await thief.starts_sign_in()
        with misbehaving(sluis, "totp", challenge=raises):
            return await opens(thief, step) | {"offered": [option["factor"] for option in step["options"]]}

    before = await refusal()
    assert before["offered"] == ["totp", "recovery_codes"]
    assert before["message"].endswith("What you can use instead: Recovery codes.")
    for code in ada.own.codes:
        device = ada.elsewhere()
        assert (await device.proves(await device.starts_sign_in(), "recovery_codes", code))["__typename"] == "SignedIn"
    after = await refusal()
    assert after["offered"] == ["totp"]
    assert after["message"] == "This way of signing in is not available. Ask your practice for help."
