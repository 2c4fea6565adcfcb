"""Text messages leave over a real gateway: once each, while they mean something, and at what they really cost."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tortoise.exceptions import OperationalError

from delivery.sms import SmsCarrier
from delivery.sms_texts import NEWS, PLAIN, sms_text
from delivery.texts import CannotFill
from delivery.worker import OutboxWorker
from locales import LANGUAGES, shown_time_in
from models import OutboxMessage, OutboxState, SmsCount
from models.core.sms import correct_sms, count_sms, sms_of_month
from plugins import build_gateway
from tests.delivery.post import NOON, Post
from tests.delivery.provider import Provider, providing

ADA = "+31612345678"
PRICE = Decimal("0.10")
UNTIL = NOON + timedelta(minutes=5)


class Texting:
    """The text messages of one practice, and the provider that they go to."""

    def __init__(self, post: Post, provider: Provider) -> None:
        self.post, self.provider = post, provider

    async def put(self, template: str = "one_time_code", to: str = ADA, **more: Any) -> OutboxMessage:
        """Count and queue one, as the flows do."""
        await count_sms(self.post.practice.id, "2026-11", "NL", PRICE)
        payload = {
            "to": to,
            "locale": "en",
            "values": {"code": "123456"},
            "until": UNTIL.isoformat(),
            "month": "2026-11",
            "country": "NL",
            "price": str(PRICE),
        }
        return await self.post.put(template, payload | more, channel="sms")

    def worker(self) -> OutboxWorker:
        gateway = build_gateway("http", {"url": self.provider.url, "cost_field": "cost", "timeout": 2})
        assert gateway is not None
        return OutboxWorker(SmsCarrier(self.post.keys, gateway), self.post.time, poll=0.05)

    async def cost(self) -> tuple[int, Decimal]:
        """How many messages of this month are counted, and for how much."""
        (count,) = await sms_of_month(self.post.practice.id, "2026-11")
        return count.count, count.cost


@pytest.fixture
async def texting(post: Post) -> AsyncIterator[Texting]:
    async with providing() as provider:
        yield Texting(post, provider)


async def stored(row: OutboxMessage) -> OutboxMessage:
    return await OutboxMessage.get(id=row.id)


@pytest.mark.database
async def test_a_message_leaves_and_its_payload_is_wiped(texting: Texting) -> None:
    row = await texting.put()
    assert await texting.worker().deliver_due() == 1
    (asked,) = texting.provider.asked
    text = "123456 is your code. Never share it: nobody will ask you for it."
    assert asked.json == {"to": ADA, "text": text, "key": row.id.hex}
    after = await stored(row)
    assert (after.state, after.payload, after.attempts, after.done_at) == (OutboxState.SENT, None, 1, NOON)
    assert await texting.worker().deliver_due() == 0


@pytest.mark.database
async def test_each_channel_has_its_own_messages(texting: Texting) -> None:
    text, mail = await texting.put(), await texting.post.notice()
    assert await texting.worker().deliver_due() == 1
    assert (await stored(mail)).state == OutboxState.WAITING
    assert await texting.post.worker().deliver_due() == 1
    assert {(await stored(row)).state for row in (text, mail)} == {OutboxState.SENT}
    assert len(texting.provider.asked) == len(texting.post.relay.messages()) == 1


@pytest.mark.database
@pytest.mark.parametrize(("told", "cost"), [({"cost": "0.0725"}, "0.0725"), ({"cost": 0.2}, "0.2"), ({}, "0.1")])
async def test_the_cost_is_what_the_gateway_says_or_else_the_price(
    texting: Texting, told: dict[str, Any], cost: str
) -> None:
    await texting.put()
    texting.provider.answer(200, told)
    await texting.worker().deliver_due()
    assert await texting.cost() == (1, Decimal(cost))


@pytest.mark.database
async def test_a_busy_provider_is_tried_again_with_the_same_key(texting: Texting) -> None:
    row = await texting.put()
    for _ in range(2):
        texting.provider.answer(503)
    worker = texting.worker()
    for wait in (30, 60):
        assert await worker.deliver_due() == 1
        after = await stored(row)
        assert (after.state, after.last_error) == (OutboxState.WAITING, "503")
        assert await worker.deliver_due() == 0
        texting.post.time.passes(seconds=wait)
    assert await worker.deliver_due() == 1
    assert (await stored(row)).state == OutboxState.SENT
    assert [asked.json["key"] for asked in texting.provider.asked] == [row.id.hex] * 3
    assert await texting.cost() == (1, PRICE)


@pytest.mark.database
async def test_a_message_that_is_refused_for_good_costs_nothing(texting: Texting) -> None:
    kept, row = await texting.put(), await texting.put()
    texting.provider.answer(200)
    texting.provider.answer(422)
    await texting.worker().deliver_due()
    after = await stored(row)
    assert (after.state, after.payload, after.last_error) == (OutboxState.FAILED, None, "422")
    assert (await stored(kept)).state == OutboxState.SENT
    assert await texting.cost() == (1, PRICE)


@pytest.mark.database
@pytest.mark.parametrize(
    ("passed", "state"),
    [(timedelta(minutes=5) - timedelta(microseconds=1), OutboxState.SENT), (timedelta(minutes=5), OutboxState.FAILED)],
)
async def test_a_code_that_has_expired_is_not_sent(texting: Texting, passed: timedelta, state: OutboxState) -> None:
    row = await texting.put()
    texting.post.time.at += passed
    await texting.worker().deliver_due()
    after = await stored(row)
    assert (after.state, after.payload) == (state, None)
    assert len(texting.provider.asked) == (state == OutboxState.SENT)
    assert await texting.cost() == ((1, PRICE) if state == OutboxState.SENT else (0, Decimal(0)))


@pytest.mark.database
async def test_what_has_no_words_is_not_counted_once_it_is_given_up(texting: Texting) -> None:
    row, worker = await texting.put("poem"), texting.worker()
    for _ in range(2):
        await worker.deliver_due()
        assert await texting.cost() == (1, PRICE), "it is tried again"
        texting.post.time.passes(seconds=60)
    texting.post.time.passes(seconds=300)
    await worker.deliver_due()
    after = await stored(row)
    assert (after.state, after.last_error, texting.provider.asked) == (OutboxState.FAILED, "TooLate", [])
    assert await texting.cost() == (0, Decimal(0))


@pytest.mark.database
async def test_whether_it_got_through_nobody_knows_so_it_stays_counted(texting: Texting) -> None:
    row, worker = await texting.put(), texting.worker()
    texting.provider.answer(*Provider.DROP)
    await worker.deliver_due()
    texting.post.time.passes(seconds=300)
    await worker.deliver_due()
    after = await stored(row)
    assert (after.state, after.last_error, len(texting.provider.asked)) == (OutboxState.FAILED, "TooLate", 1)
    assert await texting.cost() == (1, PRICE)


@pytest.mark.database
async def test_a_row_that_nobody_can_open_is_given_up_all_the_same(texting: Texting) -> None:
    row = await texting.put()
    await OutboxMessage.filter(id=row.id).update(payload=b"garbage")
    texting.post.time.passes(hours=72)
    await texting.worker().deliver_due()
    assert (await stored(row)).state == OutboxState.FAILED
    assert await texting.cost() == (1, PRICE), "for how much it was counted is in there"


@pytest.mark.database
async def test_what_was_taken_is_not_sent_or_counted_again_when_marking_fails(
    texting: Texting, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await texting.put()
    texting.provider.answer(200, {"cost": "0.5"})
    worker = texting.worker()

    async def away(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as broken:
        broken.setattr("delivery.sms.correct_sms", away)
        with pytest.raises(OperationalError):
            await worker.deliver_due()
    assert (await stored(row)).state == OutboxState.WAITING
    texting.post.time.passes(hours=1)
    assert await worker.deliver_due() == 0
    assert (await stored(row)).state == OutboxState.SENT
    assert len(texting.provider.asked) == 1
    assert await texting.cost() == (1, Decimal("0.5"))


@pytest.mark.database
async def test_workers_side_by_side_send_each_message_once(texting: Texting) -> None:
    rows = [await texting.put(to=f"+316123456{n:02d}") for n in range(12)]
    counts = await asyncio.gather(*(texting.worker().deliver_due(12) for _ in range(4)))
    assert sum(counts) == 12
    assert sorted(asked.json["key"] for asked in texting.provider.asked) == sorted(row.id.hex for row in rows)


@pytest.mark.database
async def test_a_row_that_cannot_be_read_does_not_hold_up_the_others(texting: Texting) -> None:
    sealed = await texting.put()
    await OutboxMessage.filter(id=sealed.id).update(payload=b"garbage")
    strange, poor = await texting.put("poem"), await texting.put(values={})
    good = await texting.put()
    await texting.worker().deliver_due()
    errors = [(await stored(row)).last_error for row in (sealed, strange, poor)]
    assert errors == ["CannotOpen", "no text message 'poem'", "one_time_code lacks 'code'"]
    assert (await stored(good)).state == OutboxState.SENT


@pytest.mark.database
async def test_the_log_names_no_number_and_no_code(texting: Texting, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await texting.put()
    await texting.put()
    texting.provider.answer(200)
    texting.provider.answer(422, {"error": f"{ADA} 123456"})
    await texting.worker().deliver_due()
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("delivery"))
    assert "taken by http" in ours
    assert "given up at attempt 1: 422" in ours
    assert "123456" not in ours
    assert ADA[1:] not in ours


@pytest.mark.database
async def test_a_month_is_counted_per_practice_and_country_to_the_last_cent(texting: Texting) -> None:
    mine = texting.post.practice
    theirs = await type(mine).create(slug="elders", name="Elders", created_at=NOON)
    totals = [await count_sms(mine.id, "2026-11", country, PRICE) for country in ("NL", "BE", "NL")]
    assert totals == [Decimal("0.1"), Decimal("0.2"), Decimal("0.3")]
    assert await count_sms(mine.id, "2026-12", "NL", PRICE) == PRICE
    assert await count_sms(theirs.id, "2026-11", "NL", Decimal("0.000001")) == Decimal("0.000001")
    await correct_sms(mine.id, "2026-11", "NL", cost=Decimal("-0.0125"))
    counted = [(row.country, row.count, row.cost) for row in await sms_of_month(mine.id, "2026-11")]
    assert counted == [("NL", 2, Decimal("0.1875")), ("BE", 1, PRICE)]
    assert await SmsCount.all().count() == 4


#: GSM 03.38 without what is not one septet; its escapes and letters beyond it would halve what fits.
GSM = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡") | set(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_language_has_every_text_in_one_message(locale: str) -> None:
    """160 septets are one message."""
    when = shown_time_in(NOON, "Europe/Amsterdam", locale)
    for template in PLAIN | NEWS:
        said = sms_text(template, locale, "en", {"code": "123456", "login_code": "1234 5678", "when": when})
        assert template != "one_time_code" or "123456" in said[:6]
        assert set(said) <= GSM, template
        assert len(said) <= 160, template


def test_what_has_no_words_is_no_message() -> None:
    with pytest.raises(CannotFill, match="no text message 'moon_landing'"):
        sms_text("moon_landing", "nl", "en", {})


def test_the_language_is_the_persons_or_else_the_practices() -> None:
    values = {"code": "123456"}
    dutch, english = (sms_text("one_time_code", locale, "en", values) for locale in ("nl", "en"))
    assert dutch.startswith("123456 is uw code")
    assert sms_text("one_time_code", "nl-BE", "en", values) == dutch
    assert sms_text("one_time_code", "tr", "nl", values) == dutch
    assert sms_text("one_time_code", "tr", "fr", values) == english


def test_a_value_stays_one_line_and_is_not_a_template() -> None:
    assert sms_text("one_time_code", "en", "en", {"code": "{x}\r\n1"}).startswith("{x} 1 is your code")
    with pytest.raises(CannotFill):
        sms_text("one_time_code", "en", "en", {})
