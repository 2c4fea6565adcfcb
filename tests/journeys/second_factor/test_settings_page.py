"""The page of one's own account: what is set up, where one is signed in, and ending what should not go on."""

from functools import partial

from tests.people.cast import Person
from tests.people.staff import StaffPerson
from tests.support.refusing import refused
from tests.support.sluis import Sluis

DAY = 86400
LANGUAGE_WRONG = ("Controleer “Taal”. Kies een van: de, en, nl.", "Please check “Language”. Choose one of: de, en, nl.")


async def test_the_page_shows_what_is_set_up(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    since = sluis.clock.now
    page = await ada.sees_settings()
    assert (page["name"], page["email"], page["loginCode"]) == (ada.own.name, ada.own.email, ada.own.login)
    (app,) = page["factors"]
    assert (app["factor"], app["title"], app["label"], app["available"]) == (
        "totp",
        "Authenticator-app",
        "phone",
        True,
    )
    (codes,) = page["fallbacks"]
    assert (codes["factor"], codes["confirmed"], codes["codesLeft"], codes["lastUsed"]) == (
        "recovery_codes",
        True,
        6,
        None,
    )
    assert (page["rememberedDevices"], len(page["loginSessions"])) == ([], 1)
    assert app["since"] <= since.isoformat()

    phone = ada.elsewhere("BEARER")
    await phone.signs_in(remember=DAY)
    page = await ada.sees_settings()
    assert page["factors"][0]["lastUsed"] == sluis.clock.now.isoformat()
    (device,) = page["rememberedDevices"]
    assert device["userAgent"] == "BEARER"
    assert {(one["userAgent"], one["current"]) for one in page["loginSessions"]} == {
        ("COOKIE", True),
        ("BEARER", False),
    }
    assert {one["address"] for one in page["loginSessions"]} <= {"127.0.0.1", "::1"}
    secrets = [ada.own.codes[0], phone.device.session_token, str(phone.device.device_token).rpartition(".")[2]]
    assert not any(secret in str(page) for secret in secrets if secret)


async def test_ending_one_session(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    lost = ada.elsewhere("BEARER")
    await lost.signs_in()
    (other,) = [one for one in (await ada.sees_settings())["loginSessions"] if not one["current"]]
    async with lost.watches_access() as page:
        assert (await page.news())["access"] == "APPROVED"
        assert (await ada.ends_session(other["id"]))["__typename"] == "SessionEnded"
        assert await page.closed() == 4403
    assert await lost.looks_at_own_account() is None
    await refused(sluis, ada, partial(ada.ends_session, other["id"]), "NOT_FOUND")
    hers = "account_id = (SELECT id FROM account WHERE name = ?)"
    ended = await sluis.rows(f"SELECT transport FROM login_session WHERE {hers} AND ended_at IS NOT NULL", ada.own.name)
    assert [row["transport"] for row in ended] == ["BEARER"]
    (own,) = (await ada.sees_settings())["loginSessions"]
    assert (await ada.ends_session(own["id"]))["__typename"] == "SessionEnded"
    assert list(ada.device.http.cookies.jar) == [], "the cookie goes with it"
    assert await ada.looks_at_own_account() is None


async def test_ending_all_others(sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person) -> None:
    await dr_vos.lets_in(ada)
    await dr_vos.lets_in(bram)
    others = [ada.elsewhere("BEARER"), ada.elsewhere()]
    for other in others:
        assert (await other.signs_in())["__typename"] == "SignedIn"
    assert (await ada.ends_other_sessions())["__typename"] == "OtherSessionsEnded"
    assert [await other.looks_at_own_account() for other in others] == [None, None]
    assert [one["current"] for one in (await ada.sees_settings())["loginSessions"]] == [True]
    assert await bram.looks_at_own_account() is not None, "somebody else's go on"


async def test_staff_end_all_of_a_respondents_sessions(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    respondent = await dr_vos.lets_in(ada)
    phone = ada.elsewhere("BEARER")
    await phone.signs_in()
    assert (await dr_vos.ends_sessions_of(respondent))["__typename"] == "RespondentSessionsEnded"
    assert [await one.looks_at_own_account() for one in (ada, phone)] == [None, None]
    assert (await ada.signs_in())["access"] == "APPROVED", "nothing else changed"


async def test_a_session_ends_by_itself(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    sluis.clock.forward(minutes=59)
    assert await ada.looks_at_own_account() is not None
    sluis.clock.forward(minutes=60)
    assert await ada.looks_at_own_account() is None, "an hour without a request"
    await ada.signs_in()
    for _ in range(47):
        sluis.clock.forward(minutes=30)
        assert await ada.looks_at_own_account() is not None
    sluis.clock.forward(minutes=30)
    assert await ada.looks_at_own_account() is None, "a day at most"


async def test_choosing_a_language(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    assert (await ada.sees_settings())["language"] == "nl"
    assert (await ada.chooses_language("en"))["__typename"] == "LanguageSet"
    page = await ada.sees_settings()
    assert (page["language"], page["factors"][0]["title"]) == ("en", "Authenticator app")
    for language in ("", "fr", "EN", "nl-BE"):
        await refused(sluis, ada, partial(ada.chooses_language, language), "INVALID_INPUT", LANGUAGE_WRONG)
    await ada.chooses_language("en")
    await ada.forgets_password()
    assert "password" in (await ada.is_told("/reset#token="))["text"], "mail too"
    assert await sluis.count("account", "name = ? AND locale = 'en'", ada.own.name) == 1


async def test_another_app_replaces_the_first_once_it_is_proven(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    first = ada.app
    sluis.clock.forward(minutes=5)
    await refused(sluis, ada, partial(ada.scans, {}), "STEP_UP_REQUIRED")
    assert (await ada.steps_up())["__typename"] == "SteppedUp"
    begun = await ada.scans({})
    second = ada.app
    assert (await ada.shows_app_works({}, begun, second.wrong()))["code"] == "PROOF_WRONG"
    other, ada.own.app = ada.elsewhere(), first
    assert (await other.signs_in())["__typename"] == "SignedIn", "until then the first one holds"
    ada.own.app = second
    assert (await ada.shows_app_works({}, begun))["__typename"] == "EnrolmentConfirmed"
    assert (await ada.shows_app_works({}, begun))["code"] == "CHALLENGE_EXPIRED"

    step = await other.elsewhere().starts_sign_in()
    assert (await other.proves(step, "totp", first.code()))["code"] == "PROOF_WRONG"
    assert (await other.proves(step, "totp", second.code()))["__typename"] == "SignedIn"
    assert len((await ada.sees_settings())["factors"]) == 1
    await ada.is_told("een manier van twee-staps-authenticatie")


async def test_setting_up_needs_a_step_up_that_is_still_fresh_when_it_ends(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    await dr_vos.lets_in(ada)
    first = ada.app
    begun = await ada.scans({})
    sluis.clock.forward(minutes=4, seconds=59)
    await refused(sluis, ada, partial(ada.shows_app_works, {}, begun, ada.app.wrong()), "PROOF_WRONG")
    sluis.clock.forward(seconds=1)
    await refused(sluis, ada, partial(ada.shows_app_works, {}, begun), "STEP_UP_REQUIRED")
    ada.own.app = first
    assert (await ada.elsewhere().signs_in())["__typename"] == "SignedIn"


async def test_enrolment_of_one_session_is_refused_in_another(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person
) -> None:
    await dr_vos.lets_in(ada)
    await dr_vos.lets_in(bram)
    first = ada.app
    other = ada.elsewhere()
    await other.signs_in()
    begun = await ada.scans({})
    for elsewhere in (other, bram):
        code = ada.app.code()
        await refused(sluis, elsewhere, partial(elsewhere.shows_app_works, {}, begun, code), "CHALLENGE_EXPIRED")
    ada.own.app = first
    assert (await ada.elsewhere().signs_in())["__typename"] == "SignedIn"


async def test_a_number_cannot_be_proven_where_no_text_can_be_sent(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    await dr_vos.lets_in(ada)
    said = (
        "Een telefoonnummer kan hier niet gewijzigd worden. Vraag het uw praktijk.",
        "A phone number cannot be changed here. Please ask your practice.",
    )
    await refused(sluis, ada, partial(ada.gives_contact_number, "0612345678"), "NO_TEXT_MESSAGES", said)
