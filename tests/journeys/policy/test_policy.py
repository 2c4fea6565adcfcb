"""What a practice asks of its people: who may change it, what it refuses, and that it holds at once."""

import json
from typing import Any

import pytest

from tests.people.cast import Belongings
from tests.people.factor_owner import FactorOwner
from tests.people.manager import Manager, managing
from tests.people.staff import StaffPerson
from tests.support.refusing import error, refused
from tests.support.sluis import Sluis

HOUR, DAY = 3600, 86400
SAID = {
    "POLICY_UNKNOWN_FACTOR": (
        "Alleen factoren die hier geïnstalleerd zijn en die mensen zelf instellen kunnen toegestaan worden.",
        "Only factors that are installed here and that people set up themselves can be allowed.",
    ),
    "POLICY_NO_FACTOR": (
        "Sta minstens één factor toe: anders kan niemand er een instellen.",
        "Allow at least one factor: nobody could set one up otherwise.",
    ),
    "POLICY_PREFERRED": (
        "De factor die voorkeur heeft moet een van de toegestane factoren zijn.",
        "The preferred factor must be one of the allowed factors.",
    ),
    "POLICY_DATES": (
        "Een factor kan alleen aangeboden worden vóór de datum waarop die verplicht wordt.",
        "A factor can only be offered before the date from which it is required.",
    ),
    "POLICY_DURATION": (
        "Een apparaat kan 1 uur tot 30 dagen onthouden worden, met hoogstens tien verschillende keuzes.",
        "A device can be remembered for 1 hour to 30 days, with at most ten different choices.",
    ),
    "POLICY_DEFAULT": (
        "De vooraf gekozen duur moet een van de duren zijn.",
        "The preselected duration must be one of the durations.",
    ),
    "POLICY_NOT_PRIMARY": (
        "Geen van de toegestane factoren kan het hele inloggen vervangen.",
        "None of the allowed factors can stand for the whole sign-in.",
    ),
}


@pytest.fixture
def given_settings() -> dict[str, Any]:
    return {"plugins": ["totp", "passkeys", "recovery_codes", "remembered_devices"]}


@pytest.fixture
def owner(olga: StaffPerson) -> Manager:
    return managing(olga)


@pytest.fixture
async def ada(sluis: Sluis, dr_vos: StaffPerson) -> FactorOwner:
    """Let in with an app and recovery codes."""
    ada = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"))
    await dr_vos.lets_in(ada)
    return ada


async def stored(sluis: Sluis) -> dict[str, Any]:
    (row,) = await sluis.rows("SELECT policy FROM practice WHERE slug = 'demo'")
    return dict(json.loads(row["policy"]) if isinstance(row["policy"], str) else row["policy"])


async def test_it_is_read_by_staff_and_changed_by_managers(sluis: Sluis, owner: Manager, dr_vos: StaffPerson) -> None:
    assert await managing(dr_vos).sees_policy() == {
        "audience": "RESPONDENT",
        "factors": [{"factor": "totp"}, {"factor": "passkeys"}],
        "preferred": None,
        "allFactors": True,
        "unavailable": [],
        "offeredFrom": None,
        "requiredFrom": None,
        "demand": "REQUIRED",
        "remember": [12 * HOUR, DAY, 3 * DAY, 7 * DAY],
        "rememberDefault": 12 * HOUR,
        "fallback": True,
        "passwordless": False,
    }
    answer = await owner.sets_policy(
        factors=["passkeys", "totp", "passkeys"], remember=[HOUR, DAY], rememberDefault=DAY
    )
    assert answer["__typename"] == "PolicySet"
    now = await owner.sees_policy()
    assert ([each["factor"] for each in now["factors"]], now["allFactors"]) == (["passkeys", "totp"], False)
    assert (now["remember"], now["rememberDefault"], now["fallback"]) == ([HOUR, DAY], DAY, True)
    assert (await owner.sees_policy("STAFF"))["allFactors"]
    (told,) = await sluis.rows("SELECT * FROM audit_event WHERE event = 'policy.set'")
    details = json.loads(told["details"]) if isinstance(told["details"], str) else told["details"]
    assert (details["audience"], details["old"]["factors"]) == ("RESPONDENT", None)
    assert details["new"] == (await stored(sluis))["RESPONDENT"]


@pytest.mark.security
async def test_others_do_not_change_or_try_it(
    sluis: Sluis, owner: Manager, dr_vos: StaffPerson, ada: FactorOwner
) -> None:
    therapist, client = managing(dr_vos), Manager(sluis, ada.own)
    client.device = ada.device
    for person in (therapist, client):
        await refused(sluis, person, lambda p=person: p.sets_policy(fallback=False), "NOT_ALLOWED")  # type: ignore[misc]
        await refused(sluis, person, lambda p=person: p.tries_policy(), "NOT_ALLOWED")  # type: ignore[misc]
    assert (await error(client, "{ policy { installed { factor } } }"))["code"] == "NOT_ALLOWED"
    sluis.clock.forward(minutes=5)
    await refused(sluis, owner, lambda: owner.sets_policy(fallback=False), "STEP_UP_REQUIRED")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("POLICY_UNKNOWN_FACTOR", {"factors": ["totp", "pigeon"]}),
        ("POLICY_UNKNOWN_FACTOR", {"factors": ["totp", "sms"]}),
        ("POLICY_UNKNOWN_FACTOR", {"factors": ["totp", "recovery_codes"]}),
        ("POLICY_UNKNOWN_FACTOR", {"factors": ["remembered_devices"]}),
        ("POLICY_NO_FACTOR", {"factors": []}),
        ("POLICY_PREFERRED", {"preferred": "pigeon"}),
        ("POLICY_PREFERRED", {"preferred": "recovery_codes"}),
        ("POLICY_PREFERRED", {"factors": ["totp"], "preferred": "passkeys"}),
        ("POLICY_DATES", {"offeredFrom": "2026-05-02T00:00:00Z", "requiredFrom": "2026-05-01T23:59:59Z"}),
        ("POLICY_DATES", {"offeredFrom": "2026-05-02T00:00:00Z"}),
        ("POLICY_DURATION", {"remember": [HOUR - 1], "rememberDefault": HOUR - 1}),
        ("POLICY_DURATION", {"remember": [30 * DAY + 1], "rememberDefault": 30 * DAY + 1}),
        ("POLICY_DURATION", {"remember": [HOUR, HOUR], "rememberDefault": HOUR}),
        ("POLICY_DURATION", {"remember": [HOUR + n for n in range(11)], "rememberDefault": HOUR}),
        ("POLICY_DEFAULT", {"rememberDefault": 2 * HOUR}),
        ("POLICY_DEFAULT", {"remember": [HOUR]}),
        ("POLICY_NOT_PRIMARY", {"factors": ["totp"], "passwordless": True}),
    ],
)
async def test_what_nobody_could_comply_with_is_refused(
    sluis: Sluis, owner: Manager, code: str, changes: dict[str, Any]
) -> None:
    await refused(sluis, owner, lambda: owner.sets_policy(**changes), code, SAID[code])
    await refused(sluis, owner, lambda: owner.tries_policy(**changes), code, SAID[code])


@pytest.mark.security
async def test_a_time_without_an_offset_is_refused(sluis: Sluis, owner: Manager) -> None:
    """Stored, it could be compared with no other time: nobody of the practice would get in any more."""
    said = (
        "Controleer “Verplicht vanaf”. Geef een datum en een tijd met tijdverschil, zoals 2026-03-02T12:00:00+01:00.",
        "Please check “Required from”. Give a date and a time with its offset, such as 2026-03-02T12:00:00+01:00.",
    )
    bare = "2027-01-01T00:00:00"
    await refused(sluis, owner, lambda: owner.sets_policy(requiredFrom=bare), "INVALID_INPUT", said)
    for answer in (await owner.tries_policy(on=bare), await owner.sets_policy(offeredFrom=bare, requiredFrom=bare)):
        assert answer["code"] == "INVALID_INPUT"


async def test_both_edges_of_what_is_allowed(owner: Manager) -> None:
    widest: dict[str, Any] = {
        "remember": [30 * DAY, HOUR],
        "rememberDefault": HOUR,
        "factors": ["passkeys"],
        "passwordless": True,
    }
    same = {"offeredFrom": "2026-05-02T00:00:00Z", "requiredFrom": "2026-05-02T00:00:00Z"}
    assert (await owner.sets_policy(**widest, **same))["__typename"] == "PolicySet"
    assert (await owner.sets_policy(remember=[], factors=None, offeredFrom=None))["__typename"] == "PolicySet"
    now = await owner.sees_policy()
    assert (now["remember"], now["rememberDefault"], now["allFactors"], now["passwordless"]) == ([], None, True, True)


@pytest.mark.security
async def test_shortening_cuts_at_once(sluis: Sluis, owner: Manager, ada: FactorOwner) -> None:
    phone = ada.elsewhere("BEARER")
    await phone.signs_in(remember=7 * DAY)
    sluis.clock.forward(hours=2)
    await owner.signs_in()
    assert (await phone.starts_sign_in())["__typename"] == "SignedIn"
    await owner.sets_policy(remember=[HOUR], rememberDefault=HOUR)
    assert (await phone.starts_sign_in())["__typename"] == "FactorRequired"
    assert (await phone.sees_factors())["rememberedDevices"] == []
    await owner.sets_policy(remember=[HOUR, 7 * DAY])
    assert (await phone.starts_sign_in())["__typename"] == "FactorRequired", "what was shortened does not come back"
    await owner.sets_policy(remember=[])
    assert (await phone.starts_sign_in())["rememberChoices"] == []


@pytest.mark.security
async def test_a_factor_that_is_not_allowed_is_proven_once_more_and_then_replaced(
    sluis: Sluis, owner: Manager, ada: FactorOwner
) -> None:
    phone = ada.elsewhere("BEARER")
    await phone.signs_in(remember=7 * DAY)
    await owner.sets_policy(factors=["passkeys"])
    for device in (phone, ada.elsewhere()):
        step = await device.starts_sign_in()
        assert [option["factor"] for option in step["options"]] == ["totp", "recovery_codes"], "no device vouches"
        step = await device.proves(step, "totp", ada.app.code())
        assert (step["__typename"], [o["factor"] for o in step["options"]]) == ("EnrolmentRequired", ["passkeys"])
    begun = await phone.scans(await phone.confirms_password(step | {"token": step["token"]}))
    assert begun["code"] == "FACTOR_UNAVAILABLE"
    assert await sluis.count("factor_enrolment", "factor = 'passkeys'") == 0


@pytest.mark.security
async def test_beside_an_allowed_factor_another_is_not_accepted(sluis: Sluis, owner: Manager, ada: FactorOwner) -> None:
    await ada.adds_key()
    before = await ada.elsewhere().starts_sign_in()
    await owner.sets_policy(factors=["passkeys"], fallback=False)
    stale = await ada.elsewhere().proves(before, "totp", ada.app.code())
    assert stale["code"] == "FACTOR_UNAVAILABLE", "its challenge is older than the policy"
    code = await ada.elsewhere().proves(before, "recovery_codes", ada.own.codes[0])
    assert code["code"] == "FACTOR_UNAVAILABLE"
    browser = ada.elsewhere()
    assert [option["factor"] for option in (await browser.starts_sign_in())["options"]] == ["passkeys"]
    assert (await browser.signs_in_with_key())["__typename"] == "SignedIn"
