"""Whatever text stands where a value is expected, it is taken for what it is or refused in the one way that it has."""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.requests import HTTPConnection

from flows.core.paging import cursor_of, position, time_position
from flows.core.texts import clean, lines, past_date, usable_email, usable_phone
from flows.refusals import BadCursor, InvalidInput
from normalise.addresses import BadAddress, parse_email
from normalise.codes import normal_login_code, shown_login_code
from normalise.search import search_key
from normalise.slugs import normal_slug
from schema.http.callers import address_of, bearer_of, origin_of
from schema.http.document.objections import without_values
from schema.http.negotiation import best_match
from schema.kit.ids import node_id, parse_id
from security.contents import MEDIA_TYPES, BadContent, checked
from security.origins import parse_origin
from security.tokens import NO_TOKEN, token_hash
from tests.support.contents import pdf, picture

#: What JSON and a database can trip over, beside what Hypothesis thinks of.
NASTY = [
    "",
    "\0",
    "\ud800",
    "é" * 300,
    "=" * 7,
    "١٢٣٤٥٦٧٨",
    "1" * 5000,
    "%00",
    "\r\nSet-Cookie: a=b",
    "😀",
    "0x10",
    "-0",
]
anything = st.one_of(st.text(max_size=60), st.text(st.characters(), max_size=60), st.sampled_from(NASTY))
base64ish = st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="))
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def storable(text: str) -> bool:
    """Whether a database of either kind takes it as text."""
    return "\0" not in text and text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") == text


@given(st.one_of(anything, base64ish))
def test_ids(text: str) -> None:
    found = parse_id(text)
    assert found is None or str(UUID(found[1])) == found[1]


@given(st.from_regex(r"[A-Z][A-Za-z]{0,20}", fullmatch=True), st.uuids())
def test_an_id_comes_back(kind: str, identity: UUID) -> None:
    assert parse_id(node_id(kind, identity)) == (kind, str(identity))


@given(st.one_of(anything, base64ish))
@example("W10")
@example(base64.urlsafe_b64encode(b'["a", {}]').decode())
@example(base64.urlsafe_b64encode(b"[" * 400).decode())
@example(cursor_of("9999-12-31T23:59:59-12:00", "00000000-0000-4000-8000-000000000000"))
@example(cursor_of("0001-01-01T00:00:00+14:00", "00000000-0000-4000-8000-000000000000"))
@example(cursor_of("2026-03-02T12:00:00", "00000000-0000-4000-8000-000000000000"))
def test_cursors(text: str) -> None:
    for read in (position, time_position):
        try:
            found: Any = read(text)
        except BadCursor:
            continue
        assert found is not None
        assert str(UUID(found[1])) == found[1]
        assert not isinstance(found[0], str) or storable(found[0])


@given(st.text(max_size=100), st.uuids())
def test_a_cursor_comes_back(key: str, identity: UUID) -> None:
    if "\0" in key or len(cursor_of(key, str(identity))) > 600:
        return
    assert position(cursor_of(key, str(identity))) == (key, str(identity))


@given(st.datetimes(timezones=st.timezones()), st.uuids())
def test_a_cursor_of_a_time_is_that_time_or_beyond_all_times(at: datetime, identity: UUID) -> None:
    try:
        found = time_position(cursor_of(at.isoformat(), str(identity)))
    except BadCursor:
        assert at.year in (1, 9999) or at.utcoffset() is None or at.utcoffset().microseconds  # type: ignore[union-attr]
        return
    assert found is not None
    assert found[0].utcoffset() == UTC.utcoffset(None)


@given(anything)
def test_login_codes(text: str) -> None:
    code = normal_login_code(text)
    assert code is None or re.fullmatch("[0-9]{8}", code)
    assert code is None or normal_login_code(shown_login_code(code)) == code


@given(anything)
def test_tokens(text: str) -> None:
    found = token_hash(text)
    assert found == NO_TOKEN or re.fullmatch("[0-9a-f]{64}", found)


@given(anything)
@example("ada@xn--n3h.example")
@example("ADA@EXAMPLE.NL")
@example("ada@" + "a." * 120 + "nl")
def test_addresses(text: str) -> None:
    for typed in (text, f"{text}@example.nl", f"ada@{text}.nl"):
        try:
            address = parse_email(typed)
        except BadAddress:
            continue
        assert parse_email(address.shown) == address
        assert parse_email(address.key).key == address.key
        assert parse_email(f" {address.shown.upper()} ").key == address.key or not address.shown.isascii()
        assert storable(address.key + address.shown)


@pytest.mark.parametrize(
    "take",
    [
        lambda text: clean("name", text, 80),
        lambda text: lines("text", text, 80),
        lambda text: usable_email("email", text),
        lambda text: usable_phone("phone", text),
    ],
    ids=["clean", "lines", "email", "phone"],
)
@given(text=anything)
def test_what_people_type(take: Callable[[str], Any], text: str) -> None:
    try:
        taken = take(text)
    except InvalidInput:
        return
    shown = getattr(taken, "shown", taken)
    assert shown is None or storable(shown)
    assert shown is None or take(shown) == taken, "what is taken is taken again"


@given(anything)
def test_search_keys(text: str) -> None:
    key = search_key(text)
    assert len(key) <= 120
    assert search_key(text.upper().lower()) is not None


@given(st.dates())
def test_birth_dates(day: Any) -> None:
    try:
        assert past_date("birthDate", day, NOW.date()) == day
    except InvalidInput:
        assert day.year < 1900 or day > NOW.date()


def _spliced(whole: bytes, at: int, cut: int, junk: bytes) -> bytes:
    return whole[:at] + junk + whole[at + cut :]


_WHOLE = st.sampled_from([pdf(), picture(), picture("JPEG")])
_spoilt = st.builds(_spliced, _WHOLE, st.integers(0, 400), st.integers(0, 40), st.binary(max_size=20))


@given(st.sampled_from(MEDIA_TYPES), st.one_of(st.binary(max_size=200), _spoilt))
def test_contents(media_type: str, content: bytes) -> None:
    try:
        kept = checked(media_type, content)
    except BadContent:
        return
    assert checked(media_type, kept)
    assert media_type.startswith("image/") or kept == content


@given(st.one_of(anything, st.from_regex(r"https?://[^ ]{0,20}(:[0-9]{0,6})?/?", fullmatch=True)))
@example("https://[::1")
@example("https://a:99999")
@example("http://localhost:٣")
def test_origins(text: str) -> None:
    try:
        origin = parse_origin(text)
    except ValueError:
        return
    assert parse_origin(origin) == origin
    assert re.fullmatch(r"https?://[a-z0-9._:\[\]-]+", origin)


def _connection(peer: str, *headers: tuple[str, str]) -> HTTPConnection:
    raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers]
    return HTTPConnection({"type": "http", "headers": raw, "client": (peer, 1), "path": "/", "query_string": b""})


_PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
_hops = st.one_of(
    anything, st.ip_addresses().map(str), st.sampled_from(["10.0.0.9", "[fd00::1]:80", "::ffff:10.1.1.1"])
)


@given(st.lists(_hops, max_size=5), st.sampled_from(["10.1.2.3", "203.0.113.9", "fd00::2", "not an address"]))
def test_forwarded_addresses(hops: list[str], peer: str) -> None:
    found = address_of(_connection(peer, ("x-forwarded-for", ", ".join(hops))), _PROXIES)
    assert found == "" or str(ip_address(found)) == found
    if peer == "203.0.113.9":
        assert found == peer, "nobody but a proxy is believed"


@given(anything, anything, anything)
def test_headers_of_a_request(agent: str, language: str, authorization: str) -> None:
    connection = _connection("203.0.113.9", ("user-agent", agent), ("accept-language", language))
    origin = origin_of(connection, _PROXIES)
    assert len(origin.user_agent) <= 200
    assert origin.user_agent.isprintable()
    assert origin.locale in ("en", "nl", None)
    token = bearer_of(authorization)
    assert token is None or token == token.strip()
    slug = normal_slug(agent)
    assert slug is None or (re.fullmatch("[a-z0-9-]{1,40}", slug) and slug == agent.lower())


@given(anything)
@example("*/*;q=1e309")
@example("application/json;q=-1, application/json;q=nan")
def test_accepted_media_types(text: str) -> None:
    assert best_match(text, ["application/json", "text/html"]) in ("application/json", "text/html", None)


@given(anything)
def test_objections(text: str) -> None:
    for message in (
        text,
        f"Syntax Error: {text}",
        f"Expected value of type 'X', found null. Field 'a' of type 'Maybe[{text}",
    ):
        assert isinstance(without_values(message), str)
