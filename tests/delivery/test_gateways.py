"""The built-in gateways against a real HTTP server: what they send, and how they read each answer."""

import socket
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from plugins import SmsGateway, SmsRefused, SmsSent, build_gateway
from tests.delivery.provider import Provider, providing

ADA = "+31612345678"
TEXT = "123456 is your code. {to} & \u20ac {key}"
KEY = "6b1c2f5e000040008000000000000001"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with providing() as up:
        yield up


def gateway(name: str, **options: Any) -> SmsGateway:
    made = build_gateway(name, options)
    assert made is not None
    return made


async def refusal(of: SmsGateway) -> SmsRefused:
    with pytest.raises(SmsRefused) as caught:
        await of.send(ADA, TEXT, KEY)
    # Nobody is named, and the secrets of these tests are all called hush.
    assert not any(secret in f"{caught.value} {caught.value.reason}" for secret in (ADA[1:], "123456", "hush"))
    assert caught.value.__cause__ is None
    return caught.value


# Any provider


async def test_the_default_body_is_json(provider: Provider) -> None:
    assert await gateway("http", url=provider.url).send(ADA, TEXT, KEY) == SmsSent(KEY, None)
    (asked,) = provider.asked
    assert asked.line == "POST /send HTTP/1.1"
    assert asked.headers["content-type"] == "application/json"
    assert asked.json == {"to": ADA, "text": TEXT, "key": KEY}


async def test_a_template_is_filled_at_any_depth_and_its_values_are_not_read_again(provider: Provider) -> None:
    body = {"to": ["{digits}"], "message": {"content": "{text}", "parts": 2, "flash": False}, "ref": "s-{key}"}
    headers = {"Authorization": "Bearer hush"}
    await gateway("http", url=provider.url, body=body, headers=headers).send(ADA, TEXT, KEY)
    (asked,) = provider.asked
    assert asked.headers["authorization"] == "Bearer hush"
    assert asked.json == {
        "to": [ADA[1:]],
        "message": {"content": TEXT, "parts": 2, "flash": False},
        "ref": f"s-{KEY}",
    }


async def test_a_form(provider: Provider) -> None:
    body = {"To": "{to}", "Body": "{text}"}
    await gateway("http", url=provider.url, body=body, encoding="form").send(ADA, TEXT, KEY)
    (asked,) = provider.asked
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.form == {"To": ADA, "Body": TEXT}


SUCCESS = {"success_field": "messages.0.status", "success_values": ["sent", "0"]}


@pytest.mark.parametrize("body", [{"messages": [{"status": "sent"}]}, {"messages": [{"status": 0}]}])
async def test_a_success_rule_that_holds(provider: Provider, body: Any) -> None:
    provider.answer(201, body)
    assert await gateway("http", url=provider.url, **SUCCESS).send(ADA, TEXT, KEY) == SmsSent(KEY)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"status": "rejected"}]},
        {"messages": []},
        {"messages": [{}]},
        {"messages": {"0": "sent"}},
        {"messages": [{"status": ["sent"]}]},
        {},
        [],
        b"sent",
        b"",
    ],
)
async def test_a_success_rule_that_does_not_hold_gives_the_message_up(provider: Provider, body: Any) -> None:
    provider.answer(200, body)
    refused = await refusal(gateway("http", url=provider.url, **SUCCESS))
    assert (refused.reason, refused.permanent) == ("the answer is no success", True)


@pytest.mark.parametrize(
    ("price", "cost"),
    [("0.075", "0.075"), (0.25, "0.25"), (1, "1"), ("free", None), ("NaN", None), ("Infinity", None), (None, None)],
)
async def test_the_answer_may_tell_a_name_and_a_cost(provider: Provider, price: Any, cost: str | None) -> None:
    provider.answer(200, {"result": {"id": 42, "price": price}})
    sent = await gateway("http", url=provider.url, id_field="result.id", cost_field="result.price").send(ADA, TEXT, KEY)
    assert sent == SmsSent("42", Decimal(cost) if cost else None)


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (422, True), (401, False), (402, False), (404, False), (429, False), (500, False), (302, False)],
)
async def test_a_status_tells_whether_another_attempt_makes_sense(
    provider: Provider, status: int, permanent: bool
) -> None:
    provider.answer(status, {"error": f"{ADA} hush"})
    refused = await refusal(gateway("http", url=provider.url))
    assert (refused.reason, refused.permanent) == (str(status), permanent)
    # A redirect is not followed: it could lead anywhere.
    assert len(provider.asked) == 1


async def test_the_statuses_that_give_up_are_an_option(provider: Provider) -> None:
    provider.answer(404)
    assert (await refusal(gateway("http", url=provider.url, refused_statuses=[404]))).permanent


@pytest.mark.parametrize("name", ["http", "cm", "mailbox"])
async def test_a_provider_that_is_down_hangs_up_or_hangs_is_tried_again(provider: Provider, name: str) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        down = f"http://127.0.0.1:{unheard.getsockname()[1]}/send"
    refusals = {await reason(name, down)}
    provider.answers += [Provider.DROP]
    refusals.add(await reason(name, provider.url))
    if name != "mailbox":
        provider.answers += [Provider.HANG]
        refusals.add(await reason(name, provider.url, timeout=0.2))
    assert refusals <= {"ConnectError", "RemoteProtocolError", "ReadTimeout"}


async def reason(name: str, url: str, **options: Any) -> str:
    own = {"product_token": "hush", "sender": "Portal"} if name == "cm" else {}
    refused = await refusal(gateway(name, url=url, **own, **options))
    assert not refused.permanent
    return refused.reason


# CM.com


def cm(provider: Provider, **options: Any) -> SmsGateway:
    return gateway("cm", url=provider.url, product_token="hush", sender="Portal", **options)


def accepted(parts: int = 1) -> dict[str, Any]:
    """After the examples in its documentation."""
    message = {
        "to": "0031612345678",
        "status": "Accepted",
        "reference": KEY,
        "parts": parts,
        "messageDetails": None,
        "messageErrorCode": 0,
    }
    return {"details": "Created 1 message(s)", "errorCode": 0, "messages": [message]}


def rejected(code: int) -> dict[str, Any]:
    message = {
        "to": "0031612345678",
        "status": "Rejected",
        "reference": KEY,
        "parts": 0,
        "messageDetails": f"{ADA} hush",
        "messageErrorCode": code,
    }
    return {"details": "Created 0 message(s)", "errorCode": 201, "messages": [message]}


async def test_cm_gets_what_its_documentation_asks_for(provider: Provider) -> None:
    provider.answer(200, accepted())
    assert await cm(provider).send(ADA, TEXT, KEY) == SmsSent(KEY, None)
    (asked,) = provider.asked
    assert asked.headers["x-cm-producttoken"] == "hush"
    assert asked.json == {
        "messages": {
            "msg": [
                {
                    "from": "Portal",
                    "to": [{"number": "0031612345678"}],
                    "body": {"type": "auto", "content": TEXT},
                    "reference": KEY,
                    "allowedChannels": ["SMS"],
                }
            ]
        }
    }


async def test_cm_tells_the_parts_and_the_contract_their_price(provider: Provider) -> None:
    provider.answer(200, accepted(parts=2))
    assert await cm(provider, price="0.075").send(ADA, TEXT, KEY) == SmsSent(KEY, Decimal("0.150"))


@pytest.mark.parametrize("code", [302, 303, 304, 305, 401, 402, 403])
async def test_cm_gives_up_what_is_about_the_message(provider: Provider, code: int) -> None:
    provider.answer(400, rejected(code))
    refused = await refusal(cm(provider))
    assert (refused.reason, refused.permanent) == (f"code {code}", True)


@pytest.mark.parametrize("code", [101, 102, 103, 301, 500, 999])
async def test_cm_is_tried_again_where_it_is_about_us_or_the_hour(provider: Provider, code: int) -> None:
    provider.answer(400, {"details": "No account found", "errorCode": code, "messages": []})
    refused = await refusal(cm(provider))
    assert (refused.reason, refused.permanent) == (f"code {code}", False)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (200, []),
        (200, {"messages": "x"}),
        (200, {"messages": ["x"]}),
        (200, {}),
        (502, accepted()),
        (401, accepted()),
    ],
)
async def test_cm_answering_nonsense_is_no_success(provider: Provider, status: int, body: Any) -> None:
    provider.answer(status, body)
    assert not (await refusal(cm(provider))).permanent


# The demo's mailbox


async def test_the_mailbox_is_handed_the_text_and_costs_nothing(provider: Provider) -> None:
    assert await gateway("mailbox", url=provider.url).send(ADA, TEXT, KEY) == SmsSent(KEY, Decimal(0))
    assert provider.asked[0].json == {"to": ADA, "text": TEXT}
    provider.answer(500)
    assert not (await refusal(gateway("mailbox", url=provider.url))).permanent
