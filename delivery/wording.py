"""What a text for people consists of; ``texts_en`` and ``texts_nl`` fill these in."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MailText:
    """One template in one language, its values named in braces.

    ``subject`` names no value: a mail program shows it to whoever looks at the screen. ``details`` are
    sentences that are left out where the payload lacks their values; everything else is required.
    ``button`` is the label of the payload's ``link``. ``each`` is a sentence for each of the letter's accounts.
    """

    subject: str
    body: tuple[str, ...]
    each: str = ""
    details: tuple[str, ...] = ()
    button: str = ""
    closing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The texts of one language with what surrounds each of them."""

    code: str
    greeting: str
    greeting_nameless: str
    nameless: str
    zone: str
    portal: str
    #: Behind the link of a built-in page, for people whose mail program spoils links.
    link_code: str
    helpdesk: str
    automatic: str
    date: str
    day: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    texts: Mapping[str, MailText]
