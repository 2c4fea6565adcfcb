"""Each proof ends with what it rests on: every cell of the table in `flows/core/assurance.py`, by what people see.

Ada acts in one session. Another device of hers stepped up with her app, has a sign-in, an enrolment and a change of
address under way, and follows a stream; a third came in without a code, because it is remembered; a fourth stands
between its code and the end of its sign-in; and a link for a new password waits in her mailbox.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from flows.core.assurance import TABLE, Cause, Extent
from tests.journeys.onboarding.test_second_invitation import second_invitation
from tests.people.cast import Belongings
from tests.people.device import Answer, Subscription
from tests.people.factor_owner import FactorOwner
from tests.people.manager import managing
from tests.people.staff import StaffPerson
from tests.support.sluis import PATIENT, Sluis

pytestmark = pytest.mark.security

LATER = '{"RESPONDENT": {"offered_from": "2026-01-01T00:00:00+00:00", "required_from": "2027-01-01T00:00:00+00:00"}}'


@pytest.fixture
def given_settings() -> dict[str, Any]:
    return {"plugins": ["totp", "passkeys", "recovery_codes", "remembered_devices"], **PATIENT}


@dataclass
class Scene:
    """Who is there. ``respondents`` are of the first and of a second dossier; ``begun`` is the other's enrolment."""

    sluis: Sluis
    dr_vos: StaffPerson
    olga: StaffPerson
    ada: FactorOwner
    other: FactorOwner
    remembered: FactorOwner
    half: FactorOwner
    respondents: tuple[str, str]
    begun: Answer
    step: Answer
    reset: str
    address: str

    async def later(self) -> None:
        """The next code of the app."""
        self.sluis.clock.forward(seconds=30)


async def arranged(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson) -> Scene:
    ada = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"))
    respondent = await dr_vos.lets_in(ada)
    _, second, link = await second_invitation(dr_vos, ada)
    await ada.links(link)
    await dr_vos.approves(second)
    other, remembered, half = ada.elsewhere("BEARER"), ada.elsewhere("BEARER"), ada.elsewhere("BEARER")
    sluis.clock.forward(seconds=30)
    await remembered.signs_in(remember=86400)
    assert (await remembered.starts_sign_in())["__typename"] == "SignedIn"
    sluis.clock.forward(seconds=30)
    await other.signs_in()
    assert (await other.asks_for_email("ada@elsewhere.example"))["__typename"] == "EmailChangeAsked"
    moved = other.elsewhere("BEARER")
    moved.own = Belongings(ada.own.name, "ada@elsewhere.example")
    address = await moved.gets_link("verify")
    app = ada.own.app
    begun = await other.scans({})
    # Setting up begins with the app of before.
    other.own.app = app
    await ada.forgets_password()
    reset = await ada.gets_link("reset")
    sluis.clock.forward(seconds=30)
    step = await _before_its_end(sluis, half)
    return Scene(sluis, dr_vos, olga, ada, other, remembered, half, (respondent, second), begun, step, reset, address)


async def _before_its_end(sluis: Sluis, half: FactorOwner) -> Answer:
    """A sign-in with the app proven, that waits for codes to be kept."""
    await sluis.rows("UPDATE factor_enrolment SET confirmed_at = NULL WHERE role = 'FALLBACK'")
    step = await half.signs_in()
    assert step["__typename"] == "FallbackUnconfirmed"
    return step


async def _chooses_password(scene: Scene) -> Answer:
    await scene.sluis.rows("UPDATE account SET must_change_password = TRUE WHERE name = 'Ada de Vries'")
    await scene.sluis.rows("UPDATE factor_enrolment SET confirmed_at = created_at WHERE role = 'FALLBACK'")
    await scene.later()
    chooser = scene.ada.elsewhere("BEARER")
    return await chooser.replaces_password(await chooser.signs_in(), "seventien stille reigers")


async def _replaces_app(scene: Scene) -> Answer:
    await scene.later()
    await scene.ada.steps_up()
    begun = await scene.ada.scans({})
    return await scene.ada.shows_app_works({}, begun)


async def _removes_app(scene: Scene) -> Answer:
    await scene.sluis.rows("UPDATE practice SET policy = ? WHERE slug = 'demo'", LATER)
    await scene.later()
    return await scene.ada.removes_app()


async def _changes_address(scene: Scene) -> Answer:
    ada = scene.ada
    await ada.asks_for_email("ada@new.example")
    reader = ada.elsewhere()
    reader.own = Belongings(ada.own.name, "ada@new.example")
    return await ada.confirms_email(await reader.gets_link("verify"))


#: How each cause comes about, and the type of its answer.
ACTS: dict[Cause, tuple[Callable[[Scene], Awaitable[Answer]], str]] = {
    Cause.PASSWORD_CHANGED: (lambda s: s.ada.changes_password("seventien stille reigers"), "PasswordChanged"),
    Cause.PASSWORD_CHOSEN: (_chooses_password, "SignedIn"),
    Cause.PASSWORD_RESET: (lambda s: s.ada.resets(s.reset, "seventien stille reigers"), "PasswordReset"),
    Cause.FACTOR_ADDED: (_replaces_app, "EnrolmentConfirmed"),
    Cause.FACTOR_REMOVED: (_removes_app, "FactorRemoved"),
    Cause.CODES_RENEWED: (lambda s: s.ada.takes_codes({}), "FallbackIssued"),
    Cause.DEVICE_REVOKED: (lambda s: s.ada.revokes_all_devices(), "AllDevicesRevoked"),
    Cause.FACTORS_RESET: (lambda s: s.dr_vos.resets_factors(s.respondents[0]), "FactorsReset"),
    Cause.EMAIL_CHANGED: (_changes_address, "EmailVerified"),
    Cause.ACCESS_NARROWED: (lambda s: s.dr_vos.deactivates(s.respondents[1]), "AccessDeactivated"),
    Cause.ACCESS_CLOSED: (lambda s: _deactivates_both(s), "AccessDeactivated"),
    Cause.SUSPENDED: (lambda s: s.olga.suspends_account(s.respondents[0]), "SuspensionSet"),
    Cause.CLOSED: (lambda s: s.ada.closes_account(), "AccountEnded"),
}


async def _deactivates_both(scene: Scene) -> Answer:
    await scene.dr_vos.deactivates(scene.respondents[1])
    return await scene.dr_vos.deactivates(scene.respondents[0])


def test_every_cause_is_tried() -> None:
    assert ACTS.keys() == TABLE.keys() == {*Cause}


@pytest.mark.parametrize("cause", [*Cause])
async def test_what_ends_with_it(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, cause: Cause) -> None:
    scene = await arranged(sluis, dr_vos, managing(olga))
    act, answer = ACTS[cause]
    ends = TABLE[cause]
    app_gone = cause in (Cause.FACTOR_ADDED, Cause.FACTOR_REMOVED)
    devices_gone = ends.devices is not Extent.NONE
    over = {
        "other": ends.sessions in (Extent.OTHERS, Extent.ALL) or (ends.sessions is Extent.GONE and app_gone),
        "remembered": ends.sessions in (Extent.OTHERS, Extent.ALL) or (ends.sessions is Extent.GONE and devices_gone),
        "acting": ends.sessions is Extent.ALL,
    }
    async with scene.other.watches_access() as stream:
        await stream.news()
        done = await act(scene)
        assert done["__typename"] == answer, done
        if over["other"]:
            assert await stream.closed() == 4403
        else:
            await _goes_on(stream, scene)

    seen = {
        "other": await scene.other.sees_settings(),
        "remembered": await scene.remembered.sees_settings(),
        "acting": await scene.ada.sees_settings(),
    }
    assert {who: page is None for who, page in seen.items()} == over
    if not over["acting"]:
        assert (seen["acting"]["steppedUpUntil"] is None) is (ends.step_ups is Extent.ALL)
    if not over["other"]:
        assert (seen["other"]["steppedUpUntil"] is None) is (ends.step_ups is not Extent.NONE)
    await _enrolment(scene, over=over["other"] or ends.step_ups is not Extent.NONE)

    step = await scene.half.looks_again(scene.step["token"])
    gone = ends.sign_ins in (Extent.OTHERS, Extent.ALL, Extent.PROVEN)
    assert step["__typename"] == ("SignInExpired" if gone else "FallbackUnconfirmed"), step
    devices = await sluis.count("factor_enrolment", "role = 'WAIVER'")
    assert devices == (0 if devices_gone else 1)
    await _links(scene, ends.links, used=cause is Cause.PASSWORD_RESET)


async def test_new_recovery_codes_end_the_step_ups_of_other_sessions(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson
) -> None:
    """Said here and not read from the table, which could say otherwise one day."""
    scene = await arranged(sluis, dr_vos, managing(olga))
    people = (scene.ada, scene.other)
    assert all([(await one.sees_settings())["steppedUpUntil"] for one in people])
    act, answer = ACTS[Cause.CODES_RENEWED]
    assert (await act(scene))["__typename"] == answer
    assert [bool((await one.sees_settings())["steppedUpUntil"]) for one in people] == [True, False]


async def _goes_on(stream: Subscription, scene: Scene) -> None:
    """Something that the stream tells happens, and it does."""
    await scene.sluis.rows("UPDATE account SET locale = 'nl' WHERE name = 'Ada de Vries'")
    assert stream.connection.close_code is None


async def _enrolment(scene: Scene, *, over: bool) -> None:
    """The other device finishes the app that it had begun to set up, which no other factor may come of."""
    if over:
        confirmed = await scene.other.shows_app_works({}, scene.begun, "000000")
        assert confirmed["code"] in {"STEP_UP_REQUIRED", "NOT_SIGNED_IN"}, confirmed
        # A new step-up does not revive the enrolment.
        begun = await scene.sluis.count(
            "challenge", "purpose = 'ENROL' AND factor = 'totp' AND consumed_at IS NULL AND session_id IS NOT NULL"
        )
        ended = await scene.sluis.count("login_session", "ended_at IS NOT NULL")
        assert begun == 0 or ended > 0
    else:
        confirmed = await scene.other.shows_app_works({}, scene.begun, "000000")
        assert confirmed["code"] == "PROOF_WRONG", confirmed


async def _links(scene: Scene, ends: Extent, *, used: bool) -> None:
    moving = await scene.ada.elsewhere("BEARER").confirms_email(scene.address)
    refused = moving.get("code", "")
    assert refused.startswith("LINK_") is (ends is not Extent.NONE), moving
    reset = await scene.ada.elsewhere("BEARER").resets(scene.reset, "achttien luide kraaien")
    dead = ends is Extent.ALL or not refused
    assert reset.get("code", "").startswith("LINK_") is dead, reset
    assert not used or reset["code"] == "LINK_USED"


async def test_a_session_ends_with_the_key_that_opened_it(sluis: Sluis, dr_vos: StaffPerson) -> None:
    """Of two keys, only the sessions of the one that goes; the session in which it goes stays."""
    ada = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"))
    await dr_vos.lets_in(ada)
    await ada.adds_key(label="blue")
    blue = ada.key
    await ada.adds_key(label="green")
    green = ada.key
    thief, friend = ada.elsewhere("BEARER"), ada.elsewhere("BEARER")
    thief.plugs_in(blue)
    friend.plugs_in(green)
    for person in (thief, friend):
        assert (await person.signs_in_with_key())["__typename"] == "SignedIn"
    (identity,) = [one["id"] for one in (await ada.sees_settings())["factors"] if one["label"] == "blue"]
    begun = await ada.begins_removal(identity, "... on PasskeyChallenge { options }")
    proof = {"passkeys": {"credential": blue.get(begun["challenge"]["options"])}}
    assert (await ada.removes(identity, begun, proof))["__typename"] == "FactorRemoved"
    assert await thief.looks_at_own_account() is None
    assert await friend.looks_at_own_account() is not None
    assert await ada.looks_at_own_account() is not None


async def test_the_attack_with_a_stolen_app(sluis: Sluis, dr_vos: StaffPerson) -> None:
    """A thief's session steps up with the stolen app; once the victim replaced the app, it can do nothing more."""
    ada = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"))
    await dr_vos.lets_in(ada)
    thief = ada.elsewhere("BEARER")
    sluis.clock.forward(seconds=30)
    await thief.signs_in()
    sluis.clock.forward(seconds=30)
    assert (await thief.steps_up())["__typename"] == "SteppedUp"
    stolen = ada.app
    sluis.clock.forward(seconds=30)
    await ada.steps_up()
    assert (await ada.shows_app_works({}, await ada.scans({})))["__typename"] == "EnrolmentConfirmed"
    new = ada.app
    thief.own = Belongings(ada.own.name, ada.own.email, ada.own.login, ada.own.password, stolen)
    assert (await thief.scans({}))["code"] in {"NOT_SIGNED_IN", "STEP_UP_REQUIRED"}
    assert (await thief.changes_password("dertig valse sleutels"))["code"] in {"NOT_SIGNED_IN", "STEP_UP_REQUIRED"}
    sluis.clock.forward(seconds=30)
    assert (await thief.signs_in())["code"] == "PROOF_WRONG"
    ada.own.app = new
    assert (await ada.elsewhere().signs_in())["__typename"] == "SignedIn"
