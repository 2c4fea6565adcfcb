"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/): one ASGI application for one path."""

from dataclasses import replace

from graphql import OperationDefinitionNode, OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.types import ExecutionResult

from flows.house import House, Origin
from schema.accounting import Account, accounted, counting
from schema.callers import caller_of, origin_of
from schema.context import Context, CookieJar
from schema.guarded import Guarded, Unusable, failed
from schema.http_problem import HttpProblem, bad_request
from schema.ide import ide_page
from schema.negotiation import GRAPHQL_RESPONSE, HTML, JSON, best_match
from schema.origins import PRIVATE, Admission, admit, preflight
from schema.reading import read
from schema.responses import problem_response, protect, result_response, set_cookies


class Endpoint:
    """Answers every request, of whatever kind, with a response; nothing raises out of it."""

    def __init__(self, schema: Guarded, house: House) -> None:
        self._schema, self._house, self._rules = schema, house, schema.rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        origin = origin_of(request, self._rules.trusted_proxies)
        with accounted(origin.request, "http") as account:
            with counting(self._house, account):
                response = await self._safely(request, origin, account)
            account.status = response.status_code
        if self._rules.timings:
            response.headers["Server-Timing"] = f'sql;desc="{account.statements}", hash;desc="{account.hashes}"'
        protect(response, secure=self._rules.secure)
        return response

    async def _safely(self, request: Request, origin: Origin, account: Account) -> Response:
        admission = Admission(None, PRIVATE)
        try:
            if request.method == "OPTIONS":
                return await preflight(request, self._rules)
            admission = await admit(request, self._rules)
            response = await self._serve(request, origin, admission, account)
        except HttpProblem as problem:
            account.codes = [problem.code]
            response = problem_response(problem)
        except ClientDisconnect:
            response = problem_response(bad_request("The body did not arrive."))
        except Exception as error:  # noqa: BLE001 - strangers get an answer whatever happens
            result = failed(error, Context(self._house, origin))
            account.ends(result.errors)
            response = result_response(result, JSON)
        response.headers.update(admission.headers)
        return response

    async def _serve(self, request: Request, origin: Origin, admission: Admission, account: Account) -> Response:
        media = self._media(request)
        if media == HTML:
            return ide_page()
        asked = await read(request, self._rules.body_bytes)
        jar = CookieJar(admission.practice, self._rules.secure, request.cookies)
        context = Context(self._house, origin, None, admission.practice, jar)
        try:
            operation = self._schema.choose(asked)
        except Unusable as unusable:
            result = ExecutionResult(data=None, errors=list(unusable.errors))
            self._schema.present(result, context)
        else:
            account.runs(operation)
            _check_method(request.method, operation)
            context = await self._identified(context, request)
            result = await self._schema.answer(asked, context)
        account.ends(result.errors)
        response = result_response(result, media)
        set_cookies(response, jar.changes.values(), secure=self._rules.secure)
        return response

    async def _identified(self, context: Context, request: Request) -> Context:
        authorization = request.headers.get("authorization")
        caller = await caller_of(self._house, context.origin, authorization, context.cookies)
        return replace(context, caller=caller)

    def _media(self, request: Request) -> str:
        page = (HTML,) if self._rules.ide and request.method == "GET" else ()
        media = best_match(request.headers.get("accept"), (JSON, GRAPHQL_RESPONSE, *page))
        if media is None:
            raise HttpProblem(406, "NOT_ACCEPTABLE", f"The answer is {GRAPHQL_RESPONSE} or {JSON}.")
        return media


def _check_method(method: str, operation: OperationDefinitionNode) -> None:
    if operation.operation is OperationType.SUBSCRIPTION:
        raise bad_request("Subscriptions go over the WebSocket (graphql-transport-ws).")
    if operation.operation is OperationType.MUTATION and method != "POST":
        raise HttpProblem(405, "METHOD_NOT_ALLOWED", "Mutations go by POST.", {"Allow": "POST"})
