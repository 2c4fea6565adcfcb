"""Operations over a socket: subscriptions, and queries as over HTTP; mutations go by POST."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any, cast

from graphql import GraphQLError, OperationDefinitionNode, OperationType
from strawberry.schema.schema import StreamResult
from strawberry.types import ExecutionResult, StreamExecutionResult
from strawberry.types.execution import PreExecutionError

from schema.http.identity import report_ended_token
from schema.http.limited_schema import InvalidRequest, LimitedSchema, OperationRequest, failed
from schema.http.request_stats import RequestStats, measured, recorded_operation
from schema.http.socket_session import SocketSession
from schema.kit.context import Context


class Live(LimitedSchema):
    """The limited schema for the socket's handler, which passes the :class:`SocketSession` as context."""

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[Any] | None = None,
    ) -> StreamResult:
        asked = OperationRequest(query or "", operation_name, variable_values, operation_extensions)
        return self._run(asked, cast(SocketSession, context_value))

    async def _run(
        self, asked: OperationRequest, session: SocketSession
    ) -> AsyncGenerator[StreamExecutionResult, None]:
        try:
            context = await session.context()
        except Exception as error:  # noqa: BLE001 - every client gets an answer
            yield _refused(failed(error, Context(session.app, session.origin)).errors)
            return
        with recorded_operation(context.app, context.origin, "websocket") as stats:
            stats.set_caller(context)
            async with aclosing(self._results(asked, session, context, stats)) as results:
                async for result in results:
                    yield result

    async def _results(
        self, asked: OperationRequest, session: SocketSession, context: Context, stats: RequestStats
    ) -> AsyncGenerator[StreamExecutionResult, None]:
        try:
            operation = self._chosen(asked, context)
        except InvalidRequest as invalid:
            result = _refused(list(invalid.errors))
            self.present(result, context)
            stats.set_errors(result.errors)
            yield result
            return
        stats.set_operation(operation)
        if operation.operation is OperationType.QUERY:
            with measured(context.app, stats):
                answer = await self.answer(asked, context)
            report_ended_token(answer, context)
            stats.set_errors(answer.errors)
            yield answer
            return
        async with aclosing(await self._subscribed(asked, context)) as events:
            begun = False
            async for event in events:
                if isinstance(event, ExecutionResult):
                    stats.set_errors(event.errors)
                    if not begun and event.data is None:
                        yield _refused(event.errors)
                        return
                begun = True
                yield event
        if await session.session_ended():
            # After `complete` a client would close the socket with 1000. The watch checks the session now, closes the
            # socket with 4403 and cancels this.
            session.check_now.set()
            await asyncio.Event().wait()

    def _chosen(self, asked: OperationRequest, context: Context) -> OperationDefinitionNode:
        operation = self.choose(asked, context)
        if operation.operation is OperationType.MUTATION:
            raise InvalidRequest(GraphQLError("Mutations go by POST."))
        return operation

    async def _subscribed(self, asked: OperationRequest, context: Context) -> StreamResult:
        return await super().stream(
            asked.query,
            variable_values=asked.variables,
            context_value=context,
            operation_name=asked.operation_name,
            operation_extensions=asked.extensions,
        )


def _refused(errors: list[GraphQLError] | None) -> ExecutionResult:
    """What the protocol sends as `error` in place of a first result."""
    return PreExecutionError(data=None, errors=errors)
