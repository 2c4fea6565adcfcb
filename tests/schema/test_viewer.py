"""What it costs to say who is there."""

from datetime import timedelta

import pytest

from flows.core.accounts import NewAccount, create_account
from flows.core.context import AppContext, ClientInfo
from flows.signin.sessions import authenticate
from models import Account, Audience, LoginSession, Practice, Transport
from models.db.engines.counting import Tally, tally
from schema.build import build_schema
from schema.kit.context import Context
from security.tokens import new_token, token_hash
from tests.support.databases import Database

CHEAP = "{ viewer { name access practice { name signInOptions { title } } } }"
WHOLE = """{ viewer { id name loginCode email language audience role access steppedUpUntil staffActsUntil
  accessBlockers { code } factors { id title }
  fallbacks { factor confirmed } rememberedDevices { id } loginSessions { current } } }"""


async def signed_in(app: AppContext) -> str:
    """Somebody with a session; answers its token."""
    practice = await Practice.create(slug="linde", name="De Linde", created_at=app.now)
    account = await create_account(
        app, NewAccount(practice.id, Audience.RESPONDENT, "Ada", "ada@example.org", "ada@example.org", "nl", "-")
    )
    return await another_session(app, account)


async def another_session(app: AppContext, account: Account) -> str:
    token = new_token()
    await LoginSession.create(
        practice_id=account.practice_id,
        account_id=account.id,
        token_hash=token_hash(token),
        transport=Transport.BEARER,
        created_at=app.now,
        last_seen_at=app.now,
        expires_at=app.now + timedelta(hours=1),
    )
    return token


@pytest.mark.parametrize(("query", "statements"), [(CHEAP, 2), (WHOLE, 7)], ids=["cheap", "whole"])
async def test_statements_are_few_and_as_many_as_is_selected(
    database: Database, app: AppContext, query: str, statements: int
) -> None:
    token = await signed_in(app)
    schema, counted = build_schema(app.factors), Tally()
    counting = tally.set(counted)
    try:
        caller = await authenticate(app, ClientInfo(), token)
        result = await schema.execute(query, context_value=Context(app, ClientInfo(), caller))
    finally:
        tally.reset(counting)
    assert not result.errors
    assert result.data
    assert result.data["viewer"]["name"] == "Ada"
    assert counted.statements <= statements


async def test_nobody_is_null(database: Database, app: AppContext) -> None:
    result = await build_schema(app.factors).execute(CHEAP, context_value=Context(app, ClientInfo()))
    assert (result.data, result.errors) == ({"viewer": None}, None)


async def test_only_the_asking_session_is_current(database: Database, app: AppContext) -> None:
    token = await signed_in(app)
    await another_session(app, await Account.get(name="Ada"))
    caller = await authenticate(app, ClientInfo(), token)
    result = await build_schema(app.factors).execute(WHOLE, context_value=Context(app, ClientInfo(), caller))
    assert result.data
    assert sorted(one["current"] for one in result.data["viewer"]["loginSessions"]) == [False, True]
