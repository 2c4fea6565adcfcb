"""The endpoint under garbage: headers, bodies and messages of every shape get a refusal, and never a fault."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.people.device import check_extensions
from tests.schema.running import TRANSPORT_WS, Served, person
from tests.support.databases import Database

#: As far as a client can send it in a header.
_printable = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)
_HEADERS = {
    "Host": ["evil.example", "localhost:0", "[::1", "", "a b"],
    "Origin": ["null", "http://localhost:8000", "https://evil.example", "http://localhost:8000.evil.example", "é"],
    "Sluis-Practice": ["linden", "LINDEN", "..", "-", "a" * 300, "linden, linden"],
    "Authorization": ["Bearer", "Bearer ", "bearer x y", "Basic Og==", "Bearer " + "x" * 5000, "Bearer é"],
    "Cookie": ["sluis-linden=", "sluis-linden=x; sluis-linden=y", "=;=;", '"sluis-linden"="x', "a" * 5000],
    "X-Forwarded-For": ["::1", "1.2.3.4, unknown", "[::1]:80", "%", ", ,", "1.2.3.4\t"],
    "Accept": ["*/*;q=x", "text/html", "application/json;q=1e309", ";;,", "application/*;q=nan"],
    "Accept-Language": ["nl;q=", "*;q=-1", "-", "nl-" * 200],
    "Content-Type": ["application/json;charset=", "application/json; charset=utf-7", ";", "application/json; charset"],
    "Content-Encoding": ["gzip", "identity, gzip", ""],
}
_headers = st.dictionaries(st.sampled_from(sorted(_HEADERS)), st.none() | _printable, max_size=4).flatmap(
    lambda chosen: st.fixed_dictionaries(
        {name: st.sampled_from(_HEADERS[name]) | st.just(text or "") for name, text in chosen.items()}
    )
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
_DOCUMENTS = [
    "query Q($v: Either!) { either(value: $v) }",
    "query Q($v: Paint!) { painted(paint: $v) }",
    "query Q($v: UUID!) { known(key: $v) }",
    "query Q($v: String!) { hello(name: $v) }",
    "query Q($v: Int!) { knot { next(count: $v) { many(first: $v) { name } } } }",
    "{ hello }",
]
_parameters = st.fixed_dictionaries(
    {"query": st.sampled_from(_DOCUMENTS) | st.text(max_size=30) | _json},
    optional={
        "variables": st.fixed_dictionaries({"v": _json}) | _json,
        "operationName": st.sampled_from(["Q", ""]) | _json,
        "extensions": _json,
        "id": _json,
    },
)
_MESSAGES = ["connection_init", "subscribe", "complete", "ping", "pong", "next", ""]
_message = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(_MESSAGES) | _json,
        "id": st.sampled_from(["1", ""]) | _json,
        "payload": _parameters | st.fixed_dictionaries({"authorization": _json, "practice": _json}) | _json,
    },
)
_BROKEN = {"INTERNAL", "TIMEOUT", "UNAVAILABLE"}


async def examples(one: Callable[[Any], None], of: st.SearchStrategy[Any], most: int) -> None:
    """Hypothesis is synchronous, and the server runs in this loop."""
    tried = settings(max_examples=most, suppress_health_check=list(HealthCheck))(given(of)(one))
    await asyncio.to_thread(tried)


def sound(response: httpx.Response) -> None:
    assert response.status_code < 500, response.text
    if response.headers.get("content-type", "").startswith("application/"):
        body = response.json()
        check_extensions(body)
        assert not _BROKEN & {error["extensions"]["code"] for error in body.get("errors", ())}, response.text
    assert "Traceback" not in response.text


async def test_any_headers(endpoint: Served, database: Database) -> None:
    await person()

    with httpx.Client(base_url=endpoint.origin, timeout=10) as http:

        def ask(headers: dict[str, str]) -> None:
            raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
            for send in (
                partial(http.get, "/graphql?query={hello}", headers=raw),
                partial(http.post, "/graphql", content=b'{"query": "{ me }"}', headers=raw),
            ):
                try:
                    sound(send())
                except (httpx.LocalProtocolError, httpx.RemoteProtocolError):
                    # No HTTP at all.
                    continue

        await examples(ask, _headers, 60)
    assert (await endpoint.ask("{ hello }"))["data"] == {"hello": "hello you"}


async def test_any_body(endpoint: Served) -> None:
    json = {"Content-Type": "application/json"}
    with httpx.Client(base_url=endpoint.origin, timeout=10) as http:

        def ask(body: object) -> None:
            content = body if isinstance(body, bytes) else orjson.dumps(body)
            sound(http.post("/graphql", content=content, headers=json))
            if isinstance(body, dict):
                query = {
                    name: value if isinstance(value, str) else orjson.dumps(value).decode()
                    for name, value in body.items()
                }
                sound(http.get("/graphql", params=query))

        await examples(ask, _parameters | _json | st.binary(max_size=60), 150)
    for nested in (
        b"[" * 5000,
        b'{"variables":' + b'{"a":' * 900 + b"1" + b"}" * 901,
        b'{"query":"{hello}","variables":{"v":' + b"[" * 900 + b"]" * 900 + b"}}",
    ):
        sound(await endpoint.http.post("/graphql", content=nested, headers=json))
    assert (await endpoint.ask("{ hello }"))["data"] == {"hello": "hello you"}


async def test_any_message(endpoint: Served, database: Database) -> None:
    """A socket is answered or closed with a code of the protocol; the server goes on."""
    ada = await person()
    url = endpoint.url.replace("http:", "ws:")

    def talk(messages: list[object]) -> None:
        with connect(url, subprotocols=[TRANSPORT_WS], open_timeout=10, close_timeout=10) as socket:
            try:
                socket.send(
                    orjson.dumps(
                        {"type": "connection_init", "payload": {"authorization": f"Bearer {ada.token}"}}
                    ).decode()
                )
                for message in messages:
                    socket.send(message if isinstance(message, bytes) else orjson.dumps(message).decode())
                socket.send(b'{"type": "ping"}'.decode())
                while True:
                    told = orjson.loads(socket.recv(timeout=10))
                    errors = told.get("payload") if told["type"] == "error" else ()
                    assert not _BROKEN & {error["extensions"]["code"] for error in errors or ()}, told
                    if told["type"] == "pong":
                        break
            except ConnectionClosed:
                assert 4400 <= (socket.protocol.close_code or 0) < 4500

    await examples(talk, st.lists(_message | _json | st.binary(max_size=20), max_size=3), 60)
    async with endpoint.socket() as line:
        await line.sit(ada)
        await line.subscribe("subscription { ticks(count: 1) }")
        assert (await line.receive())["payload"] == {"data": {"ticks": 0}}
