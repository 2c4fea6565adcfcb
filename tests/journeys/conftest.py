"""The people that the journeys are about; each sits at a device of their own."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.arena import Arena, prepared
from tests.people.cast import Belongings, Person
from tests.people.staff import StaffPerson, at_work
from tests.support.breaking import fault, office
from tests.support.clock import Clock
from tests.support.databases import Database, Databases
from tests.support.population import Population
from tests.support.sluis import Sluis, running, workers

__all__ = ["fault", "office"]


@pytest.fixture
def ada(sluis: Sluis) -> Person:
    """A respondent, in a browser."""
    return Person(sluis, Belongings("Ada de Vries", "ada@clients.example"))


@pytest.fixture
def bram(sluis: Sluis) -> Person:
    """Another respondent, in a browser; his mother Carla answers for the same dossier."""
    return Person(sluis, Belongings("Bram Jansen", "bram@clients.example"))


@pytest.fixture
def mallory(sluis: Sluis) -> Person:
    """Somebody who has no business here, with a program."""
    return Person(sluis, Belongings("Mallory", "mallory@elsewhere.example"), "BEARER")


@pytest.fixture
async def dr_vos(sluis: Sluis) -> StaffPerson:
    """The therapist, signed in, in a browser."""
    person = at_work(sluis, sluis.population.dr_vos)
    assert (await person.signs_in())["__typename"] == "SignedIn"
    return person


@pytest.fixture
async def olga(sluis: Sluis) -> StaffPerson:
    """The owner, signed in, with a native client."""
    person = at_work(sluis, sluis.population.olga, "BEARER")
    assert (await person.signs_in())["__typename"] == "SignedIn"
    return person


@pytest.fixture
async def dr_else(sluis: Sluis) -> StaffPerson:
    """The owner of another practice, signed in there."""
    person = at_work(sluis, sluis.population.else_, practice="other")
    assert (await person.signs_in())["__typename"] == "SignedIn"
    return person


@pytest.fixture(params=["one process", "two workers"])
async def arena(
    request: pytest.FixtureRequest, databases: Databases, populated: tuple[Database, Population]
) -> AsyncIterator[Arena]:
    """Set up a moment ago and then at the machine's time, which is the only one that workers know."""
    template, population = populated
    mine = await databases.copy(template)
    clock = Clock(datetime.now(UTC) - timedelta(minutes=3))
    try:
        async with running(mine, population, clock) as sluis:
            arena = await prepared(sluis)
            clock.now = datetime.now(UTC)
            if request.param == "one process":
                yield arena
        if request.param == "two workers":
            async with workers(sluis, 2) as served:
                yield replace(arena, sluis=served)
    finally:
        await databases.drop(mine)
