"""A factor without its plugin: it is still required, nothing is lost, and it works again when the plugin is back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.people.cast import Belongings
from tests.people.factor_owner import FactorOwner
from tests.people.staff import StaffPerson, at_work
from tests.support.clock import Clock
from tests.support.databases import Database, Databases
from tests.support.population import Population
from tests.support.sluis import Sluis, running

WITH = ["totp", "passkeys", "recovery_codes", "remembered_devices"]
WITHOUT = ["totp", "recovery_codes", "remembered_devices"]
HELP = "This way of signing in is not available. Ask your practice for help."


class Installation:
    """One database, served by one server after another, each with plugins of its own."""

    def __init__(self, database: Database, population: Population, clock: Clock) -> None:
        self.database, self.population, self.clock = database, population, clock

    @asynccontextmanager
    async def serving(self, plugins: list[str]) -> AsyncIterator[Sluis]:
        async with running(self.database, self.population, self.clock, plugins=plugins) as sluis:
            yield sluis

    async def stored(self) -> list[dict[str, Any]]:
        """The keys that are set up, whole."""
        return await self.database.rows("SELECT * FROM factor_enrolment WHERE factor = 'passkeys'")


@pytest.fixture
async def installation(
    databases: Databases, populated: tuple[Database, Population], clock: Clock
) -> AsyncIterator[Installation]:
    template, population = populated
    mine = await databases.copy(template)
    try:
        yield Installation(mine, population, clock)
    finally:
        await databases.drop(mine)


async def comes_in_with_a_key(sluis: Sluis) -> FactorOwner:
    """Ada, let in, who has a key and recovery codes and no app any more."""
    dr_vos = at_work(sluis, sluis.population.dr_vos)
    await dr_vos.signs_in()
    ada = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"))
    await dr_vos.lets_in(ada)
    await ada.adds_key()
    assert (await ada.removes_app())["__typename"] == "FactorRemoved"
    ada.forgets_app()
    return ada


async def arrives(ada: FactorOwner, sluis: Sluis) -> FactorOwner:
    """The same person and key, at a browser that reaches another server."""
    again = ada.elsewhere(sluis=sluis)
    await again.speaks("en")
    # The port is the only part of the address that a restart changes here; an installation keeps its own.
    again.key.origin = sluis.url
    return again


async def test_without_codes_sign_in_is_refused_and_names_what_helps(installation: Installation) -> None:
    async with installation.serving(WITH) as sluis:
        ada = await comes_in_with_a_key(sluis)
    kept = await installation.stored()
    await installation.database.rows("DELETE FROM factor_enrolment WHERE role = 'FALLBACK' AND factor <> 'totp'")
    async with installation.serving(WITHOUT) as sluis:
        ada = await arrives(ada, sluis)
        step = await ada.starts_sign_in()
        assert (step["code"], step["message"]) == ("FACTOR_UNAVAILABLE", HELP)
        assert await ada.looks_at_own_account() is None
        assert await sluis.count("login_session", "ended_at IS NULL AND proven_by = ''") == 0
    assert await installation.stored() == kept
    async with installation.serving(WITH) as sluis:
        ada = await arrives(ada, sluis)
        codes = await ada.signs_in_with_key()
        assert codes["__typename"] == "FallbackUnconfirmed", "the key holds; new codes are due"
        assert (await ada.keeps_codes(codes))["__typename"] == "SignedIn"


async def test_a_code_lets_in_to_set_up_another_and_the_key_is_there_when_it_returns(
    installation: Installation,
) -> None:
    async with installation.serving(WITH) as sluis:
        ada = await comes_in_with_a_key(sluis)
    kept = await installation.stored()
    async with installation.serving(WITHOUT) as sluis:
        ada = await arrives(ada, sluis)
        step = await ada.starts_sign_in()
        assert [option["factor"] for option in step["options"]] == ["recovery_codes"]
        step = await ada.proves(step, "recovery_codes", ada.own.codes.pop())
        assert (step["__typename"], [o["factor"] for o in step["options"]]) == ("EnrolmentRequired", ["totp"])
        assert (await ada.sets_up_app(step))["__typename"] == "SignedIn"
        shown = {each["factor"]: each for each in (await ada.sees_factors())["factors"]}
        assert {name: each["available"] for name, each in shown.items()} == {"passkeys": False, "totp": True}
        await ada.speaks("en")
        unavailable = await ada.begins_removal(shown["passkeys"]["id"])
        assert (unavailable["code"], unavailable["message"]) == ("FACTOR_UNAVAILABLE", HELP)
        last = await ada.begins_removal(shown["totp"]["id"])
        assert last["code"] == "LAST_FACTOR", "a key that cannot be proven vouches for nobody"
        assert (await ada.elsewhere().signs_in())["__typename"] == "SignedIn"
    assert await installation.stored() == kept
    async with installation.serving(WITH) as sluis:
        ada = await arrives(ada, sluis)
        assert (await ada.signs_in_with_key())["__typename"] == "SignedIn"
        assert all(each["available"] for each in (await ada.sees_factors())["factors"])


async def test_a_reset_by_staff_lets_in_as_well(installation: Installation) -> None:
    async with installation.serving(WITH) as sluis:
        ada = await comes_in_with_a_key(sluis)
    async with installation.serving(WITHOUT) as sluis:
        olga: StaffPerson = at_work(sluis, sluis.population.olga)
        await olga.signs_in()
        respondent = await olga.finds("Ada de Vries")
        assert (await olga.resets_factors(respondent["id"]))["__typename"] == "FactorsReset"
        ada = await arrives(ada, sluis)
        assert (await ada.starts_sign_in())["__typename"] == "EnrolmentRequired"
    assert await installation.stored() == []


async def test_without_its_plugin_a_factor_is_not_part_of_the_schema(installation: Installation) -> None:
    async with installation.serving(WITHOUT) as sluis:
        stranger = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"))
        document = '{ __type(name: "FactorProof") { inputFields { name } } }'
        proofs = await stranger.device.ask(document)
        assert {field["name"] for field in proofs["inputFields"]} == {"totp", "recoveryCodes"}
