"""What the audit trail's codes mean, in plain words: for the client whom a dossier is about, and for owners."""

from collections.abc import Mapping

from flows.core.audit_phrases import ABOUT_DOSSIERS, ABOUT_OTHERS, FOR_OWNERS, Words
from plugins import LANGUAGES

#: The thing that an event's first part names.
_THINGS: Mapping[str, Words] = {
    "account": {"en": "the account", "nl": "het account"},
    "answers": {"en": "answers to a questionnaire", "nl": "antwoorden op een vragenlijst"},
    "appointment": {"en": "an appointment", "nl": "een afspraak"},
    "dossier": {"en": "the dossier", "nl": "het dossier"},
    "grant": {"en": "an access", "nl": "een toegang"},
    "invitation": {"en": "an invitation", "nl": "een uitnodiging"},
    "receipt": {"en": "a receipt", "nl": "een kwitantie"},
    "report": {"en": "a report", "nl": "een verslag"},
    "respondent": {"en": "somebody who answers", "nl": "iemand die invult"},
}
#: What its second part says was done with it; the first that fits.
_DEEDS: tuple[tuple[str, Words], ...] = (
    ("read", {"en": "Looked at {it}", "nl": "{it} bekeken"}),
    ("listed", {"en": "Saw {it} in a list", "nl": "{it} in een lijst gezien"}),
    ("searched", {"en": "Searched for {it}", "nl": "{it} gezocht"}),
    ("downloaded", {"en": "Downloaded {it}", "nl": "{it} gedownload"}),
    ("exported", {"en": "Exported {it}", "nl": "{it} geëxporteerd"}),
    ("released", {"en": "Released {it}", "nl": "{it} vrijgegeven"}),
    ("withdrawn", {"en": "Withdrew {it}", "nl": "{it} ingetrokken"}),
    ("revoked", {"en": "Withdrew {it}", "nl": "{it} ingetrokken"}),
    ("accepted", {"en": "Accepted {it}", "nl": "{it} aangenomen"}),
    ("linked", {"en": "Linked {it}", "nl": "{it} gekoppeld"}),
    ("renewed", {"en": "Asked again for {it}", "nl": "{it} opnieuw aangevraagd"}),
    ("sent", {"en": "Sent {it}", "nl": "{it} verstuurd"}),
    ("added", {"en": "Added {it}", "nl": "{it} toegevoegd"}),
    ("created", {"en": "Made {it}", "nl": "{it} gemaakt"}),
    ("issued", {"en": "Issued {it}", "nl": "{it} uitgegeven"}),
    ("booked", {"en": "Booked {it}", "nl": "{it} ingepland"}),
    ("moved", {"en": "Moved {it}", "nl": "{it} verplaatst"}),
    ("cancelled", {"en": "Cancelled {it}", "nl": "{it} afgezegd"}),
    ("completed", {"en": "Completed {it}", "nl": "{it} afgerond"}),
    ("delivered", {"en": "Added {it}", "nl": "{it} toegevoegd"}),
    ("archived", {"en": "Put {it} away", "nl": "{it} opgeborgen"}),
    ("joined", {"en": "Joined {it}", "nl": "Meegedaan met {it}"}),
    ("voided", {"en": "Made {it} void", "nl": "{it} laten vervallen"}),
    ("deleted", {"en": "Deleted {it}", "nl": "{it} verwijderd"}),
    ("closed", {"en": "Closed {it}", "nl": "{it} gesloten"}),
)
_DID = {"en": "Changed something about {it}", "nl": "Iets gewijzigd aan {it}"}
_SOMETHING = {"en": "Did something else", "nl": "Iets anders gedaan"}


def words_of(event: str, locale: str) -> str:
    """``dossier.listed`` as the client reads it; an event that is not known here still says what it is about."""
    language = locale if locale in LANGUAGES else "en"
    exact = ABOUT_DOSSIERS.get(event) or ABOUT_OTHERS.get(event)
    if exact:
        return exact[language]
    topic, _, deed = event.partition(".")
    thing = _THINGS.get(topic)
    if thing is None:
        return _SOMETHING[language]
    said = next((words for ending, words in _DEEDS if deed.endswith(ending)), _DID)[language]
    said = said.format(it=thing[language])
    return said[0].upper() + said[1:]


def owner_words_of(event: str, locale: str) -> str:
    """The same as an owner reads it, who looks at the practice as a whole."""
    language = locale if locale in LANGUAGES else "en"
    exact = FOR_OWNERS.get(event)
    return exact[language] if exact else words_of(event, locale)
