"""What one root field may cost somebody unknown, over the whole schema: the budget of docs/threats.md."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from structlog.testing import capture_logs

from tests.people.cast import Person
from tests.security.test_strength import DEAREST
from tests.support.fuzzing import OPERATIONS, FuzzRequest, Known, requests
from tests.support.sluis import Sluis

# The server, in another thread of this process, draws what it pleases.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning"
)

STATEMENTS, HASHES, ROWS = 25, 1, 10
"""Of one root field; a document has 30 of them at most."""
ANSWER_BYTES = 20_000
_TABLES = ("audit_event", "outbox_message", "window_count", "attempt_budget", "sign_in", "challenge")

#: What a stranger can know of a practice, and the passwords that are dearest to estimate.
KNOWN = Known(
    ids=["RG9zc2llcjo3", "x"],
    words={
        "practice": ["demo"],
        "slug": ["demo"],
        "email": ["somebody@clients.example"],
        "login": ["1234 5678", "somebody@clients.example"],
        "password": list(DEAREST),
        "token": ["x" * 43],
        "signIn": ["x" * 43],
        "name": ["Fleur Peters"],
        "phone": ["+31612345678"],
        "factor": ["totp"],
        "code": ["000000"],
    },
)
#: The worst that were found: each writes, hashes or estimates as much as a stranger gets done.
WORST = [
    FuzzRequest(
        """mutation { signIn(input: { practice: "demo", login: "somebody@clients.example", password: "x",
             transport: BEARER }) { __typename } }"""
    ),
    FuzzRequest(
        """mutation($p: String!) { signUp(input: { practice: "demo", email: "fleur@clients.example",
             name: "Fleur Peters", phone: "+31612345678", birthDate: "1990-01-01", password: $p }) { __typename } }""",
        {"p": DEAREST[-1]},
    ),
    FuzzRequest("""mutation { forgotPassword(input: { practice: "demo", login: "1234 5678" }) { __typename } }"""),
]


@pytest.mark.timeout(0)
async def test_no_root_field_costs_an_anonymous_client_more(sluis: Sluis, mallory: Person) -> None:
    """Every query and mutation, with values that would be good: statements, hashes, rows and bytes of the answer."""
    worst = {"statements": 0, "hashes": 0, "rows": 0}
    asked = [*WORST, *await asyncio.to_thread(lambda: [one for field in OPERATIONS for one in _examples(field)])]
    for one in asked:
        before = await _rows(sluis)
        with capture_logs() as lines:
            answer = await mallory.device.http.post("/graphql", json={"query": one.query, "variables": one.variables})
        line = _line(lines)
        assert len(answer.content) <= ANSWER_BYTES, one
        costs = {"statements": line["statements"], "hashes": line["hashes"], "rows": await _rows(sluis) - before}
        worst = {name: max(worst[name], cost) for name, cost in costs.items()}
        assert costs["statements"] <= STATEMENTS, one
        assert costs["hashes"] <= HASHES, one
        assert costs["rows"] <= ROWS, one
        sluis.clock.forward(minutes=1)
    assert worst["hashes"] == HASHES
    assert worst["statements"] > STATEMENTS / 3, "the budget is not far from what is used"


async def test_thirty_in_a_document_stay_within_the_windows(sluis: Sluis, mallory: Person) -> None:
    field = 'signIn(input: { practice: "demo", login: "#@nobody.example", password: "x", transport: BEARER })'
    fields = (f"a{number}: {field.replace('#', str(number))} {{ __typename }}" for number in range(30))
    before = await _rows(sluis)
    with capture_logs() as lines:
        await mallory.device.http.post("/graphql", json={"query": f"mutation {{ {' '.join(fields)} }}"})
    line = _line(lines)
    assert line["hashes"] == 20, "so many failures a minute from an address"
    assert line["statements"] <= 30 * STATEMENTS
    assert await _rows(sluis) - before <= 30 * ROWS


async def test_anonymous_upload_is_not_read(sluis: Sluis, mallory: Person) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(5_000):
            yield b"x" * 1_000

    with capture_logs() as lines:
        try:
            headers = {"Content-Type": "application/pdf"}
            answer = await mallory.device.http.post("/upload", content=endless(), headers=headers)
            assert answer.status_code == 401
        except httpx.TransportError:
            # It closed the connection while the rest was still on its way.
            pass
    line = _line(lines)
    assert (line["status"], line["statements"], line["hashes"]) == (401, 0, 0)


def _line(lines: Any) -> Any:
    (line,) = [line for line in lines if line["event"] == "graphql.request"]
    return line


def _examples(operation: Any) -> list[FuzzRequest]:
    """Documents that ask this root field: one, unless many are asked for."""
    found: list[FuzzRequest] = []

    @settings(
        settings.get_profile("documents"),
        max_examples=settings.get_profile("documents").max_examples // 2,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(requests(operation, KNOWN))
    def draws(asked: FuzzRequest) -> None:
        found.append(asked)

    draws()
    return found


async def _rows(sluis: Sluis) -> int:
    """What requests write. What the outbox's worker makes of a message later is its own work."""
    counts = " + ".join(f"(SELECT COUNT(*) FROM {table})" for table in _TABLES)
    (row,) = await sluis.rows(f"SELECT {counts} AS count")
    return int(row["count"])
