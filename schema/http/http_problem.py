"""A request that HTTP answers before GraphQL gets to see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(eq=False)
class HttpProblem(Exception):
    """Raised on the way in; ``code`` and ``message`` go out in the form of a GraphQL error."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


def bad_request(message: str) -> HttpProblem:
    return HttpProblem(400, "BAD_REQUEST", message)


def wrong_method(methods: str) -> HttpProblem:
    return HttpProblem(405, "METHOD_NOT_ALLOWED", f"This path takes {methods}.", {"Allow": methods})
