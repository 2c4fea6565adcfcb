"""Documents by GET: ``/download/{kind}/{id}``, for the session of a cookie or of a bearer token.

A link that is followed sends no header of ours, so the address may name the practice to use the cookie of. That
is safe: nothing changes by a GET, the browser itself says that the request comes from no other site, and what comes
back is saved, not shown, and no other page can read it.
"""

import asyncio
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from flows.account import export
from flows.appointments import calendar
from flows.documents import files, report_reading
from flows.documents.documents import Document, Fetch, Stream
from flows.receipts import receipts
from flows.refusals import NotFound
from normalise.slugs import normal_slug
from schema.files.file_service import FileService
from schema.http.callers import RequestCredentials
from schema.http.http_problem import wrong_method
from schema.http.origins import Admission
from schema.http.request_stats import RequestStats
from schema.kit.context import Context
from schema.kit.download_urls import DocumentKind
from schema.kit.ids import raw_id

#: What fetches each kind. To add one: write the flow, name the kind in `schema.kit.download_urls` and its flow here,
#: and show ``download_url`` in its GraphQL type.
FETCHES: Mapping[DocumentKind, Fetch] = {
    DocumentKind.FILE: files.download,
    DocumentKind.EXPORT: export.download,
    DocumentKind.APPOINTMENT: calendar.calendar_file,
    DocumentKind.RECEIPT: receipts.download,
    DocumentKind.REPORT: report_reading.download,
}
_KINDS = {kind.path: kind for kind in DocumentKind}

_LONGEST_NAME = 100
_NO_NAME = "document"
_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|%;]')
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}\Z")
_OWN_SITE = ("none", "same-origin")


class Downloads(FileService):
    """Sends documents."""

    methods = "GET, HEAD"

    async def _admit(self, request: Request) -> Admission:
        admission = await super()._admit(request)
        slug = normal_slug(request.query_params.get("practice", ""))
        headers = request.headers
        followed = headers.get("origin") is None and self._is_own(headers)
        # A request with the header has been admitted, or refused, by it.
        if admission.practice is None and followed and slug:
            return replace(admission, practice=slug)
        return admission

    def _is_own(self, headers: Headers) -> bool:
        """Whether a page of ours, or the person, made the browser ask: it says so, or an old one names the page."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in _OWN_SITE
        return headers.get("referer", "").startswith(f"{self._rules.public_origin}/")

    def _credentials(self, request: Request) -> RequestCredentials:
        credentials = super()._credentials(request)
        # A followed link sends no header, so its address names the account that the page was made for. A program with
        # a token knows its account, and may use an address that an older session was given.
        if credentials.viewer is not None or credentials.authorization is not None:
            return credentials
        return replace(credentials, viewer=request.query_params.get("viewer"))

    async def _answer(self, request: Request, context: Context, stats: RequestStats) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise wrong_method(self.methods)
        kind = _KINDS.get(request.path_params["kind"])
        if kind is None:
            raise NotFound
        stats.name, stats.type = request.path_params["kind"], "download"
        identity = raw_id(kind.node, request.path_params["id"])
        async with asyncio.timeout(self._rules.operation_seconds):
            document = await FETCHES[kind](context.app, context.caller, identity)
        headers = {**headers_of(document), "Content-Length": str(len(document.content))}
        return Response(b"" if request.method == "HEAD" else document.content, headers=headers)


def headers_of(document: Document | Stream) -> dict[str, str]:
    """How it is saved, and that it is nothing but saved."""
    return {
        "Content-Type": _media_type(document.media_type),
        "Content-Disposition": disposition(document.name),
        # Should a browser show it all the same: nothing in it runs, and nothing is fetched (CSP Level 3, 6.3.2).
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _media_type(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def disposition(name: str) -> str:
    """``Content-Disposition`` (RFC 6266): to be saved under a name that is safe on every system; ASCII, then UTF-8."""
    stem, extension = _safe(name)
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().strip(" .") or _NO_NAME
    whole = (stem or _NO_NAME) + extension
    return f"attachment; filename=\"{plain}{extension}\"; filename*=UTF-8''{quote(whole, safe='')}"


def _safe(name: str) -> tuple[str, str]:
    """Stem and extension without folders, control characters, and signs that systems or readers take otherwise."""
    visible = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in name)
    tidy = " ".join(_NOT_IN_NAMES.sub("_", visible).split())
    found = _EXTENSION.search(tidy)
    stem = tidy[: found.start()] if found else tidy
    return stem.strip(" .")[:_LONGEST_NAME].strip(" ."), found[0] if found else ""
