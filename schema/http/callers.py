"""The client and the caller of a request: address, language, request number, cookie or bearer token."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal

from starlette.requests import HTTPConnection

from flows.core.context import AppContext, Caller, ClientInfo
from flows.refusals import NotSignedIn, ViewerMismatch
from flows.signin.sessions import authenticate
from locales import LANGUAGES
from schema.http.negotiation import LONGEST_READ, best_match
from schema.kit.context import CookieJar
from schema.kit.ids import parse_id

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]

VIEWER_HEADER = "sluis-viewer"
_USER_AGENT = 200
_BEARER = "bearer "


def origin_of(connection: HTTPConnection, proxies: Networks) -> ClientInfo:
    """The client's data, for audit, limits and the log. The request number is always new."""
    headers = connection.headers
    return ClientInfo(
        address=address_of(connection, proxies),
        user_agent=_printable(headers.get("user-agent", "")[: 2 * _USER_AGENT])[:_USER_AGENT],
        request=uuid.uuid4().hex,
        locale=_locale(headers.get("accept-language")),
    )


def address_of(connection: HTTPConnection, proxies: Networks) -> str:
    """The address that a trusted proxy speaks for, otherwise the peer's.

    ``X-Forwarded-For`` is read from the right: each trusted hop vouches for the one before it. What stands further
    left is the client's own word.
    """
    peer = _address(connection.client.host) if connection.client else None
    if peer is None:
        return ""
    for hop in _hops(connection):
        if not _within(peer, proxies):
            break
        named = _address(hop)
        if named is None:
            break
        peer = named
    return str(peer)


def cookies_of(connection: HTTPConnection) -> dict[str, str]:
    """The cookies by name, as they were sent; of two of one name the first.

    Ours need no quoting. Python's parser takes quotes and escapes off, in time quadratic in the length (CVE-2024-7592).
    """
    found: dict[str, str] = {}
    for header in connection.headers.getlist("cookie"):
        for part in header.split(";"):
            name, equals, value = part.partition("=")
            if equals:
                found.setdefault(name.strip(), value.strip())
    return found


def bearer_of(authorization: str | None) -> str | None:
    """The token in ``Bearer …`` (RFC 6750, 2.1), None if there is none."""
    if authorization is None or authorization[: len(_BEARER)].lower() != _BEARER:
        return None
    return authorization[len(_BEARER) :].strip() or None


@dataclass(frozen=True, slots=True)
class RequestCredentials:
    """The headers that say who calls.

    ``authorization`` is the header's value, ``viewer`` the id of the account that the request is meant for.
    """

    authorization: str | None = None
    viewer: str | None = None

    @classmethod
    def of(cls, connection: HTTPConnection) -> "RequestCredentials":
        return cls(connection.headers.get("authorization"), connection.headers.get(VIEWER_HEADER))


@dataclass(frozen=True, slots=True)
class Authentication:
    """The caller, None if nobody is signed in. ``ended`` says how the token of a session that is not live was sent."""

    caller: Caller | None
    ended: Literal["bearer", "cookie"] | None = None


async def authenticate_request(
    app: AppContext, origin: ClientInfo, credentials: RequestCredentials, jar: CookieJar
) -> Authentication:
    """Use the bearer token if there is an ``Authorization`` header, otherwise the practice's cookie.

    Raises ViewerMismatch or NotSignedIn if the request is meant for another account.
    """
    if credentials.authorization is not None:
        token = bearer_of(credentials.authorization)
        caller = await authenticate(app, origin, token) if token else None
        found = Authentication(caller, None if caller else "bearer")
    else:
        token = jar.get("session", jar.practice) if jar.practice else None
        caller = await authenticate(app, origin, token) if token else None
        # A cookie under another practice's name does not count: its session decides the practice.
        caller = caller if caller and caller.practice_slug == jar.practice else None
        found = Authentication(caller, "cookie" if token and not caller else None)
    if credentials.viewer is not None:
        _check_viewer(credentials.viewer, found.caller)
    return found


def _check_viewer(viewer: str, caller: Caller | None) -> None:
    if caller is None:
        raise NotSignedIn
    if parse_id(viewer) != ("Account", caller.account_id):
        raise ViewerMismatch


def _hops(connection: HTTPConnection) -> Iterator[str]:
    values = ",".join(connection.headers.getlist("x-forwarded-for"))
    return (hop.strip() for hop in reversed(values.split(",")))


def _within(address: Address, networks: Networks) -> bool:
    return any(address in network for network in networks)


def _address(text: str) -> Address | None:
    """An address with or without a port, as proxies write them; an IPv4-mapped IPv6 address is IPv4."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _locale(accept_language: str | None) -> str | None:
    """The supported language that the client prefers, ``nl-BE`` as ``nl``; None if it names none."""
    named = [_general(part) for part in (accept_language or "")[:LONGEST_READ].split(",")]
    # The same grammar as Accept, with the subtag in place of the subtype. Any language (``*``) is not a wish for ours.
    ours = [part for part in named if part.partition("/")[0] in LANGUAGES]
    best = best_match(",".join(ours), [f"{language}/x" for language in LANGUAGES]) if ours else None
    return best.partition("/")[0] if best else None


def _general(part: str) -> str:
    tag, semicolon, quality = part.strip().partition(";")
    primary = tag.partition("-")[0].lower()
    return f"{'*/*' if primary == '*' else f'{primary}/x'}{semicolon}{quality}"


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())
