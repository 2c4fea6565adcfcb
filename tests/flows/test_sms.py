"""SMS pumping: every cap on both of its edges, counted for real, and by parallel requests as well."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flows.core.context import AppContext, SmsRules
from flows.core.pacing import CAP_REACHED, TOO_SOON
from flows.core.sms_metering import COUNTRY, NO_GATEWAY, NUMBER_BUSY, TextMessage, Use, send_sms
from flows.second_factor.desk import desk_for
from models import Account, AttemptBudget, Audience, OutboxMessage, Practice, SmsCount
from models.housekeeping import tidy
from plugins import NotSent, build_registry
from tests.flows.office import Office
from tests.support.clock import Clock

ADA, BEA = "+31612345678", "+31687654321"
INSTANT = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
#: Nothing but the cap that a test is about.
LOOSE = SmsRules(
    first_wait=timedelta(microseconds=1),
    per_hour=50,
    per_day=10_000,
    address_per_hour=10_000,
    practice_per_day=10_000,
    installation_per_day=10_000,
    practice_cost_per_month=Decimal(10_000),
)


class Texter:
    """Accounts of one practice that ask for text messages."""

    def __init__(self, office: Office, rules: SmsRules | None) -> None:
        self.app = replace(office.app, rules=replace(office.app.rules, sms=rules))
        self.office, self.practice = office, office.practice
        self.accounts: dict[str, Account] = {}

    async def account(self, name: str) -> Account:
        if name not in self.accounts:
            self.accounts[name] = await self.office.account(Audience.RESPONDENT, name=name)
        return self.accounts[name]

    async def send(self, to: str = ADA, who: str = "ada", address: str = "192.0.2.1", use: Use = Use.CODE) -> None:
        account = await self.account(who)
        text = TextMessage(to, "one_time_code", {"code": "123456"})
        await send_sms(self.app, account, self.practice, address, text, use)

    async def sends(self, number: int, step: timedelta = SECOND, **how: Any) -> None:
        """That many, so far apart, each of which goes through."""
        for _ in range(number):
            await self.send(**how)
            forward(self.app, step)


def forward(app: AppContext, by: timedelta) -> None:
    assert isinstance(app.clock, Clock)
    app.clock.now += by


def at(app: AppContext, moment: datetime) -> None:
    assert isinstance(app.clock, Clock)
    app.clock.now = moment


async def refusal(sending: Awaitable[None]) -> tuple[str, datetime | None]:
    """The reason and the time from which it may work; a refused message leaves nothing behind."""
    before = await traces()
    with pytest.raises(NotSent) as caught:
        await sending
    assert await traces() == before
    return caught.value.reason, caught.value.retry_at


async def traces() -> tuple[Any, ...]:
    budgets = await AttemptBudget.all().order_by("subject").values_list("subject", "hour_count", "day_count")
    return await OutboxMessage.all().count(), await SmsCount.all().values_list("count", "cost_micros"), budgets


@pytest.fixture
def strict(office: Office) -> Texter:
    """The installation's defaults."""
    return Texter(office, SmsRules())


async def test_message_is_sealed_in_the_outbox(strict: Texter) -> None:
    now = strict.app.now
    await strict.send()
    (row,) = await OutboxMessage.all()
    assert (row.channel, row.template, row.practice_id) == ("sms", "one_time_code", strict.practice.id)
    assert row.payload is not None
    assert not any(secret in row.payload for secret in (b"123456", ADA.encode(), ADA[1:].encode()))
    payload = json.loads(strict.app.keys.open(row.payload, "outbox", str(row.id)))
    assert payload == {
        "to": ADA,
        "locale": "nl",
        "values": {"code": "123456"},
        "until": (now + timedelta(minutes=5)).isoformat(),
        "month": "2026-03",
        "country": "NL",
        "price": "0.10",
    }
    (counted,) = await SmsCount.all()
    assert (counted.month, counted.country, counted.count, counted.cost) == ("2026-03", "NL", 1, Decimal("0.1"))
    assert not await AttemptBudget.filter(subject__contains=ADA[1:]).exists()


async def test_message_without_a_gateway_is_refused(office: Office) -> None:
    assert await refusal(Texter(office, None).send()) == (NO_GATEWAY, None)


async def test_wait_between_messages_is_30_seconds_and_doubles(strict: Texter) -> None:
    for seconds in (30, 60, 120, 240):
        await strict.send()
        again = strict.app.now + timedelta(seconds=seconds)
        assert await refusal(strict.send()) == (TOO_SOON, again)
        at(strict.app, again - INSTANT)
        assert await refusal(strict.send()) == (TOO_SOON, again)
        at(strict.app, again)
    await strict.send()


async def test_wait_counts_for_the_number_and_for_the_account(strict: Texter) -> None:
    await strict.send(to=ADA, who="ada")
    assert (await refusal(strict.send(to=BEA, who="ada")))[0] == TOO_SOON
    assert (await refusal(strict.send(to=ADA, who="bea")))[0] == NUMBER_BUSY
    await strict.send(to=BEA, who="bea")


async def test_wait_of_a_number_holds_in_every_practice(strict: Texter, other_office: Office) -> None:
    await strict.send()
    elsewhere = Texter(other_office, SmsRules())
    assert (await refusal(elsewhere.send(who="mallory")))[0] == NUMBER_BUSY


async def test_enrolling_a_number_of_another_person_does_not_delay_its_owner(office: Office) -> None:
    """Text messages to another person's number are capped by a budget of their own."""
    texter = Texter(office, replace(LOOSE, per_hour=5, per_day=10))
    for stranger in range(5):
        await texter.send(who=f"stranger {stranger}", use=Use.ENROL)
        forward(texter.app, SECOND)
    capped = await refusal(texter.send(who="one more", use=Use.ENROL))
    assert capped[0] == CAP_REACHED
    await texter.sends(5)
    assert (await refusal(texter.send()))[0] == CAP_REACHED
    forward(texter.app, timedelta(hours=1))
    await texter.sends(5, who="another", use=Use.ENROL)
    forward(texter.app, timedelta(hours=1))
    assert (await refusal(texter.send(who="another one", use=Use.ENROL)))[0] == CAP_REACHED, "ten a day"


async def test_notices_do_not_delay_codes_and_have_their_own_cap(strict: Texter) -> None:
    await strict.send()
    for _ in range(5):
        await strict.send(use=Use.NOTICE, address="")
    assert (await refusal(strict.send(use=Use.NOTICE, address="")))[0] == CAP_REACHED
    forward(strict.app, timedelta(seconds=30))
    await strict.send()


async def test_practice_can_choose_the_countries_of_its_messages(office: Office) -> None:
    texter = Texter(office, replace(LOOSE, countries=frozenset({"DE"})))
    belgian, german = "+32470123456", "+4915123456789"
    texter.practice.sms_countries = ["BE"]
    await texter.send(to=belgian, who="bea")
    for number in (german, ADA):
        assert await refusal(texter.send(to=number)) == (COUNTRY, None)
    texter.practice.sms_countries = []
    assert await refusal(texter.send(to=belgian)) == (COUNTRY, None)
    texter.practice.sms_countries = None
    await texter.send(to=german, who="dora")
    await texter.send(to=ADA)
    assert await refusal(texter.send(to=belgian)) == (COUNTRY, None)


async def test_each_hour_starts_with_the_short_wait(strict: Texter) -> None:
    await strict.sends(3, timedelta(minutes=15))
    forward(strict.app, timedelta(minutes=15))
    await strict.send()
    assert await refusal(strict.send()) == (TOO_SOON, strict.app.now + timedelta(seconds=30))


@pytest.mark.parametrize("fixed", ["number", "account"])
async def test_sixth_message_an_hour_to_a_number_or_an_account_is_refused(office: Office, fixed: str) -> None:
    texter = Texter(office, replace(LOOSE, per_hour=5))
    start = texter.app.now
    await exhaust(texter, fixed, 5)
    end = start + timedelta(hours=1)
    at(texter.app, end - INSTANT)
    assert await refusal(another(texter, fixed)) == (CAP_REACHED, end)
    at(texter.app, end)
    await another(texter, fixed)


@pytest.mark.parametrize("fixed", ["number", "account"])
async def test_eleventh_message_a_day_to_a_number_or_an_account_is_refused(office: Office, fixed: str) -> None:
    texter = Texter(office, replace(LOOSE, per_day=10, per_hour=10))
    start = texter.app.now
    await exhaust(texter, fixed, 10, timedelta(minutes=30))
    end = start + timedelta(days=1)
    at(texter.app, end - INSTANT)
    assert await refusal(another(texter, fixed)) == (CAP_REACHED, end)
    at(texter.app, end)
    await another(texter, fixed)


async def exhaust(texter: Texter, fixed: str, number: int, step: timedelta = timedelta(minutes=1)) -> None:
    for n in range(number):
        await texter.send(**varying(fixed, n))
        forward(texter.app, step)


async def another(texter: Texter, fixed: str) -> None:
    await texter.send(**varying(fixed, 99))


def varying(fixed: str, n: int) -> dict[str, Any]:
    """The number stays and the accounts change, or the other way round."""
    return {"who": f"account {n}"} if fixed == "number" else {"to": f"+316123456{n:02d}"}


async def test_messages_beyond_the_hourly_cap_of_an_address_are_refused(office: Office) -> None:
    texter = Texter(office, replace(LOOSE, address_per_hour=3))
    hour = texter.app.now.replace(minute=0, second=0, microsecond=0)
    await texter.sends(3)
    at(texter.app, hour + timedelta(hours=1) - INSTANT)
    assert await refusal(texter.send()) == (CAP_REACHED, hour + timedelta(hours=1))
    await texter.send(to=BEA, who="bea", address="2001:db8::1")
    at(texter.app, hour + timedelta(hours=1))
    await texter.send()


async def test_messages_beyond_the_daily_cap_of_a_practice_are_refused(office: Office, other_office: Office) -> None:
    rules = replace(LOOSE, practice_per_day=3)
    texter = Texter(office, rules)
    midnight = texter.app.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    for n in range(3):
        await texter.send(to=f"+3161234560{n}", who=str(n), address=f"192.0.2.{n}")
    at(texter.app, midnight - INSTANT)
    assert await refusal(texter.send()) == (CAP_REACHED, midnight)
    await Texter(other_office, rules).send(to=BEA, who="bea")
    at(texter.app, midnight)
    await texter.send()


async def test_messages_beyond_the_daily_cap_of_the_installation_are_refused(
    office: Office, other_office: Office
) -> None:
    """A practice beyond its own cap uses up nothing of it."""
    texters = [
        Texter(each, replace(LOOSE, practice_per_day=3, installation_per_day=5)) for each in (office, other_office)
    ]
    midnight = office.app.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    for n in range(6):
        sending = texters[0].send(to=f"+3161234560{n}", who=str(n))
        await (sending if n < 3 else refusal(sending))
    for n in range(2):
        await texters[1].send(to=f"+3161234561{n}", who=str(n))
    assert await refusal(texters[1].send()) == (CAP_REACHED, midnight)
    at(office.app, midnight)
    for texter in texters:
        await texter.send(to=BEA if texter is texters[0] else ADA, who="bea")


async def test_messages_beyond_the_monthly_cost_cap_are_refused(office: Office, other_office: Office) -> None:
    rules = replace(LOOSE, price=Decimal("0.10"), practice_cost_per_month=Decimal("0.30"), countries=frozenset({"BE"}))
    texter = Texter(office, rules)
    await texter.sends(2)
    await texter.send(to="+32470123456")
    april = datetime(2026, 3, 31, 22, tzinfo=UTC)  # Midnight in Amsterdam, in summer time.
    at(texter.app, april - INSTANT)
    assert await refusal(texter.send()) == (CAP_REACHED, april)
    await Texter(other_office, rules).send(to=BEA, who="bea")
    at(texter.app, april)
    await texter.send()


async def test_reported_cost_replaces_the_estimate(office: Office) -> None:
    texter = Texter(office, replace(LOOSE, practice_cost_per_month=Decimal("0.30")))
    await texter.send()
    await SmsCount.all().update(cost_micros=200_000)
    forward(texter.app, SECOND)
    await texter.send()
    forward(texter.app, SECOND)
    assert (await refusal(texter.send()))[0] == CAP_REACHED


@pytest.mark.parametrize(
    ("number", "allowed"),
    [
        ("+31612345678", True),
        ("+32470123456", True),
        ("+491512345678", False),
        ("+447400123456", False),
        ("+447781123456", False),  # Guernsey, which shares a prefix with the country above.
        ("+883510012345678", False),
        ("+8821612345678", False),
        ("+999", False),
        ("0612345678", False),
        ("", False),
        ("x", False),
    ],
)
async def test_messages_go_to_the_country_of_the_practice_and_of_the_settings_only(
    office: Office, number: str, allowed: bool
) -> None:
    texter = Texter(office, replace(LOOSE, countries=frozenset({"BE"})))
    if allowed:
        await texter.send(to=number)
    else:
        assert await refusal(texter.send(to=number)) == (COUNTRY, None)


async def test_country_of_the_practice_is_allowed(office: Office) -> None:
    texter = Texter(office, LOOSE)
    await Practice.filter(id=texter.practice.id).update(country="BE")
    await texter.practice.refresh_from_db()
    await texter.send(to="+32470123456")
    assert (await refusal(texter.send(to=ADA)))[0] == COUNTRY


async def test_refused_message_does_not_count_in_shared_caps(office: Office) -> None:
    texter = Texter(office, replace(LOOSE, first_wait=timedelta(minutes=30), practice_per_day=2, address_per_hour=2))
    await texter.send()
    for _ in range(5):
        assert (await refusal(texter.send()))[0] == TOO_SOON
    await texter.send(to=BEA, who="bea")


@pytest.mark.parametrize(
    ("rules", "sent"),
    [
        (SmsRules(), 1),
        (replace(LOOSE, address_per_hour=5, countries=frozenset({"BE"})), 5),
        (replace(LOOSE, practice_per_day=5, countries=frozenset({"BE"})), 5),
        (replace(LOOSE, installation_per_day=5, countries=frozenset({"BE"})), 5),
        (replace(LOOSE, practice_cost_per_month=Decimal("0.55"), countries=frozenset({"BE"})), 5),
    ],
)
async def test_sixteen_concurrent_messages_do_not_exceed_the_cap(office: Office, rules: SmsRules, sent: int) -> None:
    texter = Texter(office, rules)
    one = rules == SmsRules()
    people = [await texter.account("ada" if one else str(n)) for n in range(16)]
    numbers = [ADA if one else f"+3161234560{n}" if n < 8 else f"+32470123{n:03d}" for n in range(16)]
    assert len(set(numbers)) == (1 if one else 16)
    tries = [
        send_sms(texter.app, person, texter.practice, "192.0.2.1", TextMessage(number, "one_time_code", {"code": "1"}))
        for person, number in zip(people, numbers, strict=True)
    ]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [NotSent] * (16 - sent)
    assert await OutboxMessage.all().count() == sent
    assert sum(row.count for row in await SmsCount.all()) == sent


async def test_housekeeping_deletes_the_counts_of_numbers(strict: Texter) -> None:
    await strict.sends(5, timedelta(minutes=5))
    assert await AttemptBudget.all().count() == 2
    forward(strict.app, timedelta(days=3))
    await tidy(strict.app.now)
    assert await AttemptBudget.all().count() == 0
    assert await SmsCount.all().count() == 1


async def test_desk_sends_for_its_account_and_refuses_without_one(strict: Texter) -> None:
    app = replace(strict.app, factors=build_registry(["sms"], {}))
    factor = app.factors.get("sms")
    assert factor is not None
    account = await strict.account("ada")
    desk = desk_for(app, account, strict.practice, factor, address="192.0.2.1")
    await desk.send("sms", ADA, "one_time_code", {"code": "123456"})
    assert await refusal(desk.send("pigeon", ADA, "one_time_code", {})) == (NO_GATEWAY, None)
    nobody = desk_for(app, None, strict.practice, factor)
    assert await refusal(nobody.send("sms", BEA, "one_time_code", {})) == (NO_GATEWAY, None)
    assert await AttemptBudget.filter(subject=f"sms:account:{account.id}").exists()
