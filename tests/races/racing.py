"""Two acts at once, each at a server of its own, and what must be true of the rows afterwards."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import combinations_with_replacement
from pathlib import Path
from random import Random
from typing import Any, cast

import graphql
import httpx

from commands.database import opened
from flows.core.context import AppContext
from models.invariants import broken_rows
from server import compose
from tests.races.acts import ACTS, Act
from tests.races.scene import PASSWORD, Scene, Stage
from tests.support.clock import RunningClock
from tests.support.databases import Database
from tests.support.mail_relay import Post
from tests.support.population import Population
from tests.support.sluis import PATIENT, Sluis, settings_for, workers

_SCHEMA = graphql.build_schema((Path(__file__).parents[2] / "schema" / "schema.graphql").read_text(encoding="utf-8"))
MUTATIONS = cast(graphql.GraphQLObjectType, _SCHEMA.mutation_type).fields

Pair = tuple[Act, Act]
#: Every two acts that touch one thing, an act and itself included: a double click.
PAIRS: Sequence[Pair] = tuple(
    pair for pair in combinations_with_replacement(ACTS, 2) if pair[0].touches & pair[1].touches
)
#: What no request may end in, whatever else happens.
FAULTS = {"INTERNAL", "TIMEOUT", "UNAVAILABLE"}


@dataclass(frozen=True, slots=True)
class Course:
    """Two servers on one database, and who sets the stage there."""

    app: AppContext
    stage: Stage
    servers: tuple[httpx.AsyncClient, httpx.AsyncClient]

    async def alone(self, act: Act, chance: Random) -> str:
        """What an act is answered with nobody beside it."""
        scene = await self.stage.set(chance)
        return await asked(self.servers[0], act, scene)

    async def race(self, pair: Pair, chance: Random) -> tuple[str, ...]:
        """What each is answered, asked for at once; raises AssertionError where a row is broken after it."""
        scene, ahead = await self.stage.set(chance), chance.random() * 0.006
        answers = await asyncio.gather(
            *(asked(server, act, scene, wait) for server, act, wait in zip(self.servers, pair, (0, ahead), strict=True))
        )
        broken = [str(one) async for one in broken_rows(self.app.now)]
        assert not broken, (answers, broken)
        return tuple(answers)


async def asked(server: httpx.AsyncClient, act: Act, scene: Scene, wait: float = 0) -> str:
    """The type of what a mutation answers, or the code of its refusal or error."""
    document, variables = document_of(act, scene)
    token = scene.sessions[act.who] if act.who else None
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    await asyncio.sleep(wait)
    reply = await server.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
    body = reply.json()
    if "errors" in body:
        (code, *_) = [error["extensions"]["code"] for error in body["errors"]]
        assert code not in FAULTS, f"{act}: {body}"
        return str(code)
    (answer,) = body["data"].values()
    return str(answer.get("code", answer["__typename"]))


def document_of(act: Act, scene: Scene) -> tuple[str, dict[str, Any]]:
    """The mutation with all that it takes as variables."""
    given = dict(act.arguments(scene))
    field = MUTATIONS[act.mutation]
    declared = ", ".join(f"${name}: {field.args[name].type}" for name in given)
    used = ", ".join(f"{name}: ${name}" for name in given)
    of, to = (f"({declared})", f"({used})") if given else ("", "")
    union = cast(graphql.GraphQLUnionType, graphql.get_named_type(field.type))
    refuses = any(_SCHEMA.type_map["Refusal"] in one.interfaces for one in union.types)
    refusal = " ... on Refusal { code }" if refuses else ""
    return f"mutation{of} {{ {act.mutation}{to} {{ __typename{refusal} }} }}", given


def drawn(seed: str, number: int) -> list[Pair]:
    """So many pairs, the same for the same seed; each once before any twice."""
    chance, pairs = Random(seed), list[Pair]()
    while len(pairs) < number:
        pairs += chance.sample(PAIRS, len(PAIRS))
    return pairs[:number]


@asynccontextmanager
async def course(database: Database) -> AsyncIterator[Course]:
    """Two processes with connections of their own; nothing that they limit is reached."""
    clock = RunningClock()
    surroundings = Sluis("", clock, Post(clock), database, cast(Population, None), None)
    settings = settings_for(database, "http://localhost:8000", 1025)
    app = compose(settings)
    async with AsyncExitStack() as stack:
        served = [await stack.enter_async_context(workers(surroundings, 1, **PATIENT)) for _ in range(2)]
        clients = [await stack.enter_async_context(httpx.AsyncClient(base_url=one.url, timeout=30)) for one in served]
        await stack.enter_async_context(opened(settings))
        stack.callback(app.passwords.close)
        yield Course(app, Stage(app, await app.passwords.hash(PASSWORD)), (clients[0], clients[1]))
