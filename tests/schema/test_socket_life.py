"""How long a socket lasts: no longer than its session, and each operation sees the caller as they are now."""

import asyncio

import pytest
from structlog.testing import capture_logs

from flows.core.context import AppContext
from models import Account, LoginSession
from models.db.database import close_database
from schema.transport import TransportRules
from tests.schema.running import Bells, Person, Served, person, served
from tests.schema.small import small_schema
from tests.support.clock import Clock
from tests.support.databases import Database


@pytest.fixture
def rules() -> TransportRules:
    return TransportRules(sockets_per_session=2)


@pytest.fixture
async def ada(database: Database) -> Person:
    return await person()


async def test_a_session_has_so_many_sockets(endpoint: Served, ada: Person) -> None:
    async with endpoint.socket() as one, endpoint.socket() as two, endpoint.socket() as three:
        await one.sit(ada)
        await two.sit(ada)
        await three.send(type="connection_init", payload={"authorization": f"Bearer {ada.token}"})
        assert await three.closed() == 4403
    bob = await person()
    async with endpoint.socket() as line:
        await line.sit(bob)
    for _ in range(3):
        async with endpoint.socket() as line:
            await line.sit(ada)


async def test_a_socket_has_so_many_operations(app: AppContext, ada: Person) -> None:
    strict = TransportRules(subscriptions_per_socket=2)
    async with served(small_schema(), app, strict) as endpoint, endpoint.socket() as line:
        await line.sit(ada)
        for number in range(3):
            await line.subscribe("subscription { callerLocale }", str(number))
        answers = [await line.receive() for _ in range(3)]
    assert sorted(answer["type"] for answer in answers) == ["error", "next", "next"]


async def test_the_socket_ends_with_the_session(endpoint: Served, ada: Person, bells: Bells, clock: Clock) -> None:
    async with endpoint.socket() as line:
        await line.sit(ada)
        await line.subscribe("subscription { callerLocale }")
        await line.receive()
        await LoginSession.filter(id=ada.session_id).update(ended_at=clock.now)
        await bells.publish(f"account:{ada.account_id}")
        assert await line.closed(within=1) == 4403
    assert not any(bells.events.values())


async def test_the_socket_ends_when_the_session_runs_out(app: AppContext, ada: Person, clock: Clock) -> None:
    """Nobody rings for that."""
    async with served(small_schema(), app, TransportRules(look_seconds=0.05)) as endpoint, endpoint.socket() as line:
        await line.sit(ada)
        clock.forward(hours=25)
        assert await line.closed(within=2) == 4403


async def test_the_socket_ends_when_nobody_can_tell(endpoint: Served, ada: Person, bells: Bells) -> None:
    async with endpoint.socket() as line:
        await line.sit(ada)
        await close_database()
        await bells.publish(f"account:{ada.account_id}")
        assert await line.closed(within=2) == 1013


async def test_nobody_sits_down_while_nobody_can_tell(endpoint: Served, ada: Person) -> None:
    async with endpoint.socket() as line:
        await close_database()
        await line.send(type="connection_init", payload={"authorization": f"Bearer {ada.token}"})
        assert await line.closed(within=2) == 1013


async def test_a_ring_without_an_end_ends_nothing(endpoint: Served, ada: Person, bells: Bells) -> None:
    async with endpoint.socket() as line:
        await line.sit(ada)
        for _ in range(3):
            await bells.publish(f"account:{ada.account_id}")
            await asyncio.sleep(0)
        await line.subscribe("{ me }")
        assert (await line.receive())["payload"]["data"] == {"me": str(ada.account_id)}


async def test_a_client_that_ignores_the_close_hears_no_more(
    endpoint: Served, ada: Person, bells: Bells, clock: Clock
) -> None:
    """Its operations end whether or not it answers the close."""
    async with endpoint.socket() as line:
        await line.sit(ada)
        await line.subscribe("subscription { callerLocale }")
        await line.receive()
        line.connection.transport.pause_reading()
        await LoginSession.filter(id=ada.session_id).update(ended_at=clock.now)
        await bells.publish(f"account:{ada.account_id}")
        await asyncio.wait_for(bells.left[f"test:{ada.account_id}"].wait(), 1)
        line.connection.transport.resume_reading()


async def test_a_session_that_ran_out_asks_nothing_more(endpoint: Served, ada: Person, clock: Clock) -> None:
    """Without a ring nobody has looked yet; each operation looks for itself."""
    async with endpoint.socket() as line:
        await line.sit(ada)
        await asyncio.sleep(0.05)
        clock.forward(hours=25)
        await line.subscribe("{ me }")
        payload = (await line.receive())["payload"]
        assert payload["data"] == {"me": None}
        assert [error["extensions"]["code"] for error in payload["errors"]] == ["INVALID_TOKEN"]


async def test_what_changed_about_the_caller_holds_at_once(endpoint: Served, ada: Person, bells: Bells) -> None:
    async with endpoint.socket() as line:
        await line.sit(ada)
        await line.subscribe("subscription { callerLocale }")
        assert (await line.receive())["payload"]["data"] == {"callerLocale": "nl"}
        await Account.filter(id=ada.account_id).update(locale="en")
        await bells.publish(f"test:{ada.account_id}")
        assert (await line.receive())["payload"]["data"] == {"callerLocale": "en"}
        await line.subscribe("{ locale }", "2")
        assert (await line.receive())["payload"]["data"] == {"locale": "en"}


async def test_one_line_in_the_log_for_each_operation(endpoint: Served, ada: Person) -> None:
    async with endpoint.socket() as line:
        await line.sit(ada)
        with capture_logs() as lines:
            await line.subscribe("query Who { me statements(count: 2) }")
            await line.receive()
            await line.receive()
            await line.subscribe("subscription Ticks { ticks }")
            for _ in range(3):
                await line.receive()
    told = [(line["operation"], line["type"], line["transport"], line["statements"]) for line in lines]
    assert told == [("Who", "query", "websocket", 2), ("Ticks", "subscription", "websocket", 0)]
