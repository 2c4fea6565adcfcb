"""Dates, times and amounts as people of a language write them, by CLDR."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, get_timezone_location

from locales.catalogue import amount_in, catalogue, language_of, text


def shown_date(day: date, language: str) -> str:
    """``2 March 2026``."""
    return format_date(day, "long", locale=_locale(language))


def shown_moment(moment: datetime, zone_name: str, language: str) -> str:
    """The moment by the clock of the time zone, which it names.

    With the offset, for in autumn an hour comes twice: ``Sunday, 25 October 2026 at 02:30 (Amsterdam time, UTC+2)``.
    """
    local, zone = _local(moment, zone_name)
    values = {
        "date": format_date(local, "full", locale=_locale(language)),
        "time": format_time(local, "short", locale=_locale(language)),
        "zone": text("time.zone", language, **_zone(local, zone, language)) if zone else "(UTC)",
    }
    return text("time.moment", language, **values)


def shown_time_in(moment: datetime, zone_name: str, language: str) -> str:
    """The moment in few characters, for a text message: ``25/10/2026, 02:30 (Amsterdam, UTC+2)``."""
    local, zone = _local(moment, zone_name)
    short = format_datetime(local, "short", locale=_locale(language))
    named = _zone(local, zone, language)
    return f"{short} ({named['place']}, {named['offset']})" if zone else f"{short} (UTC)"


def shown_day_of(moment: datetime, zone_name: str, language: str) -> str:
    """The day of the moment in that time zone: ``2 March 2026``."""
    return shown_date(_local(moment, zone_name)[0].date(), language)


def shown_amount(amount: Decimal, language: str) -> str:
    """An amount of money without its currency, with all its decimals: ``1,234.50``."""
    return amount_in(amount, _locale(language))


def _locale(language: str) -> Locale:
    return catalogue(language_of(language)).locale


def _local(moment: datetime, zone_name: str) -> tuple[datetime, ZoneInfo | None]:
    """The time there, and the zone where it is known."""
    try:
        zone = ZoneInfo(zone_name)
        return moment.astimezone(zone), zone
    except (LookupError, ValueError, OSError):
        # A mail with the time in UTC is worth more than none.
        return moment.astimezone(UTC), None


def _zone(local: datetime, zone: ZoneInfo | None, language: str) -> dict[str, str]:
    place = get_timezone_location(zone, locale=_locale(language), return_city=True) if zone else ""
    return {"place": place, "offset": _offset(local)}


def _offset(local: datetime) -> str:
    """``UTC+1``, ``UTC-4`` or ``UTC+5:30``."""
    minutes = int((local.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
