"""The base of every path of the API: it admits the origin, counts the cost, and always sends an answer."""

from abc import ABC, abstractmethod
from typing import ClassVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from flows.core.context import AppContext, ClientInfo
from schema.http.callers import origin_of
from schema.http.http_problem import HttpProblem, bad_request
from schema.http.origins import PRIVATE, Admission, admit, preflight
from schema.http.request_stats import RequestStats, measured, recorded_operation
from schema.http.responses import problem_response
from schema.http.transport_rules import TransportRules
from schema.kit.context import Context


class HttpService(ABC):
    """One ASGI application for one path. It answers every request with a response and raises nothing."""

    #: As ``Allow`` has them; a browser's preflight is answered besides.
    methods: ClassVar[str]

    def __init__(self, app: AppContext, rules: TransportRules) -> None:
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        origin = origin_of(request, self._rules.trusted_proxies)
        with recorded_operation(self._app, origin, "http") as stats:
            with measured(self._app, stats):
                response = await self._safely(request, origin, stats)
            stats.status = response.status_code
        if self._rules.timings:
            response.headers["Server-Timing"] = f'sql;desc="{stats.statements}", hash;desc="{stats.hashes}"'
        return response

    async def _safely(self, request: Request, origin: ClientInfo, stats: RequestStats) -> Response:
        admission = Admission(None, PRIVATE)
        try:
            if request.method == "OPTIONS":
                return await preflight(request, self._rules, self.methods)
            admission = await self._admit(request)
            response = await self._serve(request, origin, admission, stats)
        except HttpProblem as problem:
            stats.codes = [problem.code]
            response = self._refused(problem)
        except ClientDisconnect:
            response = self._refused(bad_request("The body did not arrive."))
        except Exception as error:  # noqa: BLE001 - every client gets an answer
            response = self._failed(error, Context(self._app, origin), stats)
        response.headers.update(admission.headers)
        return response

    async def _admit(self, request: Request) -> Admission:
        return await admit(request, self._rules)

    @abstractmethod
    async def _serve(self, request: Request, origin: ClientInfo, admission: Admission, stats: RequestStats) -> Response:
        """The response; raises HttpProblem to refuse the request."""

    def _refused(self, problem: HttpProblem) -> Response:
        return problem_response(problem)

    @abstractmethod
    def _failed(self, error: Exception, context: Context, stats: RequestStats) -> Response:
        """The response to an unexpected exception."""
