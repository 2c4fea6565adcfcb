"""Subscriptions: graphql-transport-ws (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).

Strawberry implements the protocol. This module decides which pages and which callers may open a socket, and when it
is closed.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import NonJsonMessageReceived, WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import ConnectionInitMessage, Message
from strawberry.types.unset import UnsetType

from flows.core.context import AppContext
from flows.refusals import NotSignedIn, ViewerMismatch
from flows.signin.sessions import still_live
from models.db.database import UNAVAILABLE
from schema.http.errors import explained
from schema.http.http_problem import HttpProblem
from schema.http.live import Live
from schema.http.origins import trusted
from schema.http.problem_details import details_response
from schema.http.socket_session import ConnectionLimiter, SocketSession, socket_session_of
from schema.kit.context import Context

FORBIDDEN = 4403
TRY_LATER = 1013

_FOREIGN = HttpProblem(403, "FOREIGN_ORIGIN", "This page may not use the API.")
#: Signals that come faster cause one check.
_AT_MOST_EVERY = 0.5


class Handler(BaseGraphQLTransportWSHandler[SocketSession, None]):
    """One socket; ends with the login session that opened it."""

    _entered: str | None = None
    _watch: asyncio.Task[None] | None = None

    @property
    def _socket(self) -> "Socket":
        return cast("Socket", self.view)

    async def handle_message(self, message: Message) -> None:
        if _well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Malformed message")

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        try:
            await super().handle_connection_init(message)
        except WebSocketDisconnected:
            raise
        except (NotSignedIn, ViewerMismatch) as refusal:
            await self.websocket.close(FORBIDDEN, refusal.code)
            return
        except Exception as error:  # noqa: BLE001 - nobody gets in by breaking something
            self._tell(error)
            await self.websocket.close(TRY_LATER, "Try again later")
            return
        if self.connection_acknowledged and self._watch is None:
            self._watch = asyncio.create_task(self._end_with_session())

    async def shutdown(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        self._socket.leave(self.context)
        await super().shutdown()

    async def _end_with_session(self) -> None:
        """Wait for the session's end, end the operations, close. A client may ignore the close, so it comes last."""
        code, reason = FORBIDDEN, "Session ended"
        try:
            await self._session_end()
        except Exception as error:  # noqa: BLE001 - nobody knows whether it still lives: come back and prove it
            self._tell(error)
            code, reason = TRY_LATER, "Try again later"
        for identity in list(self.operations):
            await self.cleanup_operation(identity)
        with suppress(Exception):
            await self.websocket.close(code, reason)

    async def _session_end(self) -> None:
        """Return when the session is no longer live, at most a moment after the signal."""
        app, caller = self.context.app, self.context.caller
        if caller is None:
            return
        async with app.signals.subscribe(f"account:{caller.account_id}") as signalled:
            self.context.check_now = signalled
            while await still_live(app, caller) is not None:
                await asyncio.sleep(_AT_MOST_EVERY)
                with suppress(TimeoutError):
                    await asyncio.wait_for(signalled.wait(), self.context.rules.look_seconds)
                signalled.clear()

    def _tell(self, error: Exception) -> None:
        explained(error, Context(self.context.app, self.context.origin))


class Socket(GraphQL[SocketSession, None]):
    """The WebSocket side of the path, as an ASGI application."""

    graphql_transport_ws_handler_class = Handler

    def __init__(self, schema: Live, app: AppContext) -> None:
        rules = schema.rules
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=rules.init_seconds),
            max_subscriptions_per_connection=rules.subscriptions_per_socket,
        )
        self._app, self._rules = app, rules
        self._limiter = ConnectionLimiter(rules.sockets_per_session)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        if await self._is_origin_allowed(socket):
            await self.run(socket)
        else:
            await socket.send_denial_response(details_response(_FOREIGN))

    async def _is_origin_allowed(self, socket: WebSocket) -> bool:
        """Whether the handshake's origin may open a socket; a browser always sends one."""
        try:
            return await trusted(socket.headers.get("origin"), None, self._rules)
        except UNAVAILABLE:
            return False

    def is_websocket_origin_allowed(self, request: WebSocket, origin: str) -> bool:
        """Always true: `_is_origin_allowed` has checked it, by the public origin and not by the Host header."""
        return True

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> SocketSession:
        return socket_session_of(request, self._app, self._rules)

    async def on_ws_connect(self, context: SocketSession) -> UnsetType:
        """Raises ConnectionRejectionError, which closes with 4403."""
        caller = await context.identify()
        if caller is None or not self._limiter.enter(caller.session_id):
            raise ConnectionRejectionError
        context.caller = caller
        return UnsetType()

    def leave(self, session: SocketSession) -> None:
        if session.caller is not None:
            self._limiter.leave(session.caller.session_id)

    def decode_json(self, data: str | bytes) -> object:
        """Raises NonJsonMessageReceived or ValueError, which closes the socket with 4400."""
        if len(data) > self._rules.body_bytes:
            raise NonJsonMessageReceived
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data).decode()


def _well_formed(message: object) -> bool:
    """Check the types of a message's parts: Strawberry does not."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] in ("subscribe", "complete") and not isinstance(message.get("id"), str):
        return False
    if message["type"] != "subscribe":
        return True
    payload = message.get("payload")
    return isinstance(payload, dict) and _asks(payload)


def _asks(payload: dict[str, Any]) -> bool:
    return (
        isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), (dict, type(None)))
        and isinstance(payload.get("operationName"), (str, type(None)))
    )
