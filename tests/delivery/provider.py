"""A provider of text messages: a real HTTP server on this machine that answers what it is told to."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """One request as it came in; header names are in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))


@dataclass
class Provider:
    """Answers 200 and an empty object unless told otherwise; ``HANG`` never answers, ``DROP`` hangs up."""

    url: str = ""
    asked: list[ProviderRequest] = field(default_factory=list)
    answers: deque[tuple[int, bytes]] = field(default_factory=deque)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    HANG = (0, b"")
    DROP = (-1, b"")

    def answer(self, status: int = 200, body: Any = None) -> None:
        """What the next request gets."""
        self.answers.append((status, body if isinstance(body, bytes) else json.dumps(body).encode()))

    def sent_to(self, number: str) -> list[str]:
        """The texts to a number so far, oldest first, as the gateway `http` sends them by default."""
        return [asked.json["text"] for asked in self.asked if asked.json["to"] == number]

    async def wait_for(self, number: str, *, beyond: int, patience: float = 10) -> str:
        """The first text to a number after its first ``beyond`` ones; raises TimeoutError."""
        async with asyncio.timeout(patience), self._arrived:
            await self._arrived.wait_for(lambda: len(self.sent_to(number)) > beyond)
        return self.sent_to(number)[beyond]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.asked.append(ProviderRequest(head[0], headers, body))
        async with self._arrived:
            self._arrived.notify_all()
        status, content = self.answers.popleft() if self.answers else (200, b"{}")
        if (status, content) == self.HANG:
            await reader.read()
        elif (status, content) != self.DROP:
            head_out = f"HTTP/1.1 {status} So\r\nContent-Length: {len(content)}\r\nConnection: close\r\n"
            moved = "Location: /elsewhere\r\n" if 300 <= status < 400 else ""
            writer.write(f"{head_out}{moved}\r\n".encode() + content)
        writer.close()


@asynccontextmanager
async def providing() -> AsyncIterator[Provider]:
    """A provider that is up; its address ends in a path."""
    provider = Provider()
    server = await asyncio.start_server(provider._serve, "127.0.0.1", 0)
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/send"
    try:
        yield provider
    finally:
        server.close()
