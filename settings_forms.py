"""The forms that a setting's value may have: each checks one value, and says briefly what it must be."""

import re
from datetime import timedelta
from decimal import Decimal
from email.utils import parseaddr
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from security.keys import KeyRing
from security.origins import parse_origin

_LONGEST = timedelta(days=366)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DATABASE = re.compile(r"sqlite://.+|postgresql://([^/@\s]+@)?[^/@\s]+/[^/?\s]+(\?\S*)?")
_REDIS = re.compile(r"(rediss?://[^/\s]+|unix://)\S*")
_SMTP = re.compile(r"smtps?://([^/@\s]+@)?[^/@?\s]+/?(\?\S*)?")


def _duration(value: object) -> timedelta:
    if not isinstance(value, timedelta):
        match = re.fullmatch(r"([0-9]{1,8})([smhd]?)", str(value).strip())
        value = timedelta(seconds=int(match[1]) * _UNITS[match[2]]) if match else timedelta()
    if not timedelta() < value <= _LONGEST:
        raise ValueError("must be a time like 90 (seconds), 15m, 12h or 7d, at most 366d")
    return value


def _form(pattern: re.Pattern[str], form: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not pattern.fullmatch(value.get_secret_value()):
            raise ValueError(f"must have the form {form}")
        return value

    return AfterValidator(check)


def _sender(value: str) -> str:
    if not value.isprintable() or not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]):
        raise ValueError("must be an e-mail address, alone or as Name <address>")
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
DatabaseUrl = Annotated[SecretStr, _form(_DATABASE, "sqlite://file or postgresql://user:password@host:port/name")]
RedisUrl = Annotated[SecretStr, _form(_REDIS, "redis://host:port/0, rediss://host:port/0 or unix://socket")]
MailUrl = Annotated[SecretStr, _form(_SMTP, "smtp://user:password@host:port?starttls=1 or smtps://…")]
Origin = Annotated[str, AfterValidator(parse_origin)]
Sender = Annotated[str, AfterValidator(_sender)]
Keys = Annotated[tuple[SecretStr, ...], AfterValidator(_keys)]
Names = Annotated[tuple[str, ...], AfterValidator(_distinct)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2, in capitals."""
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""ISO 4217, in capitals."""
Money = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=4)]
