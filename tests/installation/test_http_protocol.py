"""What arrives before anybody has asked for anything is bounded: heads by size, number and time, requests by time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from websockets.asyncio.client import connect

from commands import http_protocol
from commands.serving import uvicorn_options
from settings import load_settings
from tests.schema.running import Quiet

PATIENCE = 30


async def _length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _deaf(_: Request) -> Response:
    """Answers without a look at the body."""
    return PlainTextResponse("done")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


@pytest.fixture
async def port(request: pytest.FixtureRequest) -> AsyncIterator[int]:
    """Of a server with the options of ours."""
    routes = [Route("/length", _length, methods=["POST"]), Route("/deaf", _deaf, methods=["POST"])]
    app = Starlette(routes=[*routes, WebSocketRoute("/socket", _socket)])
    options = uvicorn_options(load_settings()) | getattr(request, "param", {})
    server = Quiet(uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", **options))
    running = asyncio.create_task(server.serve())
    try:
        await asyncio.wait_for(server.up.wait(), PATIENCE)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.down.set()
        await running


async def sent(port: int, *parts: bytes, ends: bool = False) -> str:
    """What a server answers to these bytes before it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        if ends:
            writer.write_eof()
        return (await asyncio.wait_for(reader.read(), PATIENCE)).decode()
    except ConnectionError:
        return ""
    except TimeoutError:
        return "nothing, and the connection stays open"
    finally:
        writer.close()


def head(*headers: str, path: str = "/length") -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


async def test_a_head_within_bounds_is_read_whatever_stands_behind_it(port: int) -> None:
    body = b"x" * 60_000
    for padding in (10, http_protocol.HEAD_BYTES - 200):
        asked = head("Connection: close", f"X: {'x' * padding}", f"Content-Length: {len(body)}") + body
        assert (await sent(port, asked)).endswith("\r\n\r\n60000")
        assert (await sent(port, asked[:40_000], asked[40_000:])).endswith("\r\n\r\n60000")


@pytest.mark.parametrize("part", [1_000, 200_000])
async def test_a_head_has_a_size(port: int, part: int) -> None:
    endless = head(f"X: {'x' * 400_000}", "Connection: close", "Content-Length: 0")
    answer = await sent(port, *(endless[start : start + part] for start in range(0, len(endless), part)))
    assert answer == "" or answer.startswith("HTTP/1.1 431 ")


async def test_what_is_read_of_an_endless_head_is_bounded(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    really = HttpToolsProtocol.data_received

    def counting(self: Any, data: bytes) -> None:
        read.append(len(data))
        really(self, data)

    monkeypatch.setattr(HttpToolsProtocol, "data_received", counting)
    await sent(port, head(f"X: {'x' * 3_000_000}"))
    assert sum(read) <= 32_768


async def test_a_request_line_counts_as_well(port: int) -> None:
    asked = head("Connection: close", "Content-Length: 0", path="/length?" + "x" * 40_000)
    answer = await sent(port, asked)
    assert answer == "" or answer.startswith("HTTP/1.1 431 ")


async def test_there_are_so_many_headers(port: int) -> None:
    most = 100
    fine = [f"X-{number}: x" for number in range(most - 3)]
    assert (await sent(port, head("Connection: close", "Content-Length: 0", *fine))).startswith("HTTP/1.1 200 ")
    answer = await sent(port, head("Connection: close", "Content-Length: 0", *fine, "X-More: x"))
    assert answer.startswith("HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "begun", [b"", b"POST", b"\r\n\r\n", head("X: x")[:-2]], ids=["nothing", "half", "lines", "all but the end"]
)
async def test_a_head_has_its_time(port: int, monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.2)
    assert (await sent(port, begun)).startswith("HTTP/1.1 408 ")


async def test_a_further_request_on_the_connection_has_its_time(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.2)
    answer = await sent(port, head("Content-Length: 2") + b"ab", b"POST /length HTTP/1.1\r\nHost")
    assert answer.startswith("HTTP/1.1 200 ")


async def test_a_body_has_its_time(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "REQUEST_SECONDS", 0.2)
    assert (await sent(port, head("Content-Length: 9") + b"1234")).startswith("HTTP/1.1 408 ")


async def test_a_body_that_nobody_reads_has_its_time(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "REQUEST_SECONDS", 0.2)
    answer = await sent(port, head("Content-Length: 9", path="/deaf") + b"1234")
    assert answer.endswith("\r\n\r\ndone")


@pytest.mark.parametrize("port", [{"limit_concurrency": 3}], indirect=True)
async def test_there_are_so_many_connections(port: int) -> None:
    idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    try:
        answer = await sent(port, head("Connection: close", "Content-Length: 0"))
        assert answer.startswith("HTTP/1.1 503 ")
        assert '"code": "UNAVAILABLE"' in answer
        assert "x-content-type-options: nosniff" in answer
    finally:
        for _, writer in idle:
            writer.close()


async def test_a_socket_outlives_the_times_of_its_handshake(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "REQUEST_SECONDS", 0.2)
    async with connect(f"ws://127.0.0.1:{port}/socket") as socket:
        assert await asyncio.wait_for(socket.recv(), PATIENCE) == "hello"
