"""What staff and strangers get wrong at the office: each is refused in words, and what is stored stays as it was."""

import base64
import json
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID, uuid4

from schema.kit.ids import node_id
from tests.people.cast import Person
from tests.people.device import Answer
from tests.people.staff import StaffPerson, at_work
from tests.support.refusing import error, refused
from tests.support.sluis import Sluis

ADDRESS_WRONG = (
    "Controleer “E-mailadres”. Dit is geen adres waarheen gemaild kan worden, zoals naam@example.org.",
    "Please check “E-mail address”. This is not an address that can be mailed to, such as name@example.org.",
)
MISSING = ("Dit moet ingevuld zijn.", "This must be filled in.")
TOO_LONG = ("Hier passen hoogstens 120 tekens.", "At most 120 characters fit here.")
CHARACTERS = ("Er staan tekens in die niet gebruikt kunnen worden.", "There are characters in it that cannot be used.")
BAD_ADDRESSES = [
    "ada", "ada@", "@clients.example", "ada@localhost", "ada@clients.example, bram@clients.example",
    "Ada <ada@clients.example>", "ada@clients.example\r\nBcc: bram@clients.example", f"{'a' * 250}@clients.example",
]  # fmt: skip
DOSSIERS = "query($first: Int!, $after: String) { dossiers(first: $first, after: $after) { edges { cursor } } }"


def acts_on(member: StaffPerson, respondent: str, dossier: str) -> list[Callable[[], Awaitable[Answer]]]:
    """All that can be done to a respondent and a dossier, by their ids."""
    seen = {"id": respondent, "version": 0}
    return [
        partial(member.gives_email, seen, "mallory@elsewhere.example"),
        *(
            partial(act, respondent)
            for act in (
                member.invites,
                member.revokes_invitation,
                member.approves,
                member.deactivates,
                member.replaces_login_code,
                member.resets_factors,
                member.ends_sessions_of,
                member.revokes_devices_of,
            )
        ),
        partial(member.revokes_device_of, respondent, node_id("FactorEnrolment", uuid4())),
        partial(member.adds_respondent, dossier, "Mallory", "mallory@elsewhere.example"),
        partial(member.renames_dossier, {"id": dossier, "version": 0}, "Mallory"),
        partial(member.closes_dossier, dossier),
    ]


def manages(member: StaffPerson, colleague: str) -> list[Callable[[], Awaitable[Answer]]]:
    """All that can be done to a member of staff, by the id."""
    return [
        partial(member.gives_role, colleague, "OWNER"),
        partial(member.gives_caseload, colleague, []),
        partial(member.suspends, colleague),
        partial(member.reinstates, colleague),
        partial(member.resets_colleague, colleague),
    ]


async def test_nobody_is_invited_without_an_address(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    respondent = await dr_vos.finds(ada.own.name)
    await refused(sluis, dr_vos, lambda: dr_vos.invites(respondent["id"]), "NO_EMAIL_ADDRESS")
    blank = (await dr_vos.gives_email(respondent, "  "))["respondent"]
    assert blank["email"] is None
    await refused(sluis, dr_vos, lambda: dr_vos.invites(respondent["id"]), "NO_EMAIL_ADDRESS")


async def test_an_address_that_cannot_be_mailed_to(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    respondent, dossier = await dr_vos.finds(ada.own.name), await dr_vos.opens_dossier("D-1001")
    for address in BAD_ADDRESSES:
        for act in (
            partial(dr_vos.gives_email, respondent, address),
            partial(dr_vos.adds_respondent, dossier["id"], "Ada de Vries", address),
        ):
            await refused(sluis, dr_vos, act, "INVALID_INPUT", ADDRESS_WRONG)
        await refused(sluis, olga, partial(olga.hires, "Ada", address, "ADMIN"), "INVALID_INPUT", ADDRESS_WRONG)


async def test_a_name_that_cannot_be_written_down(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson) -> None:
    dossier = await dr_vos.opens_dossier("D-1001")
    wrong = {"": MISSING, " \t ": MISSING, "A" * 121: TOO_LONG, "Ada\x1bvries": CHARACTERS}
    for name, (dutch, english) in wrong.items():
        said = (f"Controleer “Naam”. {dutch}", f"Please check “Name”. {english}")
        for act in (
            partial(dr_vos.creates_dossier, "D-9", name),
            partial(dr_vos.renames_dossier, dossier, name),
            partial(dr_vos.adds_respondent, dossier["id"], name, None),
        ):
            await refused(sluis, dr_vos, act, "INVALID_INPUT", said)
        await refused(sluis, olga, partial(olga.hires, name, "new@desluis.example", "ADMIN"), "INVALID_INPUT", said)


async def test_ids_that_name_nothing_here(sluis: Sluis, dr_vos: StaffPerson, dr_else: StaffPerson) -> None:
    """Foreign, unknown, of another type and malformed: one answer for all."""
    dossier = await dr_vos.opens_dossier("D-1001")
    respondent = dossier["respondents"][0]["id"]
    (owner,) = await sluis.rows("SELECT id FROM staff_member WHERE email = ?", sluis.population.olga.email)
    colleague = node_id("StaffMember", UUID(str(owner["id"])))
    unknown = [node_id(kind, uuid4()) for kind in ("Respondent", "Dossier", "StaffMember")]
    broken = [["", "", ""], ["x", "%%%", "x" * 5000], [dossier["id"], respondent, respondent]]
    for ids in ([respondent, dossier["id"], colleague], unknown, *broken):
        for act in [*acts_on(dr_else, ids[0], ids[1]), *manages(dr_else, ids[2])]:
            await refused(sluis, dr_else, act, "NOT_FOUND")
        assert [await dr_else.looks_at(one) for one in ids] == [None, None, None]
        for own in (dr_else.ends_session, dr_else.revokes_device):
            await refused(sluis, dr_else, partial(own, ids[0]), "NOT_FOUND")
    await refused(sluis, dr_else, partial(dr_else.gives_caseload, await own_id(dr_else), [dossier["id"]]), "NOT_FOUND")


async def own_id(member: StaffPerson) -> str:
    identity: str = (await member.sees_colleague(member.own.email))["id"]
    return identity


async def test_what_is_not_ones_own_session_or_device(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    await ada.signs_out()
    await ada.signs_in(remember=12 * 3600)
    hers = await ada.sees_settings()
    (session,), (device,) = hers["loginSessions"], hers["rememberedDevices"]
    await refused(sluis, dr_vos, partial(dr_vos.ends_session, session["id"]), "NOT_FOUND")
    await refused(sluis, dr_vos, partial(dr_vos.revokes_device, device["id"]), "NOT_FOUND")


async def test_anonymous_client_may_do_nothing(sluis: Sluis, dr_vos: StaffPerson, mallory: Person) -> None:
    dossier = await dr_vos.opens_dossier("D-1001")
    as_staff = at_work(sluis, sluis.population.olga)
    as_staff.device = mallory.device
    for act in [*acts_on(as_staff, dossier["respondents"][0]["id"], dossier["id"]), *manages(as_staff, "x")]:
        await refused(sluis, as_staff, act, "NOT_SIGNED_IN")
    for query in ("{ dossiers { totalCount } }", "{ staff { name } }", f'{{ node(id: "{dossier["id"]}") {{ id }} }}'):
        await refused(sluis, as_staff, partial(error, mallory, query), "NOT_SIGNED_IN")


async def test_a_respondent_may_nothing_of_what_staff_may(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    dossier = await dr_vos.opens_dossier("D-1001")
    respondent = await dr_vos.lets_in(ada)
    as_staff = at_work(sluis, sluis.population.dr_vos)
    as_staff.device = ada.device
    await all_refused(sluis, as_staff, respondent, dossier["id"], "NOT_ALLOWED")
    await dr_vos.resets_factors(respondent)
    await ada.keeps_codes(await ada.sets_up_app(await ada.starts_sign_in()))
    await all_refused(sluis, as_staff, respondent, dossier["id"], "AWAITING_APPROVAL")


async def all_refused(sluis: Sluis, person: StaffPerson, respondent: str, dossier: str, code: str) -> None:
    colleague = node_id("StaffMember", uuid4())
    for act in [*acts_on(person, respondent, dossier), *manages(person, colleague)]:
        await refused(sluis, person, act, code)
    await refused(sluis, person, partial(person.creates_dossier, "D-9", "Mine"), code)
    await refused(sluis, person, partial(person.hires, "Me", "me@desluis.example", "OWNER"), code)
    for query in ("{ dossiers { totalCount } }", "{ staff { name } }", f'{{ node(id: "{dossier}") {{ id }} }}'):
        await refused(sluis, person, partial(error, person, query), code)


async def test_a_therapist_reaches_the_caseload_only(sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson) -> None:
    hers = (await olga.creates_dossier("D-2001", "Cas de Boer"))["dossier"]["id"]
    respondent = (await olga.adds_respondent(hers, "Cas de Boer", "cas@clients.example"))["respondent"]["id"]
    for act in acts_on(dr_vos, respondent, hers):
        await refused(sluis, dr_vos, act, "NOT_FOUND")
    assert await dr_vos.looks_at(respondent) is None
    assert await dr_vos.sees_dossiers("D-2001") == []
    for act in manages(dr_vos, node_id("StaffMember", uuid4())):
        await refused(sluis, dr_vos, act, "NOT_ALLOWED")
    await refused(sluis, dr_vos, partial(error, dr_vos, "{ staff { name } }"), "NOT_ALLOWED")


async def test_a_page_of_the_wrong_size(sluis: Sluis, dr_vos: StaffPerson) -> None:
    for first in (0, -1, 101, 2**31 - 1):
        await refused(sluis, dr_vos, partial(error, dr_vos, DOSSIERS, first=first), "PAGE_TOO_LARGE")


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


BAD_CURSORS = [
    "", "x", "é", "%%%%", packed(None), packed("ada"), packed([]), packed(["ada"]), packed(["ada", 7]),
    packed([7, str(uuid4())]), packed(["ada", "no uuid"]), packed({"ada": 1, "bram": 2}), packed(["a" * 900, "x"]),
]  # fmt: skip


async def test_a_cursor_that_no_page_gave_out(sluis: Sluis, dr_vos: StaffPerson) -> None:
    for cursor in BAD_CURSORS:
        await refused(sluis, dr_vos, partial(error, dr_vos, DOSSIERS, first=5, after=cursor), "BAD_CURSOR")


async def test_what_somebody_else_changed_first(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson) -> None:
    dossier, respondent = await dr_vos.opens_dossier("D-1002"), await dr_vos.finds("Bram Jansen")
    assert (await olga.gives_email(respondent, "bram@new.example"))["__typename"] == "RespondentUpdated"
    assert (await olga.renames_dossier(dossier, "Bram Jansen jr."))["__typename"] == "DossierUpdated"
    await refused(sluis, dr_vos, partial(dr_vos.gives_email, respondent, "bram@late.example"), "CONFLICT")
    await refused(sluis, dr_vos, partial(dr_vos.renames_dossier, dossier, "Bram J."), "CONFLICT")
    now = await dr_vos.opens_dossier("D-1002")
    assert now["name"] == "Bram Jansen jr."
    assert (await dr_vos.gives_email(now["respondents"][0], None))["respondent"]["email"] is None


async def test_what_is_taken_or_closed(sluis: Sluis, dr_vos: StaffPerson) -> None:
    dossier, respondent = await dr_vos.opens_dossier("D-1002"), await dr_vos.finds("Bram Jansen")
    await refused(sluis, dr_vos, partial(dr_vos.creates_dossier, "D-1001", "Somebody"), "ALREADY_EXISTS")
    assert (await dr_vos.closes_dossier(dossier["id"]))["__typename"] == "DossierEnded"
    for act in (
        partial(dr_vos.closes_dossier, dossier["id"]),
        partial(dr_vos.adds_respondent, dossier["id"], "Dirk", None),
        partial(dr_vos.invites, respondent["id"]),
        partial(dr_vos.approves, respondent["id"]),
    ):
        await refused(sluis, dr_vos, act, "DOSSIER_CLOSED")
