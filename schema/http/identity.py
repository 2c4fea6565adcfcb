"""Answers to a request with an invalid token, or for another account than the caller's."""

from graphql import GraphQLError
from strawberry.types import ExecutionResult

from flows.refusals import InvalidToken, NotSignedIn, Refusal
from schema.http.http_problem import HttpProblem
from schema.kit.context import Context

#: RFC 6750, 3.1.
CHALLENGE = 'Bearer error="invalid_token"'


def report_ended_token(result: ExecutionResult, context: Context) -> None:
    """Add to the answer that the token is not valid (``extensions.session``).

    For a bearer token an error is added as well, unless there is one: the client chose to send it. For a cookie there
    is no error. The browser sends it with every request, with the next sign-in too, and some clients drop data beside
    errors.
    """
    if context.ended is None:
        return
    refusal = InvalidToken()
    told = {"code": refusal.code, "message": refusal.message(context.locale)}
    result.extensions = {**(result.extensions or {}), "session": told}
    codes = [(error.extensions or {}).get("code") for error in result.errors or []]
    if context.ended == "bearer" and NotSignedIn.kind not in codes:
        error = GraphQLError(told["message"], extensions={"code": refusal.code})
        result.errors = [*(result.errors or []), error]


def identity_problem(refusal: Refusal, locale: str) -> HttpProblem:
    """The answer to a request for an account that is not signed in; nothing was executed."""
    if isinstance(refusal, NotSignedIn):
        return HttpProblem(401, refusal.code, refusal.message(locale), {"WWW-Authenticate": "Bearer"})
    return HttpProblem(409, refusal.code, refusal.message(locale))
