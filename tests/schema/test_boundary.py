"""The outermost layer by itself: what breaks beneath it, and what is on its way already."""

import traceback
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from flows.core.context import AppContext
from schema.http.boundary import Boundary, CutOff
from schema.transport import TransportRules
from tests.schema.small import SECRET


async def broken(_: Request) -> Response:
    raise ValueError(SECRET)


async def away(_: Request) -> Response:
    raise ConnectionRefusedError(SECRET)


async def own(_: Request) -> Response:
    return Response("x", headers={"Cache-Control": "no-cache", "Content-Security-Policy": "default-src 'self'"})


async def halfway(_: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"one"
        raise ValueError(SECRET)

    return StreamingResponse(parts())


@pytest.fixture
def browser(app: AppContext) -> httpx.AsyncClient:
    paths = {"/broken": broken, "/away": away, "/own": own, "/halfway": halfway}
    asgi = Starlette(
        routes=[Route(path, endpoint) for path, endpoint in paths.items()],
        middleware=[Middleware(Boundary, app, TransportRules(public_origin="https://sluis.example"))],
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url="https://x.example")


@pytest.mark.parametrize(("path", "status", "code"), [("/broken", 500, "INTERNAL"), ("/away", 503, "UNAVAILABLE")])
async def test_what_breaks_is_told_without_its_text(
    browser: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    with capture_logs() as lines:
        answer = await browser.get(path, headers={"Accept-Language": "nl"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert [line["event"] for line in lines] == ["graphql.failed"]
    assert SECRET not in f"{answer.text} {lines}"


async def test_an_answer_keeps_headers_of_its_own(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/own")
    assert answer.headers.get_list("cache-control") == ["no-cache"]
    assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_breaks_halfway_is_cut_off(browser: httpx.AsyncClient) -> None:
    """It cannot be taken back: the server must see an exception, and end the connection."""
    with pytest.raises(Exception) as cut:  # noqa: PT011
        await browser.get("/halfway")
    assert isinstance(cut.value, CutOff)
    assert SECRET not in "".join(traceback.format_exception(cut.value))
