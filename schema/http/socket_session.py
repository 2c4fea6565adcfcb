"""One WebSocket. Its caller is authenticated at ``connection_init`` and read again for every operation."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import uuid4

from starlette.requests import HTTPConnection

from flows.core.context import AppContext, Caller, ClientInfo
from flows.signin.sessions import still_live
from normalise.slugs import normal_slug
from schema.http.callers import RequestCredentials, authenticate_request, cookies_of, origin_of
from schema.http.origins import trusted
from schema.http.transport_rules import TransportRules
from schema.kit.context import Context, CookieJar


@dataclass(slots=True)
class SocketSession:
    """Of the client's ``connection_params``, ``practice``, ``authorization`` and ``viewer`` are used."""

    connection: HTTPConnection
    app: AppContext
    rules: TransportRules
    origin: ClientInfo
    connection_params: Mapping[str, object] | None = None
    caller: Caller | None = None
    #: When set, the watch checks at once whether the session is still live.
    check_now: asyncio.Event = field(default_factory=asyncio.Event)

    async def identify(self) -> Caller | None:
        """The caller by the bearer token, or by the practice's cookie of the handshake.

        Raises ViewerMismatch or NotSignedIn if the socket is meant for another account.
        """
        credentials = self.connection_params or {}
        authorization, named = credentials.get("authorization"), credentials.get("practice")
        viewer = credentials.get("viewer")
        # A value that is no text is no account's id, so it never matches the caller.
        meant = RequestCredentials(viewer=viewer if viewer is None or isinstance(viewer, str) else "")
        if isinstance(authorization, str):
            return await self._authenticate(replace(meant, authorization=authorization), CookieJar())
        practice = normal_slug(named) if isinstance(named, str) else None
        if practice is None:
            return None
        # The handshake admits the frontends of all practices; here it must be this practice's frontend.
        if not await trusted(self.connection.headers.get("origin"), practice, self.rules):
            return None
        jar = CookieJar(practice, self.rules.secure, cookies_of(self.connection))
        return await self._authenticate(meant, jar)

    async def _authenticate(self, credentials: RequestCredentials, jar: CookieJar) -> Caller | None:
        return (await authenticate_request(self.app, self.origin, credentials, jar)).caller

    async def context(self) -> Context:
        """The context of one operation, with a new request number and the caller as the database has it now."""
        caller = await still_live(self.app, self.caller) if self.caller else None
        origin = replace(self.origin, request=uuid4().hex)
        caller = replace(caller, origin=replace(origin, locale=caller.locale)) if caller else None
        ended: Literal["bearer"] | None = "bearer" if self.caller and not caller else None
        return Context(self.app, origin, caller, caller.practice_slug if caller else None, ended=ended)

    async def session_ended(self) -> bool:
        """Whether the login session that opened the socket has ended; False if the database does not answer."""
        if self.caller is None:
            return False
        with suppress(Exception):
            return await still_live(self.app, self.caller) is None
        return False


def socket_session_of(connection: HTTPConnection, app: AppContext, rules: TransportRules) -> SocketSession:
    return SocketSession(connection, app, rules, origin_of(connection, rules.trusted_proxies))


class ConnectionLimiter:
    """Counts the open sockets of each login session, for this process alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    def enter(self, session: str) -> bool:
        """Count a socket; False at the limit. After True, call ``leave`` once."""
        if self._taken[session] >= self._most:
            return False
        self._taken[session] += 1
        return True

    def leave(self, session: str) -> None:
        self._taken[session] -= 1
        if self._taken[session] <= 0:
            del self._taken[session]
