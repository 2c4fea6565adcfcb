"""The outermost layer: the headers of every answer, and a body of ours where no path of ours answered.

A path is the same with and without slashes at its end. Nothing redirects: a redirect would have to name a host, and
the only one at hand is the ``Host`` header, which the client wrote.
"""

from collections.abc import Awaitable, Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.core.context import AppContext, ClientInfo
from flows.process.answer_headers import HEADERS
from flows.refusals import NotFound
from schema.http.callers import origin_of
from schema.http.errors import explained
from schema.http.http_problem import HttpProblem, bad_request, wrong_method
from schema.http.negotiation import HTML, best_match
from schema.http.problem_details import PROBLEM_JSON, details_response, status_of
from schema.http.transport_rules import TransportRules
from schema.kit.context import FALLBACK, Context

_HSTS = "max-age=63072000"
#: The extension by which a server lets a handshake be refused with a body (ASGI, "Websocket Denial Response").
_DENIAL = "websocket.http.response"


class CutOff(Exception):
    """Ends a connection in the middle of an answer; the server logs it, and must not log what broke."""


class Boundary:
    """ASGI middleware around the whole application."""

    def __init__(self, asgi: ASGIApp, app: AppContext, rules: TransportRules) -> None:
        self._asgi, self._app, self._rules = asgi, app, rules
        self._headers = {**HEADERS, "Strict-Transport-Security": _HSTS} if rules.secure else dict(HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._asgi(scope, receive, send)
            return
        scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        answer = _Answer(send, self._headers)
        try:
            await self._asgi(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001 - every client gets an answer
            problem = self._unforeseen(scope, error)
            if answer.begun or scope["type"] != "http":
                raise CutOff from None
            await details_response(problem)(scope, receive, answer.send)
        else:
            if answer.denied and _DENIAL in (scope.get("extensions") or {}):
                await details_response(_nothing_here(scope, self._rules))(scope, receive, answer.send)
            elif answer.denied:
                await send(answer.denied)

    def _unforeseen(self, scope: Scope, error: Exception) -> HttpProblem:
        code, message = explained(error, Context(self._app, _origin(scope, self._rules)))
        return HttpProblem(status_of(code), code, message)


class _Answer:
    """What one request is answered, with the headers put in. A handshake's bare refusal is held back."""

    def __init__(self, send: Send, headers: Mapping[str, str]) -> None:
        self._send, self._headers = send, headers
        self.begun = False
        self.denied: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.close" and not self.begun:
            self.denied = message
            return
        if not self.begun:
            self.begun = True
            headers = MutableHeaders(raw=list(message.get("headers", [])))
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            message = {**message, "headers": headers.raw}
        await self._send(message)


def refusing(
    rules: TransportRules, page: Callable[[int], Response]
) -> Callable[[Request, Exception], Awaitable[Response]]:
    """The handler of what the router refuses: a ``page(status)`` for a person's browser, details for a program."""

    async def handle(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        problem = _problem(request.scope, error, rules)
        media = best_match(request.headers.get("accept"), (PROBLEM_JSON, HTML))
        if media != HTML or request.method not in ("GET", "HEAD"):
            return details_response(problem)
        response = page(problem.status)
        response.headers.update(problem.headers)
        return response

    return handle


def _problem(scope: Scope, error: HTTPException, rules: TransportRules) -> HttpProblem:
    if error.status_code == 404:
        return _nothing_here(scope, rules)
    if error.status_code == 405:
        return wrong_method((error.headers or {}).get("Allow", ""))
    return bad_request("The request could not be read.")


def _nothing_here(scope: Scope, rules: TransportRules) -> HttpProblem:
    refusal = NotFound()
    return HttpProblem(404, refusal.code, refusal.message(_origin(scope, rules).locale or FALLBACK))


def _origin(scope: Scope, rules: TransportRules) -> ClientInfo:
    return origin_of(HTTPConnection(scope), rules.trusted_proxies)
