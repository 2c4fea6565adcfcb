"""What a practice settles for itself: who may, what is refused, and that it holds at once."""

import json
from functools import partial
from typing import Any

import httpx
import pytest

from tests.people.cast import Belongings, Person
from tests.people.manager import Manager, managing
from tests.people.staff import StaffPerson, at_work
from tests.support.clock import Clock
from tests.support.databases import Database, Databases
from tests.support.population import Population
from tests.support.refusing import refused
from tests.support.sluis import Sluis, running

SAID = {
    "TOO_LONG": ("Hier passen hoogstens {} tekens.", "At most {} characters fit here."),
    "MISSING": ("Dit moet ingevuld zijn.", "This must be filled in."),
    "EMAIL": (
        "Dit is geen adres waarheen gemaild kan worden, zoals naam@example.org.",
        "This is not an address that can be mailed to, such as name@example.org.",
    ),
    "PHONE": (
        "Dit is geen telefoonnummer, zoals +31 6 12345678.",
        "This is not a phone number, such as +31 6 12345678.",
    ),
    "CHOICE": ("Kies een van: {}.", "Choose one of: {}."),
    "TIME_ZONE": (
        "Dit is geen tijdzone, zoals Europe/Amsterdam.",
        "This is not a time zone, such as Europe/Amsterdam.",
    ),
    "COUNTRY": (
        "Dit is niet de code van een land, zoals NL.",
        "This is not the code of a country, such as NL.",
    ),
    "CURRENCY": (
        "Dit is niet de code van een munt, zoals EUR.",
        "This is not the code of a currency, such as EUR.",
    ),
    "RANGE": ("Geef een getal binnen {}.", "Give a number within {}."),
    "TOO_MANY": ("Er zijn er hoogstens {} mogelijk.", "At most {} are possible."),
    "ORIGIN": (
        "Geef een adres als https://portaal.example.org, zonder pad.",
        "Give an address like https://portal.example.org, without a path.",
    ),
    "LINK": ("Geef een adres dat met https:// begint.", "Give an address that begins with https://."),
    "TOKEN": (
        "Zet {{token}} achter het # van dit adres, en nergens anders.",
        "Put {{token}} behind the # of this address, and nowhere else.",
    ),
}
OWN = "https://mijn.linde.example"
MANY = [f"https://{number}.linde.example" for number in range(11)]
CALLED = {
    "name": ("Naam", "Name"),
    "helpdeskEmail": ("E-mailadres van de helpdesk", "E-mail address of the helpdesk"),
    "helpdeskPhone": ("Telefoonnummer van de helpdesk", "Phone number of the helpdesk"),
    "language": ("Taal", "Language"),
    "timeZone": ("Tijdzone", "Time zone"),
    "country": ("Land", "Country"),
    "currency": ("Munt", "Currency"),
    "postalAddress": ("Postadres", "Postal address"),
    "smsCountries.1": ("Land voor sms 2", "Country for text messages 2"),
    "invitationDays": ("Dagen dat een uitnodiging geldig is", "Days that an invitation is valid"),
    "allowedOrigins": ("Adressen van uw eigen portaal", "Addresses of your own portal"),
    "allowedOrigins.1": ("Adres van uw eigen portaal 2", "Address of your own portal 2"),
    "portal": ("Adres van het portaal", "Address of the portal"),
    "accept": ("Link van de uitnodiging", "Link of the invitation"),
    "reset": ("Link voor een nieuw wachtwoord", "Link for a new password"),
    "verify": ("Link die een adres bevestigt", "Link that verifies an address"),
}
#: What is given, the field that is named, the problem, and its bound.
WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    ({"name": " "}, "name", "MISSING", ""),
    ({"name": "A" * 121}, "name", "TOO_LONG", "120"),
    ({"helpdeskEmail": "balie"}, "helpdeskEmail", "EMAIL", ""),
    ({"helpdeskPhone": "bel ons"}, "helpdeskPhone", "PHONE", ""),
    ({"language": "fr"}, "language", "CHOICE", "de, en, nl"),
    *(({"timeZone": zone}, "timeZone", "TIME_ZONE", "") for zone in ("", "Mars/Base", "../../etc/passwd", "localtime")),
    *(({"country": country}, "country", "COUNTRY", "") for country in ("", "nl", "ZZ", "001", "Nederland")),
    *(({"currency": currency}, "currency", "CURRENCY", "") for currency in ("", "eur", "XXX")),
    ({"postalAddress": "Dam 1\n" * 80}, "postalAddress", "TOO_LONG", "400"),
    ({"smsCountries": ["NL", "XX"]}, "smsCountries", "COUNTRY", ""),
    *(({"invitationDays": days}, "invitationDays", "RANGE", "1 – 30") for days in (0, -1, 31)),
    ({"allowedOrigins": MANY}, "allowedOrigins", "TOO_MANY", "10"),
    *(
        ({"allowedOrigins": [OWN, origin]}, "allowedOrigins", "ORIGIN", "")
        for origin in ("", "*", "null", "http://linde.example", f"{OWN}/path", "https://a:b@linde.example",
                       "https://*.linde.example", "https://linde.example:99999", "javascript:alert(1)")
    ),
    *(
        ({"links": {"accept": link}}, "accept", "LINK", "")
        for link in ("http://linde.example/#{token}", "javascript:alert(1)#{token}", "//linde.example/#{token}",
                     f"{OWN}/ #{{token}}", f"{OWN}/\"#{{token}}", f"{OWN}/\\#{{token}}", "https://u@linde.example/#{token}")
    ),
    *(
        ({"links": {page: link}}, page, "TOKEN", "")
        for page in ("accept", "verify", "reset")
        for link in (OWN, f"{OWN}/{{token}}", f"{OWN}/?t={{token}}#{{token}}", f"{OWN}/#{{token}}{{token}}")
    ),
    ({"links": {"portal": f"{OWN}/#{{token}}"}}, "portal", "LINK", ""),
    ({"links": {"reset": f"{OWN}/#{{token}}{'x' * 500}"}}, "reset", "TOO_LONG", "500"),
]  # fmt: skip


@pytest.fixture
def owner(olga: StaffPerson) -> Manager:
    return managing(olga)


async def test_everything_that_can_be_settled(sluis: Sluis, owner: Manager) -> None:
    before = await owner.sees_practice()
    changes: dict[str, Any] = {
        "name": "Praktijk  De Linde",
        "helpdeskEmail": "balie@LINDE.example",
        "helpdeskPhone": "+31 20 123 45 67",
        "language": "en",
        "timeZone": "Europe/Brussels",
        "country": "BE",
        "emailSignIn": False,
        "signUpOpen": True,
        "invitationDays": 3,
        "links": {"portal": f"{OWN}/", "accept": f"{OWN}/welkom#t={{token}}", "verify": None, "reset": " "},
        "allowedOrigins": [OWN, "https://MIJN.linde.example:443/", "http://localhost:3000"],
        "smsCountries": ["NL", "BE", "NL"],
        "postalAddress": "Dam 1\n1012 JS Amsterdam",
        "currency": "CHF",
        "agbCode": "94012345",
        "kvkNumber": "12345678",
        "vatNumber": "NL123456789B01",
    }
    updated = await owner.settles(**changes)
    assert updated["__typename"] == "PracticeUpdated"
    assert updated["settings"] == {
        **changes,
        "version": before["version"] + 1,
        "slug": "demo",
        "portalUrl": f"{OWN}/",
        "name": "Praktijk De Linde",
        "helpdeskEmail": "balie@linde.example",
        "links": {"portal": f"{OWN}/", "accept": f"{OWN}/welkom#t={{token}}", "verify": None, "reset": None},
        "allowedOrigins": [OWN, "http://localhost:3000"],
        "smsCountries": ["BE", "NL"],
        "hasLogo": False,
        "crossSiteOrigins": [OWN],
    }
    assert updated["settings"] == await owner.sees_practice()
    (audited,) = await sluis.rows("SELECT details, subjects FROM audit_event WHERE event = 'practice.updated'")
    assert json.loads(audited["details"]) == {"fields": sorted(changes)}


async def test_what_is_settled_holds_at_once(sluis: Sluis, owner: Manager, ada: Person) -> None:
    respondent = await owner.finds(ada.own.name)
    await owner.gives_email(respondent, ada.own.email)
    links = {"accept": f"{OWN}/welkom#t={{token}}"}
    await owner.settles(name="De Linde", invitationDays=2, links=links, allowedOrigins=[OWN])
    invited = await owner.invites(respondent["id"])
    assert (await ada.reads_mail())["links"][0].startswith(f"{OWN}/welkom#t=")
    expires = invited["respondent"]["loginStatus"]["invitation"]["expiresAt"]
    assert expires.startswith(f"{sluis.clock():%Y-%m-}{sluis.clock().day + 2:02}")
    shared = await ada.device.http.options("/graphql", headers={"Origin": OWN, "Access-Control-Request-Method": "POST"})
    assert shared.headers["Access-Control-Allow-Origin"] == OWN


async def test_what_is_not_named_stays(owner: Manager) -> None:
    await owner.settles(smsCountries=["BE"], links={"portal": OWN}, helpdeskPhone="020")
    await owner.settles(helpdeskPhone="")
    after = await owner.sees_practice()
    assert (after["smsCountries"], after["links"]["portal"], after["helpdeskPhone"]) == (["BE"], OWN, "")
    await owner.settles(smsCountries=None, links={})
    after = await owner.sees_practice()
    assert after["smsCountries"] is None
    assert set(after["links"].values()) == {None}


async def test_settings_of_another_version_are_a_conflict(sluis: Sluis, owner: Manager) -> None:
    version = (await owner.sees_practice())["version"]
    await owner.settles(version, name="De Linde")
    for old in (version, version + 2, -1):
        await refused(sluis, owner, partial(owner.settles, old, name="De Beuk"), "CONFLICT")
    assert (await owner.sees_practice())["name"] == "De Linde"


def _path(field: str, changes: dict[str, Any]) -> list[str]:
    """In all examples with two items the second is wrong."""
    given = changes.get(field)
    if isinstance(given, list) and len(given) == 2:
        return [field, "1"]
    return [*(["links"] if field in changes.get("links", {}) else []), field]


async def test_what_cannot_be_settled_is_said_in_words(sluis: Sluis, owner: Manager) -> None:
    said_once = set()
    for changes, field, problem, bound in WRONG:
        answer = await owner.settles(0, **changes)
        assert (answer.get("field"), answer.get("problemCode")) == (field, problem), (changes, answer)
        assert answer["path"] == _path(field, changes), changes
        if problem not in said_once:
            said_once.add(problem)
            names, texts = (
                CALLED[".".join(answer["path"]).removeprefix("links.")],
                [text.format(bound) for text in SAID[problem]],
            )
            said = (f"Controleer “{names[0]}”. {texts[0]}", f"Please check “{names[1]}”. {texts[1]}")
            await refused(sluis, owner, partial(owner.settles, 0, **changes), "INVALID_INPUT", said)
    assert said_once == set(SAID)
    assert (await owner.sees_practice())["version"] == 0


@pytest.mark.security
async def test_who_may_settle_it(sluis: Sluis, dr_vos: StaffPerson, ada: Person, mallory: Person) -> None:
    await dr_vos.lets_in(ada)
    for person, code in ((dr_vos, "NOT_ALLOWED"), (ada, "NOT_ALLOWED"), (mallory, "NOT_SIGNED_IN")):
        stranger = managing(dr_vos)
        stranger.device = person.device
        await refused(sluis, stranger, partial(stranger.settles, 0, signUpOpen=True), code)
        assert await stranger.device.refused("{ practiceSettings { name } }") == [code]


async def test_an_admin_may_as_well(sluis: Sluis, owner: Manager, dr_vos: StaffPerson) -> None:
    await sluis.rows("UPDATE staff_member SET role = 'OWNER' WHERE email = ?", dr_vos.own.email)
    await sluis.rows("UPDATE staff_member SET role = 'ADMIN' WHERE email = ?", owner.own.email)
    assert (await owner.settles(signUpOpen=True))["settings"]["signUpOpen"] is True
    assert (await owner.sets_policy(remember=[]))["__typename"] == "PolicySet"


#: What says to whom secrets go.
MOVES: list[dict[str, Any]] = [
    {"links": {"reset": OWN + "/reset#{token}"}},
    {"links": {"portal": OWN}},
    {"allowedOrigins": [OWN]},
    {"videoLink": "https://video.linde.example/{room}"},
]


@pytest.mark.security
async def test_only_an_owner_changes_where_secrets_go(sluis: Sluis, owner: Manager, dr_vos: StaffPerson) -> None:
    """An administrator could have an owner's invitation, a session or a video call end up with them."""
    await sluis.rows("UPDATE staff_member SET role = 'ADMIN' WHERE email = ?", dr_vos.own.email)
    ann = managing(dr_vos)
    assert (await ann.settles(helpdeskPhone="+31 20 555 0199"))["__typename"] == "PracticeUpdated"
    for changes in MOVES:
        await refused(sluis, ann, partial(ann.settles, **changes), "NOT_ALLOWED")
        together = await ann.settles(name="De Beuk", **changes)
        assert together["code"] == "NOT_ALLOWED"
        assert (await ann.sees_practice())["name"] != "De Beuk", "nothing half done"
    assert await sluis.count("outbox_message", "template = 'notice_links_changed'") == 0


@pytest.mark.security
async def test_every_owner_is_told_who_changed_where_secrets_go(
    sluis: Sluis, owner: Manager, dr_vos: StaffPerson
) -> None:
    await sluis.rows("UPDATE staff_member SET role = 'OWNER' WHERE email = ?", dr_vos.own.email)
    for number, changes in enumerate(MOVES, start=1):
        assert (await owner.settles(**changes))["__typename"] == "PracticeUpdated"
        for person in (owner, dr_vos):
            told = await person.is_told("gewijzigd waar mails, pagina's of videogesprekken")
            assert "Dat deed" in told["text"]
            assert "Dat deed O" in told["text"]
        assert await sluis.count("outbox_message", "template = 'notice_links_changed'") == 2 * number
    # A form that sends all settings back as they were moves nothing, and an administrator may send it.
    await sluis.rows("UPDATE staff_member SET role = 'ADMIN' WHERE email = ?", dr_vos.own.email)
    same: dict[str, Any] = {"links": {"portal": OWN}, "allowedOrigins": [OWN], "signUpOpen": False}
    assert (await managing(dr_vos).settles(**same))["__typename"] == "PracticeUpdated"
    assert await sluis.count("outbox_message", "template = 'notice_links_changed'") == 2 * len(MOVES)


@pytest.mark.security
async def test_no_link_of_staff_follows_a_template(sluis: Sluis, owner: Manager, ada: Person) -> None:
    """A template could send the token that makes an owner, or sets an owner's password, to its author."""
    elsewhere = {page: f"https://elsewhere.example/{page}#{{token}}" for page in ("accept", "reset", "verify")}
    assert (await owner.settles(links=elsewhere))["__typename"] == "PracticeUpdated"
    assert (await owner.hires("Otto Owner", "otto@desluis.example", "OWNER"))["__typename"] == "StaffInvited"
    otto = Person(sluis, Belongings("Otto Owner", "otto@desluis.example"))
    assert (await otto.gets_link("accept")).startswith(f"{sluis.url}/p/demo/accept#token=")
    await owner.elsewhere().forgets_password(owner.own.email)
    assert (await owner.gets_link("reset")).startswith(f"{sluis.url}/p/demo/reset#token=")
    await owner.asks_for_email("olga@new.example")
    moved = Person(sluis, Belongings("Olga", "olga@new.example"))
    assert (await moved.gets_link("verify")).startswith(f"{sluis.url}/p/demo/verify#token=")
    # A client's do.
    respondent = await owner.finds(ada.own.name)
    await owner.gives_email(respondent, ada.own.email)
    await owner.invites(respondent["id"])
    assert (await ada.gets_link("accept")).startswith("https://elsewhere.example/accept#")


@pytest.mark.security
async def test_a_change_asks_who_is_there(sluis: Sluis, owner: Manager) -> None:
    sluis.clock.forward(minutes=6)
    links = {"accept": "https://elsewhere.example/#{token}"}
    await refused(sluis, owner, partial(owner.settles, links=links), "STEP_UP_REQUIRED")
    await owner.steps_up()
    assert (await owner.settles(links=links))["__typename"] == "PracticeUpdated"


@pytest.mark.security
async def test_a_practice_changes_its_own_only(sluis: Sluis, owner: Manager, dr_else: StaffPerson) -> None:
    await managing(dr_else).settles(name="Anders")
    assert (await owner.sees_practice())["name"] != "Anders"
    assert (await managing(dr_else).sees_practice())["name"] == "Anders"


async def test_a_frontend_on_another_site_is_told_what_to_do(sluis: Sluis, owner: Manager) -> None:
    """Its browser would keep our cookies away: it is told so instead, readably, and signs in with a token."""
    settings = (await owner.settles(allowedOrigins=[OWN, "http://localhost:3000"]))["settings"]
    assert settings["crossSiteOrigins"] == [OWN]
    asked = {"query": "{ viewer { id } }"}
    async with httpx.AsyncClient(base_url=sluis.url) as http:
        refused = await http.post("/graphql", json=asked, headers={"Origin": OWN, "Sluis-Practice": "demo"})
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (403, OWN)
        (error,) = refused.json()["errors"]
        assert error["extensions"]["code"] == "CROSS_SITE_COOKIE"
        assert "BEARER" in error["message"]
        for headers in ({"Origin": OWN}, {"Origin": "http://localhost:3000", "Sluis-Practice": "demo"}):
            assert (await http.post("/graphql", json=asked, headers=headers)).json() == {"data": {"viewer": None}}


async def test_the_related_origins_of_passkeys(
    databases: Databases, populated: tuple[Database, Population], clock: Clock
) -> None:
    """WebAuthn Level 3, 5.11: a browser asks the host of the passkeys whether a page elsewhere may use them."""
    template, population = populated
    mine = await databases.copy(template)
    try:
        async with running(mine, population, clock, plugins=("totp", "passkeys")) as sluis:
            owner = managing(at_work(sluis, population.olga))
            await owner.signs_in()
            async with httpx.AsyncClient(base_url=sluis.url) as http:
                assert (await http.get("/.well-known/webauthn")).json() == {"origins": []}
                await owner.settles(allowedOrigins=[OWN])
                answer = await http.get("/.well-known/webauthn")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json() == {"origins": [OWN]}
    finally:
        await databases.drop(mine)
