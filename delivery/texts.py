"""A template filled in for one person: its language chosen, its values cleaned, its dates made readable."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from string import Formatter
from zoneinfo import ZoneInfo

from delivery.texts_en import ENGLISH
from delivery.texts_nl import DUTCH
from delivery.wording import Language, MailText
from models import Practice
from normalise.characters import visible
from normalise.codes import normal_login_code, shown_login_code

LANGUAGES: Mapping[str, Language] = {language.code: language for language in (DUTCH, ENGLISH)}

_LINK = re.compile(r"https?://[^\s<>\"\\]+")
# What mail programs turn into something to click on.
_CLICKABLE = re.compile(r"[/@:]|\w\.\w{2,}")
_BUILT_IN = re.compile(r"/p/[a-z0-9-]+/(?:accept|reset|verify)#token=([\w-]+)\Z")
# "J.de Vries" is no address, and "J. de Vries" is nothing to click on.
_INITIAL = re.compile(r"\b\w{1,4}\.(?=\w{2,})")
_LONGEST_VALUE = 200


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
    language = _language(letter.locale, practice.locale)
    text = language.texts.get(letter.template)
    if text is None:
        raise CannotFill(f"no template {letter.template!r}")
    values = {name: _shown(name, value, language, practice) for name, value in letter.values.items()}
    values["practice"] = one_line(practice.name)
    try:
        listed = [
            {name: _shown(name, value, language, practice) for name, value in one.items()} for one in letter.accounts
        ]
        parts = tuple(_parts(text, language, values, listed))
    except KeyError as missing:
        raise CannotFill(f"{letter.template} lacks {missing}") from None
    portal = Part(language.portal, _checked_link("portal", practice.portal(public_url)))
    return Filled(language.code, text.subject, parts, portal, tuple(_footer(language, practice)))


def one_line(text: str) -> str:
    """``text`` without line breaks, control characters and what turns the direction of writing."""
    categories = ((char, unicodedata.category(char)) for char in visible(text))
    kept = "".join(" " if kind == "Cc" else char for char, kind in categories if kind != "Cs")
    return " ".join(kept.split())[:_LONGEST_VALUE]


def shown_time(moment: datetime, zone_name: str, language: Language) -> str:
    """``moment`` as people of that language write it, by the clock of the time zone, which it names.

    With the offset, for in autumn an hour comes twice: ``Sunday 25 October 2026 at 02:30 (Amsterdam time, UTC+1)``.
    """
    local, known = _local(moment, zone_name)
    place = zone_name.rpartition("/")[2].replace("_", " ")
    zone = language.zone.format(place=place, offset=_offset(local)) if known else "(UTC)"
    return f"{_written(language.date, local, language)} {zone}"


def _offset(local: datetime) -> str:
    """``UTC+1``, ``UTC-4`` or ``UTC+5:30``."""
    minutes = int((local.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def shown_day(moment: datetime, zone_name: str, language: Language) -> str:
    """The day of ``moment`` in that time zone: ``2 March 2026``."""
    return _written(language.day, _local(moment, zone_name)[0], language)


def _local(moment: datetime, zone_name: str) -> tuple[datetime, bool]:
    """The time there, and whether the zone is known."""
    try:
        return moment.astimezone(ZoneInfo(zone_name)), True
    except (LookupError, ValueError, OSError):
        # A mail with the time in UTC is worth more than none.
        return moment.astimezone(UTC), False


def _written(form: str, local: datetime, language: Language) -> str:
    return form.format(
        weekday=language.weekdays[local.weekday()],
        day=local.day,
        month=language.months[local.month - 1],
        year=local.year,
        time=f"{local:%H:%M}",
    )


def _language(*wanted: str) -> Language:
    return next((LANGUAGES[code[:2]] for code in wanted if code[:2] in LANGUAGES), ENGLISH)


def _shown(name: str, value: str, language: Language, practice: Practice) -> str:
    if name == "link":
        return _checked_link(name, value)
    if name == "at" or name.endswith("_at"):
        return shown_time(_moment(name, value), practice.time_zone, language)
    if name == "login_code":
        code = normal_login_code(value)
        return shown_login_code(code) if code else one_line(value)
    return one_line(value)


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
    text: MailText, language: Language, values: Mapping[str, str], listed: Sequence[Mapping[str, str]]
) -> Iterator[Part]:
    name = _called(values.get("name", ""))
    yield Part(language.greeting.format(name=name) if name else language.greeting_nameless)
    for sentence in text.body:
        yield Part(sentence.format_map(values))
    for one in listed:
        yield Part(text.each.format_map({**one, "name": _called(one.get("name", "")) or language.nameless}))
    for sentence in text.details:
        if _named(sentence) <= values.keys():
            yield Part(sentence.format_map(values))
    if text.button:
        yield Part(text.button, values["link"])
        # The token by itself: scanners that rewrite links drop their fragment, and the page asks for it then.
        if code := _BUILT_IN.search(values["link"]):
            yield Part(language.link_code.format(code=code[1]))
    for sentence in text.closing:
        yield Part(sentence.format_map(values))


def _called(name: str) -> str:
    """A name as it can stand in a mail: initials are set apart, and one that would be a link is left out.

    People choose their own names: one with an address in it would be a link in a message of ours.
    """
    apart = _INITIAL.sub(lambda found: f"{found[0]} " if found[0][0].isupper() else found[0], name)
    return "" if _CLICKABLE.search(apart) else apart


def _named(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def _footer(language: Language, practice: Practice) -> Iterator[str]:
    reach = [one_line(way) for way in (practice.helpdesk_email, practice.helpdesk_phone) if way]
    yield one_line(practice.name)
    if reach:
        yield f"{language.helpdesk.format(practice=one_line(practice.name))} {', '.join(reach)}"
    yield language.automatic
