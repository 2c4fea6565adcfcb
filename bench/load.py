"""The load generator: as many keep-alive connections as asked for, each with one request under way at a time."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import cast

#: What one connection does over and over; raises StopAsyncIteration when there is nothing left to do it with.
Operation = Callable[["Line"], Awaitable[object]]

_PATIENCE = 30


class Line(asyncio.Protocol):
    """One HTTP/1.1 connection to a server that answers with ``Content-Length``."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._body = self._end = 0
        self._reply: asyncio.Future[bytes] | None = None
        #: The head of the last reply, in lower case.
        self.head = b""

    async def ask(self, request: bytes) -> bytes:
        """Send a whole request; answers the body of a reply with status 200 and raises on any other."""
        assert self._transport is not None
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        body = await self._reply
        if b" 200 " not in self.head[:13]:
            raise ConnectionError(f"{self.head[:20].decode()} … {body[:200].decode()}")
        return body

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._end:
            found = self._received.find(b"\r\n\r\n")
            if found < 0:
                return
            self.head, self._body = bytes(self._received[:found]).lower(), found + 4
            self._end = self._body + int(header(self.head, b"content-length"))
        if len(self._received) >= self._end and self._reply is not None:
            body = bytes(self._received[self._body : self._end])
            self._received.clear()
            self._end = 0
            self._reply.set_result(body)

    def connection_lost(self, error: Exception | None) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(error or ConnectionError("the server closed the connection"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def header(head: bytes, name: bytes) -> bytes:
    """The value of a header in a head as :attr:`Line.head` keeps it; empty where there is none."""
    return head.partition(b"\r\n" + name + b":")[2].partition(b"\r\n")[0].strip()


@asynccontextmanager
async def lines(port: int, number: int) -> AsyncIterator[list[Line]]:
    """Open connections to a server on this machine."""
    loop = asyncio.get_running_loop()
    made = [(await loop.create_connection(Line, "127.0.0.1", port))[1] for _ in range(number)]
    try:
        yield made
    finally:
        for line in made:
            line.close()


async def rate(open_lines: Sequence[Line], operation: Operation, seconds: float) -> float:
    """Operations a second, over about so many seconds: what is under way at the end is waited for, and counts."""
    begun = time.perf_counter()

    async def keep_on(line: Line) -> int:
        done = 0
        while time.perf_counter() - begun < seconds:
            try:
                await operation(line)
            except StopAsyncIteration:
                break
            done += 1
        return done

    async with asyncio.timeout(seconds + _PATIENCE):
        counts = await asyncio.gather(*map(keep_on, open_lines))
    return sum(counts) / (time.perf_counter() - begun)
