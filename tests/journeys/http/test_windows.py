"""Both edges of the windows of a sign-in and a session: the last second in which one is open, and the first after."""

from datetime import timedelta

import pytest

from tests.people.cast import Person
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

#: Before the end of the window, and at it.
EDGES = pytest.mark.parametrize(("before", "open_"), [(1, True), (0, False)], ids=["before", "at"])


def let_pass(sluis: Sluis, before: int, **span: float) -> None:
    """As long as the window, less so many seconds."""
    sluis.clock.now += timedelta(**span) - timedelta(seconds=before)


@pytest.fixture
async def newcomer(dr_vos: StaffPerson, ada: Person) -> Person:
    """Has an account, and sets up a factor at the next sign-in."""
    respondent = await dr_vos.finds(ada.own.name)
    await dr_vos.gives_email(respondent, ada.own.email)
    await dr_vos.invites(respondent["id"])
    await ada.accepts(await ada.gets_link("accept"), "drie geiten op een vlot")
    return ada


@EDGES
async def test_a_sign_in_lives_fifteen_minutes(sluis: Sluis, newcomer: Person, before: int, open_: bool) -> None:
    step = await newcomer.starts_sign_in()
    let_pass(sluis, before, minutes=15)
    answer = await newcomer.confirms_password(step)
    assert answer["__typename"] == ("EnrolmentRequired" if open_ else "SignInExpired")


@EDGES
async def test_the_password_counts_for_five_minutes_of_setting_up(
    sluis: Sluis, newcomer: Person, before: int, open_: bool
) -> None:
    step = await newcomer.confirms_password(await newcomer.starts_sign_in())
    let_pass(sluis, before, minutes=5)
    assert (await newcomer.scans(step))["__typename"] == ("EnrolmentBegun" if open_ else "PasswordNeeded")


@EDGES
async def test_an_app_being_set_up_waits_five_minutes(sluis: Sluis, newcomer: Person, before: int, open_: bool) -> None:
    step = await newcomer.confirms_password(await newcomer.starts_sign_in())
    begun = await newcomer.scans(step)
    let_pass(sluis, before, minutes=5)
    if not open_:
        step = await newcomer.confirms_password(step)
    done = await newcomer.shows_app_works(step, begun)
    assert done["__typename"] == ("EnrolmentConfirmed" if open_ else "ChallengeExpired")


@EDGES
async def test_a_challenge_waits_five_minutes(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, before: int, open_: bool
) -> None:
    await dr_vos.lets_in(ada)
    step = await ada.starts_sign_in()
    let_pass(sluis, before, minutes=5)
    answer = await ada.proves(step, "totp", ada.app.code())
    assert answer["__typename"] == ("SignedIn" if open_ else "ChallengeExpired")


@EDGES
async def test_a_session_ends_after_an_hour_without_a_request(
    sluis: Sluis, olga: StaffPerson, before: int, open_: bool
) -> None:
    await is_in(olga)
    let_pass(sluis, before, hours=1)
    assert await is_in(olga) is open_


@EDGES
async def test_a_session_of_staff_ends_after_twelve_hours(
    sluis: Sluis, olga: StaffPerson, before: int, open_: bool
) -> None:
    for _ in range(23):
        sluis.clock.forward(minutes=30)
        await is_in(olga)
    let_pass(sluis, before, minutes=30)
    assert await is_in(olga) is open_


@EDGES
async def test_staff_approve_for_fifteen_minutes(
    sluis: Sluis, dr_vos: StaffPerson, newcomer: Person, before: int, open_: bool
) -> None:
    await newcomer.keeps_codes(await newcomer.sets_up_app(await newcomer.starts_sign_in()))
    respondent = (await dr_vos.finds(newcomer.own.name))["id"]
    let_pass(sluis, before, minutes=15)
    answer = await dr_vos.approves(respondent)
    assert answer["__typename"] == ("AccessApproved" if open_ else "StepUpRequired")


async def is_in(person: Person) -> bool:
    return await person.looks_at_own_account() is not None
