"""All built-in factors pass the checks that a stranger's must, on both kinds of database; sound others on SQLite.

The example's own tests attack the example, see tests/examples.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from conformance import Possession
from plugins import build_registry
from plugins.registry import BUILT_IN
from tests.conformance.possessions import BadgeOnACord, CountingThing, EchoingThing, KeyInThePocket
from tests.conformance.running import path_of, run_kit
from tests.conformance.sound import Badge, Counter, Echo
from tests.support.databases import Database, Databases

#: A new one is a line here; its possession where the kit has none.
FACTORS: dict[str, type[Possession] | None] = {
    "factors.totp:Totp": None,
    "factors.sms:Sms": None,
    "factors.passkeys:Passkeys": KeyInThePocket,
    "factors.recovery_codes:RecoveryCodesFactor": None,
    "factors.remembered_devices:RememberedDevices": None,
    path_of(Counter): CountingThing,
    path_of(Echo): EchoingThing,
    path_of(Badge): BadgeOnACord,
}


@pytest.fixture
async def unmigrated(databases: Databases) -> AsyncIterator[Database]:
    """A database without tables, as an author's is."""
    mine = await databases.empty()
    yield mine
    await databases.drop(mine)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "factors",
    [
        pytest.param(list(FACTORS)[: len(BUILT_IN)], id="built-in", marks=pytest.mark.database),
        pytest.param(list(FACTORS)[len(BUILT_IN) :], id="others"),
    ],
)
async def test_built_in_factors_conform(
    factors: list[str], unmigrated: Database, record_property: Callable[[str, object], None]
) -> None:
    possessions = [path_of(held) for each in factors if (held := FACTORS[each])]
    # In memory where that is possible: only the other kind of database is told where it is.
    where = () if unmigrated.url.startswith("sqlite:") else (f"--database-url={unmigrated.url}",)
    report = await asyncio.to_thread(run_kit, factors, possessions, *where)
    assert report.code == 0, report.output
    verdicts = [line for line in report.output.splitlines() if " conforms: " in line]
    assert len(verdicts) == len(factors)
    for verdict in verdicts:
        record_property("conformance", verdict)


def test_every_built_in_factor_is_checked() -> None:
    """A built-in without a line above would be the first that nobody has attacked."""
    registry = build_registry(list(BUILT_IN), {})
    assert {path_of(type(factor)) for factor in registry} <= FACTORS.keys()
