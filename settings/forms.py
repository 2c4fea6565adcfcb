"""The forms that a setting's value may have: each checks one value, and says briefly what it must be.

Besides them, which settings contradict one another.
"""

import re
from datetime import timedelta
from decimal import Decimal
from email.utils import parseaddr
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from security.keys import KeyRing
from security.origins import parse_origin

_LONGEST = timedelta(days=366)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DATABASE = re.compile(
    r"sqlite://.+|postgresql://([^/?#@\s]+@)?(\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]\s]+)(:[0-9]{1,5})?/[^/?#\s]+(\?[^#\s]*)?"
)
_SSLMODES = ("disable", "prefer", "require", "verify-ca", "verify-full")
_REDIS = re.compile(r"(rediss?://[^/\s]+|unix://)\S*")
_SMTP = re.compile(r"smtps?://([^/@\s]+@)?[^/@?\s]+/?(\?\S*)?")

# The first must not be above the second.
_ASCENDING = (
    ("database_pool_min", "database_pool_max"),
    ("session_idle", "session_total"),
    ("session_idle", "session_total_staff"),
    ("sms_per_hour", "sms_per_day"),
    ("failures_slow_from", "failures_lock_at"),
    ("failures_first_wait", "failures_longest_wait"),
    ("failures_per_hour", "failures_per_day"),
)


def crossed(settings: object) -> list[tuple[str, str]]:
    """The names of settings of which the first is above the second, and must not be."""
    return [(low, high) for low, high in _ASCENDING if getattr(settings, low) > getattr(settings, high)]


def _duration(value: object) -> timedelta:
    if not isinstance(value, timedelta):
        match = re.fullmatch(r"([0-9]{1,8})([smhd]?)", str(value).strip())
        value = timedelta(seconds=int(match[1]) * _UNITS[match[2]]) if match else timedelta()
    if not timedelta() < value <= _LONGEST:
        raise ValueError("must be a time like 90 (seconds), 15m, 12h or 7d, at most 366d")
    return value


def _form(pattern: re.Pattern[str], form: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not pattern.fullmatch(value.get_secret_value()) or not _splits(value.get_secret_value()):
            raise ValueError(f"must have the form {form}")
        return value

    return AfterValidator(check)


def _splits(url: str) -> bool:
    # What it raises may quote a password.
    try:
        return bool(urlsplit(url))
    except ValueError:
        return False


def _tls(value: SecretStr) -> SecretStr:
    """What `models/db/tls.py` understands, and nothing that it would overlook."""
    parts = urlsplit(value.get_secret_value())
    if parts.scheme == "sqlite":
        return value
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    given = dict(pairs)
    if len(given) < len(pairs) or not given.keys() <= {"sslmode", "sslrootcert"}:
        raise ValueError("must have nothing after ? but sslmode=… and sslrootcert=…, once each")
    mode, authority = given.get("sslmode", "prefer"), given.get("sslrootcert")
    if mode not in _SSLMODES:
        raise ValueError(f"must have one of {', '.join(_SSLMODES)} as sslmode")
    if authority is None:
        if mode == "verify-ca":
            raise ValueError("must name sslrootcert=/path beside sslmode=verify-ca, or take sslmode=verify-full")
    elif not authority.startswith("/") or mode in {"disable", "prefer"}:
        raise ValueError("must have an absolute path as sslrootcert, beside sslmode=verify-full, verify-ca or require")
    return value


def _sender(value: str) -> str:
    if not value.isprintable() or not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]):
        raise ValueError("must be an e-mail address, alone or as Name <address>")
    return value


def _bounces(value: str) -> str:
    # RFC 5321, 4.5.3.1.1: 64 characters before the @, of which a token takes 43.
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,21}@[A-Za-z0-9.-]+", value):
        raise ValueError("must be a bare e-mail address, with at most 21 letters, digits, dots and dashes before the @")
    return value


def _shared_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]{32,200}", value.get_secret_value()):
        raise ValueError("must have 32 to 200 printable ASCII characters without spaces")
    return value


def _keys(value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    KeyRing.parse([key.get_secret_value() for key in value])
    return value


def _distinct(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value or len(set(value)) < len(value):
        raise ValueError("must name at least one plugin, and none of them twice")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
"""Written as seconds (`90`) or as `30s`, `15m`, `12h`, `7d`."""
Count = Annotated[int, Field(ge=1)]
DatabaseUrl = Annotated[
    SecretStr,
    _form(_DATABASE, "sqlite://file or postgresql://user:password@host:port/name?sslmode=verify-full"),
    AfterValidator(_tls),
]
RedisUrl = Annotated[SecretStr, _form(_REDIS, "redis://host:port/0, rediss://host:port/0 or unix://socket")]
MailUrl = Annotated[SecretStr, _form(_SMTP, "smtp://user:password@host:port?starttls=1 or smtps://…")]
Origin = Annotated[str, AfterValidator(parse_origin)]
Sender = Annotated[str, AfterValidator(_sender)]
Bounces = Annotated[str, AfterValidator(_bounces)]
SharedSecret = Annotated[SecretStr, AfterValidator(_shared_secret)]
Keys = Annotated[tuple[SecretStr, ...], AfterValidator(_keys)]
Names = Annotated[tuple[str, ...], AfterValidator(_distinct)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2, in capitals."""
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""ISO 4217, in capitals."""
Money = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=4)]
