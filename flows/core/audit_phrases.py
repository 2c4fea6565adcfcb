"""Whole phrases for those codes of the audit trail that `flows.audit_trail.audit_words` does not put together."""

from collections.abc import Mapping

Words = Mapping[str, str]

#: What may be about a dossier, as the client whom it is about reads it.
ABOUT_DOSSIERS: Mapping[str, Words] = {
    "access.approved": {"en": "Opened the portal", "nl": "Het portaal opengezet"},
    "access.deactivated": {"en": "Closed the portal", "nl": "Het portaal dichtgezet"},
    "access.taken_back": {
        "en": "Closed the portal until the practice opens it again: the password was set by a mailed link",
        "nl": "Het portaal dicht tot de praktijk het weer opent: het wachtwoord is via een gemailde link gekozen",
    },
    "access.scopes_set": {
        "en": "Chose what the portal shows",
        "nl": "Gekozen wat het portaal laat zien",
    },
    "account.exported": {"en": "Downloaded all data", "nl": "Alle gegevens gedownload"},
    "account.closed": {"en": "Closed the account", "nl": "Het account opgeheven"},
    "account.reinstated": {"en": "Lifted the suspension of an account", "nl": "De blokkade van een account opgeheven"},
    "account.suspended": {"en": "Suspended an account", "nl": "Een account geblokkeerd"},
    "account.factors_reset": {
        "en": "Reset two-step verification",
        "nl": "De twee-staps-authenticatie opnieuw laten instellen",
    },
    "account.login_code_replaced": {"en": "Replaced the login code", "nl": "De inlogcode vervangen"},
    "agenda.read": {"en": "Saw an appointment in the agenda", "nl": "Een afspraak in de agenda gezien"},
    "appointment.staff_added": {
        "en": "Added a colleague to an appointment",
        "nl": "Een collega aan een afspraak toegevoegd",
    },
    "appointment.staff_removed": {
        "en": "Took a colleague away from an appointment",
        "nl": "Een collega bij een afspraak weggehaald",
    },
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
    "dossier.reopened": {"en": "Opened the closed dossier again", "nl": "Het gesloten dossier weer geopend"},
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
#: What is about an account, a device or the practice.
ABOUT_OTHERS: Mapping[str, Words] = {
    "access.refused": {
        "en": "Asked for something without being allowed to",
        "nl": "Iets gevraagd waar geen toegang toe was",
    },
    "account.email_change_asked": {
        "en": "Asked to change the e-mail address",
        "nl": "Gevraagd het e-mailadres te wijzigen",
    },
    "account.email_changed": {"en": "Changed the e-mail address", "nl": "Het e-mailadres gewijzigd"},
    "account.email_corrected": {
        "en": "Corrected the e-mail address of the account",
        "nl": "Het e-mailadres van het account gecorrigeerd",
    },
    "account.email_verified": {"en": "Verified the e-mail address", "nl": "Het e-mailadres bevestigd"},
    "account.language_set": {"en": "Chose the language", "nl": "De taal gekozen"},
    "account.login_code_requested": {
        "en": "Asked for the login code by mail",
        "nl": "De inlogcode per mail opgevraagd",
    },
    "account.password_asked": {"en": "Gave the password once more", "nl": "Het wachtwoord nogmaals ingevuld"},
    "account.password_changed": {"en": "Changed the password", "nl": "Het wachtwoord gewijzigd"},
    "account.password_reset": {
        "en": "Set a new password by a mailed link",
        "nl": "Via een gemailde link een nieuw wachtwoord gekozen",
    },
    "account.password_set": {"en": "Chose a password", "nl": "Een wachtwoord gekozen"},
    "account.phone_change_asked": {
        "en": "Asked to change the phone number",
        "nl": "Gevraagd het telefoonnummer te wijzigen",
    },
    "account.phone_change_proof": {
        "en": "Gave the code that proves a phone number",
        "nl": "De code ingevuld die een telefoonnummer bewijst",
    },
    "account.phone_changed": {"en": "Changed the phone number", "nl": "Het telefoonnummer gewijzigd"},
    "account.reset_requested": {
        "en": "Asked for a new password by mail",
        "nl": "Per mail een nieuw wachtwoord aangevraagd",
    },
    "account.sign_up_requested": {"en": "Signed up", "nl": "Zich aangemeld"},
    "account.signed_up": {"en": "Made the account of a sign-up", "nl": "Het account van een aanmelding gemaakt"},
    "account.verification_sent": {
        "en": "Had the verification mail sent again",
        "nl": "De bevestigingsmail opnieuw laten sturen",
    },
    "audit.exported": {"en": "Exported the audit trail", "nl": "Het auditspoor geëxporteerd"},
    "audit.purged": {"en": "Deleted old rows of the audit trail", "nl": "Oude regels van het auditspoor verwijderd"},
    "audit.searched": {"en": "Searched the audit trail", "nl": "In het auditspoor gezocht"},
    "device.remembered": {"en": "Had a device remembered", "nl": "Een apparaat laten onthouden"},
    "device.renamed": {"en": "Renamed a remembered device", "nl": "Een onthouden apparaat hernoemd"},
    "factor.enrolled": {"en": "Set up two-step verification", "nl": "Twee-staps-authenticatie ingesteld"},
    "factor.enrolment": {
        "en": "Tried to set up two-step verification",
        "nl": "Geprobeerd twee-staps-authenticatie in te stellen",
    },
    "factor.enrolment_begun": {
        "en": "Began to set up two-step verification",
        "nl": "Begonnen twee-staps-authenticatie in te stellen",
    },
    "factor.failed": {"en": "Two-step verification broke down", "nl": "De twee-staps-authenticatie werkte niet"},
    "factor.removed": {
        "en": "Removed a way of two-step verification",
        "nl": "Een manier van twee-staps-authenticatie verwijderd",
    },
    "factor.renamed": {
        "en": "Renamed a way of two-step verification",
        "nl": "Een manier van twee-staps-authenticatie hernoemd",
    },
    "factor.verify": {"en": "Proved the second step", "nl": "De tweede stap bewezen"},
    "fallback.confirmed": {
        "en": "Confirmed that the recovery codes are kept",
        "nl": "Bevestigd dat de herstelcodes bewaard zijn",
    },
    "fallback.issued": {"en": "Had recovery codes made", "nl": "Herstelcodes laten maken"},
    "file.read": {"en": "Downloaded an uploaded file", "nl": "Een geüpload bestand gedownload"},
    "file.uploaded": {"en": "Uploaded a file", "nl": "Een bestand geüpload"},
    "message.listed": {
        "en": "Saw a list of messages that did not arrive",
        "nl": "Een lijst van niet aangekomen berichten gezien",
    },
    "policy.dry_run": {"en": "Looked whom a policy would affect", "nl": "Bekeken wie een beleid zou raken"},
    "policy.set": {"en": "Changed the policy", "nl": "Het beleid gewijzigd"},
    "practice.updated": {"en": "Changed the practice’s settings", "nl": "De instellingen van de praktijk gewijzigd"},
    "prospect.listed": {"en": "Saw a list of sign-ups", "nl": "Een lijst van aanmeldingen gezien"},
    "prospect.rejected": {"en": "Rejected a sign-up", "nl": "Een aanmelding afgewezen"},
    "prospect.searched": {"en": "Searched the sign-ups", "nl": "In de aanmeldingen gezocht"},
    "prospect.verified": {
        "en": "Vouched for the address of a sign-up",
        "nl": "Ingestaan voor het adres van een aanmelding",
    },
    "session.ended": {"en": "Signed out on another device", "nl": "Uitgelogd op een ander apparaat"},
    "session.others_ended": {"en": "Signed out on all other devices", "nl": "Uitgelogd op alle andere apparaten"},
    "session.signed_out": {"en": "Signed out", "nl": "Uitgelogd"},
    "session.stepped_up": {"en": "Confirmed who is there", "nl": "Bevestigd wie er is"},
    "sign_in.completed": {"en": "Signed in", "nl": "Ingelogd"},
    "sign_in.password": {"en": "Gave login and password", "nl": "Login en wachtwoord ingevuld"},
    "staff.factors_reset": {
        "en": "Reset a colleague’s two-step verification",
        "nl": "De twee-staps-authenticatie van een collega gereset",
    },
    "staff.invited": {"en": "Invited a colleague", "nl": "Een collega uitgenodigd"},
    "staff.registration_set": {
        "en": "Changed how a colleague is registered with insurers",
        "nl": "Gewijzigd hoe een collega bij verzekeraars bekend is",
    },
    "staff.reinstated": {"en": "Let a suspended colleague in again", "nl": "Een geschorste collega weer toegelaten"},
    "staff.role_set": {"en": "Gave a colleague another role", "nl": "Een collega een andere rol gegeven"},
    "staff.suspended": {"en": "Suspended a colleague", "nl": "Een collega geschorst"},
}
#: What an owner reads where the client is spoken to, or sees the whole of which it is a part.
FOR_OWNERS: Mapping[str, Words] = {
    "agenda.read": {"en": "Looked at an agenda", "nl": "Een agenda bekeken"},
    "answers.listed": {"en": "Listed answers to questionnaires", "nl": "Antwoorden op vragenlijsten opgevraagd"},
    "appointment.listed": {"en": "Listed appointments", "nl": "Afspraken opgevraagd"},
    "dossier.listed": {"en": "Listed dossiers", "nl": "Dossiers opgevraagd"},
    "dossier.log_read": {"en": "Read who looked at the own dossier", "nl": "Gelezen wie het eigen dossier bekeek"},
    "dossier.searched": {"en": "Searched the dossiers", "nl": "In de dossiers gezocht"},
    "dossier.updated": {"en": "Changed the dossier", "nl": "Het dossier gewijzigd"},
    "receipt.listed": {"en": "Listed receipts", "nl": "Kwitanties opgevraagd"},
    "report.listed": {"en": "Listed reports", "nl": "Verslagen opgevraagd"},
    "respondent.listed": {"en": "Listed people who answer", "nl": "Mensen die invullen opgevraagd"},
    "respondent.searched": {"en": "Searched the people who answer", "nl": "In de mensen die invullen gezocht"},
    "respondent.updated": {"en": "Changed somebody who answers", "nl": "Iemand die invult gewijzigd"},
    "staff.caseload_added": {
        "en": "Added dossiers to a colleague’s caseload",
        "nl": "Dossiers aan de caseload van een collega toegevoegd",
    },
    "staff.caseload_removed": {
        "en": "Took dossiers from a colleague’s caseload",
        "nl": "Dossiers uit de caseload van een collega gehaald",
    },
    "staff.caseload_set": {"en": "Changed a colleague’s caseload", "nl": "De caseload van een collega gewijzigd"},
}
