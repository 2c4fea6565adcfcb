"""A sign-in with the password and without the factor reads nothing, sets up nothing, and takes no other's proof."""

from tests.people.cast import Person
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis


async def test_a_password_alone_sets_nothing_up(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    before = await sluis.rows("SELECT * FROM factor_enrolment ORDER BY id")
    mallory = ada.elsewhere("BEARER")
    step = await mallory.starts_sign_in()
    assert step["__typename"] == "FactorRequired"
    assert (await mallory.confirms_password(step))["code"] == "STEP_NOT_OPEN"
    assert (await mallory.scans(step))["code"] == "STEP_NOT_OPEN"
    assert (await mallory.takes_codes(step))["code"] == "STEP_NOT_OPEN"
    assert (await mallory.sets_password(step, "vlinders eten graag bosuien"))["code"] == "STEP_NOT_OPEN"
    assert await sluis.rows("SELECT * FROM factor_enrolment ORDER BY id") == before


async def test_the_token_of_a_sign_in_is_no_sessions(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    mallory = ada.elsewhere("BEARER")
    step = await mallory.starts_sign_in()
    mallory.device.session_token = step["token"]
    assert await mallory.looks_at_own_account() is None
    assert await mallory.device.refused("{ myReports { edges { cursor } } }") == ["NOT_SIGNED_IN"]
    dr_half = dr_vos.elsewhere("BEARER")
    dr_half.device.session_token = (await dr_half.starts_sign_in())["token"]
    assert await dr_half.device.refused("{ dossiers { totalCount } }") == ["NOT_SIGNED_IN"]


async def test_only_the_sign_in_that_proved_goes_on(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    mallory, phone = ada.elsewhere("BEARER"), ada.elsewhere("BEARER")
    waiting, step = await mallory.starts_sign_in(), await phone.starts_sign_in()
    assert (await phone.proves(step, "totp", ada.app.code()))["__typename"] == "SignedIn"
    assert (await mallory.looks_again(waiting["token"]))["__typename"] == "FactorRequired"
    assert await sluis.count("sign_in", "proven_at IS NOT NULL AND completed_at IS NULL") == 0
