"""The phone is gone: a recovery code stands in, staff help, and the last owner has a command on the server."""

import asyncio
import sys
from functools import partial
from pathlib import Path

import pytest

from schema.kit.ids import node_id
from tests.people.cast import Belongings, Person
from tests.people.device import Answer
from tests.people.staff import StaffPerson, at_work
from tests.support.refusing import refused
from tests.support.sluis import Sluis, environment, settings_for

WEEK = 7 * 86400
REPLACED = (
    "Deze codes zijn vervangen door nieuwe. Bewaar de codes die het laatst zijn getoond en gooi deze weg.",
    "These codes were replaced by newer ones. Keep the codes that were shown last, and throw these away.",
)
FACTORS = "factor_enrolment f JOIN account a ON a.id = f.account_id", "a.name = ?"


async def codes_left(person: Person) -> tuple[int, bool]:
    """How many recovery codes the account page says are left, and whether it warns."""
    settings = await person.sees_settings()
    (codes,) = settings["fallbacks"]
    return codes["codesLeft"], codes["fewLeft"]


async def by_code(person: Person, number: int) -> Answer:
    """Sign in at a new device with one of the recovery codes."""
    device = person.elsewhere()
    answer = await device.proves(await device.starts_sign_in(), "recovery_codes", person.own.codes[number])
    person.device = device.device
    return answer


async def test_a_recovery_code_signs_in_once_and_the_person_is_told(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    await dr_vos.lets_in(ada)
    assert await codes_left(ada) == (6, False)
    assert (await by_code(ada, 0))["__typename"] == "SignedIn"
    await ada.is_told("ingelogd met een herstelcode")
    assert (await by_code(ada, 0))["code"] == "PROOF_REPLAYED"
    (session,) = await sluis.rows("SELECT * FROM login_session WHERE proven_by = 'recovery_codes'")
    assert session["ended_at"] is None


async def test_few_codes_left_is_a_warning(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    seen = []
    for number in range(6):
        assert (await by_code(ada, number))["__typename"] == "SignedIn"
        seen.append(await codes_left(ada))
    assert seen == [(5, False), (4, False), (3, False), (2, True), (1, True), (0, True)]
    assert await sluis.count("outbox_message", "template = 'notice_code_used'") == 6
    assert await ada.is_told("Codes over: 2. Maak nieuwe in het portaal")


async def test_new_codes_kill_the_old_ones_at_once(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    old = list(ada.own.codes)
    sluis.clock.forward(minutes=5)
    assert (await ada.takes_codes({}))["code"] == "STEP_UP_REQUIRED"
    assert ada.own.codes == old
    assert (await ada.steps_up())["__typename"] == "SteppedUp"
    assert (await ada.takes_codes({}))["__typename"] == "FallbackIssued"
    assert not set(old) & set(ada.own.codes)

    step = await ada.elsewhere().starts_sign_in()
    assert [option["factor"] for option in step["options"]] == ["totp"], "the old set is dead, the new one not kept yet"
    assert (await ada.confirms_codes({}))["__typename"] == "FallbackConfirmed"
    assert (await ada.confirms_codes({}))["code"] == "STEP_NOT_OPEN"
    new, ada.own.codes = ada.own.codes, old
    assert (await by_code(ada, 0))["code"] == "PROOF_WRONG"
    ada.own.codes = new
    assert (await by_code(ada, 0))["__typename"] == "SignedIn"
    await ada.is_told("nieuwe herstelcodes gemaakt")
    assert await sluis.count(FACTORS[0], f"{FACTORS[1]} AND f.role = 'FALLBACK'", ada.own.name) == 1


async def test_codes_that_were_not_confirmed_are_asked_for_at_the_next_sign_in(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    await dr_vos.lets_in(ada)
    assert (await ada.takes_codes({}))["__typename"] == "FallbackIssued"
    await ada.signs_out()
    step = await ada.signs_in()
    assert (step["__typename"], await ada.looks_at_own_account()) == ("FallbackUnconfirmed", None)
    assert (await ada.keeps_codes(step))["__typename"] == "SignedIn"


@pytest.mark.security
async def test_only_who_was_shown_the_codes_says_that_they_are_kept(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    """Otherwise a sign-in elsewhere, or one that was shown nothing, would count codes as kept that nobody has."""
    await dr_vos.lets_in(ada)
    other, third = ada.elsewhere(), ada.elsewhere("BEARER")
    assert (await third.signs_in())["__typename"] == "SignedIn"
    assert (await ada.takes_codes({}))["__typename"] == "FallbackIssued"
    assert (await third.confirms_codes({}))["code"] == "STEP_NOT_OPEN", "another session"
    step = await other.signs_in()
    assert step["__typename"] == "FallbackUnconfirmed"
    assert (await other.confirms_codes(step))["code"] == "STEP_NOT_OPEN", "a sign-in"
    unconfirmed = "role = 'FALLBACK' AND confirmed_at IS NULL"
    assert await sluis.count("factor_enrolment", unconfirmed) == 1
    issued = await other.takes_codes(step)
    assert (await ada.confirms_codes({}))["code"] == "STEP_NOT_OPEN", "what it was shown is dead"
    late = ada.elsewhere()
    assert (await late.confirms_codes(await late.signs_in()))["code"] == "STEP_NOT_OPEN", "another sign-in"
    assert await sluis.count("factor_enrolment", unconfirmed) == 1
    assert (await other.confirms_codes(issued))["__typename"] == "SignedIn"
    assert await sluis.count("factor_enrolment", unconfirmed) == 0


async def test_without_codes_staff_reset_the_factors(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    respondent = await dr_vos.lets_in(ada)
    await ada.signs_out()
    await ada.signs_in(remember=WEEK)
    device, lost, codes = ada.elsewhere(), ada.app, list(ada.own.codes)
    begun = await device.starts_sign_in()

    reset = await dr_vos.resets_factors(respondent)
    status = reset["respondent"]["loginStatus"]
    assert (reset["__typename"], status["access"], status["factorSet"]) == ("FactorsReset", "PENDING", False)
    assert [one["code"] for one in status["accessBlockers"]] == ["NO_FACTOR", "NOT_APPROVED"]
    assert await ada.looks_at_own_account() is None
    assert await sluis.count(*FACTORS, ada.own.name) == 0
    (grant,) = await sluis.rows("SELECT * FROM access_grant")
    assert (grant["state"], grant["approved_at"], grant["approved_by_id"]) == ("PENDING", None, None)
    await ada.is_told("twee-staps-authenticatie van uw account verwijderd")
    assert await sluis.count("audit_event", "event = 'account.factors_reset'") == 1

    assert (await device.proves(begun, "totp", lost.code()))["code"] == "SIGN_IN_EXPIRED", "begun before"
    assert (await dr_vos.approves(respondent))["code"] == "FACTOR_MISSING"
    step = await ada.starts_sign_in()
    assert step["__typename"] == "EnrolmentRequired", "on the device that was remembered too"
    assert (await ada.keeps_codes(await ada.sets_up_app(step)))["access"] == "AWAITING_APPROVAL"
    assert lost.at(sluis.clock.now) != ada.app.at(sluis.clock.now)
    assert not set(codes) & set(ada.own.codes)
    assert (await dr_vos.approves(respondent))["__typename"] == "AccessApproved"
    assert (await ada.sees_settings())["access"] == "APPROVED"


async def test_a_reset_lifts_what_guessing_had_slowed_down(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    respondent = await dr_vos.lets_in(ada)
    step = await ada.elsewhere().starts_sign_in()
    answers = [await ada.proves(step, "totp", ada.app.wrong()) for _ in range(6)]
    assert answers[-1]["code"] == "TOO_MANY_ATTEMPTS"
    assert (await dr_vos.resets_factors(respondent))["__typename"] == "FactorsReset"
    assert await sluis.count("attempt_budget", "consecutive > 0") == 0
    assert (await ada.keeps_codes(await ada.sets_up_app(await ada.starts_sign_in())))["__typename"] == "SignedIn"


async def test_resetting_asks_staff_who_they_are(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    respondent = await dr_vos.lets_in(ada)
    await dr_vos.steps_up()
    sluis.clock.forward(minutes=15)
    assert (await dr_vos.resets_factors(respondent))["code"] == "STEP_UP_REQUIRED"
    assert (await dr_vos.approves(respondent))["code"] == "STEP_UP_REQUIRED"
    assert await sluis.count(*FACTORS, ada.own.name) == 2
    await dr_vos.steps_up()
    assert (await dr_vos.resets_factors(respondent))["__typename"] == "FactorsReset"


async def test_staff_reset_only_whom_they_reach_in_every_dossier(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    """Who answers in a colleague's dossier too: the reset would close that access as well."""
    respondent = await dr_vos.lets_in(ada)
    hers = (await olga.creates_dossier("D-2001", "Cas de Boer"))["dossier"]["id"]
    added = (await olga.adds_respondent(hers, ada.own.name, ada.own.email))["respondent"]["id"]
    await olga.invites(added)
    assert (await ada.links(await ada.gets_link("accept")))["__typename"] == "InvitationLinked"
    assert (await dr_vos.resets_factors(respondent))["code"] == "NOT_ALLOWED"
    assert (await ada.sees_settings())["factors"] != []
    assert (await olga.resets_factors(respondent))["__typename"] == "FactorsReset"
    assert await sluis.count("access_grant", "state = 'PENDING'") == 2


async def test_an_owner_resets_a_colleague(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson) -> None:
    colleague = (await olga.sees_colleague(dr_vos.own.email))["id"]
    assert (await olga.resets_colleague(colleague))["__typename"] == "StaffFactorsReset"
    assert await dr_vos.looks_at_own_account() is None
    await dr_vos.is_told("twee-staps-authenticatie van uw account verwijderd")
    step = await dr_vos.starts_sign_in()
    assert step["__typename"] == "EnrolmentRequired"
    assert (await dr_vos.keeps_codes(await dr_vos.sets_up_app(step)))["access"] == "APPROVED"


async def run(sluis: Sluis, *command: str) -> tuple[int, str]:
    """One command on the server: its exit code and what it says."""
    settings = settings_for(sluis.database, sluis.url, 1025)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "server.py",
        *command,
        cwd=Path(__file__).parents[3],
        env=environment(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_the_last_owner_has_a_command_on_the_server(sluis: Sluis, olga: StaffPerson) -> None:
    code, said = await run(sluis, "reset-staff-factors", "demo", olga.own.email.upper())
    assert (code, said) == (0, "Olga Owner sets up a second factor again at the next sign-in.\n")
    assert await olga.looks_at_own_account() is None
    again = at_work(sluis, sluis.population.olga)
    step = await again.starts_sign_in()
    assert step["__typename"] == "EnrolmentRequired"
    assert (await again.keeps_codes(await again.sets_up_app(step)))["access"] == "APPROVED"
    (event,) = await sluis.rows("SELECT * FROM audit_event WHERE event = 'staff.factors_reset'")
    assert event["actor_role"] == "CONSOLE"


@pytest.mark.parametrize(
    ("practice", "email"), [("nowhere", "owner@desluis.example"), ("demo", "x"), ("other", "owner@desluis.example")]
)
async def test_a_command_that_names_nobody_is_one_line(
    sluis: Sluis, olga: StaffPerson, practice: str, email: str
) -> None:
    code, said = await run(sluis, "reset-staff-factors", practice, email)
    assert (code, said.count("\n")) == (1, 1), said
    assert await olga.looks_at_own_account() is not None


@pytest.mark.security
async def test_recovery_code_has_no_device_remembered(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    """One code from a note that was found opens the account once, not for a week; the app's own devices stay."""
    await dr_vos.lets_in(ada)
    sluis.clock.forward(minutes=1)
    phone = ada.elsewhere("BEARER")
    assert (await phone.signs_in(remember=24 * 3600))["deviceToken"] is not None
    laptop = ada.elsewhere("BEARER")
    step = await laptop.starts_sign_in()
    done = await laptop.proves(step, "recovery_codes", ada.own.codes[0], remember=24 * 3600)
    assert (done["__typename"], done["deviceToken"]) == ("SignedIn", None)
    assert await sluis.count("factor_enrolment", "role = 'WAIVER'") == 1
    assert (await ada.elsewhere().starts_sign_in())["__typename"] == "FactorRequired"


@pytest.mark.security
async def test_of_two_tabs_only_the_codes_that_were_shown_last_are_confirmed(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    """The older tab is told; the codes that are kept are those that work. In a session, and while signing in."""
    await dr_vos.lets_in(ada)
    first = await ada.takes_codes({})
    second = await ada.takes_codes({})
    assert first["id"] != second["id"]
    kept = partial(ada.confirms_codes, first)
    await refused(sluis, ada, kept, "FALLBACK_REPLACED", REPLACED)
    for wrong in ("", "none at all", node_id("Dossier", "00000000-0000-4000-8000-000000000000")):
        assert (await ada.confirms_codes({"id": wrong}))["code"] == "FALLBACK_REPLACED"
    assert await sluis.count("factor_enrolment", "role = 'FALLBACK' AND confirmed_at IS NULL") == 1
    assert (await ada.confirms_codes(second))["__typename"] == "FallbackConfirmed"

    bram = Person(sluis, Belongings("Bram Jansen", "bram@clients.example"))
    respondent = await dr_vos.finds(bram.own.name)
    await dr_vos.gives_email(respondent, bram.own.email)
    await dr_vos.invites(respondent["id"])
    await bram.accepts(await bram.gets_link("accept"), "Bram vindt fietsen fijn")
    step = await bram.sets_up_app(await bram.starts_sign_in())
    older = await bram.takes_codes(step)
    newer = await bram.takes_codes(older)
    assert (await bram.confirms_codes(newer | {"id": older["id"]}))["code"] == "FALLBACK_REPLACED"
    assert (await bram.confirms_codes(newer))["__typename"] == "SignedIn"
