"""Refusals outside GraphQL: problem details (RFC 9457) with our codes."""

from http import HTTPStatus

import orjson
from starlette.responses import Response

from flows.refusals import Unavailable
from schema.http.errors import TIMEOUT
from schema.http.http_problem import HttpProblem

PROBLEM_JSON = "application/problem+json"


def details_response(problem: HttpProblem) -> Response:
    """The answer that tells the problem."""
    details = {
        "type": "about:blank",
        "status": problem.status,
        "title": HTTPStatus(problem.status).phrase,
        "detail": problem.message,
        "code": problem.code,
    }
    return Response(orjson.dumps(details), problem.status, {"Content-Type": PROBLEM_JSON, **problem.headers})


def status_of(code: str) -> int:
    """The status of what failed on our side."""
    return 503 if code in (Unavailable.kind, TIMEOUT) else 500
