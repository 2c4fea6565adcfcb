"""Files by POST: ``/upload``, the bytes themselves as the body, by staff; then a mutation makes something of them."""

import asyncio

import orjson
from starlette.requests import Request
from starlette.responses import Response

from flows.documents import files
from flows.refusals import FileTooLarge
from models import StoredFile
from models.housekeeping import UNATTACHED
from schema.files.file_service import FileService
from schema.http.http_problem import wrong_method
from schema.http.reading import read_body
from schema.http.request_stats import RequestStats
from schema.kit.context import Context
from schema.kit.download_urls import DocumentKind, document_url
from schema.kit.ids import node_id

#: How much of a file that is too large is still read, as a multiple of the limit, so that its sender gets the answer.
_GRACE = 5


class Uploads(FileService):
    """Takes files. A page's form can't send one: with cookies it needs the header, as a query does."""

    methods = "POST"

    async def _answer(self, request: Request, context: Context, stats: RequestStats) -> Response:
        if request.method != "POST":
            raise wrong_method(self.methods)
        stats.type = "upload"
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        member = await files.admit_upload(context.app, context.caller, media_type)
        async with asyncio.timeout(self._rules.upload_seconds):
            most = self._rules.file_bytes
            content = await read_body(request, most, FileTooLarge(most), _GRACE * most)
        stored = await files.keep(context.app, member, media_type, content)
        return Response(_body(context, stored), 201, {"Content-Type": "application/json"})


def _body(context: Context, stored: StoredFile) -> bytes:
    url = document_url(context.app, context.caller, DocumentKind.FILE, stored.id)
    return orjson.dumps(
        {
            "id": node_id("StoredFile", stored.id),
            "mediaType": stored.media_type,
            "size": stored.size,
            "attachBefore": stored.created_at + UNATTACHED,
            "url": url,
        }
    )
