"""The schema behind the API: only checked documents run, within a time limit, and errors hide their cause."""

import asyncio
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry
from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import ExecutionContext, ExecutionResult, StreamExecutionResult

from flows.refusals import TooManyAttempts
from schema.http.document.bad_documents import BadDocuments
from schema.http.document.documents import MOST_ERRORS, Prepared, documents_of
from schema.http.document.limits import TooHeavy
from schema.http.document.literals import variables_over
from schema.http.errors import explained, presented
from schema.http.transport_rules import TransportRules
from schema.kit.context import Context
from schema.kit.nulls import name_null


@dataclass(frozen=True, slots=True)
class OperationRequest:
    """The parameters of a request (GraphQL over HTTP, 5.1), of the right types."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None


#: The last document chosen in this task, for its execution: a document too long for the cache is prepared once, too.
_prepared: ContextVar[tuple[str, Prepared | None]] = ContextVar("sluis_prepared")


class InvalidRequest(Exception):
    """A request that is not executed: its document or its choice of operation is wrong."""

    def __init__(self, *errors: GraphQLError, retry_at: datetime | None = None) -> None:
        super().__init__()
        self.errors, self.retry_at = errors, retry_at


class LimitedSchema(strawberry.Schema):
    """Another schema's types under limits."""

    def __init__(self, schema: strawberry.Schema, rules: TransportRules) -> None:
        # The same types, not a second copy of them: only the way in differs.
        vars(self).update(vars(schema))
        self.rules = rules
        if not rules.quick_completion:
            self.execution_context_class = StrawberryGraphQLCoreExecutionContext
        self.documents = documents_of(schema._schema, rules.of_documents)
        self._bad = BadDocuments(rules.bad_documents)
        self.extensions = (*schema.extensions, lambda: _CheckedDocument(self))

    def choose(self, asked: OperationRequest, context: Context) -> OperationDefinitionNode:
        """The operation to run. Raises InvalidRequest, and counts it against the client's address."""
        try:
            return self._choose(asked, context)
        except InvalidRequest:
            self._bad.count(context.origin.address, context.app.now)
            raise

    def _choose(self, asked: OperationRequest, context: Context) -> OperationDefinitionNode:
        prepared = self.documents.kept(asked.query)
        if prepared is None:
            if retry_at := self._bad.retry_at(context.origin.address, context.app.now):
                refusal = TooManyAttempts(retry_at=retry_at)
                raise InvalidRequest(GraphQLError(refusal.code, original_error=refusal), retry_at=retry_at)
            prepared = self.documents.get(asked.query)
        if prepared.document is None:
            raise InvalidRequest(*prepared.errors)
        operation = prepared.operation(asked.operation_name)
        if operation is None:
            raise InvalidRequest(GraphQLError("The document has no such operation; name one with operationName."))
        if over := variables_over(asked.variables):
            raise InvalidRequest(TooHeavy(f"The variables have {over}."))
        _prepared.set((asked.query, prepared))
        return operation

    async def answer(self, asked: OperationRequest, context: Context) -> ExecutionResult:
        """Run a query or mutation that :meth:`choose` accepted; raises nothing but cancellation."""
        try:
            async with asyncio.timeout(self.rules.operation_seconds):
                result = await self.execute(
                    asked.query,
                    variable_values=asked.variables,
                    context_value=context,
                    operation_name=asked.operation_name,
                    operation_extensions=asked.extensions,
                )
        except Exception as error:  # noqa: BLE001 - every client gets an answer
            return failed(error, context)
        self._name_nulls(asked, result)
        self.present(result, context)
        return result

    def present(self, result: StreamExecutionResult, context: Context) -> None:
        """Put errors for the reply in place of those that were raised."""
        if isinstance(result, ExecutionResult) and result.errors:
            suggest = self.rules.introspection
            # A few errors about the document or its variables are enough; all errors of fields, with a path, are kept.
            objections = [error for error in result.errors if error.path is None][:MOST_ERRORS]
            told = [error for error in result.errors if error.path is not None or error in objections]
            result.errors = [presented(error, context, suggest=suggest) for error in told]

    def _name_nulls(self, asked: OperationRequest, result: ExecutionResult) -> None:
        prepared = self.documents.kept(asked.query) if result.errors else None
        operation = prepared.operation(asked.operation_name) if prepared else None
        if operation is not None:
            root = self._schema.get_root_type(operation.operation)
            for error in result.errors or ():
                name_null(error, root, asked.variables or {})

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: Strawberry would log the exceptions' texts here, and schema.http.errors logs without them."""


class _CheckedDocument(SchemaExtension):
    """Gives Strawberry the checked document, so that it does not parse and validate the text again."""

    def __init__(self, schema: LimitedSchema) -> None:
        self._schema = schema

    def on_operation(self) -> Iterator[None]:
        running = self.execution_context
        text, prepared = _prepared.get(("", None))
        if prepared is None or text != running.query:
            prepared = self._schema.documents.get(running.query or "")
        if prepared.document is None:
            raise InvalidRequest(*prepared.errors)
        running.graphql_document = prepared.document
        running.validation_rules = ()
        yield

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        self._schema.present(result, self.execution_context.context)
        yield


def failed(error: BaseException, context: Context) -> ExecutionResult:
    """The result of an operation that failed outside any field."""
    code, message = explained(error, context)
    extensions = {"code": code, "request": context.origin.request}
    return ExecutionResult(data=None, errors=[GraphQLError(message, extensions=extensions)])
