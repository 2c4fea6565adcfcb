"""Links, passwords, codes and sign-ins that are worth nothing (any more): each is refused, and nothing is spent."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from tests.people.cast import Person
from tests.people.device import Answer
from tests.people.staff import StaffPerson
from tests.support.refusing import error, refused
from tests.support.sluis import Sluis

CLOCK = (
    (
        "Deze code hoort bij iets eerder of iets later. Vul de nieuwste code in. "
        "Lukt dat ook niet, zet dan de klok van uw telefoon op automatisch."
    ),
    (
        "This code belongs to a little earlier or a little later. Please type the newest one. "
        "If that is refused as well, set the clock of your phone to automatic."
    ),
)
PASSWORD = "blauwe fiets onder de brug"


async def mailed(dr_vos: StaffPerson, person: Person) -> tuple[str, str]:
    """Invite a person; answers the respondent's id and the link that was mailed."""
    respondent = await dr_vos.finds(person.own.name)
    if respondent["email"] is None:
        respondent = (await dr_vos.gives_email(respondent, person.own.email))["respondent"]
    assert (await dr_vos.invites(respondent["id"]))["__typename"] == "RespondentInvited"
    return respondent["id"], await person.gets_link("accept")


async def link_refused(sluis: Sluis, person: Person, link: str, code: str) -> None:
    """Neither looking at a link nor accepting it does anything."""
    await refused(sluis, person, lambda: person.opens(link), code)
    await refused(sluis, person, lambda: person.accepts(link, PASSWORD), code)
    await refused(sluis, person, lambda: person.accepts(link, PASSWORD, another_person=True), code)


async def test_a_link_that_was_never_mailed(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await mailed(dr_vos, ada)
    for token in ("", " ", "null", "m" * 43, "x" * 5000):
        link = f"{sluis.url}/p/demo/accept#token={token}"
        await link_refused(sluis, ada, link, "LINK_UNKNOWN")
        await refused(sluis, ada, partial(ada.asks_new_invitation, link), "LINK_UNKNOWN")
        await refused(sluis, ada, partial(ada.resets, link, PASSWORD), "LINK_UNKNOWN")
        await refused(sluis, dr_vos, partial(dr_vos.links, link), "LINK_UNKNOWN")


async def test_a_link_that_a_newer_one_replaced(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    _, older = await mailed(dr_vos, ada)
    _, newer = await mailed(dr_vos, ada)
    await link_refused(sluis, ada, older, "LINK_SUPERSEDED")
    await refused(sluis, ada, lambda: ada.asks_new_invitation(older), "LINK_SUPERSEDED")
    await refused(sluis, ada, lambda: ada.asks_new_invitation(newer), "NOTHING_OPEN")
    assert (await ada.accepts(newer, PASSWORD))["__typename"] == "AccountMade"


async def test_a_link_that_staff_withdrew(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    respondent, link = await mailed(dr_vos, ada)
    assert (await dr_vos.revokes_invitation(respondent))["__typename"] == "InvitationRevoked"
    await link_refused(sluis, ada, link, "LINK_REVOKED")
    await refused(sluis, ada, lambda: ada.asks_new_invitation(link), "LINK_REVOKED")
    await refused(sluis, dr_vos, lambda: dr_vos.revokes_invitation(respondent), "NOTHING_OPEN")


async def test_a_link_whose_address_was_corrected(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    respondent, link = await mailed(dr_vos, ada)
    await dr_vos.gives_email(await dr_vos.looks_at(respondent), "ada@new.example")
    await link_refused(sluis, ada, link, "LINK_REVOKED")


async def test_an_expired_link_brings_a_new_one_to_the_same_address(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    _, link = await mailed(dr_vos, ada)
    sluis.clock.forward(days=7, seconds=-1)
    assert (await ada.opens(link))["__typename"] == "InvitationOpened"
    sluis.clock.forward(seconds=1)
    await link_refused(sluis, ada, link, "LINK_EXPIRED")
    assert (await ada.asks_new_invitation(link))["__typename"] == "InvitationRenewalAsked"
    await link_refused(sluis, ada, link, "LINK_SUPERSEDED")
    assert (await ada.accepts(await ada.gets_link("accept"), PASSWORD))["__typename"] == "AccountMade"
    invitations = await sluis.rows("SELECT email, accepted_at FROM invitation ORDER BY created_at")
    assert [(row["email"], row["accepted_at"] is None) for row in invitations] == [
        (ada.own.email, True),
        (ada.own.email, False),
    ]


async def test_a_link_that_was_used(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    respondent, link = await mailed(dr_vos, ada)
    assert (await ada.accepts(link, PASSWORD))["__typename"] == "AccountMade"
    await link_refused(sluis, ada, link, "LINK_USED")
    await refused(sluis, ada, lambda: ada.asks_new_invitation(link), "LINK_USED")
    assert (await ada.starts_sign_in())["__typename"] == "EnrolmentRequired", "the first password holds"
    await refused(sluis, dr_vos, lambda: dr_vos.revokes_invitation(respondent), "NOTHING_OPEN")


async def test_a_weak_password_leaves_the_link_as_it_was(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    _, link = await mailed(dr_vos, ada)
    for password in ("", "kort", "password1", "Ada de Vries", "Praktijk De Sluis", "ada@clients.example"):
        await refused(sluis, ada, partial(ada.accepts, link, password), "WEAK_PASSWORD")
    assert (await ada.accepts(link, PASSWORD))["__typename"] == "AccountMade"


async def test_a_wrong_password_says_no_more_than_an_unknown_login(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person
) -> None:
    await dr_vos.lets_in(ada)
    _, link = await mailed(dr_vos, bram)
    assert (await bram.accepts(link, PASSWORD))["__typename"] == "AccountMade"
    guest = ada.elsewhere()
    for login, password in (
        (ada.own.login, "niet dit wachtwoord"),
        (ada.own.email, "niet dit wachtwoord"),
        (ada.own.login, f"{ada.own.password} "),
        ("0000 0000", ada.own.password),
        ("nobody@clients.example", ada.own.password),
        (bram.own.login, ada.own.password),
    ):
        await refused(sluis, guest, partial(guest.starts_sign_in, login, password), "WRONG_CREDENTIALS")
        assert (await guest.starts_sign_in())["__typename"] == "FactorRequired", "nothing was lost"
    refusals = await sluis.count("audit_event", "event = 'sign_in.password' AND outcome = 'REFUSED'")
    assert refusals == 12, "each is on record"


async def test_a_practice_that_is_not_hers(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    browser, app = ada.elsewhere(), ada.elsewhere("BEARER")
    browser.practice = "other"
    await refused(sluis, browser, browser.starts_sign_in, "NOT_ALLOWED")
    for practice, code in (("nowhere", "NOT_FOUND"), ("", "NOT_FOUND"), ("other", "WRONG_CREDENTIALS")):
        app.practice = practice
        await refused(sluis, app, app.starts_sign_in, code)


async def test_codes_that_prove_nothing(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    wrong: dict[str, Callable[[], str]] = {
        "PROOF_WRONG": ada.app.wrong,
        "PROOF_MALFORMED": lambda: "12345",
        "PROOF_REPLAYED": lambda: ada.app.at(sluis.clock.now),
    }
    for why, code in wrong.items():
        step = await ada.starts_sign_in()
        await refused(sluis, ada, partial(ada.proves, step, "totp", code()), why)
        assert (await ada.proves(step, "totp", ada.app.code()))["__typename"] == "SignedIn", (
            "the challenge is still open"
        )


async def test_a_code_lives_one_minute(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    sluis.clock.forward(minutes=1)
    step, code = await ada.starts_sign_in(), ada.app.code()
    sluis.clock.now = sluis.clock.now.replace(second=0)
    sluis.clock.forward(minutes=1)
    await refused(sluis, ada, partial(ada.proves, step, "totp", code), "PROOF_CLOCK", CLOCK)
    sluis.clock.forward(seconds=-1)
    assert (await ada.proves(step, "totp", code))["__typename"] == "SignedIn"


async def test_a_phone_that_is_ahead(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    """By twenty seconds it signs in. By two minutes its clock is told, and the early code is worth nothing later."""
    await dr_vos.lets_in(ada)
    sluis.clock.forward(minutes=1)
    now = sluis.clock.now.replace(second=25)
    sluis.clock.now = now
    step = await ada.starts_sign_in()
    sluis.clock.now = now + timedelta(seconds=20)
    code = ada.app.code()
    sluis.clock.now = now
    assert (await ada.proves(step, "totp", code))["__typename"] == "SignedIn"
    sluis.clock.now = now + timedelta(minutes=4)
    step, early = await ada.starts_sign_in(), ada.app.code()
    sluis.clock.now = now + timedelta(minutes=2)
    step = await ada.starts_sign_in()
    hinted = await ada.proves(step, "totp", early)
    assert (hinted["code"], hinted["message"] in CLOCK) == ("PROOF_CLOCK", True)
    sluis.clock.now = now + timedelta(minutes=4)
    step = await ada.starts_sign_in()
    await refused(sluis, ada, partial(ada.proves, step, "totp", early), "PROOF_REPLAYED")
    sluis.clock.forward(seconds=30)
    assert (await ada.proves(step, "totp", ada.app.code()))["__typename"] == "SignedIn"


async def test_recovery_codes_that_prove_nothing(sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person) -> None:
    await dr_vos.lets_in(ada)
    await dr_vos.lets_in(bram)
    wrong = {"2222-2222-2222": "PROOF_WRONG", "0000-0000-0000": "PROOF_MALFORMED", bram.own.codes[0]: "PROOF_WRONG"}
    for (code, why), own in zip(wrong.items(), ada.own.codes, strict=False):
        step = await ada.starts_sign_in()
        await refused(sluis, ada, partial(ada.proves, step, "recovery_codes", code), why)
        assert (await ada.proves(step, "recovery_codes", own.lower()))["__typename"] == "SignedIn"


async def test_challenges_that_are_over_or_of_somebody_else(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person
) -> None:
    await dr_vos.lets_in(ada)
    await dr_vos.lets_in(bram)
    step, other, of_bram = (
        await ada.starts_sign_in(),
        await ada.elsewhere().starts_sign_in(),
        await bram.starts_sign_in(),
    )
    for elsewhere in (other, of_bram):
        mixed = step | {"options": elsewhere["options"]}
        await refused(sluis, ada, partial(ada.proves, mixed, "totp", ada.app.code()), "CHALLENGE_EXPIRED")
    for broken in ("", "x", "Q2hhbGxlbmdlOng"):
        unknown = step | {"options": [{"factor": "totp", "challenge": {"id": broken}}]}
        await refused(sluis, ada, partial(ada.proves, unknown, "totp", ada.app.code()), "CHALLENGE_EXPIRED")
    sluis.clock.forward(minutes=5)
    await refused(sluis, ada, lambda: ada.proves(step, "totp", ada.app.code()), "CHALLENGE_EXPIRED")
    fresh = await ada.looks_again(step["token"])
    assert (await ada.proves(fresh, "totp", ada.app.code()))["__typename"] == "SignedIn"


async def test_sign_ins_that_are_over(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    finished = await ada.starts_sign_in()
    assert (await ada.proves(finished, "totp", ada.app.code()))["__typename"] == "SignedIn"
    await sign_in_refused(sluis, ada, finished)
    for token in ("", "x", "x" * 5000):
        await sign_in_refused(sluis, ada, finished | {"token": token})
    late = await ada.elsewhere().starts_sign_in()
    sluis.clock.forward(minutes=15)
    await sign_in_refused(sluis, ada, late)


async def sign_in_refused(sluis: Sluis, person: Person, step: Answer) -> None:
    """No request goes on with the token of this sign-in."""
    guest = person.elsewhere()
    await refused(sluis, guest, lambda: guest.looks_again(step["token"]), "SIGN_IN_EXPIRED")
    await refused(sluis, guest, lambda: guest.proves(step, "totp", person.app.code()), "SIGN_IN_EXPIRED")
    await refused(sluis, guest, lambda: guest.confirms_password(step), "SIGN_IN_EXPIRED")
    await refused(sluis, guest, lambda: guest.scans(step), "SIGN_IN_EXPIRED")
    await refused(sluis, guest, lambda: guest.takes_codes(step), "SIGN_IN_EXPIRED")
    assert await guest.looks_at_own_account() is None
    await refused(sluis, guest, lambda: error(guest, "{ dossiers { totalCount } }"), "NOT_SIGNED_IN")
