"""What a practice settles for itself besides its policy: how it is reached, where its own frontend is, and the like.

A further setting is a column of Practice, a line in SETTINGS, and a line in each of the two types of
``schema/practice/practice_settings.py``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from flows.access.office import hold_office
from flows.access.reach import manager
from flows.appointments import reminders
from flows.appointments.video_rooms import LONGEST_LINK, is_safe
from flows.core import audit
from flows.core.account_mail import tell
from flows.core.context import AppContext, Caller
from flows.core.texts import clean, clean_lines, in_schema, known_language, registration, usable_email, usable_phone
from flows.documents import files
from flows.refusals import Conflict, FileTooLarge, InvalidInput, Problem, Refusal, StepUpRequired, inside, item
from flows.signin.step_up import fresh_for_own
from models import Practice, StaffMember
from models.core.money import DECIMALS
from models.db.database import transaction
from models.documents.stored_file import size_of
from models.staff.staff import owner_accounts
from normalise.phones import is_country
from normalise.registrations import AGB, KVK, VAT
from security.origins import parse_origin
from security.sites import same_site

T = TypeVar("T")

#: The pages of a practice's own frontend, and how many tokens the link to each carries.
PAGES: Mapping[str, int] = {"portal": 0, "accept": 1, "verify": 1, "reset": 1}

_DAY = int(timedelta(days=1).total_seconds())
_TOKEN = "{token}"  # noqa: S105 - the place of one
_LONGEST_LINK = 500
_MOST_ORIGINS = 10
_MOST_DAYS = 30
_MOST_REMINDERS, _SOONEST = 5, 15
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

#: It is in every receipt that is downloaded.
LOGO_BYTES = 1_000_000
LOGO_TYPES = ("image/png", "image/jpeg")

#: Makes what is stored out of what was given for a field of that name; raises InvalidInput.
Check = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a setting is kept, and what may be kept there."""

    column: str
    check: Check


def _as_it_is(_: str, given: Any) -> Any:
    return given


def _words(longest: int) -> Check:
    return lambda field, given: clean(field, given, longest)


def _email(field: str, given: str) -> str:
    return usable_email(field, given) or ""


def _phone(field: str, given: str) -> str:
    return usable_phone(field, given, 40) or ""


def _time_zone(field: str, given: str) -> str:
    if given not in _time_zones():
        raise InvalidInput(field, Problem.TIME_ZONE)
    return given


@cache
def _time_zones() -> frozenset[str]:
    # Without what means something else on another machine, such as "localtime".
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def _country(field: str, given: str) -> str:
    if not is_country(given):
        raise InvalidInput(field, Problem.COUNTRY)
    return given


def _countries(field: str, given: list[str] | None) -> list[str] | None:
    return None if given is None else sorted(set(_each(field, given, _country)))


def _days(field: str, given: int) -> int:
    if not 1 <= given <= _MOST_DAYS:
        raise InvalidInput(field, Problem.RANGE, f"1 – {_MOST_DAYS}")
    return given * _DAY


def _lines(longest: int) -> Check:
    return lambda field, given: clean_lines(field, given, longest)


def _currency(field: str, given: str) -> str:
    if given not in DECIMALS:
        raise InvalidInput(field, Problem.CURRENCY)
    return given


def _origins(field: str, given: list[str]) -> list[str]:
    if len(given) > _MOST_ORIGINS:
        raise InvalidInput(field, Problem.TOO_MANY, _MOST_ORIGINS)
    return list(dict.fromkeys(_each(field, given, _origin)))


def _origin(field: str, given: str) -> str:
    try:
        if len(given) <= _LONGEST_LINK and given.isprintable():
            return parse_origin(given)
    except ValueError:
        pass
    raise InvalidInput(field, Problem.ORIGIN)


def _links(_: str, given: Mapping[str, str | None]) -> dict[str, str]:
    with inside("links"):
        return {page: _link(page, link.strip()) for page, link in given.items() if link and link.strip()}


def _link(page: str, link: str) -> str:
    if len(link) > _LONGEST_LINK:
        raise InvalidInput(page, Problem.TOO_LONG, _LONGEST_LINK)
    if not link.isprintable() or set(link) & set(' "<>\\'):
        raise InvalidInput(page, Problem.LINK)
    try:
        parts = urlsplit(link)
        parse_origin(f"{parts.scheme}://{parts.netloc}")
    except ValueError as error:
        raise InvalidInput(page, Problem.LINK) from error
    # In the fragment no server, proxy or mail scanner ever sees it.
    if not link.count(_TOKEN) == parts.fragment.count(_TOKEN) == PAGES[page]:
        raise InvalidInput(page, Problem.TOKEN if PAGES[page] else Problem.LINK)
    return link


def _reminders(field: str, given: list[int]) -> list[int]:
    if len(given) > _MOST_REMINDERS:
        raise InvalidInput(field, Problem.TOO_MANY, _MOST_REMINDERS)
    return sorted(set(_each(field, given, _reminder)), reverse=True)


def _reminder(field: str, minutes: int) -> int:
    if not _SOONEST <= minutes <= reminders.LONGEST:
        raise InvalidInput(field, Problem.RANGE, f"{_SOONEST} – {reminders.LONGEST}")
    return minutes


def _each(field: str, given: list[T], check: Callable[[str, T], T]) -> Iterator[T]:
    for index, one in enumerate(given):
        with item(field, index):
            yield check(field, one)


def _clock(earliest: str, latest: str) -> Check:
    """``08:00`` as minutes after midnight. Apart, so that the morning's is before the evening's whichever changes."""

    def check(field: str, given: str) -> int:
        if not (_CLOCK.fullmatch(given) and earliest <= given <= latest):
            raise InvalidInput(field, Problem.CLOCK, f"{earliest} – {latest}")
        hours, minutes = given.split(":")
        return int(hours) * 60 + int(minutes)

    return check


def shown_clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _video_link(field: str, given: str | None) -> str | None:
    link = (given or "").strip()
    if link and not is_safe(link.replace("{room}", "room"), LONGEST_LINK):
        raise InvalidInput(field, Problem.LINK)
    return link or None


def _check_encrypted(app: AppContext, values: Mapping[str, Any]) -> None:
    """One's own machine will do without encryption, but only for a server that does."""
    if app.rules.public_url.startswith("http:"):
        return
    with inside("links"):
        for page, link in values.get("links", {}).items():
            if link.startswith("http:"):
                raise InvalidInput(page, Problem.LINK)
    if any(origin.startswith("http:") for origin in values.get("allowed_origins", ())):
        raise InvalidInput("allowedOrigins", Problem.ORIGIN)


#: By the names of the schema, in snake case.
SETTINGS: Mapping[str, Setting] = {
    "name": Setting("name", _words(120)),
    "helpdesk_email": Setting("helpdesk_email", _email),
    "helpdesk_phone": Setting("helpdesk_phone", _phone),
    "language": Setting("locale", known_language),
    "time_zone": Setting("time_zone", _time_zone),
    "country": Setting("country", _country),
    "email_sign_in": Setting("email_sign_in", _as_it_is),
    "sign_up_open": Setting("sign_up_open", _as_it_is),
    "invitation_days": Setting("invitation_seconds", _days),
    "links": Setting("links", _links),
    "allowed_origins": Setting("allowed_origins", _origins),
    "sms_countries": Setting("sms_countries", _countries),
    "postal_address": Setting("postal_address", _lines(400)),
    "logo": Setting("logo_id", _as_it_is),
    "currency": Setting("currency", _currency),
    "agb_code": Setting("agb_code", partial(registration, AGB)),
    "kvk_number": Setting("kvk_number", partial(registration, KVK)),
    "vat_number": Setting("vat_number", partial(registration, VAT)),
    "reminder_minutes": Setting("reminder_minutes", _reminders),
    "reminder_sms": Setting("reminder_sms", _as_it_is),
    "reminders_from": Setting("reminders_from", _clock("00:00", "12:00")),
    "reminders_until": Setting("reminders_until", _clock("13:00", "23:59")),
    "video_link": Setting("video_link", _video_link),
}


async def practice_settings(caller: Caller | None) -> Practice:
    """The caller's practice, for who may change it. Raises NotSignedIn and NotAllowed."""
    return await Practice.get(id=manager(caller).practice_id)


#: Columns that decide where secrets are sent: tokens of mailed links, answers with a cookie, names of video rooms.
#: An ADMIN who could change them had every right that such a token gives, an OWNER's invitation included.
_WHERE_SECRETS_GO = ("links", "allowed_origins", "video_link")


async def update_practice(
    app: AppContext, caller: Caller | None, version: int, changes: Mapping[str, Any]
) -> Practice | Refusal:
    """Change some of SETTINGS, if nobody did since ``version``; what is not named stays.

    Where secrets go is changed by an OWNER alone, and told to every owner with who did it. Raises InvalidInput,
    NotAllowed, and NotFound or FileTooLarge for the file of a logo.
    """
    member = manager(caller)
    if not fresh_for_own(app, member):
        return StepUpRequired()
    values = {SETTINGS[name].column: SETTINGS[name].check(in_schema(name), given) for name, given in changes.items()}
    _check_encrypted(app, values)
    async with transaction():
        office = await hold_office(member)
        practice = office.practice
        if version_of(practice) != version:
            return Conflict()
        moves = any(column in values and values[column] != getattr(practice, column) for column in _WHERE_SECRETS_GO)
        if moves:
            office.check_owner()
        if values.get("logo_id"):
            await _use_logo(app, member, values["logo_id"])
        practice.update_from_dict({**values, "settings_version": version + 1})
        await practice.save(update_fields=[*values, "settings_version"])
        details = {"fields": sorted(map(in_schema, changes))}
        await audit.record(app, member, "practice.updated", ("Practice", practice.id), details=details)
        if moves:
            await _tell_owners(app, member)
    return practice


async def _tell_owners(app: AppContext, member: Caller) -> None:
    colleague = await StaffMember.get(id=member.staff_id)
    for account in await owner_accounts(member.practice_id):
        await tell(app, account, "notice_links_changed", by=colleague.name)


async def _use_logo(app: AppContext, member: Caller, file_id: str) -> None:
    await files.use(app, member, file_id, list(LOGO_TYPES))
    if await size_of(file_id) > LOGO_BYTES:
        raise FileTooLarge(LOGO_BYTES)


def cross_site_origins(app: AppContext, practice: Practice) -> list[str]:
    """The allowed origins with pages that can't use our cookies."""
    return [origin for origin in practice.allowed_origins if not same_site(origin, app.rules.public_url)]


def version_of(practice: Practice) -> int:
    """Raised with each change of the settings."""
    return practice.settings_version or 0


def invitation_days(practice: Practice) -> int:
    """For how long an invitation works, in whole days upwards."""
    return -(-practice.invitation_seconds // _DAY)
