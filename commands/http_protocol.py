"""HTTP/1.1 with bounds on what arrives before anybody has asked for anything: uvicorn has none with httptools.

A request's head, its first line and headers, has a size, a number of headers and a time; the whole request has a time
as well. What is beyond is answered and its connection closed, so that neither a slow nor an endless sender holds one.
"""

from asyncio import TimerHandle, Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_BYTES = 32_768
"""The most of a request line and its headers; browsers and proxies stay below 16 KB."""
HEADERS = 100
HEAD_SECONDS = 10.0
"""From the connection, or from the first byte of a further request, to the end of the head."""
REQUEST_SECONDS = 150.0
"""From the head to the end of the body: more than an upload may take (`schema/transport_rules.py`)."""

_TOO_LARGE = ("431 Request Header Fields Too Large", "The request line and its headers are too large.")
_TOO_SLOW = ("408 Request Timeout", "The request did not arrive in time.")


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
                self._refuse(*_TOO_LARGE)
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
            self._refuse(*_TOO_SLOW)

    def _refuse(self, status: str, text: str) -> None:
        self._expect(None)
        self.logger.warning(text)
        head = (
            f"HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {len(text)}\r\n"
            "cache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
        )
        self.transport.write((head + text).encode("ascii"))
        self.transport.close()
