"""HTTP/1.1 with bounds on what arrives before anybody has asked for anything: uvicorn has none with httptools.

A request's head, its first line and headers, has a size, a number of headers and a time; the whole request has a time
as well. What is beyond is answered and its connection closed, so that neither a slow nor an endless sender holds one.
"""

import json
from asyncio import TimerHandle, Transport
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from flows.process import answer_headers

HEAD_BYTES = 32_768
"""The most of a request line and its headers; browsers and proxies stay below 16 KB."""
HEADERS = 100
HEAD_SECONDS = 10.0
"""From the connection, or from the first byte of a further request, to the end of the head."""
REQUEST_SECONDS = 150.0
"""From the head to the end of the body: more than an upload may take (`schema/http/transport_rules.py`)."""

#: Where no application has been asked.
_OWN_HEADERS = {
    **answer_headers.HEADERS,
    "Content-Type": "application/problem+json",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class _Problem:
    """A refusal as problem details (RFC 9457) with a code of ours."""

    status: HTTPStatus
    code: str
    detail: str

    @property
    def body(self) -> bytes:
        told = {"status": self.status, "title": self.status.phrase, "detail": self.detail, "code": self.code}
        return json.dumps({"type": "about:blank", **told}).encode()

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        named = {**_OWN_HEADERS, "Content-Length": str(len(self.body))}
        return [(name.lower().encode(), value.encode()) for name, value in named.items()]

    @property
    def answer(self) -> bytes:
        """The whole of it, as it goes over the line."""
        head = [f"HTTP/1.1 {self.status.value} {self.status.phrase}".encode()]
        return b"\r\n".join([*head, *(b": ".join(pair) for pair in self.headers), b"", self.body])


_MALFORMED = _Problem(HTTPStatus.BAD_REQUEST, "BAD_REQUEST", "This is no HTTP request.")
_TOO_LARGE = _Problem(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "HEAD_TOO_LARGE", "The request line and its headers are too large."
)
_TOO_SLOW = _Problem(HTTPStatus.REQUEST_TIMEOUT, "REQUEST_TIMEOUT", "The request did not arrive in time.")
_BUSY = _Problem(HTTPStatus.SERVICE_UNAVAILABLE, "UNAVAILABLE", "Too many connections are open. Try again in a moment.")


async def _busy(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": _BUSY.status.value, "headers": _BUSY.headers})
    await send({"type": "http.response.body", "body": _BUSY.body})


# What uvicorn answers beyond `limit_concurrency`; it looks the name up there and has no setting for it.
setattr(httptools_impl, "service_unavailable", _busy)  # noqa: B010


class TooManyHeaders(ValueError):
    """Raised to the parser, which ends the connection with 400."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_bytes = 0
        self._upgraded = False
        self._deadline: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            if self._deadline is None:
                self._expect(HEAD_SECONDS)
            room = HEAD_BYTES - self._head_bytes
            self._head_bytes += len(data)
            # What comes behind a head that fits is its body, or the next request.
            data, rest = data[:room], data[room:]
            super().data_received(data)
            if self._upgraded or self.transport.is_closing():
                return
            if self._head_bytes > HEAD_BYTES and self._is_in_head():
                self._refuse(_TOO_LARGE)
                return
            data = rest
        if data:
            super().data_received(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self.headers) >= HEADERS:
            raise TooManyHeaders
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._expect(REQUEST_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head, self._head_bytes = True, 0
        self._expect(None)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._upgraded = True
        self._expect(None)
        super().handle_websocket_upgrade()

    def _is_in_head(self) -> bool:
        return self._in_head

    def _expect(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self._late) if seconds else None

    def _late(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and cycle.response_started:
            # An answer has begun: another one in the middle of it would be taken for its body.
            self.transport.close()
        else:
            self._refuse(_TOO_SLOW)

    def send_400_response(self, msg: str) -> None:
        """What is malformed, in place of uvicorn's plain text."""
        self._refuse(_MALFORMED)

    def _refuse(self, problem: _Problem) -> None:
        self._expect(None)
        self.logger.warning(problem.detail)
        self.transport.write(problem.answer)
        self.transport.close()
