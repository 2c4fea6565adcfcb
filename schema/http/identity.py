"""How a request is told that its token is of no live session, or that it is meant for another account."""

from graphql import GraphQLError
from strawberry.types import ExecutionResult

from flows.refusals import InvalidToken, NotSignedIn, Refusal
from schema.http.http_problem import HttpProblem
from schema.kit.context import Context

#: RFC 6750, 3.1.
CHALLENGE = 'Bearer error="invalid_token"'


def tell_ended(result: ExecutionResult, context: Context) -> None:
    """Say beside the answer that the token is not valid (``extensions.session``).

    For a bearer token, which the client chose to send, it is an error too, unless one says so already. A cookie is sent
    by the browser itself, with the sign-in that replaces it as well: an error would hide that answer from clients that
    drop data beside errors.
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
    """The answer to a request that is meant for somebody who is not signed in: nothing of it is done."""
    if isinstance(refusal, NotSignedIn):
        return HttpProblem(401, refusal.code, refusal.message(locale), {"WWW-Authenticate": "Bearer"})
    return HttpProblem(409, refusal.code, refusal.message(locale))
