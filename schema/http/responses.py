"""The answers of the HTTP endpoint: their form, their status and the headers that go with every one of them."""

from collections.abc import Iterable, Mapping

import orjson
from graphql import GraphQLError
from starlette.responses import Response
from strawberry.types import ExecutionResult

from flows.refusals import TooManyAttempts, Unavailable
from schema.http.errors import INTERNAL, TIMEOUT
from schema.http.http_problem import HttpProblem
from schema.http.negotiation import GRAPHQL_RESPONSE, JSON
from schema.kit.context import Change

#: What a server, not a client, did wrong; and who must wait.
_STATUS: Mapping[str, int] = {INTERNAL: 500, Unavailable.kind: 503, TIMEOUT: 503, TooManyAttempts.kind: 429}


def result_response(result: ExecutionResult, media: str) -> Response:
    """The result as the media type wants it (GraphQL over HTTP, 6.4): without ``data`` if nothing ran."""
    if nothing_ran(result):
        return _json({"errors": _formatted(result.errors)}, _status(result.errors or [], media), media)
    body: dict[str, object] = {"data": result.data}
    if result.errors:
        body["errors"] = _formatted(result.errors)
    if result.extensions:
        body["extensions"] = result.extensions
    return _json(body, 200, media)


def problem_response(problem: HttpProblem, media: str = JSON) -> Response:
    """A refusal by HTTP in the form of a GraphQL error."""
    error = {"message": problem.message, "extensions": {"code": problem.code}}
    response = _json({"errors": [error]}, problem.status, media)
    response.headers.update(problem.headers)
    return response


def nothing_ran(result: ExecutionResult) -> bool:
    """Whether the errors are the request's and no field's: those have a path."""
    return result.data is None and all(error.path is None for error in result.errors or ())


def set_cookies(response: Response, changes: Iterable[Change], *, secure: bool) -> None:
    for change in changes:
        response.set_cookie(
            change.name, change.value, max_age=change.max_age, path="/", secure=secure, httponly=True, samesite="lax"
        )


def _status(errors: Iterable[GraphQLError], media: str) -> int:
    for error in errors:
        if status := _STATUS.get(str((error.extensions or {}).get("code"))):
            return status
    return 400 if media == GRAPHQL_RESPONSE else 200


def _formatted(errors: Iterable[GraphQLError] | None) -> list[object]:
    return [error.formatted for error in errors or ()]


def _json(body: Mapping[str, object], status: int, media: str) -> Response:
    return Response(orjson.dumps(body), status, {"Content-Type": f"{media}; charset=utf-8"})
