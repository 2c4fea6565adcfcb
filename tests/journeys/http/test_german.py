"""A practice, its clients and its papers in German: a language that is there as a file alone."""

from datetime import timedelta

import pytest

from tests.people.bookkeeper import Bookkeeper, for_anybody, keeping_books, text_of
from tests.people.cast import Belongings, Person
from tests.people.device import Answer
from tests.people.manager import managing
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

PASSWORD = "lila Frosch im warmen Regen"
UPDATE = "mutation($input: UpdateDossierInput!) { updateDossier(input: $input) { __typename ... on Refusal { code } } }"


@pytest.fixture
async def anna(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson) -> tuple[Person, Answer]:
    """A client with a dossier in German, in a German practice."""
    await olga.signs_in()
    await managing(olga).settles(language="de")
    await dr_vos.signs_in()
    dossier = await dr_vos.opens_dossier("D-1001")
    changed = await dr_vos.device.ask(
        UPDATE, input={"id": dossier["id"], "version": dossier["version"], "language": "de"}
    )
    assert changed == {"__typename": "DossierUpdated"}
    return Person(sluis, Belongings("Ada de Vries", "anna@clients.example")), dossier


async def test_from_the_invitation_to_the_waiting_page(
    sluis: Sluis, dr_vos: StaffPerson, anna: tuple[Person, Answer]
) -> None:
    person, dossier = anna
    (respondent,) = dossier["respondents"]
    await dr_vos.gives_email(respondent, person.own.email)
    await dr_vos.invites(respondent["id"])
    mail = await person.reads_mail()
    assert mail["subject"] == "Ihr Konto einrichten"
    text = " ".join(mail["text"].split())
    assert text.startswith("Guten Tag Ada de Vries, Praktijk De Sluis lädt Sie ein")
    assert " Uhr (Zeit in Amsterdam, UTC+1)." in text
    (link,) = [link for link in mail["links"] if "/accept" in link]
    person.device.http.headers["Accept-Language"] = "de-AT,de;q=0.9"
    weak = await person.accepts(link, "kurz")
    assert weak["message"].startswith(
        "Dieses Passwort kann nicht benutzt werden. Es ist zu kurz: Es braucht mindestens"
    )
    assert (await person.accepts(link, PASSWORD))["__typename"] == "AccountMade"
    assert (await person.reads_mail())["subject"] == "Ihr Konto ist bereit"
    (account,) = await sluis.rows("SELECT locale FROM account WHERE email = ?", person.own.email)
    assert account["locale"] == "de"

    assert (await person.starts_sign_in(password="falsch"))["message"] == "Diese Anmeldedaten stimmen nicht."
    step = await person.starts_sign_in()
    assert step["options"][0] == {"factor": "totp", "title": "Authentifizierungs-App"}
    codes = await person.takes_codes(await person.sets_up_app(step))
    assert codes is not None
    told = await person.is_told("wurde eine Art der Zwei-Faktor-Anmeldung hinzugefügt")
    assert "Es geht um: Authentifizierungs-App." in told["text"]
    assert (await dr_vos.approves(respondent["id"]))["__typename"] == "AccessApproved"
    assert (await person.is_told("hat das Portal für Sie geöffnet"))["subject"] == "Ihr Konto"


async def test_the_log_reads_in_german(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    identity = await dr_vos.lets_in(ada)
    await ada.speaks("de")
    sluis.clock.forward(minutes=1)
    await dr_vos.looks_at(identity)
    told = {entry["event"]: entry["what"] for entry in await ada.reads_log()}
    assert told["access.approved"] == "Das Portal geöffnet"
    assert told["invitation.sent"] == "Eine Einladung gesendet"
    assert told["respondent.read"] == "Eine Person, die Fragebögen ausfüllt, angesehen"
    assert (await ada.chooses_language("tlh"))["message"] == (
        "Bitte prüfen Sie „Sprache“. Wählen Sie eines davon: de, en, nl."
    )


async def test_a_receipt_is_printed_in_german(sluis: Sluis, dr_vos: StaffPerson) -> None:
    vos: Bookkeeper = keeping_books(dr_vos)
    carla = Person(sluis, Belongings("Carla Jansen", "carla@clients.example"))
    await vos.lets_in(carla)
    await carla.speaks("de")
    dossier = await vos.opens_dossier("D-1002")
    mother = next(one for one in dossier["respondents"] if one["name"] == carla.own.name)
    appointment = (await vos.books(dossier, sluis.clock.now, timedelta(minutes=30)))["appointment"]
    assert (await carla.is_told("Er beginnt am"))["subject"] == "Für Ihren Kalender"
    sluis.clock.forward(minutes=30)
    lines = ({"description": "Gespräch", "amount": "1295.50"},)
    receipt = (await vos.issues(appointment, mother, *lines))["receipt"]
    assert (await carla.is_told("liegt etwas Neues für Sie bereit"))["subject"] == "Etwas Neues in Ihrem Portal"
    said = text_of(await carla.device.follow(for_anybody(receipt)["downloadUrl"]))
    for words in ("Quittung 2026-0001", "Bezahlt von", "Carla Jansen", "1.295,50", "Summe", " Uhr (Zeit in Amsterdam"):
        assert words in said


async def test_the_pages_speak_german_without_a_script_and_with_one(dr_vos: StaffPerson) -> None:
    http = dr_vos.device.http
    assert "Diese Seite braucht JavaScript." in (await http.get("/p/demo")).text
    script = (await http.get("/static/texts.js")).text
    assert '"name": "Deutsch"' in script
    assert '"de": "Wählen Sie ein neues Passwort"' in script
