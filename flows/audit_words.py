"""What was done, in plain words for the client whom a dossier is about. The codes are those of the audit trail."""

from collections.abc import Mapping

from plugins import LANGUAGES

Words = Mapping[str, str]

_EXACT: Mapping[str, Words] = {
    "access.approved": {"en": "Opened the portal", "nl": "Het portaal opengezet"},
    "access.deactivated": {"en": "Closed the portal", "nl": "Het portaal dichtgezet"},
    "access.scopes_set": {
        "en": "Chose what the portal shows",
        "nl": "Gekozen wat het portaal laat zien",
    },
    "account.exported": {"en": "Downloaded all data", "nl": "Alle gegevens gedownload"},
    "account.closed": {"en": "Closed the account", "nl": "Het account opgeheven"},
    "account.factors_reset": {
        "en": "Reset two-step verification",
        "nl": "De tweestapsverificatie opnieuw laten instellen",
    },
    "account.login_code_replaced": {"en": "Replaced the login code", "nl": "De inlogcode vervangen"},
    "agenda.read": {"en": "Saw an appointment in the agenda", "nl": "Een afspraak in de agenda gezien"},
    "change.accepted": {"en": "Changed the personal details as asked", "nl": "De gegevens op verzoek gewijzigd"},
    "change.asked": {"en": "Asked for a change of personal details", "nl": "Gevraagd om gegevens te wijzigen"},
    "change.listed": {"en": "Saw requests for changes", "nl": "Verzoeken om wijzigingen bekeken"},
    "change.rejected": {"en": "Rejected a change that was asked", "nl": "Een gevraagde wijziging afgewezen"},
    "change.withdrawn": {"en": "Withdrew a request for a change", "nl": "Een verzoek om een wijziging ingetrokken"},
    "device.all_revoked": {"en": "Made all devices forget", "nl": "Alle onthouden apparaten laten vergeten"},
    "device.listed": {"en": "Saw the remembered devices", "nl": "De onthouden apparaten bekeken"},
    "device.revoked": {"en": "Made one device forget", "nl": "Een onthouden apparaat laten vergeten"},
    "dossier.closed": {"en": "Closed the dossier", "nl": "Het dossier gesloten"},
    "dossier.created": {"en": "Made the dossier", "nl": "Het dossier gemaakt"},
    "dossier.denied": {
        "en": "Asked for the dossier without being allowed to",
        "nl": "Om het dossier gevraagd zonder het te mogen zien",
    },
    "dossier.followed": {"en": "Kept the dossier open on screen", "nl": "Het dossier op het scherm opengehouden"},
    "dossier.listed": {"en": "Saw it in a list of dossiers", "nl": "Het in een lijst van dossiers gezien"},
    "dossier.log_read": {"en": "Read this overview", "nl": "Dit overzicht bekeken"},
    "dossier.searched": {"en": "Found it by searching", "nl": "Het gevonden bij het zoeken"},
    "factor.exempted": {"en": "Allowed a time without two-step", "nl": "Een tijd zonder tweede stap toegestaan"},
    "factor.exemption_ended": {
        "en": "Ended the time without two-step",
        "nl": "De tijd zonder tweede stap beëindigd",
    },
    "prospect.associated": {
        "en": "Linked the account of somebody who signed up, and opened the portal",
        "nl": "Het account van iemand die zich aanmeldde gekoppeld, en het portaal opengezet",
    },
    "prospect.client_created": {
        "en": "Made the dossier of a sign-up, and opened the portal",
        "nl": "Het dossier van een aanmelding gemaakt, en het portaal opengezet",
    },
    "session.all_ended": {"en": "Signed out on all devices", "nl": "Uitgelogd op alle apparaten"},
    "staff.caseload_added": {"en": "Added someone who treats you", "nl": "Iemand toegevoegd die u behandelt"},
    "staff.caseload_removed": {
        "en": "Took away someone who treated you",
        "nl": "Iemand weggehaald die u behandelde",
    },
    "staff.caseload_set": {"en": "Changed who treats you", "nl": "Gewijzigd wie u behandelt"},
    "starter_password.given": {
        "en": "Gave a starter password, and opened the portal",
        "nl": "Een startwachtwoord gegeven, en het portaal opengezet",
    },
}
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
_ANYTHING = {"en": "the dossier", "nl": "het dossier"}
_DID = {"en": "Changed something about {it}", "nl": "Iets gewijzigd aan {it}"}


def words_of(event: str, locale: str) -> str:
    """``dossier.listed`` as the client reads it; an event that is not known here still says what it is about."""
    language = locale if locale in LANGUAGES else "en"
    exact = _EXACT.get(event)
    if exact:
        return exact[language]
    topic, _, deed = event.partition(".")
    it = _THINGS.get(topic, _ANYTHING)[language]
    said = next((words for ending, words in _DEEDS if deed.endswith(ending)), _DID)[language].format(it=it)
    return said[0].upper() + said[1:]
