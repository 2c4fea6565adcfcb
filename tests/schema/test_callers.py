"""Which address counts behind which proxies, and which language."""

from ipaddress import ip_network

import pytest
from starlette.requests import HTTPConnection

from flows.core.context import AppContext
from schema.http.callers import cookies_of, origin_of
from schema.http.negotiation import JSON, best_match
from schema.transport import TransportRules
from tests.schema.running import Served, served
from tests.schema.small import small_schema
from tests.support.costs import calls_of

PEER = "127.0.0.1"
PROXIES = (ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


async def address(endpoint: Served, *forwarded: str) -> str:
    headers = [("X-Forwarded-For", value) for value in forwarded]
    response = await endpoint.http.post("/graphql", json={"query": "{ address }"}, headers=headers)
    found: str = response.json()["data"]["address"]
    return found


async def test_what_a_client_forwards_is_ignored(endpoint: Served) -> None:
    """Nobody is a trusted proxy unless configured."""
    assert await address(endpoint) == PEER
    assert await address(endpoint, "203.0.113.7") == PEER


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ((), PEER),
        (("203.0.113.7",), "203.0.113.7"),
        (("198.51.100.1, 203.0.113.7",), "203.0.113.7"),
        (("198.51.100.1, 203.0.113.7, 10.1.2.3",), "203.0.113.7"),
        (("198.51.100.1", "203.0.113.7, 10.1.2.3"), "203.0.113.7"),
        (("10.9.9.9, 10.1.2.3",), "10.9.9.9"),
        (("203.0.113.7, nonsense",), PEER),
        (("nonsense, 10.1.2.3",), "10.1.2.3"),
        (("203.0.113.7,",), PEER),
        (("203.0.113.7:4711",), "203.0.113.7"),
        (("[2001:db8::7]:4711, fd00::1",), "2001:db8::7"),
        (("::ffff:203.0.113.7, ::ffff:10.1.2.3",), "203.0.113.7"),
    ],
)
async def test_the_right_most_hop_that_no_proxy_of_ours_is(
    app: AppContext, forwarded: tuple[str, ...], expected: str
) -> None:
    async with served(small_schema(), app, TransportRules(trusted_proxies=PROXIES)) as endpoint:
        assert await address(endpoint, *forwarded) == expected


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [
        ("", "en"),
        ("nl", "nl"),
        ("nl-BE,nl;q=0.9,en;q=0.8", "nl"),
        ("en-GB,en;q=0.9,nl;q=0.8", "en"),
        ("fr,nl;q=0.3", "nl"),
        ("fr", "en"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("*", "en"),
        ("nl;q=nonsense", "en"),
    ],
)
async def test_the_language_of_a_stranger(endpoint: Served, accepted: str, locale: str) -> None:
    assert (await endpoint.ask("{ locale }", {"Accept-Language": accepted}))["data"] == {"locale": locale}


def asking(**headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw})


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", {}),
        ("a=1; b=2", {"a": "1", "b": "2"}),
        ("a=1;a=2; c", {"a": "1"}),
        ('a="x\\"y"; b=x=y; =z', {"a": '"x\\"y"', "b": "x=y", "": "z"}),
    ],
)
def test_cookies_as_they_were_sent(header: str, found: dict[str, str]) -> None:
    assert cookies_of(asking(cookie=header)) == found


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": 'a="' + "\\1" * 16_000 + '"'},
        {"cookie": "a=b;" * 8_000},
        {"accept_language": "," * 32_000},
        {"accept_language": "a-b;q=0.1," * 3_200},
        {"accept": "," * 32_000},
        {"user_agent": "x" * 32_000},
        {"x_forwarded_for": "1," * 16_000},
    ],
    ids=["quotes", "cookies", "commas", "languages", "accept", "agent", "hops"],
)
def test_reading_a_large_header_takes_little(headers: dict[str, str]) -> None:
    """Python's parser of cookies took 1.7 s for one header of 32 KB."""
    connection = asking(**headers)

    def reads() -> None:
        origin_of(connection, [ip_network("10.0.0.0/8")])
        cookies_of(connection)
        best_match(connection.headers.get("accept"), (JSON,))

    assert calls_of(reads) < 60_000
