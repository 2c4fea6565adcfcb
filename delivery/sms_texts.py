"""The texts of text messages: one line, in letters that every phone has (GSM 03.38), and discreet.

No practice, portal or person is named, for a locked screen shows it all.
"""

from collections.abc import Mapping

from delivery.texts import CannotFill, one_line

SMS_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "one_time_code": "{code} is your code. Never share it: nobody will ask you for it.",
        "number_replaced": "This number was replaced by another in your account. Not you? Contact us right away.",
    },
    "nl": {
        "one_time_code": "{code} is uw code. Geef hem nooit door: niemand zal u erom vragen.",
        "number_replaced": "Dit nummer is in uw account vervangen door een ander. Was u dit niet? Bel ons meteen.",
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
