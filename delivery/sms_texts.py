"""The texts of text messages: one line, in letters that every phone has (GSM 03.38), and discreet.

No practice, portal or person is named, for a locked screen shows it all.
"""

from collections.abc import Mapping

from delivery.texts import CannotFill, one_line

_NOT_YOU = {
    "en": "Was this not you? Call your helpdesk.",
    "nl": "Was u dit niet? Bel dan uw helpdesk.",
}
_NEWS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "notice_factor_added": "A way to sign in was added to your account.",
        "notice_factor_removed": "A way to sign in was removed from your account.",
        "notice_access_waits": "A new password was chosen by mail. The practice opens the portal for you again.",
        "notice_factors_reset": "The ways to sign in to your account were reset.",
        "notice_staff_factors_reset": "The ways to sign in to your account were reset.",
        "notice_factor_alert": "Something unusual happened when signing in to your account.",
        "notice_codes_regenerated": "New recovery codes were made for your account.",
        "notice_code_used": "A recovery code was used to sign in to your account.",
        "notice_code_confirmed": "A recovery code was used in your account.",
        "notice_new_device": "A new device was used to sign in to your account.",
        "notice_reopened": "Your account was opened again, by an invitation and your password.",
        "notice_password_changed": "The password of your account was changed.",
        "notice_email_change_asked": "Somebody asked to change the e-mail address of your account.",
        "notice_email_changed": "The e-mail address of your account was changed.",
        "notice_phone_changed": "The phone number of your account was changed.",
        "notice_links_changed": "The addresses to which your practice's mails lead were changed.",
        "number_replaced": "This number was replaced by another in your account.",
        "login_code_replaced": "Your new login code is {login_code}. The old one no longer works.",
        "access_approved": "Your account is open: you can sign in.",
        "access_deactivated": "An access in your account was closed.",
        "account_suspended": "Your account was suspended: you cannot sign in for now.",
        "account_reinstated": "The suspension of your account was lifted.",
        "account_closed": "Your account was closed, as you asked.",
        "change_accepted": "Your details were changed, as you asked.",
        "change_rejected": "Your details stay as they are.",
    },
    "nl": {
        "notice_factor_added": "Aan uw account is een manier van inloggen toegevoegd.",
        "notice_factor_removed": "Van uw account is een manier van inloggen verwijderd.",
        "notice_access_waits": "Er is per mail een nieuw wachtwoord gekozen. De praktijk opent het portaal opnieuw.",
        "notice_factors_reset": "De manieren van inloggen van uw account zijn gereset.",
        "notice_staff_factors_reset": "De manieren van inloggen van uw account zijn gereset.",
        "notice_factor_alert": "Er is iets ongewoons gebeurd bij het inloggen op uw account.",
        "notice_codes_regenerated": "Er zijn nieuwe herstelcodes voor uw account gemaakt.",
        "notice_code_used": "Er is met een herstelcode op uw account ingelogd.",
        "notice_code_confirmed": "Er is in uw account een herstelcode gebruikt.",
        "notice_new_device": "Er is met een nieuw apparaat op uw account ingelogd.",
        "notice_reopened": "Uw account is weer geopend, met een uitnodiging en uw wachtwoord.",
        "notice_password_changed": "Het wachtwoord van uw account is gewijzigd.",
        "notice_email_change_asked": "Iemand vroeg om het e-mailadres van uw account te wijzigen.",
        "notice_email_changed": "Het e-mailadres van uw account is gewijzigd.",
        "notice_phone_changed": "Het telefoonnummer van uw account is gewijzigd.",
        "notice_links_changed": "De adressen waar mails van uw praktijk naartoe leiden zijn gewijzigd.",
        "number_replaced": "Dit nummer is in uw account vervangen door een ander.",
        "login_code_replaced": "Uw nieuwe inlogcode is {login_code}. De oude werkt niet meer.",
        "access_approved": "Uw account is open: u kunt inloggen.",
        "access_deactivated": "Een toegang in uw account is gesloten.",
        "account_suspended": "Uw account is geblokkeerd: u kunt nu niet inloggen.",
        "account_reinstated": "De blokkade van uw account is opgeheven.",
        "account_closed": "Uw account is opgeheven, zoals u vroeg.",
        "change_accepted": "Uw gegevens zijn gewijzigd, zoals u vroeg.",
        "change_rejected": "Uw gegevens blijven zoals ze zijn.",
    },
}
SMS_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "one_time_code": "{code} is your code. Never share it: nobody will ask you for it.",
        "appointment_reminder": "A reminder: {when}.",
        "document_ready": "There is something new for you: you can sign in to read it.",
        "sign_up_rejected": "The account that you made was closed. Questions? Call your helpdesk.",
        **{template: f"{text} {_NOT_YOU['en']}" for template, text in _NEWS["en"].items()},
    },
    "nl": {
        "one_time_code": "{code} is uw code. Geef hem nooit door: niemand zal u erom vragen.",
        "appointment_reminder": "Een herinnering: {when}.",
        "document_ready": "Er staat iets nieuws voor u klaar: u kunt inloggen om het te lezen.",
        "sign_up_rejected": "Het account dat u maakte is gesloten. Vragen? Bel uw helpdesk.",
        **{template: f"{text} {_NOT_YOU['nl']}" for template, text in _NEWS["nl"].items()},
    },
}


def sms_text(template: str, locale: str, other_locale: str, values: Mapping[str, str]) -> str:
    """The template in the person's language, or else the practice's, or English; raises CannotFill."""
    language = next((code[:2] for code in (locale, other_locale) if code[:2] in SMS_TEXTS), "en")
    text = SMS_TEXTS[language].get(template)
    if text is None:
        raise CannotFill(f"no text message {template!r}")
    try:
        return text.format_map({name: one_line(value) for name, value in values.items()})
    except KeyError as missing:
        raise CannotFill(f"{template} lacks {missing}") from None
