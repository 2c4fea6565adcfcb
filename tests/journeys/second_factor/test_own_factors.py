"""Settings of one's own factors: named, removed by a proof of themselves, replaced when lost."""

from typing import Any

import pytest

from factors.passkeys import Passkeys
from tests.journeys.arena import race
from tests.people.cast import Belongings
from tests.people.factor_owner import KEY, FactorOwner
from tests.people.security_key import SecurityKey
from tests.people.staff import StaffPerson
from tests.support.failing import misbehaving
from tests.support.refusing import refused
from tests.support.sluis import Sluis

SAID = {
    "LAST_FACTOR": (
        "U heeft minstens één manier van twee-staps-authenticatie nodig. Stel eerst een andere in.",
        "You need at least one way of two-step sign-in. Set up another one first.",
    ),
    "INVALID_INPUT": (
        "Controleer “Benaming”. Dit moet ingevuld zijn.",
        "Please check “Label”. This must be filled in.",
    ),
    "FACTOR_UNAVAILABLE": (
        "Deze manier van inloggen is niet beschikbaar. Vraag uw praktijk om hulp.",
        "This way of signing in is not available. Ask your practice for help.",
    ),
}
LATER = '{"RESPONDENT": {"offered_from": "2026-01-01T00:00:00+00:00", "required_from": "2027-01-01T00:00:00+00:00"}}'


@pytest.fixture
def given_settings() -> dict[str, Any]:
    return {"plugins": ["totp", "passkeys", "recovery_codes", "remembered_devices"]}


@pytest.fixture
async def ada(sluis: Sluis, dr_vos: StaffPerson) -> FactorOwner:
    """Let in with an app and recovery codes; at the device that she set them up on."""
    ada = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"))
    await dr_vos.lets_in(ada)
    return ada


async def enrolled(sluis: Sluis, role: str = "PROOF") -> list[str]:
    """The factors of respondents, by name; staff have theirs too."""
    rows = await sluis.rows(
        """SELECT e.factor FROM factor_enrolment e JOIN account a ON a.id = e.account_id
            WHERE a.audience = 'RESPONDENT' AND e.role = ? ORDER BY e.factor""",
        role,
    )
    return [row["factor"] for row in rows]


async def mailed(sluis: Sluis, template: str) -> int:
    return await sluis.count("outbox_message", "template = ?", template)


async def reads_about(person: FactorOwner, word: str) -> str:
    """The text of the next mail that has this word in it."""
    while word not in (text := str((await person.reads_mail())["text"])):
        pass
    return text


async def test_a_factor_has_the_name_that_one_gives_it(sluis: Sluis, ada: FactorOwner, dr_else: StaffPerson) -> None:
    app = await ada.has("totp")
    assert (await ada.renames(app, "  My  old phone "))["__typename"] == "FactorRenamed"
    assert [each["label"] for each in (await ada.sees_factors())["factors"]] == ["My old phone"]
    assert await sluis.count("audit_event", "event = 'factor.renamed'") == 1
    await refused(sluis, ada, lambda: ada.renames(app, " "), "INVALID_INPUT", SAID["INVALID_INPUT"])
    foreign = FactorOwner(sluis, dr_else.own, practice="other")
    foreign.device = dr_else.device
    await refused(sluis, foreign, lambda: foreign.renames(app, "Mine"), "NOT_FOUND")
    nobody = ada.elsewhere()
    await refused(sluis, nobody, lambda: nobody.renames(app, "Mine"), "NOT_SIGNED_IN")


@pytest.mark.security
async def test_the_last_factor_stays_while_one_is_required(sluis: Sluis, ada: FactorOwner) -> None:
    app = await ada.has("totp")
    await refused(sluis, ada, lambda: ada.begins_removal(app), "LAST_FACTOR", SAID["LAST_FACTOR"])
    await ada.adds_key()
    begun = await ada.begins_removal(app)
    assert begun["challenge"]["factor"] == "totp"
    assert (await ada.removes_key())["__typename"] == "FactorRemoved"
    proof = {"totp": {"code": ada.app.code()}}
    await refused(sluis, ada, lambda: ada.removes(app, begun, proof), "LAST_FACTOR", SAID["LAST_FACTOR"])
    assert await enrolled(sluis) == ["totp"]


async def test_a_removed_factor_signs_nobody_in_and_forgets_the_devices(sluis: Sluis, ada: FactorOwner) -> None:
    await ada.adds_key()
    kept = ada.elsewhere("BEARER")
    assert (await kept.signs_in(remember=12 * 3600))["deviceToken"]
    assert (await kept.elsewhere("BEARER").starts_sign_in())["__typename"] == "FactorRequired"
    assert (await kept.starts_sign_in())["__typename"] == "SignedIn"
    await ada.speaks("en")
    assert (await ada.removes_app())["__typename"] == "FactorRemoved"
    shown = await ada.sees_factors()
    assert [each["factor"] for each in shown["factors"]] == ["passkeys"]
    assert (shown["rememberedDevices"], shown["fallbacks"][0]["codesLeft"]) == ([], 6)
    step = await kept.starts_sign_in()
    assert [option["factor"] for option in step["options"]] == ["passkeys", "recovery_codes"]
    assert (await ada.looks_at_own_account()) is not None, "the session goes on"
    assert "Authenticator app" in await reads_about(ada, "was removed from your account")
    assert await sluis.count("audit_event", "event = 'factor.removed' AND outcome = 'SUCCESS'") == 1
    assert await enrolled(sluis, "WAIVER") == []


@pytest.mark.security
async def test_only_a_proof_of_that_very_factor_removes_it(sluis: Sluis, ada: FactorOwner) -> None:
    key = ada.plugs_in()
    await ada.adds_key(key)
    app, own_key = await ada.has("totp"), await ada.has("passkeys")
    removal, step_up = await ada.begins_removal(app), await ada.begins_step_up()
    wrong = {"totp": {"code": ada.app.wrong()}}
    await refused(sluis, ada, lambda: ada.removes(app, removal, wrong), "PROOF_WRONG")
    code = {"recoveryCodes": {"code": ada.own.codes[0]}}
    await refused(sluis, ada, lambda: ada.removes(app, removal, code), "CHALLENGE_EXPIRED")
    for_step_up = {"challenge": next(o["challenge"] for o in step_up["options"] if o["factor"] == "totp")}
    right = {"totp": {"code": ada.app.code()}}
    await refused(sluis, ada, lambda: ada.removes(app, for_step_up, right), "CHALLENGE_EXPIRED")
    await refused(sluis, ada, lambda: ada.removes(own_key, removal, right), "CHALLENGE_EXPIRED")
    sluis.clock.forward(minutes=5)
    await refused(
        sluis, ada, lambda: ada.removes(app, removal, {"totp": {"code": ada.app.code()}}), "CHALLENGE_EXPIRED"
    )
    other = ada.elsewhere()
    await other.signs_in()
    begun = await ada.begins_removal(app)
    await refused(
        sluis, other, lambda: other.removes(app, begun, {"totp": {"code": ada.app.code()}}), "CHALLENGE_EXPIRED"
    )
    assert await enrolled(sluis) == ["passkeys", "totp"]


@pytest.mark.security
async def test_of_two_keys_each_removes_itself_alone(sluis: Sluis, ada: FactorOwner) -> None:
    first, second = SecurityKey(sluis.url), SecurityKey(sluis.url)
    one, two = [(await ada.adds_key(key))["id"] for key in (first, second)]
    begun = await ada.begins_removal(one, KEY)
    asked = begun["challenge"]["options"]
    stray = second.get(asked, identity=next(iter(second.credentials)))
    answer = await ada.removes(one, begun, {"passkeys": {"credential": stray}})
    assert answer["code"] == "PROOF_WRONG"
    assert (await ada.removes(one, begun, {"passkeys": {"credential": first.get(asked)}}))["__typename"] == (
        "FactorRemoved"
    )
    assert await ada.has("passkeys") == two


@pytest.mark.security
async def test_of_two_factors_that_vouch_for_each_other_one_stays(sluis: Sluis, ada: FactorOwner) -> None:
    await ada.adds_key()
    app, key = await ada.has("totp"), await ada.has("passkeys")
    for_app, for_key = await ada.begins_removal(app), await ada.begins_removal(key, KEY)
    credential = ada.key.get(for_key["challenge"]["options"])
    answers = await race(
        [
            ada.removes(app, for_app, {"totp": {"code": ada.app.code()}}),
            ada.removes(key, for_key, {"passkeys": {"credential": credential}}),
        ]
    )
    assert sorted(each.get("code", "") for each in answers) == ["", "LAST_FACTOR"]
    assert len(await enrolled(sluis)) == 1


@pytest.mark.security
async def test_what_is_the_last_factor_by_the_time_that_its_proof_is_judged_stays(
    sluis: Sluis, ada: FactorOwner
) -> None:
    """The other removal also ends the challenge; the answer is what is true of the factor, not "begin again"."""
    await ada.adds_key()
    app, key = await ada.has("totp"), await ada.has("passkeys")
    for_app, for_key = await ada.begins_removal(app), await ada.begins_removal(key, KEY)
    credential = ada.key.get(for_key["challenge"]["options"])

    async def verify(self: Passkeys, *given: Any) -> Any:
        removed = await ada.removes(app, for_app, {"totp": {"code": ada.app.code()}})
        assert removed["__typename"] == "FactorRemoved"
        return await Passkeys.verify(self, *given)

    with misbehaving(sluis, "passkeys", patience=10, verify=verify):
        answer = await ada.removes(key, for_key, {"passkeys": {"credential": credential}})
    assert (answer.get("code"), await enrolled(sluis)) == ("LAST_FACTOR", ["passkeys"])


async def test_with_the_last_factor_its_codes_go_where_none_is_required(sluis: Sluis, ada: FactorOwner) -> None:
    await sluis.rows("UPDATE practice SET policy = ? WHERE slug = 'demo'", LATER)
    assert (await ada.removes_app())["__typename"] == "FactorRemoved"
    assert [await enrolled(sluis, role) for role in ("PROOF", "FALLBACK", "WAIVER")] == [[], [], []]
    assert (await ada.elsewhere().starts_sign_in())["__typename"] == "FactorOffered"


async def test_a_lost_phone_is_replaced_after_signing_in_with_a_code(sluis: Sluis, ada: FactorOwner) -> None:
    found, at_home = ada.forgets_app(), ada.elsewhere()
    await ada.speaks("nl")
    assert (await at_home.uses_code())["__typename"] == "SignedIn"
    assert "Codes over: 5." in await reads_about(ada, "ingelogd met een herstelcode")
    removed = await mailed(sluis, "notice_factor_removed")
    assert (await at_home.replaces_by_app(None))["__typename"] == "EnrolmentConfirmed"
    assert await enrolled(sluis) == ["totp"]
    assert await mailed(sluis, "notice_factor_removed") == removed + 1, "the victim reads that the old one is gone"
    step = await ada.elsewhere().starts_sign_in()
    assert (await at_home.proves(step, "totp", found.code()))["code"] == "PROOF_WRONG"
    assert (await at_home.elsewhere().signs_in())["__typename"] == "SignedIn"


async def test_a_lost_key_goes_in_exchange_for_an_app(sluis: Sluis, ada: FactorOwner) -> None:
    await ada.adds_key()
    await ada.removes_app()
    ada.forgets_app()
    lost, at_home = await ada.has("passkeys"), ada.elsewhere()
    await at_home.uses_code()
    replaced = await at_home.replaces_by_app(lost)
    assert (replaced["__typename"], await enrolled(sluis)) == ("EnrolmentConfirmed", ["totp"])
    assert await mailed(sluis, "notice_factor_removed") == 2
    assert await sluis.count("audit_event", "event = 'factor.removed'") == 2
    assert (await at_home.elsewhere().signs_in())["__typename"] == "SignedIn"


@pytest.mark.security
async def test_nothing_is_replaced_without_a_fresh_step_up_or_by_another(
    sluis: Sluis, ada: FactorOwner, dr_vos: StaffPerson
) -> None:
    await ada.adds_key()
    theirs = await FactorOwner.has(_as_owner(dr_vos), "totp")
    for foreign in (theirs, "bm9uc2Vuc2U"):
        assert (await ada.replaces_by_app(foreign))["code"] == "NOT_FOUND"
    assert await enrolled(sluis) == ["passkeys", "totp"]
    key = await ada.has("passkeys")
    sluis.clock.forward(minutes=5)
    assert (await ada.replaces_by_app(key))["code"] == "STEP_UP_REQUIRED"
    assert await enrolled(sluis) == ["passkeys", "totp"]


def _as_owner(person: StaffPerson) -> FactorOwner:
    owner = FactorOwner(person.sluis, person.own)
    owner.device = person.device
    return owner


async def test_few_codes_left_are_warned_about_and_renewed(sluis: Sluis, ada: FactorOwner) -> None:
    used = list(ada.own.codes)
    shown = []
    for _ in range(5):
        await ada.elsewhere().uses_code()
        (codes,) = (await ada.sees_factors())["fallbacks"]
        shown.append((codes["codesLeft"], codes["fewLeft"]))
    assert shown == [(5, False), (4, False), (3, False), (2, True), (1, True)]
    await ada.steps_up()
    await ada.takes_codes({})
    await ada.confirms_codes({})
    (codes,) = (await ada.sees_factors())["fallbacks"]
    assert (codes["codesLeft"], codes["fewLeft"]) == (6, False)
    assert await mailed(sluis, "notice_codes_regenerated") == 1
    step = await ada.elsewhere().starts_sign_in()
    assert (await ada.elsewhere().proves(step, "recovery_codes", used[0]))["code"] == "PROOF_WRONG"


async def test_the_codes_come_as_a_text_to_keep(ada: FactorOwner) -> None:
    await ada.steps_up()
    issued = await ada.takes_codes({})
    text = issued["issue"]["text"]
    assert [line for line in text.splitlines() if line in ada.own.codes] == ada.own.codes
    assert len(ada.own.codes) == 6


async def test_a_code_that_steps_up_is_told_as_well(sluis: Sluis, ada: FactorOwner) -> None:
    await ada.speaks("en")
    assert (await ada.steps_up(factor="recovery_codes", code=ada.own.codes.pop()))["__typename"] == "SteppedUp"
    assert "Codes left: 5." in await reads_about(ada, "recovery code")
