"""Every answer of every path: our headers on it, a body of ours where it refuses, and never the client's Host."""

import asyncio
import json
from collections.abc import AsyncIterator
from urllib.parse import quote, urlsplit

import httpx
import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from flows.process import answer_headers
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

EVIL = "evil.example"
HEADERS = {
    "cache-control",
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-robots-tag",
}
BOUNDARY = {name.lower(): value for name, value in answer_headers.HEADERS.items()}
LONG = "a" * 41
#: Every route that is mounted, with and without what it needs, and paths that are none.
PATHS = [
    "/", "/graphql", "/upload", "/download/report/x", "/download/nothing/x", "/download", "/download/audit",
    "/health", "/ready", "/static/main.js", "/static/nothing.js", "/static", "/p/demo", "/p/nope", "/p/demo/accept",
    "/p/demo/other", f"/p/{LONG}", f"/p/{LONG}/accept", f"/p/{'b' * 5000}", "/p/d%00mo", "/p/%ff", "/p/demo%0d%0aX:1",
    "/p", "/nothing", "/.well-known/nothing", "/%2e%2e/etc/passwd", "//evil.example/", "/graphql//x", "/Graphql",
    "/dev/mailbox", "/robots.txt", "/favicon.ico",
]  # fmt: skip
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]


#: Whatever strangers can ask with a practice's slug.
BY_SLUG = [
    "query($slug: String!) { practice(slug: $slug) { name } }",
    *(
        f"mutation($slug: String!) {{ {field}(input: {{practice: $slug, {rest}}}) {{ __typename }} }}"
        for field, rest in (
            ("signIn", 'login: "1234 5678", password: "x"'),
            ("forgotPassword", 'login: "1234 5678"'),
            ("forgotLoginCode", 'email: "ada@clients.example"'),
            ("startPasswordless", 'factor: "passkeys"'),
        )
    ),
]


@pytest.fixture
async def client(sluis: Sluis) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sluis.url, timeout=20) as http:
        yield http


def is_ours(response: httpx.Response) -> None:
    """The headers, and a body with a stable code or a page where it refuses."""
    told = f"{response.request.method} {response.request.url} {response.status_code}"
    assert set(response.headers) >= HEADERS, told
    assert not 300 <= response.status_code < 304, told
    assert EVIL not in f"{response.headers} {response.text}", told
    if response.status_code < 400 or response.request.method == "HEAD":
        return
    if response.headers["content-type"].startswith("text/html"):
        assert "<h1>" in response.text or "main.js" in response.text, told
        return
    body = response.json()
    assert body.get("code") or body["errors"][0]["extensions"]["code"], told
    assert body.get("detail") or body["errors"][0]["message"], told


async def test_every_answer_of_every_path_is_ours(sluis: Sluis, client: httpx.AsyncClient) -> None:
    for path in PATHS:
        for method in METHODS:
            for accept, slashes in (("*/*", ""), ("text/html", ""), ("*/*", "/"), ("*/*", "///")):
                headers = {"Host": EVIL, "Accept": accept}
                is_ours(await client.request(method, f"{sluis.url}{path}{slashes}", headers=headers))


async def test_a_slash_at_the_end_changes_nothing(client: httpx.AsyncClient) -> None:
    for path in ("/p/demo", "/p/demo/accept", "/p/demo/reset", "/p/demo/verify", "/health", "/static/main.js"):
        plain, slashed = await client.get(path), await client.get(f"{path}/")
        assert (plain.status_code, plain.content) == (slashed.status_code, slashed.content)
        assert plain.status_code == 200
    asked = await client.post("/graphql/", json={"query": "{ viewer { id } }"})
    assert asked.json() == {"data": {"viewer": None}}


async def test_a_person_gets_a_page_and_a_program_gets_details(client: httpx.AsyncClient) -> None:
    page = await client.get("/nothing", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Controleer het adres" in page.text
    for language, detail in (("nl", "Dit bestaat niet."), ("en", "This does not exist.")):
        told = await client.get("/nothing", headers={"Accept": "application/json, */*", "Accept-Language": language})
        assert told.headers["content-type"] == "application/problem+json"
        assert told.json() == {
            "type": "about:blank", "status": 404, "title": "Not Found", "detail": detail, "code": "NOT_FOUND",
        }  # fmt: skip
    wrong = await client.post("/p/demo")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert set(wrong.headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize("slug", [LONG, "a" * 5000, "Łukasz", "a\x00b", "-", "demo ", "d_mo", ""])
async def test_what_can_be_no_slug_is_no_practice(sluis: Sluis, client: httpx.AsyncClient, slug: str) -> None:
    with capture_logs() as lines:
        for document in BY_SLUG:
            answer = (await client.post("/graphql", json={"query": document, "variables": {"slug": slug}})).json()
            assert "errors" not in answer, document
            assert next(iter(answer["data"].values())) in (None, {"__typename": "NotFound"})
        if slug and slug.isascii():
            await client.get(f"/p/{quote(slug)}")
    asked = [line for line in lines if line["event"] == "graphql.request"]
    assert len(asked) == len(BY_SLUG)
    assert "graphql.failed" not in f"{lines}"
    assert max(len(f"{line}") for line in asked) < 1000


async def test_a_capital_in_the_slug_is_a_small_letter(sluis: Sluis, client: httpx.AsyncClient) -> None:
    asked = await client.post("/graphql", json={"query": '{ practice(slug: "DeMo") { slug } }'})
    assert asked.json() == {"data": {"practice": {"slug": "demo"}}}
    assert (await client.get("/p/Demo")).status_code == 200
    assert (await client.get("/p/Nope")).status_code == 404


@pytest.mark.parametrize("spoilt", ["%23token=abc", "%2523token=abc", "%23token%3Dabc", "/%23token=abc"])
async def test_damaged_link_gets_its_page(client: httpx.AsyncClient, spoilt: str) -> None:
    """What the page makes of it: tests/web/test_address.py."""
    for page in ("accept", "reset", "verify", "Accept"):
        answer = await client.get(f"/p/demo/{page}{spoilt}")
        assert (answer.status_code, "main.js" in answer.text) == (200, True), spoilt
    assert (await client.get(f"/p/demo/other{spoilt}")).status_code == 404


@pytest.mark.parametrize("path", ["/nothing", "/health", "/p/demo", "/graphql"])
async def test_a_refused_handshake_has_a_body(sluis: Sluis, path: str) -> None:
    """Of a path where there is no socket, and of a page that may open none."""
    with pytest.raises(InvalidStatus) as refusal:
        async with connect(f"ws://{urlsplit(sluis.url).netloc}{path}", origin=f"https://{EVIL}"):  # type: ignore[arg-type]
            pass
    response = refusal.value.response
    code, status = ("FOREIGN_ORIGIN", 403) if path == "/graphql" else ("NOT_FOUND", 404)
    assert (response.status_code, json.loads(response.body)["code"]) == (status, code)
    assert {name.lower() for name in response.headers} >= HEADERS


#: Documents in which a variable may be left out, and may then not be null where it goes.
NULLS = [
    "query($null: Int = 3) { dossiers(first: $null) { edges { cursor } } }",
    "query($null: Boolean = false) { viewer { appointments(past: $null) { edges { cursor } } } }",
    "query($null: Boolean = false) { viewer @skip(if: $null) { id } }",
    "query($null: Boolean = true) { viewer { id @include(if: $null) } }",
    """mutation($null: Boolean = false) {
      acceptInvitation(input: {token: "x", password: "y", anotherPerson: $null}) { __typename } }""",
]


@pytest.mark.parametrize("document", NULLS)
async def test_a_variable_of_null_is_the_clients_mistake(dr_vos: StaffPerson, document: str) -> None:
    """GraphQL lets such a document pass validation and finds out when running: it is no fault of ours."""
    with capture_logs() as lines:
        answer = (await dr_vos.device.post(document, {"null": None})).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_QUERY"], answer
    assert "null" in answer["errors"][0]["message"]
    assert "graphql.failed" not in [line["event"] for line in lines]
    assert "errors" not in (await dr_vos.device.post(document)).json()


async def raw(url: str, sent: bytes) -> str:
    """What the server answers to these bytes until it closes the connection."""
    there = urlsplit(url)
    reader, writer = await asyncio.open_connection(there.hostname, there.port)
    try:
        writer.write(sent)
        return (await asyncio.wait_for(reader.read(), 20)).decode()
    finally:
        writer.close()


MALFORMED = [
    b"nonsense\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nBroken\r\n\r\n",
    b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /graphql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
]


@pytest.mark.parametrize("sent", MALFORMED, ids=range(len(MALFORMED)))
async def test_what_is_no_http_gets_our_headers_and_a_code(sluis: Sluis, sent: bytes) -> None:
    """No application is asked: the protocol itself answers."""
    head, _, body = (await raw(sluis.url, sent)).partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    told = dict(line.lower().split(": ", 1) for line in lines)
    assert status.split()[1] in ("400", "431")
    assert set(told) >= HEADERS
    assert {name: told[name] for name in HEADERS} == {name: BOUNDARY[name] for name in HEADERS}
    assert json.loads(body)["code"] in ("BAD_REQUEST", "HEAD_TOO_LARGE")
    assert "xxxx" not in body
