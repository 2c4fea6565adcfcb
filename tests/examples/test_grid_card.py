"""The example factor is a stranger's distribution: installed for real, switched on by configuration, signed in with."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.examples.card_holder import CardHolder
from tests.examples.installed import environment_with
from tests.people.authenticator import Authenticator
from tests.people.cast import Belongings
from tests.support.command import ROOT, ran, serving
from tests.support.databases import Database, Databases
from tests.support.population import Population
from tests.support.sluis import visited

pytestmark = pytest.mark.timeout(300)

GRID_CARD = ROOT / "examples" / "grid_card"
PLUGINS = json.dumps(["totp", "grid_card", "recovery_codes", "remembered_devices"])


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the card in it."""
    return environment_with(GRID_CARD, tmp_path_factory.mktemp("installed") / "environment")


@pytest.fixture
async def database(databases: Databases, populated: tuple[Database, Population]) -> AsyncIterator[Database]:
    mine = await databases.copy(populated[0])
    yield mine
    await databases.drop(mine)


@pytest.mark.database
async def test_it_is_installed_and_named_and_people_sign_in_with_it(
    python: Path, database: Database, populated: tuple[Database, Population]
) -> None:
    who = populated[1].dr_vos
    async with (
        serving("serve", python=python, plugins=PLUGINS, database_url=database.url) as server,
        visited(server.url, database) as sluis,
    ):
        app = Authenticator(who.totp_secret, sluis.clock)
        own = Belongings("Dr. Vos", who.email, login=who.email, password=who.password, app=app)
        vos = CardHolder(sluis, own, "BEARER")
        assert (await vos.signs_in())["__typename"] == "SignedIn"
        enrolment = await vos.prints_card()
        assert len(vos.card) == 50
        assert all(cell in enrolment["text"] and cell in enrolment["svg"] for cell in vos.card.values())
        confirmed = await vos.shows_card_is_there(enrolment)
        assert confirmed["enrolment"] == {"factor": "grid_card", "label": "In my wallet"}
        await vos.signs_out()

        step, challenge = await vos.is_asked_for_cells()
        assert len(set(challenge["places"])) == 3
        other = vos.cells_at(enrolment["places"])
        assert (await vos.types_cells(step, challenge, other))["code"] == "PROOF_WRONG"
        done = await vos.types_cells(step, challenge, vos.cells_at(challenge["places"]))
        assert (done["__typename"], done["access"]) == ("SignedIn", "APPROVED")
        me = await vos.looks_at_own_account()
        assert me is not None
        assert {"factor": "grid_card", "label": "In my wallet"} in me["factors"]


async def test_it_is_nowhere_else(database: Database) -> None:
    """The environment of the tests has no card: what the test above met was the installed one."""
    ended = await ran("check", plugins=PLUGINS, database_url=database.url)
    assert ended.code == 1
    assert "there is no plugin 'grid_card'" in ended.output + ended.errors


async def test_its_own_tests_pass_beside_sluis(python: Path) -> None:
    """Its unit tests, and the conformance kit: run in its folder, as its author does."""
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-W", "ignore"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    process = await asyncio.create_subprocess_exec(
        str(python),
        *command,
        cwd=GRID_CARD,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    assert "grid_card (PROOF) conforms" in output.decode()
