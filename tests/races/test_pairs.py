"""Every two mutations that touch one thing, at once over two servers: no row is broken, and nothing deadlocks."""

import os
from collections.abc import AsyncIterator
from random import Random

import pytest

from flows.core.data_verifying import verify_data
from tests.races.acts import ACTS, EXCLUDED, REFUSED_ALONE
from tests.races.racing import MUTATIONS, PAIRS, Course, course, drawn
from tests.support.databases import Database, Databases, connected

pytestmark = [pytest.mark.database, pytest.mark.timeout(900)]

#: Which pairs of all, and how many of them; `make races RACES=5000 SEED=…` sets both.
SEED = os.environ.get("RACES_SEED", "sluis")
NUMBER = int(os.environ.get("RACES", "40"))
#: In one database; all rows are checked after each race.
_MOST_SCENES = 150


@pytest.fixture
async def racecourse(databases: Databases, migrated: Database) -> AsyncIterator[Course]:
    mine = await databases.copy(migrated)
    try:
        async with course(mine) as two_servers:
            yield two_servers
            assert not [str(one) async for one in verify_data(two_servers.app)]
            if mine.url.startswith("postgresql"):
                async with connected(mine.url) as connection:
                    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
                    assert await connection.fetchval(deadlocks) == 0
    finally:
        await databases.drop(mine)


def test_every_mutation_races_or_says_why_not() -> None:
    acts = {act.mutation for act in ACTS}
    assert acts | EXCLUDED.keys() == MUTATIONS.keys()
    assert not acts & EXCLUDED.keys()
    assert len({str(act) for act in ACTS}) == len(ACTS)
    assert len(PAIRS) > 1000


async def test_each_act_succeeds_alone(racecourse: Course) -> None:
    """Otherwise its races would tell nothing. What a scene is like is drawn by chance, so some take a few."""
    refused = {}
    for act in ACTS:
        for number in range(12):
            answer = await racecourse.alone(act, Random(f"{number} {act}"))
            if not answer.isupper():
                break
        else:
            refused[str(act)] = answer
    assert refused == REFUSED_ALONE


@pytest.mark.parametrize("part", range(-(-NUMBER // _MOST_SCENES)))
async def test_pairs_at_once(racecourse: Course, part: int) -> None:
    pairs = drawn(SEED, NUMBER)
    for number in range(part * _MOST_SCENES, min(NUMBER, (part + 1) * _MOST_SCENES)):
        first, second = pairs[number]
        try:
            await racecourse.race((first, second), Random(f"{SEED} {number}"))
        except AssertionError as broken:
            pytest.fail(f"race {number} of seed {SEED!r}: {first} and {second}: {broken}")
