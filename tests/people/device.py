"""A browser or an app that speaks GraphQL with the server: over HTTP, and over graphql-transport-ws."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from flows.refusals import InvalidToken

Transport = Literal["COOKIE", "BEARER"]
#: What a mutation or a field answers.
Answer = dict[str, Any]

_PATIENCE = 15
#: Nobody here speaks TLS; a context that reads all the authorities would be made for each device.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_PROTOCOL = Subprotocol("graphql-transport-ws")


class Unanswered(AssertionError):
    """A reply with errors in place of an answer."""

    def __init__(self, errors: list[Answer]) -> None:
        super().__init__(errors)
        self.codes = [error["extensions"]["code"] for error in errors]


class Reply(dict[str, Any]):
    """An object of a reply; asked for what it does not have, it fails the test and says what came instead."""

    def __missing__(self, name: str) -> Any:
        raise AssertionError(f"no {name!r} in {dict(self)}")


def check_extensions(body: Answer) -> None:
    """A reply has data, errors and at most one extension: `session`, which says that the token is not valid."""
    assert body.keys() <= {"data", "errors", "extensions"}, body
    ended = [{"code": InvalidToken.kind, "message": InvalidToken().message(locale)} for locale in ("nl", "en")]
    if "extensions" in body:
        assert "data" in body, body
        assert body["extensions"].keys() == {"session"}, body
        assert body["extensions"]["session"] in ended, body


class Device:
    """One browser with its cookies (COOKIE), or one native client that keeps its tokens itself (BEARER)."""

    def __init__(self, url: str, practice: str, transport: Transport, language: str = "en") -> None:
        self.url, self.practice, self.transport = url, practice, transport
        self.session_token: str | None = None
        self.device_token: str | None = None
        self.told_ended = False
        own = {"Sluis-Practice": practice, "Origin": url} if transport == "COOKIE" else {}
        self.http = httpx.AsyncClient(
            base_url=url,
            timeout=2 * _PATIENCE,
            headers={"Accept-Language": language, "User-Agent": transport} | own,
            verify=_NO_TLS,
        )

    async def post(self, document: str, variables: dict[str, Any] | None = None) -> httpx.Response:
        """The whole HTTP answer."""
        body = {"query": document, "variables": variables or {}}
        return await self.http.post("/graphql", json=body, headers=self._authorization)

    async def ask(self, document: str, **variables: Any) -> Any:
        """What the document's one root field answers; raises Unanswered.

        That the token is of no live session comes beside the answer: see ``told_ended``.
        """
        body = (await self.post(document, variables)).json(object_hook=Reply)
        errors = [error for error in body.get("errors", []) if error["extensions"]["code"] != "INVALID_TOKEN"]
        self.told_ended = "session" in body.get("extensions", {})
        if errors:
            raise Unanswered(errors)
        (answer,) = body["data"].values()
        return answer

    async def refused(self, document: str, **variables: Any) -> list[str]:
        """The codes of the errors that a query ends in; no data comes with them."""
        body = (await self.post(document, variables)).json()
        assert not any((body.get("data") or {}).values()), body
        return [error["extensions"]["code"] for error in body["errors"]]

    async def send(
        self, content: bytes | AsyncIterator[bytes], media_type: str, length: int | None = None
    ) -> httpx.Response:
        """A file, as an application's page sends it; with a ``length`` announced, or without for what has none."""
        headers = {"Content-Type": media_type, **self._authorization}
        if length is not None:
            headers["Content-Length"] = str(length)
        return await self.http.post("/upload", content=content, headers=headers)

    async def fetch(self, url: str, method: str = "GET") -> httpx.Response:
        """A download, as an application's page asks for it: by the address that it was given."""
        return await self.http.request(method, url, headers=self._authorization)

    async def takes(self, url: str, method: str = "GET") -> httpx.Response:
        """A download by an address that somebody else was given, which no longer says for whom it was made."""
        return await self.fetch(re.sub("&viewer=[^&]*", "", url), method)

    async def follow(self, url: str, **headers: str) -> httpx.Response:
        """A link to a download, as a browser follows it: with its cookies, and nothing of a page's own.

        Without other ``headers`` the link is on a page of the server's own.
        """
        request = self.http.build_request("GET", url)
        headers = headers or {"Sec_Fetch_Site": "same-origin"}
        for name in ("Sluis-Practice", "Origin"):
            request.headers.pop(name, None)
        request.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return await self.http.send(request)

    @property
    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.session_token}"} if self.session_token else {}

    @asynccontextmanager
    async def subscribe(self, document: str, **variables: Any) -> AsyncIterator["Subscription"]:
        """A subscription over a WebSocket of its own."""
        headers = {"Cookie": self.cookies} if self.transport == "COOKIE" else {}
        claims = {"practice": self.practice} if self.transport == "COOKIE" else {"authorization": self._bearer}
        async with connect(
            f"{self.url.replace('http', 'ws', 1)}/graphql",
            subprotocols=[_PROTOCOL],
            additional_headers=headers,
            origin=Origin(self.url) if self.transport == "COOKIE" else None,
            open_timeout=_PATIENCE,
        ) as connection:
            line = Subscription(connection)
            await line.send({"type": "connection_init", "payload": claims})
            assert (await line.receive())["type"] == "connection_ack"
            query = {"query": document, "variables": variables}
            await line.send({"type": "subscribe", "id": "1", "payload": query})
            yield line

    @property
    def cookies(self) -> str:
        """The Cookie header that the browser would send."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies.jar)

    @property
    def _bearer(self) -> str:
        return self._authorization.get("Authorization", "")


@dataclass(frozen=True, slots=True)
class Subscription:
    """One running subscription."""

    connection: ClientConnection

    async def send(self, message: dict[str, Any]) -> None:
        await self.connection.send(orjson.dumps(message).decode())

    async def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = orjson.loads(await asyncio.wait_for(self.connection.recv(), _PATIENCE))
        return message

    async def news(self) -> Any:
        """What the subscribed field tells next; raises TimeoutError, ConnectionClosed, and fails on errors."""
        message = await self.receive()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        (answer,) = message["payload"]["data"].values()
        return answer

    async def closed(self) -> int:
        """The code with which the server closed the socket; raises TimeoutError while it does not."""
        async with asyncio.timeout(_PATIENCE):
            with suppress(ConnectionClosed):
                # What came before the end is not asked for any more.
                while True:
                    await self.connection.recv()
        code = self.connection.close_code
        assert code is not None
        return code
