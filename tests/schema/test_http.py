"""GraphQL over HTTP beyond the audits: methods, bodies, limits of size and time, headers."""

import asyncio
import gzip

import httpx
import pytest
from structlog.testing import capture_logs

from flows.core.context import AppContext
from schema.transport import TransportRules
from tests.schema.running import Served, person, served
from tests.schema.small import SECRET, small_schema
from tests.support.databases import Database

NEW = "application/graphql-response+json"


def code(response: httpx.Response) -> str:
    body = response.json()
    assert "errors" in body, "it ran"
    found: str = body["errors"][0]["extensions"]["code"]
    return found


async def test_a_query_by_get(endpoint: Served) -> None:
    response = await endpoint.http.get(
        "/graphql", params={"query": "query A($n: String) { hello(name: $n) }", "variables": '{"n": "ada"}'}
    )
    assert response.json() == {"data": {"hello": "hello ada"}}


async def test_a_mutation_by_get_is_405_and_not_run(endpoint: Served) -> None:
    response = await endpoint.http.get("/graphql", params={"query": "mutation { act }"})
    assert (response.status_code, response.headers.get("allow")) == (405, "POST")
    assert "data" not in response.json()


async def test_a_mutation_hidden_behind_a_query_is_405(endpoint: Served) -> None:
    document = "query Harmless { hello } mutation Harmful { act }"
    chosen = {"query": document, "operationName": "Harmful"}
    assert (await endpoint.http.get("/graphql", params=chosen)).status_code == 405
    harmless = await endpoint.http.get("/graphql", params=chosen | {"operationName": "Harmless"})
    assert harmless.json() == {"data": {"hello": "hello you"}}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
async def test_other_methods_are_405(endpoint: Served, method: str) -> None:
    response = await endpoint.http.request(method, "/graphql", json={"query": "{ hello }"})
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    "content",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", ""],
)
async def test_what_a_form_can_send_is_415(endpoint: Served, content: str) -> None:
    headers = {"Content-Type": content} if content else {}
    response = await endpoint.http.post("/graphql", content=b'{"query": "mutation { act }"}', headers=headers)
    assert (response.status_code, code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_other_codings_are_415(endpoint: Served) -> None:
    body = b'{"query": "{ hello }"}'
    json = "application/json"
    packed = await endpoint.http.post(
        "/graphql", content=gzip.compress(body), headers={"Content-Type": json, "Content-Encoding": "gzip"}
    )
    utf16 = await endpoint.http.post("/graphql", content=body, headers={"Content-Type": json + "; charset=utf-16"})
    assert (packed.status_code, utf16.status_code) == (415, 415)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"7",
        b"{",
        b"\xff",
        b"[]",
        b'[{"query": "{ hello }"}, {"query": "{ hello }"}]',
        b"{}",
        b'{"query": " "}',
        b'{"query": "{ hello }", "variables": "{}"}',
        b'{"query": "{ hello }", "variables": []}',
        b'{"query": "{ hello }", "operationName": 1}',
        b'{"query": "{ hello }", "extensions": 1}',
    ],
)
async def test_wrong_parameters_are_400(endpoint: Served, body: bytes) -> None:
    for accept in (NEW, "application/json"):
        response = await endpoint.http.post(
            "/graphql", content=body, headers={"Content-Type": "application/json", "Accept": accept}
        )
        assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


async def test_a_parameter_given_twice_is_400(endpoint: Served) -> None:
    response = await endpoint.http.get("/graphql?query={hello}&query={me}")
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (NEW, NEW),
        ("application/json", "application/json"),
        (f"application/json;q=0.9, {NEW}", NEW),
        (f"application/json;q=0, {NEW};q=0.1", NEW),
        ("text/html, application/*;q=0.1", "application/json"),
        (f"*/*, application/json;q=0, {NEW};q=0.5", NEW),
    ],
)
async def test_the_form_that_the_client_likes(endpoint: Served, accept: str, media: str) -> None:
    response = await endpoint.post("{ hello }", accept=accept)
    assert response.headers["content-type"] == f"{media}; charset=utf-8"


async def test_no_form_that_the_client_takes_is_406(endpoint: Served) -> None:
    response = await endpoint.post("{ hello }", accept="text/html")
    assert (response.status_code, code(response)) == (406, "NOT_ACCEPTABLE")


async def test_a_subscription_by_http_is_400(endpoint: Served) -> None:
    response = await endpoint.post("subscription { ticks }")
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


async def test_several_operations_need_a_name(endpoint: Served) -> None:
    response = await endpoint.post("query A { hello } query B { hello }", accept=NEW)
    assert (response.status_code, code(response)) == (400, "BAD_QUERY")


async def test_a_body_that_does_not_arrive_is_408(app: AppContext) -> None:
    async with served(small_schema(), app, TransportRules(body_seconds=0.2)) as endpoint:
        reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
        head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"
        writer.write(head.encode() + b'{"query')
        reading = asyncio.create_task(reader.read())
        done, _ = await asyncio.wait({reading}, timeout=15)
        writer.close()
        assert done, "the connection stays open"
        answer = (await reading).decode()
    assert answer.startswith("HTTP/1.1 408 ")
    assert "BODY_TOO_SLOW" in answer


async def test_a_body_over_the_limit_is_413(endpoint: Served) -> None:
    """Announced or not."""

    async def drip() -> object:
        for _ in range(110):
            yield b" " * 1000

    json = {"Content-Type": "application/json"}
    announced = await endpoint.http.post("/graphql", content=b" " * 100_001, headers=json)
    dripped = await endpoint.http.post("/graphql", content=drip(), headers=json)  # type: ignore[arg-type]
    assert (announced.status_code, code(announced)) == (413, "BODY_TOO_LARGE")
    assert (dripped.status_code, code(dripped)) == (413, "BODY_TOO_LARGE")


async def test_a_body_at_the_limit_is_read(endpoint: Served) -> None:
    body = b'{"query": "{ hello }"}'.ljust(100_000)
    response = await endpoint.http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert response.json() == {"data": {"hello": "hello you"}}


async def test_a_client_that_hangs_up_breaks_nothing(endpoint: Served) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
    writer.write(b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await endpoint.ask("{ hello }"))["data"] == {"hello": "hello you"}


async def test_an_operation_has_its_time(app: AppContext) -> None:
    async with served(small_schema(), app, TransportRules(operation_seconds=0.05)) as endpoint:
        try:
            response = await endpoint.post("{ hello slow }", accept_language="nl")
        except httpx.ReadTimeout:
            raise AssertionError("it goes on and on") from None
    assert (response.status_code, code(response)) == (503, "TIMEOUT")
    assert response.json()["errors"][0]["message"].startswith("Dit duurde te lang.")
    assert "data" not in response.json()


async def test_every_answer_is_protected(endpoint: Served) -> None:
    for response in (await endpoint.post("{ hello }"), await endpoint.http.put("/graphql")):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers.get("referrer-policy") == "no-referrer"
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert "strict-transport-security" not in response.headers


async def test_https_is_for_ever(app: AppContext) -> None:
    async with served(small_schema(), app, TransportRules(public_origin="https://sluis.example")) as endpoint:
        assert (await endpoint.post("{ hello }")).headers.get("strict-transport-security", "").startswith("max-age=")


async def test_what_it_cost_is_told_in_development_only(app: AppContext, endpoint: Served, database: Database) -> None:
    query = "{ statements(count: 3) practices hashed }"
    async with served(small_schema(), app, TransportRules(timings=True)) as development:
        both = [development.post(query), development.post("{ hello }")]
        costly, free = await asyncio.gather(*both)
    assert costly.headers["server-timing"] == 'sql;desc="4", hash;desc="1"'
    assert free.headers["server-timing"] == 'sql;desc="0", hash;desc="0"'
    assert "server-timing" not in (await endpoint.post(query)).headers


async def test_one_line_in_the_log_for_each_request(endpoint: Served, database: Database) -> None:
    ada = await person()
    with capture_logs() as lines:
        await endpoint.post("query Who($n: String) { me hello(name: $n) }", {"n": SECRET}, **ada.bearer)
        await endpoint.http.put("/graphql")
    asked, refused = lines
    assert (asked["operation"], asked["type"]) == ("Who", "query")
    assert (asked["status"], asked["codes"], asked["statements"]) == (200, [], 1)
    assert (refused["status"], refused["codes"]) == (405, ["METHOD_NOT_ALLOWED"])
    assert SECRET not in str(lines)
    assert ada.token not in str(lines)
