"""Operations over a socket: subscriptions, and queries as over HTTP; mutations go by POST."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any, cast

from graphql import GraphQLError, OperationDefinitionNode, OperationType
from strawberry.schema.schema import StreamResult
from strawberry.types import ExecutionResult, StreamExecutionResult
from strawberry.types.execution import PreExecutionError

from schema.http.identity import tell_ended
from schema.http.limited_schema import InvalidRequest, LimitedSchema, OperationRequest, failed
from schema.http.request_stats import RequestStats, accounted, counting
from schema.http.socket_session import SocketSession
from schema.kit.context import Context


class Live(LimitedSchema):
    """The guarded schema as the socket's handler runs it: its context is the :class:`SocketSession`."""

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

    async def _run(self, asked: OperationRequest, seat: SocketSession) -> AsyncGenerator[StreamExecutionResult, None]:
        try:
            context = await seat.context()
        except Exception as error:  # noqa: BLE001 - strangers get an answer whatever happens
            yield _refused(failed(error, Context(seat.app, seat.origin)).errors)
            return
        with accounted(context.origin, "websocket") as account:
            account.knows(context)
            async with aclosing(self._results(asked, seat, context, account)) as results:
                async for result in results:
                    yield result

    async def _results(
        self, asked: OperationRequest, seat: SocketSession, context: Context, account: RequestStats
    ) -> AsyncGenerator[StreamExecutionResult, None]:
        try:
            operation = self._chosen(asked, context)
        except InvalidRequest as unusable:
            result = _refused(list(unusable.errors))
            self.present(result, context)
            account.ends(result.errors)
            yield result
            return
        account.runs(operation)
        if operation.operation is OperationType.QUERY:
            with counting(context.app, account):
                answer = await self.answer(asked, context)
            tell_ended(answer, context)
            account.ends(answer.errors)
            yield answer
            return
        async with aclosing(await self._subscribed(asked, context)) as events:
            begun = False
            async for event in events:
                if isinstance(event, ExecutionResult):
                    account.ends(event.errors)
                    if not begun and event.data is None:
                        yield _refused(event.errors)
                        return
                begun = True
                yield event
        if await seat.session_ended():
            # Told complete, a client would take it for the end of the news, and close the socket with 1000. The watch
            # looks now, closes with 4403, and ends this.
            seat.look.set()
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
