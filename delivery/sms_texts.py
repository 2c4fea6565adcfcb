"""The texts of text messages: one line, in letters that every phone has (GSM 03.38), and discreet.

No practice, portal or person is named, for a locked screen shows it all. The words are in the catalogues, ``sms.`` and
the template's name.
"""

from collections.abc import Mapping

from delivery.texts import CannotFill, one_line
from locales import language_of, text

#: What is said by itself.
PLAIN = frozenset({"one_time_code", "appointment_reminder", "document_ready", "sign_up_rejected"})
#: What tells of a change: with whom to call, should somebody else have made it.
NEWS = frozenset(
    {
        "notice_factor_added",
        "notice_factor_removed",
        "notice_access_waits",
        "notice_factors_reset",
        "notice_staff_factors_reset",
        "notice_factor_alert",
        "notice_codes_regenerated",
        "notice_code_used",
        "notice_code_confirmed",
        "notice_new_device",
        "notice_reopened",
        "notice_password_changed",
        "notice_email_change_asked",
        "notice_email_changed",
        "notice_phone_changed",
        "notice_links_changed",
        "number_replaced",
        "login_code_replaced",
        "access_approved",
        "access_deactivated",
        "account_suspended",
        "account_reinstated",
        "account_closed",
        "change_accepted",
        "change_rejected",
    }
)


def sms_text(template: str, locale: str, other_locale: str, values: Mapping[str, str]) -> str:
    """The template in the person's language, or else the practice's, or English; raises CannotFill."""
    if template not in PLAIN | NEWS:
        raise CannotFill(f"no text message {template!r}")
    language = language_of(locale, other_locale)
    try:
        said = text(f"sms.{template}", language, **{name: one_line(value) for name, value in values.items()})
    except KeyError as missing:
        raise CannotFill(f"{template} lacks {missing}") from None
    return f"{said} {text('sms.not_you', language)}" if template in NEWS else said
