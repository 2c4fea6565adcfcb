"""The clock was an hour ahead and is set right: what was stamped meanwhile grants nothing until it has come to pass."""

import pytest

from models.housekeeping import tidy
from tests.people.cast import Person
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

pytestmark = pytest.mark.security


async def test_a_step_up_of_the_future_is_not_fresh(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    sluis.clock.forward(minutes=3)
    await ada.steps_up()
    assert (await ada.sees_settings())["steppedUpUntil"] is not None
    sluis.clock.forward(minutes=-2)
    # It was last seen in the future, too.
    assert await ada.looks_at_own_account() is None
    assert (await ada.takes_codes({}))["code"] in {"STEP_UP_REQUIRED", "NOT_SIGNED_IN"}


async def test_a_session_that_had_expired_stays_over(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    sluis.clock.forward(minutes=61)
    assert await ada.looks_at_own_account() is None
    await tidy(sluis.clock.now)
    sluis.clock.forward(minutes=-45)
    assert await ada.looks_at_own_account() is None


async def test_sessions_and_links_from_the_future_are_refused(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person
) -> None:
    """A session, a sign-in under way, a remembered device, a link for a new password and an invitation."""
    await dr_vos.lets_in(ada)
    respondent = await dr_vos.finds(bram.own.name)
    await dr_vos.gives_email(respondent, bram.own.email)
    sluis.clock.forward(minutes=5)
    phone, half = ada.elsewhere("BEARER"), ada.elsewhere("BEARER")
    await phone.signs_in(remember=86400)
    step = await half.starts_sign_in()
    await ada.forgets_password()
    reset = await ada.gets_link("reset")
    await dr_vos.invites(respondent["id"])
    invitation = await bram.gets_link("accept")
    sluis.clock.forward(minutes=-4)
    assert await phone.looks_at_own_account() is None
    assert (await phone.starts_sign_in())["__typename"] == "FactorRequired"
    assert (await half.looks_again(step["token"]))["code"] == "SIGN_IN_EXPIRED"
    assert (await ada.resets(reset, "zeven hoge bruine heggen"))["code"] == "LINK_EXPIRED"
    assert (await bram.opens(invitation))["code"] == "LINK_EXPIRED"
    sluis.clock.forward(minutes=4)
    assert await phone.looks_at_own_account() is not None, "it has come to pass"
    assert (await bram.opens(invitation))["__typename"] == "InvitationOpened"
