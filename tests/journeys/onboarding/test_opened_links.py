"""A mailed link is looked at before anybody types a password: it tells whether it still works, and changes nothing."""

from typing import Any

import pytest

from tests.people.cast import Person
from tests.people.guest import token_of
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

RESET = """mutation($token: String!) { openPasswordReset(token: $token) { __typename
  ... on PasswordResetOpened { loginCode passwordRules { minimum } practice { slug } }
  ... on Refusal { code message } } }"""
VERIFY = """mutation($token: String!) { openVerification(token: $token) { __typename
  ... on VerificationOpened { practice { slug } } ... on Refusal { code message } } }"""


@pytest.fixture
async def link(dr_vos: StaffPerson, ada: Person) -> str:
    """A link with which Ada, who is let in, can choose a new password."""
    await dr_vos.lets_in(ada)
    await ada.forgets_password()
    return await ada.gets_link("reset")


async def kept(sluis: Sluis) -> dict[str, Any]:
    """All that is stored, but for mail that leaves meanwhile."""
    return {name: rows for name, rows in (await sluis.database.tables()).items() if name != "outbox_message"}


async def opened(person: Person, document: str, link: str) -> Any:
    return await person.device.ask(document, token=token_of(link))


async def test_a_reset_link_is_looked_at_any_number_of_times(
    sluis: Sluis, ada: Person, mallory: Person, link: str
) -> None:
    """By a scanner or a person, any number of times: the answer is the same, and nothing is stored."""
    before = await kept(sluis)
    for person in (ada, mallory, ada):
        told = await opened(person, RESET, link)
        assert (told["__typename"], told["practice"]["slug"]) == ("PasswordResetOpened", "demo")
        assert told["loginCode"].replace(" ", "") == ada.own.login.replace(" ", "")
        assert told["passwordRules"]["minimum"] == 8
    assert await kept(sluis) == before
    assert (await ada.resets(link, "vier andere losse paarden"))["__typename"] == "PasswordReset"


async def test_dead_reset_link_is_refused_when_opened(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, link: str
) -> None:
    assert (await opened(ada, RESET, "https://x.example/#token=unknown"))["code"] == "LINK_UNKNOWN"
    sluis.clock.forward(minutes=31)
    assert (await opened(ada, RESET, link))["code"] == "LINK_EXPIRED"
    await ada.forgets_password()
    newer = await ada.gets_link("reset")
    assert (await opened(ada, RESET, link))["code"] == "LINK_SUPERSEDED"
    await ada.resets(newer, "vier andere losse paarden")
    assert (await opened(ada, RESET, newer))["code"] == "LINK_USED"


async def test_a_link_opens_for_its_own_purpose_only(ada: Person, link: str) -> None:
    assert (await opened(ada, VERIFY, link))["code"] == "LINK_UNKNOWN"


async def test_a_verification_link_is_looked_at(sluis: Sluis, olga: StaffPerson) -> None:
    await sluis.rows("UPDATE practice SET sign_up_open = TRUE WHERE slug = 'demo'")
    eva = Person(sluis, type(olga.own)("Noor Nieuw", "noor@clients.example"))
    await eva.signs_up("vier losse paarden rennen")
    verification = await eva.gets_verification()
    before = await kept(sluis)
    assert (await opened(eva, VERIFY, verification))["practice"] == {"slug": "demo"}
    assert (await opened(eva, RESET, verification))["code"] == "LINK_UNKNOWN"
    assert await kept(sluis) == before
    await eva.verifies(verification)
    assert (await opened(eva, VERIFY, verification))["code"] == "LINK_USED"


async def test_the_mail_has_the_code_by_itself(sluis: Sluis, ada: Person, link: str) -> None:
    """Some mail programs drop the part of a link behind the #: then the page asks for the code."""
    code = token_of(link)
    (mail,) = [mail for mail in sluis.mailbox.sent_to(ada.own.email) if link in mail["links"]]
    assert f"Vraagt de pagina om een code? Kopieer dan deze: {code}" in " ".join(mail["text"].split())
