"""What production refuses of the settings, and what it only cautions about. In dev all of it may be."""

import re
import tomllib
from collections.abc import Collection, Iterator
from datetime import timedelta
from email.utils import parseaddr
from itertools import chain
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from security.keys import is_guessable, parse_key
from security.origins import is_loopback
from security.sites import is_ip
from settings.fields import (
    DEVELOPMENT_KEY,
    DEVELOPMENT_MAIL,
    OWASP_MEMORY_KIB,
    OWASP_TIME,
    Settings,
    config_file,
    strange_variables,
    variable,
)

# What production starts with all the same, though it is far from what docs/threats.md counts on.
_USUAL: tuple[tuple[str, Literal["least", "most"], Any, str], ...] = (
    ("audit_retention", "least", 5, "below the five years that the Netherlands ask for (Stcrt. 2019, 38007)"),
    ("step_up_own", "most", timedelta(hours=1), "above an hour, an open session is as good as a fresh proof"),
    ("step_up_staff", "most", timedelta(hours=1), "above an hour, an open session is as good as a fresh proof"),
    ("session_total", "most", timedelta(days=1), "above 24h, a stolen session is of use for long"),
    ("session_total_staff", "most", timedelta(days=1), "above 24h, a stolen session is of use for long"),
    ("limit_address_per_minute", "most", 1000, "above 1000, it hardly slows down guessing"),
    ("graphql_introspection", "most", False, "everybody can read the schema"),
)

_NO_RP_ID = "is an IP address, to which browsers bind no passkey; give the server a name, or leave `passkeys` out"
_OPEN = "others on this machine can get at {0}; chmod 600 {0}"
_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]+@|[?&]password=")


def problems(settings: Settings, *, besides: Collection[str] = ()) -> list[str]:
    """Why production refuses to start with `settings`, those `besides` not looked at, a line each; nothing in dev."""
    if not settings.production:
        return []
    return [f"{variable(name)}: {text}" for name, text in _unsafe(settings) if name not in besides]


def cautions(settings: Settings, *, workers: int = 1, besides: Collection[str] = ()) -> list[str]:
    """What starts all the same but is worth a line in the log: it is slow, loud, open or probably a mistake."""
    found = strange_variables()
    if workers > 1 and settings.database_url.get_secret_value().startswith("sqlite:"):
        found.append(f"{workers} workers share one SQLite file, which has one writer: PostgreSQL scales further")
    if not settings.production and _passkeys_by_address(settings):
        found.append(f"{variable('public_url')}: {_NO_RP_ID}")
    if settings.production:
        lines = chain(_unusual(settings), _overheard(settings), _readable(settings))
        found += [f"{variable(name)}: {text}" for name, text in lines if name not in besides]
    return found


def _passkeys_by_address(settings: Settings) -> bool:
    return "passkeys" in settings.plugins and is_ip(urlsplit(settings.public_url).hostname)


def _unusual(settings: Settings) -> Iterator[tuple[str, str]]:
    for name, bound, usual, text in _USUAL:
        value = getattr(settings, name)
        if value is not None and (value < usual if bound == "least" else value > usual):
            yield name, text
    if settings.mail_bounces is None:
        yield "mail_bounces", "is not set, so that staff never learn of mail that is returned after the relay took it"
    if settings.public_url.startswith("https:") and is_loopback(urlsplit(settings.public_url).hostname):
        yield "public_url", "names this machine, so that links in mail lead nowhere from any other"


def _overheard(settings: Settings) -> Iterator[tuple[str, str]]:
    """The ways to other machines on which somebody can listen, or answer in their place."""
    database = urlsplit(settings.database_url.get_secret_value())
    verified = database.scheme == "sqlite" or parse_qs(database.query).get("sslmode") == ["verify-full"]
    if not verified and not is_loopback(database.hostname):
        yield "database_url", "leads to another machine, which is not verified; add ?sslmode=verify-full"
    redis = urlsplit(settings.redis_url.get_secret_value() if settings.redis_url else "unix://")
    if redis.scheme == "unix" or is_loopback(redis.hostname):
        return
    options = parse_qs(redis.query).keys()
    if redis.scheme != "rediss" or options & {"ssl_cert_reqs", "ssl_check_hostname"}:
        yield "redis_url", "leads to another machine, which is not verified; use rediss:// as it stands"
    if not redis.password and "password" not in options:
        yield "redis_url", "leads to another machine, which asks for no password; give it one"


def _readable(settings: Settings) -> Iterator[tuple[str, str]]:
    """The files with secrets that belong to the server's user alone."""
    scheme, _, path = settings.database_url.get_secret_value().partition("://")
    files = [Path(path), Path(f"{path}-wal")] if scheme == "sqlite" else []
    yield from (("database_url", _OPEN.format(file)) for file in files if _is_open(file))
    file = config_file()
    if _is_open(file) and _holds_secrets(file):
        yield "config", _OPEN.format(file)


def _is_open(file: Path) -> bool:
    try:
        return bool(file.stat().st_mode & 0o077)
    except OSError:
        return False


def _holds_secrets(file: Path) -> bool:
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    hidden = {"secret_keys", *(name for name, field in Settings.model_fields.items() if not field.repr)}
    return not hidden.isdisjoint(given) or any(_PASSWORD.search(str(value)) for value in given.values())


def _unsafe(settings: Settings) -> Iterator[tuple[str, str]]:
    yield from _unsafe_keys(settings)
    if _passkeys_by_address(settings):
        yield "public_url", _NO_RP_ID
    if settings.public_url.startswith("http:"):
        yield "public_url", "must begin with https://"
    if any(network.prefixlen == 0 for network in settings.trusted_proxies):
        yield "trusted_proxies", "must not trust every address"
    if settings.ide_on:
        yield "graphql_ide", "must be off"
    if settings.log_level == "DEBUG":
        yield "log_level", "must not be DEBUG, which logs the values in SQL statements"
    if settings.password_hash_memory_kib < OWASP_MEMORY_KIB:
        yield "password_hash_memory_kib", f"must be at least {OWASP_MEMORY_KIB} (OWASP)"
    if settings.password_hash_time < OWASP_TIME:
        yield "password_hash_time", f"must be at least {OWASP_TIME} (OWASP)"
    if settings.sms_gateway == "mailbox":
        yield "sms_gateway", "names the demo's mailbox; name your provider's"
    yield from _unsafe_mail(settings)


def _unsafe_keys(settings: Settings) -> Iterator[tuple[str, str]]:
    # As bytes: under another id, without its padding or with other unused bits, the public key is still that.
    _, public = parse_key(0, DEVELOPMENT_KEY)
    for number, entry in enumerate(settings.secret_keys, start=1):
        _, secret = parse_key(number, entry.get_secret_value())
        if secret == public:
            yield "secret_keys", "the development key is public; put your own in its place"
        elif is_guessable(secret):
            yield "secret_keys", f"key number {number} can be guessed; make one as docs/configuration.md says"


def _unsafe_mail(settings: Settings) -> Iterator[tuple[str, str]]:
    url = settings.mail_url.get_secret_value()
    parts = urlsplit(url)
    if url == DEVELOPMENT_MAIL:
        yield "mail_url", "names the development mailbox; name your mail relay"
    elif parts.scheme == "smtp" and parse_qs(parts.query).get("starttls") != ["1"] and not is_loopback(parts.hostname):
        yield "mail_url", "must encrypt on its way: add ?starttls=1, or use smtps://"
    if is_loopback(parseaddr(settings.mail_from)[1].rpartition("@")[2]):
        yield "mail_from", "must be an address that people can know you by"
