"""Valkey or Redis, which tests share: what they leave there, and a way to it that can break.

It breaks as a network and a server can; what runs over it is real.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.exceptions import RedisError

from models.core.valkey import Valkey

#: What a server says that is there and can't do its work.
ERRORS = (
    "LOADING Redis is loading the dataset in memory",
    "READONLY You can't write against a read only replica.",
    "OOM command not allowed when used memory > 'maxmemory'.",
    "WRONGTYPE Operation against a key holding the wrong kind of value",
    "NOAUTH Authentication required.",
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
)
#: Cut: nobody listens. Silent: somebody does and answers nothing. Babbling: answers, and no sense in it.
Fault = Literal["cut", "silent", "babbling"]
FAULTS: tuple[str, ...] = ("cut", "silent", "babbling", *ERRORS)


class Between:
    """A port that leads to the real server until it is :meth:`broken`."""

    def __init__(self, url: str) -> None:
        self._there = urlsplit(url)
        self._fault: str | None = None
        self._server: asyncio.Server | None = None
        self._port = 0
        self._lines: set[asyncio.StreamWriter] = set()
        #: How many connections were made to it, and tried where nobody listens.
        self.calls = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}{self._there.path}"

    async def mend(self) -> None:
        self._fault = None
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    async def breaks(self, fault: str) -> None:
        """From here on, for the connections there are and for new ones."""
        self._fault = fault
        if fault == "cut":
            await self.close()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for line in list(self._lines):
            line.close()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        there = await asyncio.open_connection(self._there.hostname, self._there.port)
        lines = {writer, there[1]}
        self._lines |= lines
        try:
            await asyncio.gather(self._asks(reader, writer, there[1]), self._answers(there[0], writer))
        finally:
            self._lines -= lines
            for line in lines:
                line.close()

    async def _asks(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter, on: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if self._fault is None:
                    on.write(data)
                elif self._fault != "silent":
                    said = "+OK" if self._fault == "babbling" else f"-{self._fault}"
                    # Each command is an array of its words.
                    back.write(f"{said}\r\n".encode() * (b"\r\n" + data).count(b"\r\n*"))
            on.close()

    async def _answers(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if self._fault is None:
                    back.write(data)
            back.close()


@asynccontextmanager
async def between(url: str) -> AsyncIterator[Between]:
    way = Between(url)
    await way.mend()
    try:
        yield way
    finally:
        await way.close()


def be_patient(valkey: Valkey, patience: float = 10.0, pause: float = 0.0) -> None:
    """A busy machine must not look like an outage; and after a real one it is asked again at once."""
    valkey._patience, valkey._pause = patience, pause


@asynccontextmanager
async def swept(url: str | None, installation: str) -> AsyncIterator[None]:
    """Take away what an installation has there, in the end; nothing where it has none."""
    try:
        yield
    finally:
        if url is not None:
            with suppress(RedisError, OSError):
                await sweep(url, installation)


async def sweep(url: str, installation: str) -> None:
    """As a flush does, to this installation alone."""
    async with Redis.from_url(url) as client:
        if keys := [key async for key in client.scan_iter(f"sluis:{{{installation}}}:*")]:
            await client.delete(*keys)


async def know(url: str, installation: str) -> None:
    """It has counted for long."""
    async with Redis.from_url(url) as client:
        await client.set(f"sluis:{{{installation}}}:since", "200001010000")
