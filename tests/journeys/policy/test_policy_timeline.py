"""From silent through offered to required, on the server's clock; and who is let off for a while."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.people.cast import Belongings, Person
from tests.people.device import Answer
from tests.people.factor_owner import FactorOwner
from tests.people.manager import Manager, managing
from tests.people.staff import StaffPerson
from tests.support.clock import MONDAY_NOON
from tests.support.refusing import refused
from tests.support.sluis import Sluis

OFFERED, REQUIRED = MONDAY_NOON + timedelta(days=10), MONDAY_NOON + timedelta(days=20)
TICK = timedelta(seconds=1)
PASSWORD = "fietsen langs de vecht bij maarssen"


@pytest.fixture
def owner(olga: StaffPerson) -> Manager:
    return managing(olga)


async def newcomer(sluis: Sluis, owner: Manager, audience: str, password: str = PASSWORD) -> Person:
    """Somebody of this audience with a password, and no factor."""
    if audience == "STAFF":
        person = Person(sluis, Belongings("Dr. New", "new@desluis.example"))
        await owner.hires("Dr. New", person.own.email, "THERAPIST")
    else:
        person = Person(sluis, Belongings("Bram Jansen", "bram@clients.example"))
        await owner.invites((await owner.finds("Bram Jansen"))["id"])
    made = await person.accepts(await person.gets_link("accept"), password)
    assert made["__typename"] == "AccountMade", made
    return person


async def arrives(person: Person, sluis: Sluis, moment: datetime) -> Answer:
    """What a password leads to at this moment, at a device that knows nothing."""
    sluis.clock.now = moment
    return await person.elsewhere("BEARER").starts_sign_in()


async def declines(person: Person, step: Answer) -> Answer:
    document = """mutation($token: String!) { declineFactor(signIn: $token) { __typename
                    ... on SignedIn { access } ... on Refusal { code } } }"""
    answer: Answer = await person.elsewhere("BEARER").device.ask(document, token=step["token"])
    return answer


@pytest.mark.parametrize("audience", ["RESPONDENT", "STAFF"])
async def test_silent_then_offered_then_required(sluis: Sluis, owner: Manager, audience: str) -> None:
    dates = {"offeredFrom": OFFERED.isoformat(), "requiredFrom": REQUIRED.isoformat()}
    assert (await owner.sets_policy(audience, **dates))["__typename"] == "PolicySet"
    person = await newcomer(sluis, owner, audience)
    seen = []
    for moment in (MONDAY_NOON, OFFERED - TICK, OFFERED, REQUIRED - TICK, REQUIRED, REQUIRED + timedelta(days=99)):
        step = await arrives(person, sluis, moment)
        seen.append(step["__typename"])
        if step["__typename"] == "FactorOffered":
            assert datetime.fromisoformat(step["deadline"]) == REQUIRED
            assert (await declines(person, step))["__typename"] == "SignedIn"
        if step["__typename"] == "EnrolmentRequired":
            assert (await declines(person, step))["code"] == "STEP_NOT_OPEN"
    assert seen == ["SignedIn", "SignedIn", "FactorOffered", "FactorOffered", "EnrolmentRequired", "EnrolmentRequired"]
    rows = await sluis.rows(
        "SELECT COUNT(*) AS n FROM login_session s JOIN account a ON a.id = s.account_id WHERE a.name = ?",
        person.own.name,
    )
    assert rows[0]["n"] == 4


async def test_not_now_is_open_at_every_step_of_setting_up(sluis: Sluis, owner: Manager) -> None:
    await owner.sets_policy(offeredFrom=MONDAY_NOON.isoformat(), requiredFrom=REQUIRED.isoformat())
    bram = await newcomer(sluis, owner, "RESPONDENT")
    first = await bram.starts_sign_in()
    confirmed = await (again := bram.elsewhere()).confirms_password(await again.starts_sign_in())
    begun_at = bram.elsewhere()
    begun = await begun_at.confirms_password(await begun_at.starts_sign_in())
    await begun_at.scans(begun)
    for device, step in ((bram, first), (again, confirmed), (begun_at, begun)):
        answer = await device.device.ask(
            "mutation($token: String!) { declineFactor(signIn: $token) { __typename } }", token=step["token"]
        )
        assert answer["__typename"] == "SignedIn"
    theirs = "account_id IN (SELECT id FROM account WHERE audience = 'RESPONDENT')"
    assert await sluis.count("factor_enrolment", theirs) == 0, "an unfinished enrolment does not count"


async def test_a_sign_in_that_was_offered_one_must_set_it_up_once_the_date_has_come(
    sluis: Sluis, owner: Manager
) -> None:
    await owner.sets_policy(offeredFrom=MONDAY_NOON.isoformat(), requiredFrom=REQUIRED.isoformat())
    bram = await newcomer(sluis, owner, "RESPONDENT")
    step = await arrives(bram, sluis, REQUIRED - TICK)
    assert step["__typename"] == "FactorOffered"
    sluis.clock.now = REQUIRED
    assert (await declines(bram, step))["code"] == "STEP_NOT_OPEN"
    assert (await bram.elsewhere("BEARER").sets_up_app(step))["__typename"] == "FallbackUnconfirmed"


@pytest.mark.parametrize("audience", ["RESPONDENT", "STAFF"])
async def test_an_exemption_lets_in_until_its_end(sluis: Sluis, owner: Manager, audience: str) -> None:
    person = await newcomer(sluis, owner, audience)
    assert (await arrives(person, sluis, MONDAY_NOON))["__typename"] == "EnrolmentRequired"
    identity, end = await identity_of(owner, person, audience), MONDAY_NOON + timedelta(days=90)
    await owner.signs_in()
    answer = await owner.exempts(identity, end)
    assert answer["__typename"] == "FactorExempted", answer
    shown = answer["staffMember"] or answer["respondent"]["loginStatus"]
    assert datetime.fromisoformat(shown["exemptUntil"]) == end
    # The demo's prospect has set nothing up either.
    others = 1 if audience == "RESPONDENT" else 0
    assert (await owner.tries_policy(audience, on=end - TICK))["totalCount"] == others
    assert (await owner.tries_policy(audience, on=end))["totalCount"] == others + 1
    assert (await arrives(person, sluis, end - TICK))["__typename"] == "SignedIn"
    assert (await arrives(person, sluis, end))["__typename"] == "EnrolmentRequired"
    (row,) = await sluis.rows("SELECT reason, ended_at, staff_id FROM factor_exemption")
    assert (row["reason"], row["ended_at"]) == ("Broke both arms", None)
    assert row["staff_id"] is not None
    assert await sluis.count("audit_event", "event = 'factor.exempted'") == 1


async def identity_of(owner: Manager, person: Person, audience: str) -> str:
    found = await (owner.sees_colleague(person.own.email) if audience == "STAFF" else owner.finds(person.own.name))
    return str(found["id"])


async def test_an_exemption_is_ended_or_replaced(sluis: Sluis, owner: Manager) -> None:
    bram = await newcomer(sluis, owner, "RESPONDENT")
    identity = await identity_of(owner, bram, "RESPONDENT")
    for days in (10, 20):
        await owner.exempts(identity, MONDAY_NOON + timedelta(days=days))
    assert await sluis.count("factor_exemption", "ended_at IS NULL") == 1
    status = (await owner.approves(identity))["respondent"]["loginStatus"]
    assert (status["access"], status["accessBlockers"]) == ("APPROVED", [])
    ended = await owner.ends_exemption(identity)
    assert (ended["__typename"], ended["respondent"]["loginStatus"]["exemptUntil"]) == ("ExemptionEnded", None)
    assert (await bram.starts_sign_in())["__typename"] == "EnrolmentRequired"
    said = ("Deze persoon heeft geen vrijstelling.", "This person is not exempted.")
    await refused(sluis, owner, lambda: owner.ends_exemption(identity), "NOT_EXEMPT", said)
    assert await sluis.count("factor_exemption", "ended_at IS NULL") == 0


@pytest.mark.security
async def test_exempted_person_needs_a_longer_password(sluis: Sluis, owner: Manager) -> None:
    bram = await newcomer(sluis, owner, "RESPONDENT")
    await owner.exempts(await identity_of(owner, bram, "RESPONDENT"), MONDAY_NOON + timedelta(days=9))
    await bram.starts_sign_in()
    assert (await bram.changes_password("kvx7!pqzw9"))["code"] == "WEAK_PASSWORD"
    assert (await bram.changes_password("vlinders eten graag bosuien"))["__typename"] == "PasswordChanged"


@pytest.mark.security
async def test_a_short_password_does_not_stay_alone_when_its_owner_is_exempted(sluis: Sluis, owner: Manager) -> None:
    """Chosen beside a factor that was required; then the exemption leaves it to itself."""
    person = await newcomer(sluis, owner, "RESPONDENT", password="kvx7!pqzw9")
    assert (await person.elsewhere().starts_sign_in())["__typename"] == "EnrolmentRequired"
    await owner.exempts(await identity_of(owner, person, "RESPONDENT"), MONDAY_NOON + timedelta(days=9))
    step = await person.elsewhere("BEARER").starts_sign_in()
    assert (step["__typename"], step["reason"]) == ("NewPasswordRequired", "TOO_SHORT_ALONE")
    assert step["passwordRules"] == {"minimum": 15}
    assert (await person.sets_password(step, "vx7!pqzw9k"))["code"] == "WEAK_PASSWORD"
    assert (await person.sets_password(step, "vlinders eten graag bosuien"))["__typename"] == "SignedIn"
    person.own.password = "vlinders eten graag bosuien"
    assert (await person.elsewhere("BEARER").starts_sign_in())["__typename"] == "SignedIn"


async def test_a_password_of_fifteen_characters_may_stand_alone(sluis: Sluis, owner: Manager) -> None:
    for length, step in ((14, "NewPasswordRequired"), (15, "SignedIn")):
        audience = "STAFF" if length == 14 else "RESPONDENT"
        person = await newcomer(sluis, owner, audience, password="kvx7!pqzw9#mu3r"[:length])
        await owner.exempts(await identity_of(owner, person, audience), MONDAY_NOON + timedelta(days=9))
        assert (await person.starts_sign_in())["__typename"] == step


async def test_exempted_person_still_proves_a_factor_that_is_set_up(
    sluis: Sluis, owner: Manager, dr_vos: StaffPerson
) -> None:
    ada = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"))
    identity = await dr_vos.lets_in(ada)
    await owner.exempts(identity, MONDAY_NOON + timedelta(days=9))
    assert (await ada.elsewhere().starts_sign_in())["__typename"] == "FactorRequired"
    assert (await ada.removes_app())["__typename"] == "FactorRemoved"
    assert (await ada.elsewhere().starts_sign_in())["__typename"] == "SignedIn"


@pytest.mark.security
async def test_what_is_no_exemption(sluis: Sluis, owner: Manager, dr_vos: StaffPerson, dr_else: StaffPerson) -> None:
    bram = await newcomer(sluis, owner, "RESPONDENT")
    identity, ada = await identity_of(owner, bram, "RESPONDENT"), await owner.finds("Ada de Vries")
    soon, longest = MONDAY_NOON + timedelta(days=1), sluis.clock.now + timedelta(days=90)
    too_long = (
        "Controleer “Tot”. Geef een moment in de komende 90 dagen.",
        "Please check “Until”. Give a moment in the next 90 days.",
    )
    for until in (sluis.clock.now, longest + TICK):
        await refused(sluis, owner, lambda u=until: owner.exempts(identity, u), "INVALID_INPUT", too_long)  # type: ignore[misc]
    unexplained = ("Controleer “Reden”. Dit moet ingevuld zijn.", "Please check “Reason”. This must be filled in.")
    await refused(sluis, owner, lambda: owner.exempts(identity, soon, " "), "INVALID_INPUT", unexplained)
    no_login = (
        "Deze persoon heeft geen login, of die is gedeactiveerd.",
        "This person has no login, or it was deactivated.",
    )
    await refused(sluis, owner, lambda: owner.exempts(ada["id"], soon), "NO_LOGIN", no_login)
    myself = (await owner.sees_colleague(owner.own.email))["id"]
    await refused(sluis, owner, lambda: owner.exempts(myself, soon), "NOT_ALLOWED")
    therapist, stranger = managing(dr_vos), managing(dr_else)
    await refused(sluis, therapist, lambda: therapist.exempts(identity, soon), "NOT_ALLOWED")
    await refused(sluis, stranger, lambda: stranger.exempts(identity, soon), "NOT_FOUND")
    await refused(sluis, stranger, lambda: stranger.ends_exemption(identity), "NOT_FOUND")
    nonsense: Any = "bm9uc2Vuc2U"
    await refused(sluis, owner, lambda: owner.exempts(nonsense, soon), "NOT_FOUND")
    sluis.clock.forward(minutes=5)
    await refused(sluis, owner, lambda: owner.exempts(identity, soon), "STEP_UP_REQUIRED")
