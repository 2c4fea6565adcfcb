"""A template filled in for one person: its language chosen, its values cleaned, its dates made readable."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from delivery.templates import TEMPLATES, Template
from locales import language_of, message, placeholders, shown_moment, text
from models import Practice
from normalise.characters import visible
from normalise.codes import normal_login_code, shown_login_code

_LINK = re.compile(r"https?://[^\s<>\"\\]+")
# What mail programs turn into something to click on.
_CLICKABLE = re.compile(r"[/@:]|\w\.\w{2,}")
_BUILT_IN = re.compile(r"/p/[a-z0-9-]+/(?:accept|reset|verify)#token=([\w-]+)\Z")
# "J.de Vries" is no address, and "J. de Vries" is nothing to click on.
_INITIAL = re.compile(r"\b\w{1,4}\.(?=\w{2,})")
_LONGEST_VALUE = 200
#: Values that are a number of minutes.
_MINUTES = frozenset({"minutes", "opens"})


class CannotFill(Exception):
    """The payload does not fit its template. Names the template and at most a value's name."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What the outbox holds of one message: the template, the address, the language and the values.

    ``account`` is the id of the account that it is about, where there is one. ``accounts`` are the values of each
    account that it lists: ``login_code``, and ``name`` where that is known to be the person's.
    """

    template: str
    to: str
    locale: str
    values: Mapping[str, str]
    account: str = ""
    accounts: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, or the label of a link. Plain text without line breaks."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A text ready to be laid out: what it says, and the way to the portal and the lines that every message has."""

    language: str
    subject: str
    parts: tuple[Part, ...]
    portal: Part
    footer: tuple[str, ...]


def fill(letter: Letter, practice: Practice, public_url: str) -> Filled:
    """The letter's template in the person's language, or else the practice's; raises CannotFill.

    The portal is the practice's own, or else the one at ``public_url``.
    Values that end in ``_at``, and ``at``, are ISO times with an offset, shown in the practice's time zone.
    """
    language = language_of(letter.locale, practice.locale)
    template = TEMPLATES.get(letter.template)
    if template is None:
        raise CannotFill(f"no template {letter.template!r}")
    values = {name: _shown(name, value, language, practice) for name, value in letter.values.items()}
    values["practice"] = one_line(practice.name)
    try:
        listed = [
            {name: _shown(name, value, language, practice) for name, value in one.items()} for one in letter.accounts
        ]
        parts = tuple(_parts(letter.template, template, language, values, listed))
    except KeyError as missing:
        raise CannotFill(f"{letter.template} lacks {missing}") from None
    portal = Part(text("mail.portal", language), _checked_link("portal", practice.portal(public_url)))
    subject = text(f"mail.subject.{template.subject}", language)
    return Filled(language, subject, parts, portal, tuple(_footer(language, practice)))


def one_line(text: str) -> str:
    """``text`` without line breaks, control characters and what turns the direction of writing."""
    categories = ((char, unicodedata.category(char)) for char in visible(text))
    kept = "".join(" " if kind == "Cc" else char for char, kind in categories if kind != "Cs")
    return " ".join(kept.split())[:_LONGEST_VALUE]


def _shown(name: str, value: str, language: str, practice: Practice) -> str:
    if name == "link":
        return _checked_link(name, value)
    if name == "at" or name.endswith("_at"):
        return shown_moment(_moment(name, value), practice.time_zone, language)
    if name in _MINUTES:
        return text("mail.minutes", language, count=_number(name, value))
    if name == "login_code":
        code = normal_login_code(value)
        return shown_login_code(code) if code else one_line(value)
    return one_line(value)


def _number(name: str, value: str) -> int:
    if not value.isdecimal():
        raise CannotFill(f"{name} is no number")
    return int(value)


def _checked_link(name: str, value: str) -> str:
    if not _LINK.fullmatch(value):
        raise CannotFill(f"{name} is no link")
    return value


def _moment(name: str, value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise CannotFill(f"{name} is no time") from None
    if moment.tzinfo is None:
        raise CannotFill(f"{name} has no offset")
    return moment


def _parts(
    name: str, template: Template, language: str, values: Mapping[str, str], listed: Sequence[Mapping[str, str]]
) -> Iterator[Part]:
    called = _called(values.get("name", ""))
    yield Part(text("mail.greeting", language, name=called) if called else text("mail.greeting_nameless", language))
    for paragraph in message(f"mail.body.{name}", language).split("\n\n"):
        yield Part(paragraph.format_map(values))
    for one in listed:
        told = {**one, "name": _called(one.get("name", "")) or text("mail.nameless", language)}
        yield Part(text(f"mail.each.{name}", language, **told))
    for detail in template.details:
        sentence = message(f"mail.detail.{detail}", language)
        if placeholders(sentence) <= values.keys():
            yield Part(sentence.format_map(values))
    if template.button:
        yield Part(text(f"mail.button.{template.button}", language), values["link"])
        # The token by itself: scanners that rewrite links drop their fragment, and the page asks for it then.
        if code := _BUILT_IN.search(values["link"]):
            yield Part(text("mail.link_code", language, code=code[1]))
    if template.closing:
        yield Part(text(f"mail.closing.{template.closing}", language))


def _called(name: str) -> str:
    """A name as it can stand in a mail: initials are set apart, and one that would be a link is left out.

    People choose their own names: one with an address in it would be a link in a message of ours.
    """
    apart = _INITIAL.sub(lambda found: f"{found[0]} " if found[0][0].isupper() else found[0], name)
    return "" if _CLICKABLE.search(apart) else apart


def _footer(language: str, practice: Practice) -> Iterator[str]:
    reach = [one_line(way) for way in (practice.helpdesk_email, practice.helpdesk_phone) if way]
    name = one_line(practice.name)
    yield name
    if reach:
        yield f"{text('mail.helpdesk', language, practice=name)} {', '.join(reach)}"
    yield text("mail.automatic", language)
