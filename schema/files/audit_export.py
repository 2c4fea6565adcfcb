"""The audit trail by GET: ``/download/audit?practice=…&from=…&until=…&format=csv``, by the rules of all downloads.

An unknown parameter is refused.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from flows.audit_trail.audit_export import ExportQuery, export
from flows.refusals import InvalidInput, Problem
from normalise.moments import read_time
from schema.files.downloads import Downloads, headers_of
from schema.http.http_problem import wrong_method
from schema.http.request_stats import RequestStats
from schema.kit.context import Context
from schema.kit.ids import node_id

log = structlog.get_logger(__name__)

_PARAMETERS = ("practice", "viewer", "from", "until", "format")
_LONGEST_NAME = 40


class AuditDownloads(Downloads):
    """Sends audit trails."""

    async def _answer(self, request: Request, context: Context, stats: RequestStats) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise wrong_method(self.methods)
        stats.name, stats.type = "audit", "download"
        query = _query(request.query_params)
        async with asyncio.timeout(self._rules.operation_seconds):
            stream = await export(context.app, context.caller, query, node_id)
        if request.method == "HEAD":
            return Response(headers=headers_of(stream))
        pieces = _timely(stream.pieces, self._rules.operation_seconds)
        return _Breakable(pieces, headers=headers_of(stream))


def _query(given: Mapping[str, str]) -> ExportQuery:
    unknown = next((name for name in given if name not in _PARAMETERS), None)
    if unknown is not None:
        raise InvalidInput(unknown[:_LONGEST_NAME], Problem.CHOICE, ", ".join(_PARAMETERS))
    return ExportQuery(_time(given, "from"), _time(given, "until"), given.get("format", "csv"))


def _time(given: Mapping[str, str], name: str) -> datetime | None:
    text = given.get(name)
    if not text:
        return None
    if (read := read_time(text)) is None:
        raise InvalidInput(name, Problem.MOMENT)
    return read


async def _timely(pieces: AsyncIterator[bytes], seconds: float) -> AsyncIterator[bytes]:
    """Raises TimeoutError where a piece takes longer."""
    while True:
        async with asyncio.timeout(seconds):
            piece = await anext(pieces, None)
        if piece is None:
            return
        yield piece


class _Breakable(StreamingResponse):
    """A broken download stays without its end, so that a client sees that it is incomplete (RFC 9112, 8)."""

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except Exception as error:  # noqa: BLE001 - the status is out already: the connection closes, and the log tells
            log.error("download.broken", error=type(error).__name__)
