"""The pages behind the mailed links and at the portal's address, for practices without a frontend of their own.

Every slug and every page gets the same bytes; only a portal's address says by its status whether there is such a
practice, which is public. Following a mailed link tells nothing and changes nothing: what a person sees is asked over
GraphQL, with the token that stayed in the fragment of the link (RFC 3986, 3.5).
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from web.texts import page, script

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LINKED = ("accept", "reset", "verify")

#: A mailed link as some programs spoil it: the fragment's sign is escaped, so that the token became a part of the path.
_SPOILT = re.compile(rf"(?:{'|'.join(LINKED)})/*(?:#|%(?:25)*23).*", re.DOTALL)
_HERE = Path(__file__).parent
_NOWHERE = page("nowhere.html")
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file under ``/static/``; its ETag is of its content, so all workers agree on it."""

    body: bytes
    media_type: str
    etag: str

    @classmethod
    def read(cls, path: Path) -> "Asset":
        """Raises KeyError for a kind of file that browsers get from nowhere here."""
        return cls.of(path.read_bytes(), path.suffix)

    @classmethod
    def of(cls, body: bytes, suffix: str) -> "Asset":
        """Raises KeyError as :meth:`read` does."""
        return cls(body, _MEDIA_TYPES[suffix], f'"{sha256(body).hexdigest()[:32]}"')


def page_routes(exists: Callable[[str], Awaitable[bool]]) -> list[BaseRoute]:
    """The shells and their files, read once, and what is at the root.

    ``exists(slug)`` says whether there is such a practice, as far as is known.
    """
    shell, root = page("shell.html"), page("root.html")
    assets = {path.name: Asset.read(path) for path in sorted((_HERE / "static").iterdir())}
    assets["texts.js"] = Asset.of(script(), ".js")

    async def front(_: Request) -> Response:
        return _html(root)

    async def portal(request: Request) -> Response:
        return _html(shell, 200 if await exists(request.path_params["slug"]) else 404)

    async def linked(request: Request) -> Response:
        name = request.path_params["page"].lower()
        return _html(shell, 200 if name in LINKED or _SPOILT.fullmatch(name) else 404)

    async def static(request: Request) -> Response:
        asset = assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        return _asset_response(asset, request.headers.get("if-none-match", ""))

    return [
        Route("/", front),
        Route("/p/{slug}", portal),
        Route("/p/{slug}/{page:path}", linked),
        Route("/static/{name}", static),
    ]


def nowhere(status: int) -> Response:
    """The page for a person who came to an address where there is nothing, or nothing to look at."""
    return _html(_NOWHERE, status)


def _html(body: bytes, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": CONTENT_SECURITY_POLICY}
    return Response(body, status, headers, media_type="text/html")


def _asset_response(asset: Asset, known: str) -> Response:
    # The modules of one version belong together, so a browser asks each time; mostly the answer is a 304.
    headers = {"Cache-Control": "no-cache", "ETag": asset.etag}
    if _knows(known, asset.etag):
        return Response(status_code=304, headers=headers)
    return Response(asset.body, headers=headers, media_type=asset.media_type)


def _knows(if_none_match: str, etag: str) -> bool:
    """Whether the browser has this version (RFC 9110, 13.1.2: weak comparison)."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags
