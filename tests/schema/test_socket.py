"""graphql-transport-ws: who may open a socket, what goes over it, and when it ends."""

import pytest
from structlog.testing import capture_logs
from websockets.exceptions import InvalidStatus

from flows.core.context import AppContext
from schema.transport import TransportRules
from tests.schema.running import Person, Served, person, served
from tests.schema.small import SECRET, small_schema
from tests.support.databases import Database

OURS = "http://localhost:8000"
FRONTEND = "https://portal.linden.example"
OTHERS = "https://eik.example"
EVIL = "https://evil.example"


async def origins(practice: str | None) -> list[str]:
    known = {"linden": [FRONTEND], "eik": [OTHERS]}
    return known.get(practice, []) if practice else [origin for some in known.values() for origin in some]


@pytest.fixture
def rules() -> TransportRules:
    return TransportRules(public_origin=OURS, allowed_origins=origins, sockets_per_session=2, init_seconds=0.3)


@pytest.fixture
async def ada(database: Database) -> Person:
    return await person()


async def test_a_subscription_by_cookie_and_by_token(endpoint: Served, ada: Person) -> None:
    for headers, payload in (
        ({**ada.cookie, "Origin": OURS}, {"practice": "linden"}),
        ({**ada.cookie, "Origin": FRONTEND}, {"practice": "linden"}),
        ({}, {"authorization": f"Bearer {ada.token}"}),
    ):
        async with endpoint.socket(headers) as line:
            assert await line.init(**payload) == {"type": "connection_ack"}
            await line.subscribe("subscription { ticks }")
            assert [await line.receive() for _ in range(3)] == [
                {"type": "next", "id": "1", "payload": {"data": {"ticks": 0}}},
                {"type": "next", "id": "1", "payload": {"data": {"ticks": 1}}},
                {"type": "complete", "id": "1"},
            ]


@pytest.mark.parametrize("origin", [EVIL, "null", "http://127.0.0.1"])
async def test_a_foreign_page_gets_no_handshake(endpoint: Served, ada: Person, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with endpoint.socket({**ada.cookie, "Origin": origin}):
            pass
    assert refusal.value.response.status_code == 403


async def test_the_host_header_makes_no_origin_ours(endpoint: Served, ada: Person) -> None:
    """DNS rebinding: the attacker's name leads to us, so Host and Origin agree."""
    with pytest.raises(InvalidStatus):
        async with endpoint.socket({**ada.cookie, "Origin": endpoint.origin, "Sec-Fetch-Site": "same-origin"}):
            pass


async def test_another_practices_frontend_cannot_use_the_cookie(endpoint: Served, ada: Person) -> None:
    async with endpoint.socket({**ada.cookie, "Origin": OTHERS}) as line:
        await line.send(type="connection_init", payload={"practice": "linden"})
        assert await line.closed() == 4403


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"practice": "eik"},
        {"practice": 7},
        {"practice": "../linden"},
        {"authorization": "Bearer wrong"},
        {"authorization": "Basic YTpi"},
        {"authorization": ""},
        {"account": "{account}", "role": "OWNER", "user_id": "{account}"},
    ],
)
async def test_claims_are_no_proof(endpoint: Served, ada: Person, claims: dict[str, object]) -> None:
    async with endpoint.socket(ada.cookie) as line:
        filled = {
            name: value.format(account=ada.account_id) if isinstance(value, str) else value
            for name, value in claims.items()
        }
        await line.send(type="connection_init", payload=filled)
        assert await line.closed() == 4403


async def test_claims_beside_a_proof_change_nothing(endpoint: Served, ada: Person) -> None:
    async with endpoint.socket() as line:
        await line.init(authorization=f"Bearer {ada.token}", practice="eik", account_id="someone", locale="en")
        await line.subscribe("{ me practice locale }")
        data = (await line.receive())["payload"]["data"]
    assert data == {"me": str(ada.account_id), "practice": "linden", "locale": "nl"}


async def test_subscribing_before_init_is_4401(endpoint: Served, database: Database) -> None:
    async with endpoint.socket() as line:
        await line.subscribe("subscription { ticks }")
        assert await line.closed() == 4401


async def test_a_socket_that_never_begins_is_closed(endpoint: Served, database: Database) -> None:
    async with endpoint.socket() as line:
        assert await line.closed() == 4408


async def test_a_second_init_is_4429(endpoint: Served, ada: Person) -> None:
    async with endpoint.socket() as line:
        await line.sit(ada)
        await line.send(type="connection_init", payload={})
        assert await line.closed() == 4429


@pytest.mark.parametrize(
    "message",
    [
        "[]",
        "7",
        "{",
        '{"type": 7}',
        '{"type": "unheard"}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ hello }"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ hello }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ hello }", "operationName": 1}}',
        '{"type": "complete"}',
        '{"type": "ping", "payload": {"x": "' + "x" * 100_001 + '"}}',
    ],
)
async def test_what_is_no_message_closes_with_4400(endpoint: Served, ada: Person, message: str) -> None:
    async with endpoint.socket() as line:
        await line.sit(ada)
        await line.connection.send(message)
        assert await line.closed() == 4400


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("mutation { act }", "Mutations go by POST."),
        ("subscription { nothing }", "Cannot query field 'nothing' on type 'Subscription'."),
        ("subscription {", "Syntax Error"),
        ("subscription A { ticks } subscription B { ticks }", "The document has no such operation"),
        ("{ " + " ".join(f"a{n}: hello" for n in range(31)) + " }", "The document has more than 30 aliases."),
        ("{ __schema { types { name } } }", "GraphQL introspection"),
    ],
)
async def test_what_cannot_run_is_an_error(endpoint: Served, ada: Person, query: str, message: str) -> None:
    async with endpoint.socket() as line:
        await line.sit(ada)
        await line.subscribe(query)
        answer = await line.receive()
        assert (answer["type"], answer["id"]) == ("error", "1")
        assert answer["payload"][0]["message"].startswith(message)
        assert answer["payload"][0]["extensions"] == {"code": "BAD_QUERY"}
        await line.subscribe("{ hello }")
        assert (await line.receive())["payload"] == {"data": {"hello": "hello you"}}


@pytest.mark.parametrize("query", ["{ broken }", "subscription { breaking }"])
async def test_errors_are_masked(endpoint: Served, ada: Person, query: str) -> None:
    async with endpoint.socket() as line:
        await line.sit(ada)
        with capture_logs() as lines:
            await line.subscribe(query)
            messages = [await line.receive()]
            while messages[-1]["type"] not in ("complete", "error"):
                messages.append(await line.receive())
    last = messages[-1]
    (error,) = last["payload"] if last["type"] == "error" else messages[-2]["payload"]["errors"]
    assert error["message"] == "Er ging iets mis. Probeer het later opnieuw."
    assert error["extensions"]["code"] == "INTERNAL"
    assert SECRET not in str(messages) + str(lines)


async def test_a_refusal_keeps_its_code(endpoint: Served, ada: Person) -> None:
    async with endpoint.socket() as line:
        await line.sit(ada)
        await line.subscribe("subscription { refusing }")
        answer = await line.receive()
        assert (answer["type"], answer["id"]) == ("error", "1"), "not next: nothing was begun"
        assert [error["extensions"]["code"] for error in answer["payload"]] == ["NOT_ALLOWED"]
        await line.subscribe("{ hello }", "1")
        assert (await line.receive())["payload"] == {"data": {"hello": "hello you"}}, "its id is free again"


async def test_queries_have_their_time(app: AppContext, ada: Person) -> None:
    hasty = TransportRules(operation_seconds=0.05)
    async with served(small_schema(), app, hasty) as endpoint, endpoint.socket() as line:
        await line.sit(ada)
        await line.subscribe("{ slow }")
        assert (await line.receive())["payload"]["errors"][0]["extensions"]["code"] == "TIMEOUT"
