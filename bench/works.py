"""The three works, as a client of ours and as a client of the floor does them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
import pyotp

from bench.load import Line, header
from bench.seeding import PASSWORD, PRACTICE, SECRET

PAGE = """query Page($first: Int!) { dossiers(first: $first) {
  edges { cursor node { id reference name birthDate respondents { id name relation loginStatus {
    loginCode access steps { step party doneAt } accessBlockers { code party message } } } } }
  pageInfo { hasNextPage endCursor } } }"""
VIEWER = "query Viewer { viewer { name access } }"
SIGN_IN = """mutation SignIn($input: SignInInput!) { signIn(input: $input) { __typename
  ... on FactorRequired { token options { factor challenge { id } } } ... on Refusal { code message } } }"""
ANSWER = """mutation Answer($input: AnswerFactorInput!) { answerFactor(input: $input) { __typename
  ... on SignedIn { sessionToken access } ... on Refusal { code message } } }"""

#: How many dossiers are on a page.
FIRST = 50


class Client(Protocol):
    """Does each work once over a connection, and answers what it was told."""

    async def page(self, line: Line) -> bytes: ...
    async def viewer(self, line: Line) -> bytes: ...
    async def sign_in(self, line: Line, login: str) -> bytes: ...


@dataclass(slots=True)
class Cost:
    """What the server says its answers cost (``Server-Timing``), added up."""

    statements: int = 0
    hashes: int = 0

    def add(self, head: bytes) -> None:
        told = header(head, b"server-timing").decode()
        if told:
            sql, hashes = (part.partition("desc=")[2].strip('"') for part in told.split(","))
            self.statements += int(sql)
            self.hashes += int(hashes)


class Ours:
    """Speaks GraphQL."""

    def __init__(self, token: str) -> None:
        self.cost = Cost()
        self._page = self._request(PAGE, {"first": FIRST}, token)
        self._viewer = self._request(VIEWER, {}, token)

    async def page(self, line: Line) -> bytes:
        return await self._ask(line, self._page)

    async def viewer(self, line: Line) -> bytes:
        return await self._ask(line, self._viewer)

    async def sign_in(self, line: Line, login: str) -> bytes:
        entry = {"practice": PRACTICE, "login": login, "password": PASSWORD, "transport": "BEARER"}
        step = await self._step(line, SIGN_IN, entry)
        proof = {"totp": {"code": code_now()}}
        answer = {"signIn": step["token"], "challenge": step["options"][0]["challenge"]["id"], "proof": proof}
        step = await self._step(line, ANSWER, answer)
        return await self._ask(line, self._request(VIEWER, {}, step["sessionToken"]))

    async def _step(self, line: Line, document: str, given: dict[str, Any]) -> dict[str, Any]:
        body = await self._ask(line, self._request(document, {"input": given}))
        (step,) = orjson.loads(body)["data"].values()
        if "token" not in step and "sessionToken" not in step:
            raise ConnectionError(f"the sign-in was refused: {step}")
        return dict(step)

    async def _ask(self, line: Line, request: bytes) -> bytes:
        body = await line.ask(request)
        self.cost.add(line.head)
        if body.startswith(b'{"errors"') or b'"errors":[' in body[-1000:]:
            raise ConnectionError(body[:500].decode())
        return body

    def _request(self, document: str, variables: dict[str, Any], token: str | None = None) -> bytes:
        return _post("/graphql", {"query": document, "variables": variables}, token)


class Floor:
    """Speaks the floor's own few paths."""

    def __init__(self, token: str) -> None:
        self._page, self._viewer = _post("/page", {"first": FIRST}, token), _post("/viewer", {}, token)

    async def page(self, line: Line) -> bytes:
        return await line.ask(self._page)

    async def viewer(self, line: Line) -> bytes:
        return await line.ask(self._viewer)

    async def sign_in(self, line: Line, login: str) -> bytes:
        entry = {"practice": PRACTICE, "login": login, "password": PASSWORD}
        step = orjson.loads(await line.ask(_post("/sign-in", entry)))
        answer = {"token": step["token"], "code": code_now()}
        session = orjson.loads(await line.ask(_post("/factor", answer)))
        return await line.ask(_post("/viewer", {}, session["token"]))


def signs_in(client: Client, logins: Iterator[str]) -> Any:
    """Sign in as the next person who has not signed in yet."""

    async def once(line: Line) -> bytes:
        login = next(logins, None)
        if login is None:
            raise StopAsyncIteration
        return await client.sign_in(line, login)

    return once


_totp = pyotp.TOTP(SECRET)
_codes: dict[int, str] = {}


def code_now() -> str:
    """What everybody's app shows now; worked out once a step."""
    step = int(time.time()) // 30
    if step not in _codes:
        _codes[step] = _totp.generate_otp(step)
    return _codes[step]


def _post(path: str, body: dict[str, Any], token: str | None = None) -> bytes:
    content = orjson.dumps(body)
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: application/json\r\n"
        f"{authorization}Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content
