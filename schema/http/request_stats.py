"""The cost of one operation, and its line in the log."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from graphql import FieldNode, GraphQLError, OperationDefinitionNode

from flows.core.context import AppContext, ClientInfo
from flows.documents.opening_budget import allowed
from flows.process.loop_lag import rename, working_for
from models.db.engines.counting import Tally, tally
from schema.http.errors import BAD_QUERY, INTERNAL, TIMEOUT
from schema.kit.context import Context
from schema.kit.refusals import TYPES

log = structlog.get_logger(__name__)

_LONGEST_NAME = 80
_MOST_NAMED = 3
#: What is told apart in the metrics.
_CODES = frozenset({BAD_QUERY, INTERNAL, TIMEOUT, *(code for refusal in TYPES for code in refusal.codes())})


@dataclass(slots=True)
class RequestStats:
    """Filled in while the request runs. The operation's name is the only text of the client in it."""

    origin: ClientInfo
    transport: str
    caller: str | None = None
    name: str | None = None
    type: str | None = None
    status: int | None = None
    codes: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    statements: int = 0
    hashes: int = 0

    def set_operation(self, operation: OperationDefinitionNode) -> None:
        self.name = operation.name.value[:_LONGEST_NAME] if operation.name else None
        self.type = operation.operation.value
        rename(f"{self.type} {', '.join(_root_fields(operation))}")

    def set_caller(self, context: Context) -> None:
        """Set the caller, and share the context's list of refusals, which grows later."""
        self.caller = context.caller.account_id if context.caller else None
        self.refused = context.refused

    @property
    def outcome(self) -> str:
        """The status of an answer over HTTP; over a socket there is none, and of a request that was cut off."""
        if self.status is not None:
            return str(self.status)
        if self.transport == "http":
            return "none"
        return "error" if self.codes else "ok"

    def set_errors(self, errors: Sequence[GraphQLError] | None) -> None:
        self.codes = [str((error.extensions or {}).get("code")) for error in errors or ()]


def _root_fields(operation: OperationDefinitionNode) -> Iterator[str]:
    """The schema's names of the first few fields. The operation's own name is the client's, so it is not used."""
    for one in operation.selection_set.selections[:_MOST_NAMED]:
        yield one.name.value if isinstance(one, FieldNode) else "..."


@contextmanager
def recorded_operation(app: AppContext, origin: ClientInfo, transport: str) -> Iterator[RequestStats]:
    """Log and count the operation that runs inside, also if it fails."""
    stats, begun = RequestStats(origin, transport), time.perf_counter()
    try:
        with working_for(f"{transport} request"):
            yield stats
    finally:
        log.info(
            "graphql.request",
            request=origin.request,
            address=origin.address,
            account=stats.caller,
            transport=stats.transport,
            operation=stats.name,
            type=stats.type,
            status=stats.status,
            codes=stats.codes,
            refused=stats.refused,
            ms=round((time.perf_counter() - begun) * 1000, 1),
            statements=stats.statements,
            hashes=stats.hashes,
        )
        app.metrics.requests.labels(stats.type or stats.transport, stats.outcome).inc()
        app.metrics.refused([*stats.codes, *stats.refused], _CODES)


@contextmanager
def measured(app: AppContext, stats: RequestStats) -> Iterator[None]:
    """Count the statements and hashes that run inside, and limit what it opens. Enter and exit it in one task."""
    sql = Tally()
    token = tally.set(sql)
    try:
        with app.passwords.counted() as hashes, allowed(app):
            yield
    finally:
        tally.reset(token)
        stats.statements, stats.hashes = sql.statements, hashes.count
