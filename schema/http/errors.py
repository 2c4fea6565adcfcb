"""Errors as a client may see them: refusals and bad queries in words, everything else behind a number.

What is logged names exceptions and places in the code. It never holds an exception's text or a value, which
may be a password, a name or a statement's parameters.
"""

import traceback
from collections.abc import Iterator

import structlog
from graphql import GraphQLError, ValueNode
from strawberry.exceptions import StrawberryInputCoercionError

from flows.refusals import Refusal, Unavailable
from locales import text
from models.db.database import is_outage
from schema.http.document.objections import without_values
from schema.kit.context import Context

log = structlog.get_logger(__name__)

BAD_QUERY = "BAD_QUERY"
INTERNAL = "INTERNAL"
TIMEOUT = "TIMEOUT"

#: Names of the client's own are in them.
_LONGEST_MESSAGE, _LONGEST_KEY = 300, 80


def presented(error: GraphQLError, context: Context, *, suggest: bool) -> GraphQLError:
    """The error for the reply, with a ``code``; logs what the reply hides.

    ``suggest`` keeps GraphQL's "Did you mean …", which tells names of the schema.
    """
    cause = _cause(error)
    if cause is None:
        message = _cut(without_values(error.message), _LONGEST_MESSAGE)
        message = message if suggest else message.partition(" Did you mean")[0]
        return _reply(error, message, {"code": BAD_QUERY, **(error.extensions or {})})
    code, message = explained(cause, context, path=error.path)
    return _reply(error, message, {"code": code, "request": context.origin.request})


def explained(cause: BaseException, context: Context, path: list[str | int] | None = None) -> tuple[str, str]:
    """Code and message of an exception, in the language of the request; logs unless it is a refusal."""
    if isinstance(cause, Refusal):
        return cause.code, cause.message(context.locale)
    _log(cause, context, path)
    if isinstance(cause, TimeoutError):
        code = TIMEOUT
    elif is_outage(cause):
        return Unavailable.kind, Unavailable().message(context.locale)
    else:
        code = INTERNAL
    return code, text(f"error.{code}", context.locale)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _cause(error: GraphQLError) -> BaseException | None:
    """The exception behind an error; None for GraphQL's own objections to the document and its variables.

    Those point into the document and have no path; what running raised has a path, or points nowhere. Only a null
    in a variable for what may be left out but not be null is found when running: it points at that value.
    """
    cause: BaseException | None = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, Refusal):
        return cause
    if isinstance(cause, StrawberryInputCoercionError):
        return None
    objection = cause or error
    if isinstance(objection, GraphQLError) and any(isinstance(node, ValueNode) for node in objection.nodes or ()):
        return None
    if error.path or (cause is not None and not error.nodes):
        # Without a cause it is a result of a wrong type, with a value in its text.
        return cause or error
    return None


def _reply(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def _log(cause: BaseException, context: Context, path: list[str | int] | None) -> None:
    log.error(
        "graphql.failed",
        request=context.origin.request,
        path=[_cut(key, _LONGEST_KEY) if isinstance(key, str) else key for key in path or ()],
        errors=[f"{type(error).__module__}.{type(error).__qualname__}" for error in _chain(cause)],
        traceback=[
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(cause.__traceback__)
        ],
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
