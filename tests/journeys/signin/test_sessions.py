"""What a session goes by: another token at every rise in assurance, and none of them stored."""

from functools import partial

from security.tokens import token_hash
from tests.people.staff import StaffPerson
from tests.support.refusing import refused
from tests.support.sluis import Sluis


async def test_a_step_up_leaves_the_old_token_dead(sluis: Sluis, olga: StaffPerson) -> None:
    before = olga.device.session_token
    sluis.clock.forward(minutes=1)
    assert (await olga.steps_up())["__typename"] == "SteppedUp"
    assert await olga.looks_at_own_account() is not None
    olga.device.session_token = before
    assert await olga.looks_at_own_account() is None


async def test_no_token_is_stored(sluis: Sluis, olga: StaffPerson) -> None:
    underway = (await olga.elsewhere("BEARER").starts_sign_in())["token"]
    session = str(olga.device.session_token)
    stored = str(await sluis.database.tables())
    assert all(token_hash(token) in stored for token in (underway, session)), "it would be found there"
    assert not [token for token in (underway, session) if token in stored]


async def test_signing_out_ends_it_at_the_server(olga: StaffPerson) -> None:
    token = olga.device.session_token
    assert (await olga.signs_out())["__typename"] == "SignedOut"
    olga.device.session_token = token
    assert await olga.looks_at_own_account() is None, "the token is invalid"


async def test_nobody_ends_a_session_of_somebody_else(sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson) -> None:
    (hers,) = (await olga.sees_settings())["loginSessions"]
    await refused(sluis, dr_vos, partial(dr_vos.ends_session, hers["id"]), "NOT_FOUND")
    assert await olga.looks_at_own_account() is not None
