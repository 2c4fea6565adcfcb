"""From a request to its GraphQL parameters (GraphQL over HTTP, 5): JSON by POST, or a query string by GET."""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request

from schema.http.http_problem import HttpProblem, bad_request, wrong_method
from schema.http.limited_schema import OperationRequest

_TYPES: Mapping[str, tuple[type, str]] = {
    "operationName": (str, "a string"),
    "variables": (dict, "an object"),
    "extensions": (dict, "an object"),
}

#: How far beyond the limit a body is still read, so that its sender gets to the answer.
_GRACE = 1_000_000


async def read(request: Request, body_bytes: int, seconds: float) -> OperationRequest:
    """What is asked. Raises HttpProblem.

    A form (urlencoded, multipart, text/plain) is refused: any page can make a browser send one.
    """
    if request.method == "GET":
        return asked(_from_query_string(request))
    if request.method == "POST":
        _check_content(request.headers)
        try:
            async with asyncio.timeout(seconds):
                body = await read_body(request, body_bytes, _too_large(body_bytes))
        except TimeoutError:
            text = f"The body did not arrive within {seconds:g} seconds."
            raise HttpProblem(408, "BODY_TOO_SLOW", text, {"Connection": "close"}) from None
        return asked(_json(body, "The body"))
    raise wrong_method("GET, POST")


def asked(parameters: object) -> OperationRequest:
    """Parameters of the right types. Raises HttpProblem."""
    if isinstance(parameters, list):
        raise bad_request("Send one operation at a time; batches are not taken.")
    if not isinstance(parameters, dict):
        raise bad_request("The parameters must be an object.")
    query = parameters.get("query")
    if not isinstance(query, str) or not query.strip():
        raise bad_request("The parameter “query” must be a string that holds a document.")
    for name, (wanted, what) in _TYPES.items():
        if not isinstance(parameters.get(name), (wanted, type(None))):
            raise bad_request(f"The parameter “{name}” must be {what} or null.")
    return OperationRequest(
        query, parameters.get("operationName") or None, parameters.get("variables"), parameters.get("extensions")
    )


def _from_query_string(request: Request) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for name, text in request.query_params.multi_items():
        if name in parameters:
            raise bad_request(f"The parameter “{name[:40]}” is there twice.")
        parameters[name] = text
    for name in ("variables", "extensions"):
        if parameters.get(name):
            parameters[name] = _json(parameters[name].encode(), f"The parameter “{name}”")
    return {name: value for name, value in parameters.items() if value != ""}


def _check_content(headers: Headers) -> None:
    media, *parameters = (part.strip().lower() for part in headers.get("content-type", "").split(";"))
    charset = next((p.partition("=")[2].strip('" ') for p in parameters if p.startswith("charset=")), "utf-8")
    coding = headers.get("content-encoding", "identity").strip().lower()
    if media != "application/json" or charset not in ("utf-8", "utf8") or coding != "identity":
        raise HttpProblem(
            415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json in UTF-8.", {"Accept-Post": "application/json"}
        )


async def read_body(request: Request, most: int, too_large: Exception, grace: int = _GRACE) -> bytes:
    """Up to ``most`` bytes; raises ``too_large`` for more.

    What is just too long is read to its end, unkept: a client that still sends would miss the answer.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > most + grace:
        raise too_large
    body, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= most:
            body += chunk
        else:
            body.clear()
            if size > most + grace:
                break
    if size > most:
        raise too_large
    return bytes(body)


def _too_large(most: int) -> HttpProblem:
    return HttpProblem(413, "BODY_TOO_LARGE", f"The body has more than {most} bytes.", {"Connection": "close"})


def _json(text: bytes, what: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise bad_request(f"{what} is not JSON.") from None
