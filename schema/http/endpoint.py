"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/): one ASGI application for one path."""

from dataclasses import replace

from graphql import OperationDefinitionNode, OperationType
from starlette.requests import Request
from starlette.responses import Response
from strawberry.types import ExecutionResult

from flows.core.context import AppContext, ClientInfo
from flows.refusals import NotSignedIn, ViewerMismatch
from schema.http.callers import RequestCredentials, authenticate_request, cookies_of
from schema.http.http_problem import HttpProblem, bad_request
from schema.http.http_service import HttpService
from schema.http.ide import ide_page
from schema.http.identity import CHALLENGE, identity_problem, report_ended_token
from schema.http.limited_schema import InvalidRequest, LimitedSchema, failed
from schema.http.negotiation import GRAPHQL_RESPONSE, HTML, JSON, best_match
from schema.http.origins import Admission
from schema.http.reading import read
from schema.http.request_stats import RequestStats
from schema.http.responses import result_response, set_cookies
from schema.kit.context import Context, CookieJar


class Endpoint(HttpService):
    """Runs one operation a request."""

    methods = "GET, POST"

    def __init__(self, schema: LimitedSchema, app: AppContext) -> None:
        super().__init__(app, schema.rules)
        self._schema = schema

    def _failed(self, error: Exception, context: Context, stats: RequestStats) -> Response:
        result = failed(error, context)
        stats.set_errors(result.errors)
        return result_response(result, JSON)

    async def _serve(self, request: Request, origin: ClientInfo, admission: Admission, stats: RequestStats) -> Response:
        media = self._media(request)
        if media == HTML:
            return ide_page()
        asked = await read(request, self._rules.body_bytes, self._rules.body_seconds)
        jar = CookieJar(admission.practice, self._rules.secure, cookies_of(request))
        context = Context(self._app, origin, None, admission.practice, jar)
        headers: dict[str, str] = {}
        try:
            operation = self._schema.choose(asked, context)
        except InvalidRequest as invalid:
            result = ExecutionResult(data=None, errors=list(invalid.errors))
            self._schema.present(result, context)
            if invalid.retry_at:
                headers["Retry-After"] = str(max(int((invalid.retry_at - self._app.now).total_seconds()), 1))
        else:
            stats.set_operation(operation)
            _check_method(request.method, operation)
            try:
                context = await self._authenticate(context, request)
            except (NotSignedIn, ViewerMismatch) as refusal:
                await _set_locale(context)
                raise identity_problem(refusal, context.locale) from None
            await _set_locale(context)
            stats.set_caller(context)
            result = await self._schema.answer(asked, context)
            report_ended_token(result, context)
        stats.set_errors(result.errors)
        response = result_response(result, media)
        response.headers.update(headers)
        if context.ended == "bearer":
            response.headers["WWW-Authenticate"] = CHALLENGE
        set_cookies(response, jar.changes.values(), secure=self._rules.secure)
        return response

    async def _authenticate(self, context: Context, request: Request) -> Context:
        found = await authenticate_request(self._app, context.origin, RequestCredentials.of(request), context.cookies)
        return replace(context, caller=found.caller, ended=found.ended)

    def _media(self, request: Request) -> str:
        page = (HTML,) if self._rules.ide and request.method == "GET" else ()
        media = best_match(request.headers.get("accept"), (JSON, GRAPHQL_RESPONSE, *page))
        if media is None:
            raise HttpProblem(406, "NOT_ACCEPTABLE", f"The answer is {GRAPHQL_RESPONSE} or {JSON}.")
        return media


async def _set_locale(context: Context) -> None:
    if context.practice is not None:
        await context.use_locale_of_practice(context.practice)


def _check_method(method: str, operation: OperationDefinitionNode) -> None:
    if operation.operation is OperationType.SUBSCRIPTION:
        raise bad_request("Subscriptions go over the WebSocket (graphql-transport-ws).")
    if operation.operation is OperationType.MUTATION and method != "POST":
        raise HttpProblem(405, "METHOD_NOT_ALLOWED", "Mutations go by POST.", {"Allow": "POST"})
