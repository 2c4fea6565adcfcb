"""The floor: the same work by hand, as fast as honest Python gets, to measure ours against.

Starlette under the same uvicorn and event loop, orjson, raw SQL over the bare drivers, no GraphQL.

It does: look the session up by its token's hash in each request; read the same rows and answer the same JSON
(compared before anything is measured); write the same audit rows, durable before their answer leaves; verify the
password with the same argon2 in two threads; open, check and seal the enrolment's state and spend the code by
compare-and-swap in the transaction that opens the session.

It does not: count attempts or limit anything, keep challenges, know policies, permissions, remembered devices,
cookies or CSRF, tell others by the bell, check what it is sent, hide unknown logins, take times out on plugins,
log, set protective headers, answer in Dutch or for anybody but staff.
"""

import argparse
import asyncio
import base64
import hmac
import os
import secrets
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import argon2
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.floor_page import page
from bench.floor_store import Statement, Store, open_store
from security.keys import KeyRing
from settings import DEVELOPMENT_KEY

_SESSION = """
SELECT s.id, s.account_id, s.practice_id, a.name, m.role,
       (SELECT MAX(CASE g.state WHEN 'APPROVED' THEN 2 WHEN 'PENDING' THEN 1 ELSE 0 END)
          FROM access_grant g WHERE g.account_id = a.id)
  FROM login_session s JOIN account a ON a.id = s.account_id LEFT JOIN staff_member m ON m.account_id = a.id
 WHERE s.token_hash = ? AND s.ended_at IS NULL AND s.expires_at > ? AND s.last_seen_at > ?
   AND a.suspended_at IS NULL AND m.suspended_at IS NULL"""
_ACCOUNT = """
SELECT a.id, a.practice_id, a.epoch, a.password_hash FROM account a JOIN practice p ON p.id = a.practice_id
 WHERE p.slug = ? AND a.login_code = ? AND a.suspended_at IS NULL"""
_BEGIN = """
INSERT INTO sign_in (id, practice_id, account_id, epoch, token_hash, transport, password_at, proven_by, waived,
                     remember_seconds, address, user_agent, created_at, expires_at, version)
VALUES (?, ?, ?, ?, ?, 'BEARER', ?, '', FALSE, 0, ?, ?, ?, ?, 0)"""
_SIGN_IN = """
SELECT s.id, s.practice_id, s.account_id, e.id, e.state, e.version
  FROM sign_in s JOIN account a ON a.id = s.account_id AND a.epoch = s.epoch AND a.suspended_at IS NULL
  JOIN factor_enrolment e ON e.account_id = a.id AND e.factor = 'totp'
 WHERE s.token_hash = ? AND s.completed_at IS NULL AND s.expires_at > ?"""
_SPEND = "UPDATE factor_enrolment SET state = ?, version = version + 1, last_used_at = ? WHERE id = ? AND version = ?"
_COMPLETE = "UPDATE sign_in SET completed_at = ?, proven_at = ?, proven_by = 'totp', version = 1 WHERE id = ?"
_STAMP = "UPDATE account SET last_sign_in_at = ? WHERE id = ?"
_OPEN = """
INSERT INTO login_session (id, practice_id, account_id, token_hash, transport, proven_by, created_at, last_seen_at,
                           expires_at, stepped_up_at, address, user_agent)
VALUES (?, ?, ?, ?, 'BEARER', 'totp', ?, ?, ?, ?, ?, ?)"""
_AUDIT = """
INSERT INTO audit_event (id, practice_id, at, event, outcome, actor_account, actor_role, session, request, address,
                         subjects, details)
VALUES (?, ?, ?, ?, 'SUCCESS', ?, ?, ?, ?, ?, ?, '{}')"""

_STEP = 30
_keys = KeyRing.parse([DEVELOPMENT_KEY])
_argon2 = argon2.PasswordHasher()
_threads = ThreadPoolExecutor(2)


async def show_page(request: Request) -> Response:
    now, store, asked = datetime.now(UTC), _store(request), orjson.loads(await request.body())
    session = await _session(store, request, now)
    if session is None or session[4] is None:
        return Response(status_code=401)
    ids, answer = await page(store, session[2], asked["first"], now)
    await store.write(_audit(store, request, now, "dossier.listed", session, [("Dossier", each) for each in ids]))
    return _json({"data": answer})


async def show_viewer(request: Request) -> Response:
    session = await _session(_store(request), request, datetime.now(UTC))
    if session is None:
        return Response(status_code=401)
    access = "APPROVED" if session[4] or session[5] == 2 else "AWAITING_APPROVAL"
    return _json({"data": {"viewer": {"name": session[3], "access": access}}})


async def sign_in(request: Request) -> Response:
    now, store, given = datetime.now(UTC), _store(request), orjson.loads(await request.body())
    found = await store.rows(_ACCOUNT, given["practice"], given["login"])
    if not found or not await _verified(found[0][3], given["password"]):
        return Response(status_code=401)
    account, practice, epoch, _ = found[0]
    at, token = store.time(now), secrets.token_urlsafe(32)
    until = store.time(now + timedelta(minutes=15))
    begun = (str(uuid4()), practice, account, epoch, _hash(token), at, *_origin(request), at, until)
    who = (None, account, practice, None, "")
    await store.write((_BEGIN, begun), _audit(store, request, now, "sign_in.password", who, [("Account", account)]))
    return _json({"token": token})


async def factor(request: Request) -> Response:
    now, store, given = datetime.now(UTC), _store(request), orjson.loads(await request.body())
    found = await store.rows(_SIGN_IN, _hash(given["token"]), store.time(now))
    if not found:
        return Response(status_code=401)
    begun, practice, account, enrolment, sealed, version = found[0]
    bound = ("factor-state", str(account), "totp")
    state = orjson.loads(_keys.open(bytes(sealed), *bound))
    step = _step_of(state["secret"], given["code"], int(now.timestamp()) // _STEP)
    if step is None or step <= state["last_step"]:
        return Response(status_code=401)
    at, token, session = store.time(now), secrets.token_urlsafe(32), str(uuid4())
    spent = _keys.seal(orjson.dumps(state | {"last_step": step}), *bound)
    until = store.time(now + timedelta(hours=24))
    opened = (session, practice, account, _hash(token), at, at, until, at, *_origin(request))
    who = (session, account, practice, None, "RESPONDENT")
    won = await store.write(
        (_SPEND, (spent, at, enrolment, version)),
        (_COMPLETE, (at, at, begun)),
        (_STAMP, (at, account)),
        (_OPEN, opened),
        _audit(store, request, now, "factor.verify", who, [("Account", account)]),
        _audit(store, request, now, "sign_in.completed", who, [("Account", account)]),
    )
    return _json({"token": token}) if won else Response(status_code=401)


async def _session(store: Store, request: Request, now: datetime) -> Any:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    found = await store.rows(_SESSION, _hash(token), store.time(now), store.time(now - timedelta(hours=1)))
    return found[0] if found else None


async def _verified(encoded: str, password: str) -> bool:
    def matches() -> bool:
        try:
            return _argon2.verify(encoded, password)
        except argon2.exceptions.VerifyMismatchError:
            return False

    return await asyncio.get_running_loop().run_in_executor(_threads, matches)


def _step_of(secret: str, code: str, now: int) -> int | None:
    """The present step or the one before, whichever the code is of (RFC 6238)."""
    key = base64.b32decode(secret)
    for step in (now, now - 1):
        digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
        offset = digest[19] & 15
        number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
        if hmac.compare_digest(f"{number % 1_000_000:06}", code):
            return step
    return None


def _audit(
    store: Store, request: Request, now: datetime, event: str, session: Any, subjects: list[tuple[str, Any]]
) -> Statement:
    about = orjson.dumps([{"type": kind, "id": str(identity)} for kind, identity in subjects]).decode()
    identity, account, practice, _, role, *_ = session
    number, (address, _) = uuid4().hex, _origin(request)
    row = (str(uuid4()), practice, store.time(now), event, account, role, identity, number, address, about)
    return _AUDIT, row


def _origin(request: Request) -> tuple[str, str]:
    return request.client.host if request.client else "", request.headers.get("user-agent", "")


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _json(body: object) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")


def create_app() -> Starlette:
    @asynccontextmanager
    async def running(app: Starlette) -> AsyncIterator[None]:
        app.state.store = await open_store(os.environ["SLUIS_DATABASE_URL"])
        yield

    paths = {"/page": show_page, "/viewer": show_viewer, "/sign-in": sign_in, "/factor": factor}
    return Starlette(routes=[Route(path, answer, methods=["POST"]) for path, answer in paths.items()], lifespan=running)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    uvicorn.run(create_app(), port=port, loop="commands.event_loop:RoomyLoop", access_log=False, log_level="warning")
