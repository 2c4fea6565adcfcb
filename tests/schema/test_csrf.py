"""Cookies count only where a page may use them; CORS lets in the practice's own frontends and nobody else."""

import httpx
import pytest

from flows.core.context import AppContext
from schema.kit.context import device_suffix
from schema.transport import TransportRules
from tests.schema.running import Person, Served, person, served
from tests.schema.small import ACCOUNT, small_schema
from tests.support.databases import Database

OURS = "http://localhost:8000"
FRONTEND = "https://portal.linden.example"
EVIL = "https://evil.example"
OWN = device_suffix(ACCOUNT)


async def origins(practice: str | None) -> list[str]:
    known = {"linden": [FRONTEND], "eik": ["https://eik.example"]}
    return known.get(practice, []) if practice else [origin for some in known.values() for origin in some]


@pytest.fixture
def rules() -> TransportRules:
    return TransportRules(public_origin=OURS, allowed_origins=origins)


@pytest.fixture
async def ada(database: Database) -> Person:
    return await person()


async def me(endpoint: Served, headers: dict[str, str]) -> str | None:
    found: str | None = (await endpoint.ask("{ me }", headers))["data"]["me"]
    return found


async def test_a_cookie_counts_with_the_header(endpoint: Served, ada: Person) -> None:
    for origin in ({}, {"Origin": OURS}, {"Origin": FRONTEND}):
        assert await me(endpoint, {**ada.browser, **origin}) == str(ada.account_id)


async def test_a_cookie_does_not_count_without_the_header(endpoint: Served, ada: Person) -> None:
    for origin in ({}, {"Origin": OURS}, {"Origin": FRONTEND}, {"Origin": EVIL}):
        assert await me(endpoint, {**ada.cookie, **origin}) is None
    by_get = await endpoint.http.get("/graphql", params={"query": "{ me }"}, headers=ada.cookie)
    assert by_get.json() == {"data": {"me": None}}


@pytest.mark.parametrize("origin", [EVIL, "null", "https://eik.example", "http://localhost", OURS + ".evil.example"])
async def test_a_foreign_page_is_refused_before_execution(endpoint: Served, ada: Person, origin: str) -> None:
    """Another practice's frontend is as foreign as any."""
    headers = {**ada.browser, "Origin": origin}
    answers = [
        await endpoint.http.post("/graphql", json={"query": "mutation { act }"}, headers=headers),
        await endpoint.http.get("/graphql", params={"query": "{ me }"}, headers=headers),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["extensions"] == {"code": "FOREIGN_ORIGIN"}
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("content", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_cross_site_form_is_refused_before_execution(endpoint: Served, ada: Person, content: str) -> None:
    headers = {**ada.cookie, "Origin": EVIL, "Content-Type": content}
    answer = await endpoint.http.post("/graphql", content=b'{"query":"mutation{act}","x":"="}', headers=headers)
    assert (answer.status_code, "data" in answer.json()) == (415, False)


async def test_a_bearer_token_needs_no_header(endpoint: Served, ada: Person) -> None:
    assert await me(endpoint, ada.bearer) == str(ada.account_id)
    assert await me(endpoint, {**ada.bearer, "Origin": EVIL}) == str(ada.account_id)


@pytest.mark.parametrize("authorization", ["Bearer", "Basic YTpi", "bearer wrong", "", "Bearer " + "x" * 300])
async def test_a_wrong_authorization_never_falls_back_to_the_cookie(
    endpoint: Served, ada: Person, authorization: str
) -> None:
    assert await me(endpoint, {**ada.browser, "Authorization": authorization}) is None


async def test_a_session_counts_in_its_own_practice_only(endpoint: Served, ada: Person) -> None:
    await person("eik")
    moved = {"Cookie": f"sluis-eik={ada.token}", "Sluis-Practice": "eik"}
    named = {**ada.cookie, "Sluis-Practice": "eik"}
    assert await me(endpoint, moved) is None
    assert await me(endpoint, named) is None


async def test_a_capital_in_the_slug_is_a_small_letter(endpoint: Served, ada: Person) -> None:
    assert await me(endpoint, ada.cookie | {"Sluis-Practice": "LinDen"}) == str(ada.account_id)


@pytest.mark.parametrize("slug", ["lin den", "a" * 41, "-linden", "linden;x=1", "ä"])
async def test_what_is_no_slug_is_400(endpoint: Served, slug: str) -> None:
    answer = await endpoint.http.post(
        "/graphql", json={"query": "{ me }"}, headers=[(b"Sluis-Practice", slug.encode())]
    )
    assert answer.status_code == 400


async def preflight(endpoint: Served, origin: str) -> httpx.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,sluis-practice",
    }
    return await endpoint.http.options("/graphql", headers=asked)


async def test_a_preflight_of_an_allowed_page(endpoint: Served) -> None:
    answer = await preflight(endpoint, FRONTEND)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == FRONTEND
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "sluis-practice" in answer.headers["access-control-allow-headers"].lower()
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", [EVIL, "null"])
async def test_a_preflight_of_any_other_page(endpoint: Served, origin: str) -> None:
    answer = await preflight(endpoint, origin)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_an_allowed_page_reads_answers_and_errors(endpoint: Served, database: Database) -> None:
    headers = {"Origin": FRONTEND, "Sluis-Practice": "linden"}
    fine = await endpoint.http.post("/graphql", json={"query": "{ practice }"}, headers=headers)
    wrong = await endpoint.http.post("/graphql", json=[], headers=headers)
    assert fine.json() == {"data": {"practice": "linden"}}
    for answer in (fine, wrong):
        assert answer.headers["access-control-allow-origin"] == FRONTEND
        assert answer.headers["access-control-allow-credentials"] == "true"


async def test_no_other_page_reads_them(endpoint: Served) -> None:
    answer = await endpoint.http.post("/graphql", json={"query": "{ hello }"}, headers={"Origin": EVIL})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.headers["vary"] == "Origin"


async def test_cookies_are_given_and_taken(endpoint: Served, database: Database) -> None:
    headers = {"Sluis-Practice": "linden"}
    given = await endpoint.http.post(
        "/graphql", json={"query": 'mutation { sign(practice: "linden") }'}, headers=headers
    )
    assert given.headers.get_list("set-cookie") == [
        "sluis-linden=token-of-a-session; HttpOnly; Max-Age=3600; Path=/; SameSite=lax",
        f"sluis-device-linden{OWN}=token-of-a-device; HttpOnly; Max-Age=60; Path=/; SameSite=lax",
    ]
    device = {**headers, "Cookie": f"sluis-device-linden{OWN}=token-of-a-device"}
    query = 'query { own: device(practice: "linden") other: device(practice: "eik") }'
    assert (await endpoint.ask(query, device))["data"] == {"own": "token-of-a-device", "other": None}
    taken = await endpoint.http.post(
        "/graphql", json={"query": 'mutation { leave(practice: "linden") }'}, headers=headers
    )
    assert "sluis-linden=" in taken.headers["set-cookie"]
    assert "Max-Age=0" in taken.headers["set-cookie"]


@pytest.mark.parametrize("headers", [{}, {"Sluis-Practice": "eik"}, {"Origin": EVIL}])
async def test_no_cookie_without_the_header_of_its_practice(
    endpoint: Served, database: Database, headers: dict[str, str]
) -> None:
    answer = await endpoint.http.post(
        "/graphql", json={"query": 'mutation { sign(practice: "linden") }'}, headers=headers
    )
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
    assert "set-cookie" not in answer.headers


async def test_https_cookies_are_bound_to_the_host(app: AppContext, ada: Person) -> None:
    rules = TransportRules(public_origin="https://sluis.example")
    async with served(small_schema(), app, rules) as endpoint:
        given = await endpoint.http.post(
            "/graphql",
            json={"query": 'mutation { sign(practice: "linden") }'},
            headers={"Sluis-Practice": "linden", "Origin": "https://sluis.example"},
        )
        assert await me(endpoint, ada.browser) is None
        assert await me(endpoint, {"Cookie": f"__Host-sluis-linden={ada.token}", "Sluis-Practice": "linden"}) == str(
            ada.account_id
        )
    session, device = given.headers.get_list("set-cookie")
    assert session.startswith("__Host-sluis-linden=")
    assert device.startswith(f"__Host-sluis-device-linden{OWN}=")
    for cookie in (session, device):
        assert "; HttpOnly; " in cookie
        assert cookie.endswith("; Path=/; SameSite=lax; Secure")
        assert "Domain" not in cookie
