"""What a hash costs is a setting: it is raised at the next sign-in, and never too much is computed at once."""

import asyncio

from tests.people.cast import Belongings, Person
from tests.people.staff import at_work
from tests.support.clock import Clock
from tests.support.databases import Database, Databases
from tests.support.population import Population
from tests.support.sluis import Sluis, running


async def stored_hash(sluis: Sluis, email: str) -> str:
    (row,) = await sluis.rows("SELECT password_hash FROM account WHERE email = ?", email)
    return str(row["password_hash"])


async def test_the_next_sign_in_raises_the_cost_and_keeps_the_password(
    databases: Databases, populated: tuple[Database, Population], clock: Clock
) -> None:
    template, population = populated
    mine, email = await databases.copy(template), population.dr_vos.email
    try:
        async with running(mine, population, clock, password_hash_memory_kib=128, password_hash_time=2) as sluis:
            dr_vos, cheap = at_work(sluis, population.dr_vos), await stored_hash(sluis, email)
            assert "$m=64,t=1,p=1$" in cheap
            assert (await dr_vos.starts_sign_in(password="geraden"))["code"] == "WRONG_CREDENTIALS"
            assert await stored_hash(sluis, email) == cheap, "a wrong password changes nothing"
            assert (await dr_vos.starts_sign_in())["__typename"] == "FactorRequired"
            dear = await stored_hash(sluis, email)
            assert "$m=128,t=2,p=1$" in dear
            assert (await dr_vos.signs_in())["__typename"] == "SignedIn"
            assert await stored_hash(sluis, email) == dear, "made once"
    finally:
        await databases.drop(mine)


async def test_recovery_codes_outlive_a_change_of_the_cost(
    databases: Databases, populated: tuple[Database, Population], clock: Clock
) -> None:
    template, population = populated
    mine = await databases.copy(template)
    try:
        async with running(mine, population, clock) as before:
            ada = Person(before, Belongings("Ada de Vries", "ada@clients.example"), "BEARER")
            dr_vos = at_work(before, population.dr_vos)
            await dr_vos.signs_in()
            await dr_vos.lets_in(ada)
        changed = {"password_hash_memory_kib": 128, "password_hash_time": 2, "password_hash_parallelism": 2}
        async with running(mine, population, clock, **changed) as after:
            ada = ada.elsewhere("BEARER", after)
            for code in ada.own.codes[:2]:
                step = await ada.starts_sign_in()
                assert (await ada.proves(step, "recovery_codes", code))["__typename"] == "SignedIn"
            step = await ada.starts_sign_in()
            assert (await ada.proves(step, "recovery_codes", "2222-2222-2222"))["code"] == "PROOF_WRONG"
    finally:
        await databases.drop(mine)


async def test_sixteen_at_once_are_hashed_two_at_a_time(sluis: Sluis) -> None:
    """Everybody is answered, and of threads that hash there are as many as the setting allows."""
    assert sluis.app is not None
    guests = [Person(sluis, Belongings(f"Guest {number}", f"{number}@clients.example")) for number in range(16)]
    before = sluis.app.passwords.count
    answers = await asyncio.gather(*(guest.starts_sign_in(guest.own.email, "geraden") for guest in guests))
    assert {answer["code"] for answer in answers} == {"WRONG_CREDENTIALS"}
    assert sluis.app.passwords.count == before + 16
    pool = sluis.app.passwords._pool
    # However many of them were needed: what costs nothing here is soon done.
    assert (1 <= len(pool._threads) <= 2, pool._max_workers) == (True, 2)
