"""Acts that end too late change nothing; of parallel acts, one is the first."""

from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.arena import RACERS, Arena, race
from tests.people.cast import Belongings, Person
from tests.people.device import Answer
from tests.people.factor_owner import FactorOwner
from tests.people.staff import StaffPerson
from tests.support.paused import hashing, in_verb
from tests.support.sluis import Sluis

pytestmark = pytest.mark.security

NEW = "paarse kikker in de regen"
DAY = 86400


@pytest.fixture
def given_settings() -> dict[str, Any]:
    return {"limit_address_per_minute": 1000}


@pytest.fixture
async def ada(sluis: Sluis) -> FactorOwner:
    return FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"), "BEARER")


@pytest.fixture
async def respondent(dr_vos: StaffPerson, ada: FactorOwner) -> str:
    """Ada's, who is let in."""
    return await dr_vos.lets_in(ada)


async def credentials(sluis: Sluis) -> list[Any]:
    """Ada's password and factors."""
    account = await sluis.rows("SELECT id, password_hash FROM account WHERE name = 'Ada de Vries'")
    mine = "SELECT id, version FROM factor_enrolment WHERE account_id = ? ORDER BY id"
    return [account, await sluis.rows(mine, account[0]["id"])]


@pytest.mark.parametrize("ends", ["signs out", "is signed out", "is reset"])
@pytest.mark.parametrize("act", ["password", "codes", "app"])
async def test_nothing_settles_after_the_session_ended(
    sluis: Sluis, dr_vos: StaffPerson, ada: FactorOwner, respondent: str, ends: str, act: str
) -> None:
    if act == "app":
        begun, known = await ada.scans({}), await credentials(sluis)
        waiting = in_verb(sluis, "totp", "confirm_enrolment", ada.shows_app_works({}, begun))
    elif act == "codes":
        known = await credentials(sluis)
        waiting = in_verb(sluis, "recovery_codes", "issue", ada.takes_codes({}))
    else:
        known = await credentials(sluis)
        waiting = hashing(sluis, ada.changes_password(NEW))
    async with waiting as task:
        if ends == "signs out":
            same = ada.elsewhere("BEARER")
            same.device.session_token = ada.device.session_token
            await same.signs_out()
        elif ends == "is signed out":
            await dr_vos.ends_sessions_of(respondent)
        else:
            assert (await dr_vos.resets_factors(respondent))["__typename"] == "FactorsReset"
            known[1] = []
    assert (await task)["code"] == "NOT_SIGNED_IN"
    assert await credentials(sluis) == known


async def test_a_device_that_is_revoked_meanwhile_waives_nothing(
    sluis: Sluis, ada: FactorOwner, respondent: str
) -> None:
    phone = ada.elsewhere("BEARER")
    assert (await phone.signs_in(remember=DAY))["deviceToken"]
    (device,) = (await ada.sees_settings())["rememberedDevices"]
    async with hashing(sluis, phone.starts_sign_in()) as task:
        assert (await ada.revokes_device(device["id"]))["__typename"] == "DeviceRevoked"
    assert (await task)["__typename"] == "FactorRequired"


async def test_a_code_to_come_is_not_told_where_that_is_not_remembered(
    sluis: Sluis, ada: FactorOwner, respondent: str
) -> None:
    """That a code is of a step to come is told once its step is spent; a lost race spends nothing."""
    phone = ada.elsewhere("BEARER")
    sluis.clock.forward(seconds=30)
    step, code = await phone.starts_sign_in(), ada.app.at(sluis.clock.now + timedelta(minutes=4))
    async with in_verb(sluis, "totp", "verify", phone.proves(step, "totp", code)) as task:
        await sluis.rows("UPDATE factor_enrolment SET version = version + 1 WHERE factor = 'totp' RETURNING id")
    assert (await task)["code"] == "PROOF_WRONG"
    assert (await phone.proves(step, "totp", code))["code"] == "PROOF_CLOCK", "it was not spent"


async def test_of_parallel_first_set_ups_one_is_the_first(sluis: Sluis, dr_vos: StaffPerson, ada: FactorOwner) -> None:
    """Each of them, alone, may set a factor up without proving another; together they must not."""
    invited = await dr_vos.finds(ada.own.name)
    await dr_vos.gives_email(invited, ada.own.email)
    await dr_vos.invites(invited["id"])
    await ada.accepts(await ada.gets_link("accept"), f"{ada.own.name} vindt fietsen fijn")
    ready = list[tuple[Person, Answer, Answer, str]]()
    for _ in range(6):
        device = Person(sluis, Belongings(ada.own.name, ada.own.email, ada.own.login, ada.own.password), "BEARER")
        step = await device.confirms_password(await device.starts_sign_in())
        ready.append((device, step, await device.scans(step), device.app.at(sluis.clock.now)))
    answers = await race([device.shows_app_works(step, begun, code) for device, step, begun, code in ready])
    assert [each["__typename"] for each in answers].count("EnrolmentConfirmed") == 1, answers
    mine = "role = 'PROOF' AND account_id = (SELECT id FROM account WHERE name = 'Ada de Vries')"
    assert await sluis.count("factor_enrolment", mine) == 1
    winner = next(number for number, each in enumerate(answers) if each["__typename"] == "EnrolmentConfirmed")
    ada.own.app = ready[winner][0].own.app
    sluis.clock.forward(seconds=30)
    assert (await ada.signs_in())["__typename"] == "FallbackUnconfirmed", "by the app of the one that was first"


async def test_a_link_is_good_for_a_few_hashes(arena: Arena) -> None:
    """Many at once with one link would otherwise keep everybody from signing in."""
    if arena.sluis.app is None:
        pytest.skip("workers count for themselves")
    passwords = arena.sluis.app.passwords
    tries = [
        [arena.bram.elsewhere("BEARER").accepts(arena.invitation, f"{NEW} {number}") for number in range(RACERS)],
        [arena.ada.elsewhere("BEARER").resets(arena.reset_link, f"{NEW} {number}") for number in range(RACERS)],
    ]
    for racers, success in zip(tries, ("AccountMade", "PasswordReset"), strict=True):
        before = passwords.count
        answers = await race(racers)
        assert [each["__typename"] for each in answers].count(success) == 1
        assert passwords.count - before <= 5
