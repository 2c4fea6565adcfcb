"""A factor that raises, hangs or answers nonsense: whatever it was asked for is denied, audited and costs nobody."""

import asyncio
import json
import time
from typing import Any

import pytest
from structlog.testing import capture_logs

from factors.totp import Totp, TotpState
from plugins import Accepted, EnrolmentBegun, Issued, Opened, Refused, State
from tests.people.cast import Belongings
from tests.people.factor_owner import FactorOwner
from tests.people.staff import StaffPerson
from tests.support.failing import ALL, Broken, hangs, misbehaving, raises
from tests.support.sluis import Sluis

pytestmark = pytest.mark.security


class Strange(State):
    """Of another factor."""


class Unwritable(TotpState):
    """Of the factor, it says, and in the way of its own storage."""

    def model_dump_json(self, **_: Any) -> str:
        raise RuntimeError("no ink")


def answering(answer: Any) -> Broken:
    async def verb(*_: Any) -> Any:
        return answer() if callable(answer) else answer

    verb.__name__ = f"answers {answer}"
    return verb


NONSENSE = [
    answering(Accepted(Strange())),
    answering(lambda: Accepted(Unwritable(secret="A" * 32, last_step=0))),
    answering(Refused("WRONG")),  # type: ignore[arg-type]
    answering(Refused("WRONG", alert="FACTOR_FAILED")),  # type: ignore[arg-type]
    answering(Accepted(None)),
    answering(lambda: Accepted(TotpState(secret="A" * 65_536, last_step=0))),
]


LARGE = answering(EnrolmentBegun(TotpState(secret="A" * 65_536, last_step=0)))


@pytest.fixture
def given_settings() -> dict[str, Any]:
    return {
        "plugins": ["totp", "passkeys", "recovery_codes", "remembered_devices"],
        "failures_slow_from": 6,
    }


@pytest.fixture
async def ada(sluis: Sluis, dr_vos: StaffPerson) -> FactorOwner:
    """Let in with an app, a key and recovery codes; at a device of hers."""
    ada = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"), "BEARER")
    await dr_vos.lets_in(ada)
    await ada.adds_key()
    return ada


async def alarms(sluis: Sluis, event: str) -> list[tuple[str, str]]:
    """Of each audited failure of a factor: its outcome and which factor."""
    rows = await sluis.rows("SELECT outcome, details FROM audit_event WHERE event = ? ORDER BY at", event)
    told = [(row["outcome"], json.loads(row["details"])) for row in rows]
    return [(outcome, details["factor"]) for outcome, details in told if details.get("alert") == "FACTOR_FAILED"]


async def test_what_it_breaks_down_over_is_denied_and_nothing_is_spent(sluis: Sluis, ada: FactorOwner) -> None:
    sessions, step = await sluis.count("login_session"), await ada.elsewhere("BEARER").starts_sign_in()
    sluis.clock.forward(seconds=30)
    code, tries = ada.app.code(), [*ALL, *NONSENSE]
    for number, verify in enumerate(tries, 1):
        with misbehaving(sluis, "totp", verify=verify):
            assert (await ada.proves(step, "totp", code))["code"] == "PROOF_WRONG", verify.__name__
        assert await alarms(sluis, "factor.verify") == [("REFUSED", "totp")] * number
        if number % 10 == 0:
            sluis.clock.forward(seconds=1)
    assert await sluis.count("login_session") == sessions
    assert await sluis.count("attempt_budget", "subject LIKE '%:totp' AND consecutive > 0") == 0
    assert await sluis.count("outbox_message", "template = 'notice_factor_alert'") == 0
    assert (await ada.proves(step, "totp", code))["__typename"] == "SignedIn", "mended, the same code is still good"


async def test_a_factor_that_hangs_is_not_waited_for(sluis: Sluis, ada: FactorOwner) -> None:
    step = await ada.elsewhere("BEARER").starts_sign_in()
    with misbehaving(sluis, "totp", verify=hangs):
        asking = asyncio.create_task(ada.proves(step, "totp", ada.app.wrong()))
        await asyncio.wait({asking}, timeout=15)
        assert asking.done()
        assert (await asking)["code"] == "PROOF_WRONG"


async def test_what_answers_after_its_time_is_denied(sluis: Sluis, ada: FactorOwner) -> None:
    """Code that blocks holds the clock up too: its right answer comes too late, and the log says who held everybody."""

    async def blocks(self: Totp, *given: Any) -> Any:
        verdict = await Totp.verify(self, *given)
        time.sleep(0.6)  # noqa: ASYNC251 - it is what this is about
        return verdict

    sessions, step = await sluis.count("login_session"), await ada.elsewhere("BEARER").starts_sign_in()
    sluis.clock.forward(seconds=30)
    code = ada.app.code()
    with capture_logs() as lines:
        with misbehaving(sluis, "totp", verify=blocks):
            assert (await ada.proves(step, "totp", code))["code"] == "PROOF_WRONG"
        assert await alarms(sluis, "factor.verify") == [("REFUSED", "totp")]
        assert await sluis.count("login_session") == sessions
        assert (await ada.proves(step, "totp", code))["__typename"] == "SignedIn", "mended, the same code is still good"
    (held,) = [line for line in lines if line["event"] == "loop.held" and "blocks" in str(line["place"])]
    assert held["operation"] == "factor totp, for mutation answerFactor"
    assert sluis.app is not None
    assert sluis.app.lag.longest > 0.25


async def test_a_failure_of_the_factor_forgives_no_guess(sluis: Sluis, ada: FactorOwner) -> None:
    step = await ada.elsewhere("BEARER").starts_sign_in()
    sluis.clock.forward(seconds=30)
    code = ada.app.code()
    for _ in range(5):
        assert (await ada.proves(step, "totp", ada.app.wrong()))["code"] == "PROOF_WRONG"
        with misbehaving(sluis, "totp", verify=raises):
            assert (await ada.proves(step, "totp", ada.app.wrong()))["code"] == "PROOF_WRONG"
    assert (await ada.proves(step, "totp", ada.app.wrong()))["code"] == "PROOF_WRONG"
    assert (await ada.proves(step, "totp", code))["code"] == "TOO_MANY_ATTEMPTS", "six guesses were made"


async def test_setting_up_fails_closed(sluis: Sluis, ada: FactorOwner) -> None:
    broken = [*ALL, answering(EnrolmentBegun(Strange())), answering(EnrolmentBegun(None)), LARGE]
    enrolled = await sluis.count("factor_enrolment")
    for verb in broken:
        with misbehaving(sluis, "totp", begin_enrolment=verb):
            assert (await ada.scans({}))["code"] == "FACTOR_UNAVAILABLE", verb.__name__
    assert await alarms(sluis, "factor.failed") == [("REFUSED", "totp")] * len(broken)
    begun = await ada.scans({})
    code = ada.app.code()
    for verb in [*ALL, *NONSENSE]:
        with misbehaving(sluis, "totp", confirm_enrolment=verb):
            assert (await ada.shows_app_works({}, begun, code))["code"] == "PROOF_WRONG", verb.__name__
    assert await alarms(sluis, "factor.enrolment") == [("REFUSED", "totp")] * (len(ALL) + len(NONSENSE))
    assert await sluis.count("factor_enrolment") == enrolled
    assert (await ada.shows_app_works({}, begun, code))["__typename"] == "EnrolmentConfirmed"


async def test_a_challenge_that_fails_leaves_the_other_ways_in_open(sluis: Sluis, ada: FactorOwner) -> None:
    broken = [*ALL, answering(Opened(public=None)), answering(Opened(secret={"a": object()}))]  # type: ignore[arg-type]
    broken += [
        answering(Opened(public={"a": "x" * 262_144})),
        answering(Opened(secret={"a": "x" * 262_144})),
    ]
    for number, verb in enumerate(broken, 1):
        device = ada.elsewhere("BEARER")
        with misbehaving(sluis, "passkeys", challenge=verb):
            step = await device.starts_sign_in()
        shown = {option["factor"]: option["challenge"] is not None for option in step["options"]}
        assert shown == {"totp": True, "passkeys": False, "recovery_codes": True}, verb.__name__
        assert await alarms(sluis, "factor.failed") == [("REFUSED", "passkeys")] * number
    assert (await device.proves(step, "totp", ada.app.code()))["__typename"] == "SignedIn"


async def test_a_start_without_a_password_fails_closed(sluis: Sluis, ada: FactorOwner) -> None:
    await sluis.rows("""UPDATE practice SET policy = '{"RESPONDENT": {"passwordless": true}}' WHERE slug = 'demo'""")
    for verb in ALL:
        with misbehaving(sluis, "passkeys", challenge=verb):
            assert (await ada.starts_without_password())["code"] == "FACTOR_UNAVAILABLE", verb.__name__
    assert await alarms(sluis, "factor.failed") == [("REFUSED", "passkeys")] * len(ALL)
    assert (await ada.elsewhere("BEARER").signs_in_without_password())["__typename"] == "SignedIn"


async def test_a_stand_in_that_fails_leaves_the_old_one(sluis: Sluis, ada: FactorOwner) -> None:
    broken = [*ALL, answering(Issued(Strange(), {})), answering(Issued(None, {}))]
    for verb in broken:
        with misbehaving(sluis, "recovery_codes", issue=verb):
            assert (await ada.takes_codes({}))["code"] in {"FACTOR_UNAVAILABLE", "TOO_MANY_ATTEMPTS"}, verb.__name__
        sluis.clock.forward(minutes=15)
        await ada.steps_up()
    assert await alarms(sluis, "factor.failed") == [("REFUSED", "recovery_codes")] * len(broken)
    assert (await ada.uses_code())["__typename"] == "SignedIn"


async def test_a_device_that_cannot_be_told_is_asked_the_factor(sluis: Sluis, ada: FactorOwner) -> None:
    phone = ada.elsewhere("BEARER")
    with misbehaving(sluis, "remembered_devices", issue=raises):
        done = await phone.signs_in(remember=12 * 3600)
        assert (done["__typename"], done["deviceToken"]) == ("SignedIn", None)
    sluis.clock.forward(seconds=30)
    assert (await phone.signs_in(remember=12 * 3600))["deviceToken"]
    for verb in [*ALL, *NONSENSE]:
        with misbehaving(sluis, "remembered_devices", verify=verb):
            assert (await phone.starts_sign_in())["__typename"] == "FactorRequired", verb.__name__
    assert await alarms(sluis, "factor.failed") == [("REFUSED", "remembered_devices")] * (1 + len(ALL) + len(NONSENSE))
    assert (await phone.starts_sign_in())["__typename"] == "SignedIn"


async def test_failing_removal_hook_stops_no_removal(sluis: Sluis, ada: FactorOwner) -> None:
    failing = [verb for verb in ALL if verb.__name__ != "answers_none"]
    for number, verb in enumerate(failing, 1):
        with misbehaving(sluis, "passkeys", removed=verb):
            assert (await ada.removes_key())["__typename"] == "FactorRemoved", verb.__name__
        assert await alarms(sluis, "factor.failed") == [("REFUSED", "passkeys")] * number
        # Removing a factor ended the step-up.
        sluis.clock.forward(seconds=30)
        assert (await ada.steps_up())["__typename"] == "SteppedUp"
        await ada.adds_key()


async def test_a_handle_that_raises_names_nothing(sluis: Sluis, ada: FactorOwner) -> None:
    step = await ada.elsewhere("BEARER").is_asked_for_key()
    credential = ada.key.get(step["asked"]["options"])
    for handle in (lambda *_: 1 / 0, lambda *_: 7, lambda *_: b"\0", lambda *_: "\0"):
        with misbehaving(sluis, "passkeys", handle=handle):
            assert (await ada.proves_key(step, credential))["code"] == "PROOF_WRONG"
    assert (await ada.proves_key(step, credential))["__typename"] == "SignedIn"


async def test_a_state_of_a_newer_release_is_left_alone(sluis: Sluis, ada: FactorOwner) -> None:
    """An older release came back: it must not guess at what a newer one stored, and lose what is spent there."""

    def guesses(_: Any, version: int, state: Any) -> Any:
        return state

    device = ada.elsewhere("BEARER")
    asked_before = await device.starts_sign_in()
    await sluis.rows("UPDATE factor_enrolment SET state_version = 2 WHERE factor = 'totp'")
    before = await sluis.rows("SELECT * FROM factor_enrolment ORDER BY id")
    sluis.clock.forward(seconds=30)
    with misbehaving(sluis, "totp", upgrade=guesses):
        assert (await device.proves(asked_before, "totp", ada.app.code()))["code"] == "FACTOR_UNAVAILABLE"
        step = await ada.elsewhere("BEARER").starts_sign_in()
        shown = {option["factor"]: option["challenge"] is not None for option in step["options"]}
        assert shown == {"totp": False, "passkeys": True, "recovery_codes": True}
        assert (await ada.scans({}))["code"] == "FACTOR_UNAVAILABLE"
    assert await sluis.rows("SELECT * FROM factor_enrolment ORDER BY id") == before, "kept as it was"
    assert ("REFUSED", "totp") in await alarms(sluis, "factor.verify")
    with misbehaving(sluis, "totp", state_version=2):
        assert (await device.proves(asked_before, "totp", ada.app.code()))["__typename"] == "SignedIn"
