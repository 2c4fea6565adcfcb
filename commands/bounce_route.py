"""Where a mail relay posts what came back: ``POST /mail/bounces``, with a secret and a limit.

The body is the report itself (``message/rfc822``), or JSON: one event or a list of them, each with ``recipient`` (the
envelope sender that the message had), ``action`` (``failed`` or ``delayed``) and ``status`` (``5.1.1``), as RFC 3464.
"""

import asyncio
import base64
import binascii
import hmac
import json
from collections import Counter
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from delivery.bounces import LARGEST, BounceReader, Outcome

PATH = "/mail/bounces"
#: Of events in one request, each of which costs a transaction.
MOST_EVENTS = 100
_SECONDS = 10.0


class BounceDoor:
    """One relay's webhook; ``secret`` is what it must show, as a bearer token or as the password of Basic."""

    def __init__(self, reader: BounceReader, secret: str) -> None:
        self._reader, self._secret = reader, secret.encode()

    @property
    def route(self) -> Route:
        return Route(PATH, self.answer, methods=["POST"])

    async def answer(self, request: Request) -> Response:
        """200 and counts for what was read, whatever came of it: a relay that gets an error posts again for days."""
        if not self._admits(request.headers.get("authorization", "")):
            return _problem(401, "UNAUTHORIZED", {"WWW-Authenticate": 'Basic realm="mail", Bearer'})
        kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if kind not in ("message/rfc822", "application/json"):
            return _problem(415, "UNSUPPORTED_MEDIA_TYPE")
        try:
            async with asyncio.timeout(_SECONDS):
                body = await _read(request)
        except (TimeoutError, ClientDisconnect):
            return _problem(408, "TIMEOUT")
        if body is None:
            return _problem(413, "TOO_LARGE")
        if kind == "message/rfc822":
            return _told([await self._reader.read(body)])
        events = _events(body)
        if events is None:
            return _problem(400, "BAD_REQUEST")
        return _told([await self._reader.read_event(event) for event in events])

    def _admits(self, header: str) -> bool:
        scheme, _, given = header.partition(" ")
        shown = given.strip().encode()
        if scheme.casefold() == "basic":
            try:
                shown = base64.b64decode(shown, validate=True).partition(b":")[2]
            except binascii.Error:
                return False
        return scheme.casefold() in ("basic", "bearer") and hmac.compare_digest(shown, self._secret)


async def _read(request: Request) -> bytes | None:
    """The body; None where it is larger than a report may be, of which no more is read."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > LARGEST:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _events(body: bytes) -> list[dict[str, Any]] | None:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return None
    events = given if isinstance(given, list) else [given]
    if len(events) > MOST_EVENTS or not all(isinstance(event, dict) for event in events):
        return None
    return events


def _told(outcomes: list[Outcome]) -> Response:
    return JSONResponse({outcome.value.lower(): number for outcome, number in Counter(outcomes).items()})


def _problem(status: int, code: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"code": code}, status, headers)
