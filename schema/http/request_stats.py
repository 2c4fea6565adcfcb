"""What one operation cost, and the one line about it in the log."""

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
from schema.kit.context import Context

log = structlog.get_logger(__name__)

_LONGEST_NAME = 80
_MOST_NAMED = 3


@dataclass(slots=True)
class RequestStats:
    """Filled in on the way; of what the client sent it holds the operation's name alone."""

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

    def runs(self, operation: OperationDefinitionNode) -> None:
        self.name = operation.name.value[:_LONGEST_NAME] if operation.name else None
        self.type = operation.operation.value
        rename(f"{self.type} {', '.join(_root_fields(operation))}")

    def knows(self, context: Context) -> None:
        """Who asks; what is refused later on is found in the context then."""
        self.caller = context.caller.account_id if context.caller else None
        self.refused = context.refused

    def ends(self, errors: Sequence[GraphQLError] | None) -> None:
        self.codes = [str((error.extensions or {}).get("code")) for error in errors or ()]


def _root_fields(operation: OperationDefinitionNode) -> Iterator[str]:
    """The names in the schema of the first few fields: an operation's own name is whatever its client calls it."""
    for one in operation.selection_set.selections[:_MOST_NAMED]:
        yield one.name.value if isinstance(one, FieldNode) else "..."


@contextmanager
def accounted(origin: ClientInfo, transport: str) -> Iterator[RequestStats]:
    """Logs the operation that runs inside, however it ends."""
    account, begun = RequestStats(origin, transport), time.perf_counter()
    try:
        with working_for(f"{transport} request"):
            yield account
    finally:
        log.info(
            "graphql.request",
            request=origin.request,
            address=origin.address,
            account=account.caller,
            transport=account.transport,
            operation=account.name,
            type=account.type,
            status=account.status,
            codes=account.codes,
            refused=account.refused,
            ms=round((time.perf_counter() - begun) * 1000, 1),
            statements=account.statements,
            hashes=account.hashes,
        )


@contextmanager
def counting(app: AppContext, account: RequestStats) -> Iterator[None]:
    """Counts the statements and hashes of what runs inside, and bounds what it opens; begin and end it in one task."""
    sql = Tally()
    token = tally.set(sql)
    try:
        with app.passwords.counted() as hashes, allowed(app):
            yield
    finally:
        tally.reset(token)
        account.statements, account.hashes = sql.statements, hashes.count
