"""What lies sealed in the database is of no use in another row."""

import pytest

from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

_MINE = "account_id = (SELECT id FROM account WHERE email = ?) AND factor = 'totp'"


@pytest.mark.tampers("factor_enrolment.state")
async def test_a_factors_state_moved_to_another_account_does_not_open(
    sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson
) -> None:
    """An attacker with write access to the database gives an account their own factor, and can't prove it."""
    sluis.clock.forward(minutes=1)
    hers = dr_vos.elsewhere()
    step = await hers.starts_sign_in()
    await sluis.rows(
        f"UPDATE factor_enrolment SET state = (SELECT state FROM factor_enrolment WHERE {_MINE}) WHERE {_MINE}",
        olga.own.email,
        dr_vos.own.email,
    )
    answer = await hers.proves(step, "totp", olga.app.code())
    assert answer["__typename"] != "SignedIn"
    assert await hers.looks_at_own_account() is None
    assert (await olga.elsewhere().signs_in())["__typename"] == "SignedIn", "the code was right"
