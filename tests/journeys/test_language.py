"""Somebody whose browser asks for a language that we do not have reads the practice's, not English."""

import pytest

from tests.people import Belongings, Person
from tests.sluis import Sluis
from tests.speaking import Transport

PASSWORD = "paarse kikker in de regen"
WRONG = {"nl": "Deze inloggegevens kloppen niet.", "en": "This login and password do not belong together."}


@pytest.mark.parametrize("accepted", ["fr-BE,fr;q=0.9", "tr,*;q=0.5", "", "nl;q=0"])
@pytest.mark.parametrize("practice", ["nl", "en"])
@pytest.mark.parametrize("transport", ["COOKIE", "BEARER"])
async def test_stranger_reads_the_practices_language(
    sluis: Sluis, accepted: str, practice: str, transport: Transport
) -> None:
    """A browser names its practice in a header, a program in the input."""
    await sluis.rows("UPDATE practice SET locale = ? WHERE slug = 'demo'", practice)
    guest = Person(sluis, Belongings("Fleur Kok", "fleur@clients.example"), transport)
    guest.device.http.headers["Accept-Language"] = accepted
    assert (await guest.knocks("12345678", PASSWORD))["message"] == WRONG[practice]
    guest.device.http.headers["Accept-Language"] = "fr,en;q=0.4"
    assert (await guest.knocks("12345678", PASSWORD))["message"] == WRONG["en"], "English is asked for"
    guest.device.http.headers["Accept-Language"] = "nl-BE,en;q=0.4"
    assert (await guest.knocks("12345678", PASSWORD))["message"] == WRONG["nl"], "Dutch is asked for"


@pytest.mark.parametrize("practice", ["nl", "en"])
async def test_sign_up_in_a_language_that_we_have_not_gets_the_practices(sluis: Sluis, practice: str) -> None:
    """So do its mails, and the steps of a program that signs in by a token alone."""
    await sluis.rows("UPDATE practice SET sign_up_open = TRUE, locale = ? WHERE slug = 'demo'", practice)
    fleur = Person(sluis, Belongings("Fleur Kok", "fleur@clients.example"), "BEARER")
    fleur.device.http.headers["Accept-Language"] = "uk,ru;q=0.5"
    assert (await fleur.signs_up(PASSWORD))["__typename"] == "SignUpRequested"
    await fleur.gets_verification()
    (row,) = await sluis.rows("SELECT locale FROM account WHERE email = ?", fleur.own.email)
    assert row["locale"] == practice
    step = await fleur.knocks()
    assert step["__typename"] == "EnrolmentRequired"
    assert step["options"][0]["title"] == {"nl": "Authenticator-app", "en": "Authenticator app"}[practice]
