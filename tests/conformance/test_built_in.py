"""All built-in factors pass the checks that a stranger's must, on both kinds of database."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from plugins import build_registry
from plugins.registry import BUILT_IN
from tests.conformance.possessions import CountingThing, EchoingThing, KeyInThePocket
from tests.conformance.running import path_of, run_kit
from tests.conformance.sound import Counter, Echo
from tests.databases import Database, Databases

#: A new one is a line here; its possession where the kit has none.
FACTORS = {
    "factors.totp:Totp": None,
    "factors.sms:Sms": None,
    "factors.passkeys:Passkeys": KeyInThePocket,
    "factors.recovery_codes:RecoveryCodesFactor": None,
    "factors.remembered_devices:RememberedDevices": None,
    path_of(Counter): CountingThing,
    path_of(Echo): EchoingThing,
}


@pytest.fixture
async def unmigrated(databases: Databases) -> AsyncIterator[Database]:
    """A database without tables, as an author's is."""
    mine = await databases.empty()
    yield mine
    await databases.drop(mine)


@pytest.mark.database
@pytest.mark.timeout(600)
@pytest.mark.parametrize("factors", [list(FACTORS)[::2], list(FACTORS)[1::2]], ids=["these", "those"])
async def test_they_conform(factors: list[str], unmigrated: Database) -> None:
    possessions = [path_of(held) for factor in factors if (held := FACTORS[factor])]
    # In memory where that is possible: only the other kind of database is told where it is.
    where = () if unmigrated.url.startswith("sqlite:") else (f"--database-url={unmigrated.url}",)
    report = await asyncio.to_thread(run_kit, factors, possessions, *where)
    assert report.code == 0, report.output
    assert report.output.count(" conforms: ") == len(factors)


def test_every_built_in_factor_is_attacked() -> None:
    """A built-in without a line above would be the first that nobody has attacked."""
    registry = build_registry(list(BUILT_IN), {})
    assert {path_of(type(factor)) for factor in registry} <= FACTORS.keys()
