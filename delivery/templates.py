"""What each mail is made of. The words are in the catalogues: ``mail.subject.``, ``mail.body.`` and so on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One mail, by the keys of its texts.

    ``subject`` is shared by many, and names no value: a mail program shows it on the screen. The body
    is ``mail.body.`` and the template's name. ``details`` are sentences that are left out where the payload lacks
    their values; everything else is required. ``button`` is the label of the payload's ``link``. With ``each`` there is
    a sentence for each of the letter's accounts, ``mail.each.`` and the template's name.
    """

    subject: str
    details: tuple[str, ...] = ()
    button: str = ""
    closing: str = ""
    each: bool = False


TEMPLATES: Mapping[str, Template] = {
    "invitation": Template(subject="create", button="create", closing="unexpected"),
    "staff_invitation": Template(subject="create", button="create", closing="unexpected"),
    "account_made": Template(subject="ready", closing="not_you"),
    "account_exists": Template(subject="account"),
    "starter_given": Template(subject="ready", closing="unexpected_account"),
    "verify_email": Template(subject="confirm_email", button="confirm_email", closing="no_link"),
    "sign_up_invited": Template(subject="account"),
    "sign_up_rejected": Template(subject="account", closing="mistake"),
    "password_reset": Template(subject="password", button="password", closing="password_stays"),
    "login_codes": Template(subject="login_code", each=True, closing="no_need"),
    "login_code_replaced": Template(subject="login_code"),
    "access_approved": Template(subject="account", details=("when",)),
    "account_suspended": Template(subject="account", details=("when",)),
    "account_reinstated": Template(subject="account", details=("when",)),
    "access_deactivated": Template(subject="account", details=("when",), closing="mistake"),
    "document_ready": Template(subject="portal"),
    "appointment_booked": Template(subject="calendar", details=("video",)),
    "appointment_moved": Template(subject="agenda", details=("video",)),
    "appointment_staff_added": Template(subject="agenda"),
    "appointment_cancelled": Template(subject="agenda"),
    "appointment_reminder": Template(subject="reminder", details=("video",)),
    "notice_factor_added": Template(subject="changed", details=("which", "when"), closing="not_you"),
    "notice_factor_removed": Template(subject="changed", details=("which", "when"), closing="not_you"),
    "notice_factors_reset": Template(subject="changed", details=("when",), closing="not_asked"),
    "notice_staff_factors_reset": Template(subject="changed", details=("when",), closing="not_asked"),
    "notice_access_waits": Template(subject="changed", details=("when",), closing="not_you"),
    "notice_codes_regenerated": Template(subject="changed", details=("when",), closing="not_you"),
    "notice_code_used": Template(subject="changed", details=("left", "few", "when"), closing="not_you"),
    "notice_code_confirmed": Template(subject="changed", details=("left", "few", "when"), closing="not_you"),
    "notice_new_device": Template(subject="changed", details=("device", "when"), closing="not_you"),
    "notice_reopened": Template(subject="changed", details=("when",), closing="not_you"),
    "notice_password_changed": Template(subject="changed", details=("when",), closing="not_you"),
    "email_change": Template(subject="confirm_email", button="confirm_address", closing="not_you_no_change"),
    "email_change_taken": Template(subject="confirm_email", button="confirm_address", closing="unexpected_no_change"),
    "notice_email_change_asked": Template(subject="changed", details=("when",), closing="not_you"),
    "notice_email_changed": Template(subject="changed", details=("when",), closing="not_you"),
    "notice_phone_changed": Template(subject="changed", details=("when",), closing="not_you"),
    "notice_links_changed": Template(subject="changed", details=("by", "when"), closing="not_you"),
    "account_closed": Template(subject="account", details=("when",), closing="not_you"),
    "change_accepted": Template(subject="details", details=("reason", "when")),
    "change_rejected": Template(subject="details", details=("reason", "when")),
    "notice_factor_alert": Template(subject="changed", details=("which", "when"), closing="not_you"),
}


def keys_of(name: str) -> Iterator[str]:
    """The keys of all texts of a template."""
    template = TEMPLATES[name]
    yield f"mail.subject.{template.subject}"
    yield f"mail.body.{name}"
    if template.each:
        yield f"mail.each.{name}"
    yield from (f"mail.detail.{detail}" for detail in template.details)
    if template.button:
        yield f"mail.button.{template.button}"
    if template.closing:
        yield f"mail.closing.{template.closing}"
