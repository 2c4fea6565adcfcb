"""A browser for the built-in pages alone: no schema, no database."""

from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette

from web.pages import page_routes


async def only_linden(slug: str) -> bool:
    return slug == "linden"


@pytest.fixture
async def browser() -> AsyncIterator[AsyncClient]:
    """Comes by https."""
    pages = ASGITransport(Starlette(routes=page_routes(only_linden)))
    async with AsyncClient(transport=pages, base_url="https://sluis.example") as client:
        yield client
