"""How a test says that something is refused: by its code, in Dutch and in English, and with nothing changed."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.people.account_page import AccountPage
from tests.people.device import Answer
from tests.support.sluis import Sluis
from tests.support.stored import everything

#: Code → what people read, in Dutch and in English. The codes are part of the API.
SAID = {
    "ALREADY_DEACTIVATED": ("Deze toegang is al gedeactiveerd.", "This access is deactivated already."),
    "ALREADY_EXISTS": ("Dit is al in gebruik: Referentie.", "This is already in use: Reference."),
    "ANSWER_TOO_LARGE": (
        "Dit vraagt te veel tegelijk. Vraag minder.",
        "This asks for too much at once. Please ask for less.",
    ),
    "AWAITING_APPROVAL": (
        "Uw praktijk moet uw toegang nog goedkeuren.",
        "Your practice still has to approve your access.",
    ),
    "BAD_CURSOR": ("Deze paginamarkering is niet geldig.", "This page marker is not valid."),
    "CHALLENGE_EXPIRED": (
        "Deze vraag is niet meer geldig. Vraag een nieuwe aan.",
        "This question is no longer valid. Please ask for a new one.",
    ),
    "CONFLICT": (
        "Iemand anders heeft dit intussen gewijzigd. Laad opnieuw en probeer het nog eens.",
        "Someone else changed this in the meantime. Please reload and try again.",
    ),
    "DOSSIER_CLOSED": ("Dit dossier is gesloten.", "This dossier is closed."),
    "EMAIL_UNVERIFIED": (
        "Bevestig eerst uw e-mailadres, met de link die daarheen is gemaild.",
        "Please confirm your e-mail address first, by the link that was mailed to it.",
    ),
    "LINK_EXPIRED": ("Deze link is verlopen.", "This link has expired."),
    "LINK_REVOKED": ("Deze link is ingetrokken.", "This link was withdrawn."),
    "LINK_SUPERSEDED": (
        "Er is een nieuwere link verstuurd. Gebruik die.",
        "A newer link was sent after this one. Please use that.",
    ),
    "LINK_UNKNOWN": ("Deze link is niet geldig.", "This link is not valid."),
    "LINK_USED": ("Deze link is al gebruikt.", "This link has been used already."),
    "LOGIN_DEACTIVATED": (
        "Deze persoon heeft een login die is gedeactiveerd. Keur die opnieuw goed.",
        "This person has a login that was deactivated. Approve it again instead.",
    ),
    "NOTHING_OPEN": ("Er is geen open uitnodiging.", "There is no open invitation."),
    "NOT_ALLOWED": ("U mag dit niet doen.", "You are not allowed to do this."),
    "NOT_FOUND": ("Dit bestaat niet.", "This does not exist."),
    "NOT_SIGNED_IN": ("Log eerst in.", "Please sign in first."),
    "NO_EMAIL_ADDRESS": (
        "Deze persoon heeft eerst een e-mailadres nodig.",
        "This person needs an e-mail address first.",
    ),
    "PAGE_TOO_LARGE": ("Vraag 1 tot 100 regels tegelijk.", "Ask for 1 to 100 rows at once."),
    "PROOF_MALFORMED": (
        "Dit heeft niet de juiste vorm. Controleer wat u heeft ingevuld.",
        "This does not have the right form. Please check what you gave.",
    ),
    "PROOF_REPLAYED": (
        "Dit is al gebruikt. Gebruik een nieuwe.",
        "This has been used already. Please use a new one.",
    ),
    "PROOF_WRONG": ("Dit klopt niet. Probeer het opnieuw.", "This is not right. Please try again."),
    "SIGN_IN_EXPIRED": (
        "Deze inlogpoging is niet meer geldig. Begin opnieuw.",
        "This sign-in is no longer valid. Please start again.",
    ),
    "STEP_UP_REQUIRED": ("Bevestig eerst dat u het bent.", "Please confirm first that it is you."),
    "WEAK_PASSWORD": ("Dit wachtwoord kan niet gebruikt worden. ", "This password cannot be used. "),
    "WRONG_CREDENTIALS": ("Deze inloggegevens kloppen niet.", "This login and password do not belong together."),
}


async def refused(
    sluis: Sluis,
    person: AccountPage,
    act: Callable[[], Awaitable[Answer]],
    code: str,
    said: tuple[str, str] | None = None,
) -> None:
    """``act`` is refused with this code in both languages, Dutch last, and all that is stored is as it was."""
    dutch, english = said or SAID[code]
    for language, message in (("en", english), ("nl", dutch)):
        await person.speaks(language)
        before = await everything(sluis)
        answer = await act()
        told = answer.get("message", "")
        # Which sentences follow depends on the password.
        told = told[: len(message)] if code == "WEAK_PASSWORD" else told
        assert (answer.get("code"), told) == (code, message), answer
        assert await everything(sluis) == before


async def error(person: AccountPage, document: str, **variables: Any) -> Answer:
    """Code and message of the one error that a query ends in; there is no data."""
    body = (await person.device.post(document, variables)).json()
    assert not any((body.get("data") or {}).values()), body
    (only,) = body["errors"]
    return {"code": only["extensions"]["code"], "message": only["message"]}
