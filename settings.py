"""The settings of one installation: `sluis.toml`, then `SLUIS_*` environment variables, which win.

Nothing else in the project reads the environment. `SLUIS_CONFIG` names another file than `sluis.toml`. Lists
and tables in the environment are JSON. `docs/configuration.md` lists every setting.
"""

import base64
import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from security.limits import Rule
from security.origins import is_loopback
from settings_forms import (
    Count,
    Country,
    Currency,
    DatabaseUrl,
    Duration,
    Keys,
    MailUrl,
    Money,
    Names,
    Origin,
    RedisUrl,
    Sender,
)

# In everybody's checkout, so it protects nothing; production refuses it.
DEVELOPMENT_KEY = "dev-only:" + base64.urlsafe_b64encode(b"no secret: for development only!").decode()
DEVELOPMENT_MAIL = "smtp://localhost:1025"

# OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, t=2, p=1.
OWASP_MEMORY_KIB = 19456
OWASP_TIME = 2

_PREFIX = "SLUIS_"
_CONFIG = "SLUIS_CONFIG"


class SettingsProblem(Exception):
    """Settings that nothing can start with. Its text is one line; `lines` holds every problem."""

    def __init__(self, lines: list[str]) -> None:
        more = f" (and {len(lines) - 1} more: python server.py check)" if len(lines) > 1 else ""
        super().__init__(lines[0] + more)
        self.lines = lines


class Settings(BaseSettings):
    """Every setting, checked and frozen; what may hold a secret (URLs, keys) hides from `repr`."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    environment: Literal["dev", "production"] = "dev"
    """`production` refuses to start with anything unsafe; `dev` is for one's own machine."""
    public_url: Origin = "http://localhost:8000"
    """Where people reach the server: links in mail, cookies and passkeys are bound to it."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks (CIDR) of the reverse proxies whose `X-Forwarded-For` is believed."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least that is logged; `DEBUG` shows the values in SQL statements."""
    log_format: Literal["text", "json"] | None = None
    """Lines for people or for programs; unset: `text` in dev, `json` in production."""

    database_url: DatabaseUrl = SecretStr("sqlite://sluis.db")
    """`sqlite://relative/file`, `sqlite:///absolute/file` or `postgresql://user:password@host:port/name`."""
    database_pool_min: Count = 1
    """Connections to PostgreSQL that each worker keeps open."""
    database_pool_max: Count = 10
    """Connections to PostgreSQL that each worker opens at most."""
    redis_url: RedisUrl | None = None
    """Valkey or Redis between workers. Not used yet: the database carries the limits and wakes the others."""

    mail_url: MailUrl = SecretStr(DEVELOPMENT_MAIL)
    """The mail relay: `smtp://user:password@host:port?starttls=1` or `smtps://user:password@host:port`."""
    mail_from: Sender = "no-reply@localhost"
    """The sender of all mail; choose one that says nothing of care."""

    secret_keys: Keys = (SecretStr(DEVELOPMENT_KEY),)
    """`id:key` each, 32 random bytes in base64url; the first seals, the others still open."""
    password_hash_memory_kib: Annotated[int, Field(ge=64)] = OWASP_MEMORY_KIB
    """Memory of one Argon2id hash, in KiB."""
    password_hash_time: Count = OWASP_TIME
    """Passes of Argon2id over that memory."""
    password_hash_parallelism: Annotated[int, Field(ge=1, le=8)] = 1
    """Lanes of Argon2id."""
    password_hash_concurrency: Count = 2
    """Hashes that one worker computes at once."""

    plugins: Names = (
        "totp",
        "recovery_codes",
        "remembered_devices",
    )
    """The plugins in use, in the order in which people see their factors."""
    factor_options: Mapping[str, Mapping[str, Any]] = {}
    """The options of each factor by its name: a table `[factor_options.totp]` in the file."""
    plugin_timeout: Duration = timedelta(seconds=5)
    """How long a plugin may take; then it is a denial."""

    sms_gateway: str | None = None
    """What sends text messages: `cm`, `http` or the name of a plugin; unset: nothing does."""
    sms_gateway_options: Mapping[str, Any] = Field(default={}, repr=False)
    """The options of that gateway: a table `[sms_gateway_options]` in the file."""
    sms_countries: tuple[Country, ...] = ()
    """Countries (ISO 3166-1, such as `BE`) to whose numbers messages go besides the practice's own, unless it chose."""
    sms_price: Money = Decimal("0.10")
    """What a message counts for until the gateway tells its cost, in `sms_currency`."""
    sms_currency: Currency = "EUR"
    """The currency (ISO 4217) in which the gateway is paid."""
    sms_cost_per_month: Money = Decimal(250)
    """What the messages of one practice may cost in a month (UTC), in `sms_currency`."""
    sms_first_wait: Duration = timedelta(seconds=30)
    """The wait before another message to the same number or account; each further one in the hour doubles it."""
    sms_per_hour: Annotated[int, Field(ge=1, le=50)] = 5
    """Messages an hour to one number, and to one account."""
    sms_per_day: Count = 10
    """Messages a day to one number, and to one account."""
    sms_address_per_hour: Count = 20
    """Messages an hour asked for from one network address."""
    sms_practice_per_day: Count = 500
    """Messages a day (UTC) of one practice."""

    video_rooms: tuple[str, ...] = ("link",)
    """Ways of meeting by video that staff can choose from: `jitsi`, `link` or the names of plugins."""
    video_room_options: Mapping[str, Mapping[str, Any]] = Field(default={}, repr=False)
    """The options of each by its name: a table `[video_room_options.jitsi]` in the file."""
    video_opens_before: Duration = timedelta(minutes=15)
    """How long before an appointment its video room can be entered; it closes as the appointment ends."""

    lifetime_invitation: Duration = timedelta(days=7)
    """An invitation, unless the practice sets its own."""
    lifetime_verification: Duration = timedelta(days=1)
    """The link that verifies an e-mail address."""
    lifetime_reset: Duration = timedelta(minutes=30)
    """The link that resets a password."""
    lifetime_starter_password: Duration = timedelta(days=7)
    """A starter password given by staff."""
    lifetime_sign_in: Duration = timedelta(minutes=15)
    """A sign-in under way."""
    lifetime_challenge: Duration = timedelta(minutes=5)
    """A factor's challenge, and an enrolment that waits for its confirmation."""

    session_idle: Duration = timedelta(hours=1)
    """A login session ends after this long without a request."""
    session_total: Duration = timedelta(days=1)
    """A respondent's login session ends after this long."""
    session_total_staff: Duration = timedelta(hours=12)
    """A staff member's login session ends after this long."""
    step_up_own: Duration = timedelta(minutes=5)
    """How recent a proof must be for one's own credentials, exports, API clients and policy."""
    step_up_staff: Duration = timedelta(minutes=15)
    """How recent a proof must be for staff to approve or reset factors."""

    failures_slow_from: Count = 5
    """The consecutive failure of an account with a factor from which on it must wait."""
    failures_first_wait: Duration = timedelta(seconds=30)
    """The first wait; each further one doubles."""
    failures_longest_wait: Duration = timedelta(minutes=15)
    """The longest wait."""
    failures_per_hour: Count = 20
    """Failures of one account with one factor in an hour."""
    failures_per_day: Count = 50
    """Failures of one account with one factor in a day."""
    failures_lock_at: Count = 100
    """Consecutive failures that lock a factor until staff reset it; at most 100."""
    limit_address_per_minute: Count = 20
    """Failed proofs a minute from one network address."""
    limit_practice_per_minute: Count = 300
    """Failed proofs a minute in one practice."""
    limit_installation_per_minute: Count = 3000
    """Failed proofs a minute in the whole installation."""
    limit_sign_ups_per_hour: Count = 5
    """Sign-ups an hour per network address and per recipient."""
    limit_resets_per_hour: Count = 5
    """Password resets an hour per network address and per recipient."""
    limit_invitations_per_hour: Count = 5
    """Invitations an hour per network address and per recipient."""
    limit_uploads_per_hour: Count = 60
    """Files an hour that one account may upload."""
    upload_bytes: Count = 10_000_000
    """The largest file, in bytes."""

    graphql_introspection: bool | None = None
    """Whether the schema answers questions about itself; unset: in dev only."""
    graphql_ide: bool | None = None
    """Whether `/graphql` shows GraphiQL to a browser; unset: in dev only."""
    graphql_body_bytes: Count = 100_000
    """The largest request body, in bytes."""
    graphql_depth: Count = 12
    """The deepest nesting of a document."""
    graphql_aliases: Count = 30
    """The most aliases in a document."""
    graphql_tokens: Count = 2000
    """The most tokens in a document."""
    graphql_page: Count = 100
    """The most items of one page (`first`)."""
    graphql_sockets: Count = 5
    """The most open WebSockets of one login session."""

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.database_pool_min > self.database_pool_max:
            raise ValueError("database_pool_min must not be above database_pool_max")
        if self.session_idle > min(self.session_total, self.session_total_staff):
            raise ValueError("session_idle must not be above session_total or session_total_staff")
        if self.sms_per_hour > self.sms_per_day:
            raise ValueError("sms_per_hour must not be above sms_per_day")
        _ = self.failure_rule
        return self

    @property
    def failure_rule(self) -> Rule:
        """The `failures_*` as the rule that the limits compute with."""
        return Rule(
            slow_from=self.failures_slow_from,
            first_wait=self.failures_first_wait,
            longest_wait=self.failures_longest_wait,
            per_hour=self.failures_per_hour,
            per_day=self.failures_per_day,
            lock_at=self.failures_lock_at,
        )

    @property
    def production(self) -> bool:
        """Whether real people's data may be in here."""
        return self.environment == "production"

    @property
    def introspection_on(self) -> bool:
        """`graphql_introspection`, or what the environment implies."""
        return not self.production if self.graphql_introspection is None else self.graphql_introspection

    @property
    def ide_on(self) -> bool:
        """`graphql_ide`, or what the environment implies."""
        return not self.production if self.graphql_ide is None else self.graphql_ide

    @property
    def json_logs(self) -> bool:
        """`log_format`, or what the environment implies."""
        return self.production if self.log_format is None else self.log_format == "json"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the caller gives, then the environment, then the file; neither `.env` nor a secrets folder."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _config_file())


def load_settings(**given: Any) -> Settings:
    """The settings; what is `given` wins over the environment. Raises SettingsProblem."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsProblem([_line(detail) for detail in error.errors(include_input=False)]) from None
    except SettingsError as error:
        name = re.search(r'field "(\w+)"', str(error))
        where = _variable(name[1]) if name else "a list or table in the environment"
        raise SettingsProblem([where + ' must be JSON, as in ["a", "b"] or {"a": {"b": 1}}']) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsProblem([f"{_config_file()} cannot be read: {error}"]) from None


def problems(settings: Settings) -> list[str]:
    """Why production refuses to start with `settings`, a line each; nothing in dev."""
    return [f"{_variable(name)}: {text}" for name, text in _unsafe(settings)] if settings.production else []


def cautions(settings: Settings, *, workers: int = 1) -> list[str]:
    """What starts all the same but is worth a line in the log: it is slow, loud or probably a mistake."""
    found = [f"{name} is set, but there is no such setting{_suggestion(name)}" for name in _strange_variables()]
    if workers > 1 and settings.database_url.get_secret_value().startswith("sqlite:"):
        found.append(f"{workers} workers share one SQLite file, which has one writer: PostgreSQL scales further")
    if settings.production and settings.introspection_on:
        found.append(f"{_variable('graphql_introspection')}: everybody can read the schema")
    return found


def _unsafe(settings: Settings) -> Iterator[tuple[str, str]]:
    if _key(DEVELOPMENT_KEY) in {_key(key.get_secret_value()) for key in settings.secret_keys}:
        yield "secret_keys", "the development key is public; put your own in its place"
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


def _key(entry: str) -> str:
    # Without its id and padding: the public key renamed is still the public key.
    return entry.partition(":")[2].rstrip("=")


def _unsafe_mail(settings: Settings) -> Iterator[tuple[str, str]]:
    url = settings.mail_url.get_secret_value()
    parts = urlsplit(url)
    if url == DEVELOPMENT_MAIL:
        yield "mail_url", "names the development mailbox; name your mail relay"
    elif parts.scheme == "smtp" and parse_qs(parts.query).get("starttls") != ["1"] and not is_loopback(parts.hostname):
        yield "mail_url", "must encrypt on its way: add ?starttls=1, or use smtps://"
    if is_loopback(parseaddr(settings.mail_from)[1].rpartition("@")[2]):
        yield "mail_from", "must be an address that people can know you by"


def _config_file() -> Path:
    named = os.environ.get(_CONFIG)
    file = Path(named or "sluis.toml")
    if named and not file.is_file():
        raise SettingsProblem([f"{_CONFIG} names {named}, which is no file"])
    return file


def _variable(name: str) -> str:
    return _PREFIX + name.upper()


def _line(detail: ErrorDetails) -> str:
    text = detail["msg"].removeprefix("Value error, ")
    if not detail["loc"]:
        return text
    name = str(detail["loc"][0])
    if detail["type"] == "extra_forbidden":
        return f"{name} is no setting{_suggestion(_variable(name))}"
    return f"{_variable(name)} ({name}): {text}"


def _suggestion(variable: str) -> str:
    near = difflib.get_close_matches(variable, [_variable(name) for name in Settings.model_fields], 1)
    return f": did you mean {near[0]}?" if near else "; docs/configuration.md has them all"


def _strange_variables() -> list[str]:
    known = {_CONFIG, *(_variable(name) for name in Settings.model_fields)}
    return sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known)
