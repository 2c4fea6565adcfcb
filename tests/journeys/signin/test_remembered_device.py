"""Remember me: on that device the factor is not asked, until the server's date, and never after something changed."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from schema.kit.context import device_suffix
from tests.people.cast import Person
from tests.people.manager import managing
from tests.people.staff import DEVICES, StaffPerson
from tests.support.refusing import refused
from tests.support.sluis import Sluis

HOUR, DAY = 3600, 86400
OFFERED = [12 * HOUR, DAY, 3 * DAY, 7 * DAY]


@pytest.fixture
async def respondent(dr_vos: StaffPerson, ada: Person) -> str:
    """Ada's, who is let in and then signed out."""
    identity = await dr_vos.lets_in(ada)
    await ada.signs_out()
    return identity


async def remembered(person: Person, seconds: int = 12 * HOUR) -> Person:
    """The person at a native client of theirs that is remembered, signed out."""
    phone = person.elsewhere("BEARER")
    assert (await phone.signs_in(remember=seconds))["deviceToken"]
    await phone.signs_out()
    return phone


def at(person: Person, user_agent: str) -> Person:
    """The person, with this User-Agent from now on."""
    person.device.http.headers["User-Agent"] = user_agent
    return person


async def is_asked(person: Person) -> bool:
    """Whether the password alone does not do."""
    step = await person.starts_sign_in()
    assert step["__typename"] in ("FactorRequired", "SignedIn"), step
    return bool(step["__typename"] == "FactorRequired")


async def stored(sluis: Sluis) -> int:
    return await sluis.count("factor_enrolment", "role = 'WAIVER'")


async def test_the_practice_offers_durations(sluis: Sluis, ada: Person, respondent: str) -> None:
    step = await ada.starts_sign_in()
    assert (step["rememberChoices"], step["rememberDefault"]) == (OFFERED, 12 * HOUR)
    code = ada.app.code()
    for seconds in (1, -1, 13 * HOUR, 365 * DAY):
        assert (await ada.proves(step, "totp", code, remember=seconds))["code"] == "STEP_NOT_OPEN"
    assert (await ada.proves(step, "totp", code))["deviceToken"] is None
    assert await stored(sluis) == 0, "not unless it was asked for"


async def test_only_this_device_and_only_its_owner(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person, respondent: str
) -> None:
    await dr_vos.lets_in(bram)
    phone = await remembered(ada)
    assert await is_asked(ada.elsewhere())
    assert await is_asked(ada.elsewhere("BEARER"))
    borrowed = bram.elsewhere("BEARER")
    borrowed.device.device_token = phone.device.device_token
    assert await is_asked(borrowed), "Ada's token says nothing about Bram"
    assert not await is_asked(phone)
    (row,) = await sluis.rows("SELECT * FROM factor_enrolment WHERE role = 'WAIVER'")
    _, _, secret = str(phone.device.device_token).rpartition(".")
    assert secret not in str(row), "sealed"
    await ada.is_told("nieuw apparaat")


async def test_a_browser_keeps_it_in_a_cookie_of_the_practice(sluis: Sluis, ada: Person, respondent: str) -> None:
    done = await ada.signs_in(remember=DAY)
    assert (done["deviceToken"], done["sessionToken"]) == (None, None)
    (account,) = await sluis.rows("SELECT id FROM account WHERE email = ?", ada.own.email)
    device = f"sluis-device-demo{device_suffix(account['id'])}"
    assert {cookie.name for cookie in ada.device.http.cookies.jar} == {"sluis-demo", device}
    await ada.signs_out()
    assert {cookie.name for cookie in ada.device.http.cookies.jar} == {device}
    assert not await is_asked(ada)
    assert await stored(sluis) == 1


async def test_the_servers_date_decides(sluis: Sluis, ada: Person, respondent: str) -> None:
    for seconds in OFFERED:
        phone = await remembered(ada, seconds)
        end = sluis.clock.now.timestamp() + seconds
        sluis.clock.forward(seconds=seconds - 1)
        assert not await is_asked(phone)
        (device,) = (await phone.sees_settings())["rememberedDevices"]
        assert datetime.fromisoformat(device["expiresAt"]).timestamp() == end
        sluis.clock.forward(seconds=1)
        assert await is_asked(phone)
        assert (await phone.signs_in())["__typename"] == "SignedIn"
        assert (await phone.sees_settings())["rememberedDevices"] == []


async def test_a_shortened_policy_cuts_at_once(sluis: Sluis, ada: Person, respondent: str) -> None:
    phone = await remembered(ada, 7 * DAY)
    sluis.clock.forward(hours=13)
    assert not await is_asked(phone)
    await sets_policy(sluis, {"remember": [12 * HOUR]})
    assert await is_asked(phone)
    await sets_policy(sluis, {"remember": [DAY]})
    assert not await is_asked(phone)
    (device,) = (await phone.sees_settings())["rememberedDevices"]
    since, end = (datetime.fromisoformat(device[name]) for name in ("since", "expiresAt"))
    assert (end - since).total_seconds() == DAY, "the page tells today's end, not the promised one"
    await sets_policy(sluis, {"remember": []})
    step = await phone.starts_sign_in()
    assert (step["__typename"], step["rememberChoices"]) == ("FactorRequired", [])


@pytest.mark.security
async def test_a_policy_that_is_put_back_brings_no_device_back(
    sluis: Sluis, olga: StaffPerson, ada: Person, respondent: str
) -> None:
    """Shortening forgets for good what was remembered for longer, and nothing else."""
    owner = managing(olga)
    week, half_day = await remembered(ada, 7 * DAY), await remembered(ada, 12 * HOUR)
    for shorter in ([12 * HOUR, DAY], []):
        assert (await owner.sets_policy(remember=shorter, rememberDefault=12 * HOUR))["__typename"] == "PolicySet"
        assert await is_asked(week)
        assert await is_asked(half_day) is (shorter == [])
        back = await owner.sets_policy(remember=[12 * HOUR, DAY, 7 * DAY], rememberDefault=12 * HOUR)
        assert back["__typename"] == "PolicySet"
        assert await is_asked(week), "it stays forgotten"
        assert await is_asked(half_day) is (shorter == [])
    assert await sluis.count("factor_enrolment", "role = 'WAIVER'") == 0
    told = await sluis.rows("SELECT details FROM audit_event WHERE event = 'policy.set' ORDER BY at")
    counts = [json.loads(row["details"]) if isinstance(row["details"], str) else row["details"] for row in told]
    assert sorted(one.get("devicesForgotten", 0) for one in counts) == [0, 0, 1, 1]


async def sets_policy(sluis: Sluis, respondents: dict[str, object]) -> None:
    """As the practice's settings will."""
    policy = json.dumps({"RESPONDENT": respondents})
    await sluis.rows("UPDATE practice SET policy = ? WHERE slug = 'demo'", policy)


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)


async def test_lists_and_mail_say_which_device_it_seems_to_be(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str
) -> None:
    await at(ada, FIREFOX).signs_in(remember=DAY)
    assert "Apparaat: Firefox op Windows." in (await ada.is_told("nieuw apparaat"))["text"]
    sluis.clock.forward(minutes=1)
    phone = at(ada.elsewhere("BEARER"), IPHONE)
    await phone.signs_in(remember=DAY)
    assert "Apparaat: Safari op iPhone." in (await ada.is_told("nieuw apparaat"))["text"]
    dutch, english = ["Safari op iPhone", "Firefox op Windows"], ["Safari on iPhone", "Firefox on Windows"]
    for language, names in (("nl", dutch), ("en", english)):
        await ada.speaks(language)
        page = await ada.sees_settings()
        assert [one["device"] for one in page["rememberedDevices"]] == names
        assert [one["device"] for one in page["loginSessions"]] == names
    seen = [one["device"] for one in await dr_vos.sees_devices_of(respondent)]
    assert seen == dutch, "in the language of who reads"


@pytest.mark.security
@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Bel 0900-1234 of ga naar evil.example/1.0 CFNetwork/1410.0.3 Darwin/22.6.0", "Browser op iOS"),
        ("Bel-0900-1234-Nu/1.0 (Windows NT 10.0; of ga naar evil.example)", "Browser op Windows"),
        ("evil.example/1.0 bel 0900 1234", "Onbekend apparaat"),
        ("<b>Firefox</b>/145 {name}", "Onbekend apparaat"),
        ("Firefox/145.0 evil.example " + "0900" * 2000, "Firefox op een onbekend apparaat"),
        ("", "Onbekend apparaat"),
    ],
    ids=["app", "system", "neither", "markup", "long", "empty"],
)
async def test_nothing_of_what_a_client_writes_is_in_a_devices_name(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str, user_agent: str, name: str
) -> None:
    await at(ada, user_agent).signs_in(remember=DAY)
    told = (await ada.is_told("nieuw apparaat"))["text"]
    assert f"Apparaat: {name}." in told
    assert not [word for word in ("0900", "evil", "<b>") if word in told]
    page = await ada.sees_settings()
    assert [one["device"] for one in page["rememberedDevices"] + page["loginSessions"]] == [name, name]
    assert [one["device"] for one in await dr_vos.sees_devices_of(respondent)] == [name]


async def test_a_device_has_the_name_that_its_person_gives_it(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person, respondent: str
) -> None:
    await dr_vos.lets_in(bram)
    phone = await remembered(ada)
    await ada.signs_in()
    page = await ada.sees_settings()
    ((device,), (factor,)) = page["rememberedDevices"], page["factors"]
    assert device["label"] == ""
    assert (await ada.renames_device(device["id"], "  Mijn   oude telefoon "))["__typename"] == "DeviceRenamed"
    for devices in ((await ada.sees_settings())["rememberedDevices"], await dr_vos.sees_devices_of(respondent)):
        assert [one["label"] for one in devices] == ["Mijn oude telefoon"]
    assert not await is_asked(phone), "it is remembered as before"
    assert await sluis.count("audit_event", "event = 'device.renamed'") == 1
    empty = ("Controleer “Benaming”. Dit moet ingevuld zijn.", "Please check “Label”. This must be filled in.")
    await refused(sluis, ada, partial(ada.renames_device, device["id"], " "), "INVALID_INPUT", empty)
    for label in ("x" * 61, "tele\x00foon"):
        assert (await ada.renames_device(device["id"], label))["code"] == "INVALID_INPUT"
    await refused(sluis, bram, partial(bram.renames_device, device["id"], "Van mij"), "NOT_FOUND")
    for other in (factor["id"], respondent, "x"):
        await refused(sluis, ada, partial(ada.renames_device, other, "Van mij"), "NOT_FOUND")
    nobody = ada.elsewhere()
    assert (await nobody.renames_device(device["id"], "Van mij"))["code"] == "NOT_SIGNED_IN"
    assert [one["label"] for one in await dr_vos.sees_devices_of(respondent)] == ["Mijn oude telefoon"]
    assert (await ada.sees_settings())["factors"][0]["label"] == factor["label"]


Ending = Callable[[Sluis, StaffPerson, Person, str], Awaitable[object]]


async def changed_password(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    await ada.signs_in()
    assert (await ada.changes_password("paarse kikker in de regen"))["__typename"] == "PasswordChanged"


async def reset_password(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    await ada.forgets_password()
    assert (await ada.resets(await ada.gets_link("reset"), "paarse kikker in de regen"))[
        "__typename"
    ] == "PasswordReset"
    ada.own.password = "paarse kikker in de regen"


async def new_factor(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    await ada.signs_in()
    assert (await ada.shows_app_works({}, await ada.scans({})))["__typename"] == "EnrolmentConfirmed"


async def new_codes(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    await ada.signs_in()
    assert (await ada.keeps_codes({}))["__typename"] == "FallbackConfirmed"


async def deactivated(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    await dr_vos.deactivates(respondent)
    assert (await dr_vos.approves(respondent))["__typename"] == "AccessApproved"


async def reset_by_staff(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    await dr_vos.resets_factors(respondent)
    await ada.keeps_codes(await ada.sets_up_app(await ada.starts_sign_in()))


async def revoked_by_staff(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    assert (await dr_vos.revokes_devices_of(respondent))["__typename"] == "RespondentDevicesRevoked"


async def revoked_one_by_staff(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    (device,) = await dr_vos.sees_devices_of(respondent)
    assert (await dr_vos.revokes_device_of(respondent, device["id"]))["__typename"] == "RespondentDeviceRevoked"
    assert (await dr_vos.revokes_device_of(respondent, device["id"]))["code"] == "NOT_FOUND"


async def revoked_one(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    await ada.signs_in()
    (device,) = (await ada.sees_settings())["rememberedDevices"]
    assert (await ada.revokes_device(device["id"]))["__typename"] == "DeviceRevoked"
    assert (await ada.revokes_device(device["id"]))["code"] == "NOT_FOUND"


async def revoked_all(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    await ada.signs_in()
    assert (await ada.revokes_all_devices())["__typename"] == "AllDevicesRevoked"


ENDINGS: list[Ending] = [
    changed_password, reset_password, new_factor, new_codes, deactivated, reset_by_staff, revoked_by_staff,
    revoked_one_by_staff, revoked_one, revoked_all,
]  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
async def test_what_ends_it(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str, ending: Ending) -> None:
    phone = await remembered(ada)
    assert not await is_asked(phone)
    await ending(sluis, dr_vos, ada, respondent)
    assert await stored(sluis) == 0
    assert await is_asked(phone)


async def test_staff_see_each_device_and_revoke_one(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str
) -> None:
    assert await dr_vos.sees_devices_of(respondent) == []
    lost = await remembered(ada, DAY)
    since = sluis.clock.now
    sluis.clock.forward(minutes=1)
    kept = await remembered(ada)
    sluis.clock.forward(minutes=1)
    assert not await is_asked(lost)
    newer, older = await dr_vos.sees_devices_of(respondent)
    assert newer["lastUsed"] is None
    assert older["userAgent"]
    told = [datetime.fromisoformat(older[name]) for name in ("since", "lastUsed", "expiresAt")]
    assert told == [since, sluis.clock.now, since + timedelta(days=1)]
    assert (await dr_vos.revokes_device_of(respondent, older["id"]))["__typename"] == "RespondentDeviceRevoked"
    assert (await is_asked(lost), await is_asked(kept)) == (True, False)
    assert [one["id"] for one in await dr_vos.sees_devices_of(respondent)] == [newer["id"]]
    assert await sluis.count("audit_event", "event = 'device.listed'") == 3
    assert await sluis.count("audit_event", "event = 'device.revoked'") == 1
    await ada.signs_in()
    what = {entry["what"] for entry in await ada.reads_log() if entry["event"].startswith("device.")}
    assert what >= {"De onthouden apparaten bekeken", "Een onthouden apparaat laten vergeten"}


@pytest.mark.security
async def test_staff_see_and_revoke_within_their_reach_and_of_that_person_only(
    sluis: Sluis,
    dr_vos: StaffPerson,
    olga: StaffPerson,
    dr_else: StaffPerson,
    ada: Person,
    bram: Person,
    respondent: str,
) -> None:
    brams = await dr_vos.lets_in(bram)
    phone = await remembered(ada)
    ((device,), others) = (await dr_vos.sees_devices_of(respondent), await dr_vos.sees_devices_of(brams))
    assert others == []
    (factor,) = (await bram.sees_settings())["factors"]
    for whom, what in ((brams, device["id"]), (brams, factor["id"]), (respondent, respondent), (respondent, "x")):
        await refused(sluis, dr_vos, partial(dr_vos.revokes_device_of, whom, what), "NOT_FOUND")
    await olga.gives_caseload((await olga.sees_colleague("vos@desluis.example"))["id"], [])
    for other in (dr_vos, dr_else):
        assert await other.device.refused(DEVICES, id=respondent) == ["NOT_FOUND"]
        await refused(sluis, other, partial(other.revokes_device_of, respondent, device["id"]), "NOT_FOUND")
    assert await bram.device.refused(DEVICES, id=brams) == ["NOT_ALLOWED"]
    assert not await is_asked(phone)
    assert [one["id"] for one in await olga.sees_devices_of(respondent)] == [device["id"]]


async def test_what_does_not_end_it(sluis: Sluis, dr_vos: StaffPerson, ada: Person, respondent: str) -> None:
    phone = await remembered(ada)
    await phone.starts_sign_in()
    await dr_vos.ends_sessions_of(respondent)
    assert await phone.looks_at_own_account() is None
    replaced = await dr_vos.replaces_login_code(respondent)
    ada.own.login = replaced["respondent"]["loginStatus"]["loginCode"]
    assert not await is_asked(phone)
    assert not await is_asked(phone), "it is not used up"


async def test_sensitive_acts_ask_the_factor_all_the_same(sluis: Sluis, ada: Person, respondent: str) -> None:
    phone = await remembered(ada)
    assert (await phone.starts_sign_in())["__typename"] == "SignedIn"
    assert (await phone.sees_settings())["steppedUpUntil"] is None
    for act in (
        partial(phone.changes_password, "paarse kikker in de regen"),
        partial(phone.takes_codes, {}),
        partial(phone.scans, {}),
    ):
        assert (await act())["code"] == "STEP_UP_REQUIRED"
    assert (await phone.steps_up(code=phone.app.wrong()))["code"] == "PROOF_WRONG"
    assert (await phone.changes_password("paarse kikker in de regen"))["code"] == "STEP_UP_REQUIRED"
    assert (await phone.steps_up())["__typename"] == "SteppedUp"
    assert (await phone.changes_password("paarse kikker in de regen"))["__typename"] == "PasswordChanged"
