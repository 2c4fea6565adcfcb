"""One WebSocket: who opened it, proven once at ``connection_init`` and looked up again for every operation."""

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
from schema.http.callers import Claims, cookies_of, identified, origin_of
from schema.http.origins import trusted
from schema.http.transport_rules import TransportRules
from schema.kit.context import Context, CookieJar


@dataclass(slots=True)
class SocketSession:
    """``connection_params`` is what the client claims; ``practice``, ``authorization`` and ``viewer`` are looked at."""

    connection: HTTPConnection
    app: AppContext
    rules: TransportRules
    origin: ClientInfo
    connection_params: Mapping[str, object] | None = None
    caller: Caller | None = None
    #: Set: whether the session still lives is looked at now.
    look: asyncio.Event = field(default_factory=asyncio.Event)

    async def identify(self) -> Caller | None:
        """The caller by the claims: a practice, whose cookie the handshake brought, or a bearer token.

        Raises ViewerMismatch or NotSignedIn where it is meant for somebody else.
        """
        claims = self.connection_params or {}
        authorization, named = claims.get("authorization"), claims.get("practice")
        viewer = claims.get("viewer")
        # What is no text names nobody, and so somebody else than the caller.
        meant = Claims(viewer=viewer if viewer is None or isinstance(viewer, str) else "")
        if isinstance(authorization, str):
            return await self._identified(replace(meant, authorization=authorization), CookieJar())
        practice = normal_slug(named) if isinstance(named, str) else None
        if practice is None:
            return None
        # The handshake was let in for any practice's frontend; this practice may not be that one.
        if not await trusted(self.connection.headers.get("origin"), practice, self.rules):
            return None
        jar = CookieJar(practice, self.rules.secure, cookies_of(self.connection))
        return await self._identified(meant, jar)

    async def _identified(self, claims: Claims, jar: CookieJar) -> Caller | None:
        return (await identified(self.app, self.origin, claims, jar)).caller

    async def context(self) -> Context:
        """For one operation: its own number, and the caller as the database has it now."""
        caller = await still_live(self.app, self.caller) if self.caller else None
        origin = replace(self.origin, request=uuid4().hex)
        caller = replace(caller, origin=replace(origin, locale=caller.locale)) if caller else None
        ended: Literal["bearer"] | None = "bearer" if self.caller and not caller else None
        return Context(self.app, origin, caller, caller.practice_slug if caller else None, ended=ended)

    async def session_ended(self) -> bool:
        """Whether the login session that opened the socket has ended; False too while nobody can tell."""
        if self.caller is None:
            return False
        with suppress(Exception):
            return await still_live(self.app, self.caller) is None
        return False


def seat_of(connection: HTTPConnection, app: AppContext, rules: TransportRules) -> SocketSession:
    return SocketSession(connection, app, rules, origin_of(connection, rules.trusted_proxies))


class ConnectionLimiter:
    """Counts the open sockets of each login session, in this process: a worker shares nothing with another."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    def enter(self, session: str) -> bool:
        """Whether there was room; then leave again."""
        if self._taken[session] >= self._most:
            return False
        self._taken[session] += 1
        return True

    def leave(self, session: str) -> None:
        self._taken[session] -= 1
        if self._taken[session] <= 0:
            del self._taken[session]
