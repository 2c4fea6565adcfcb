"""The settings of one installation: `sluis.toml`, then `SLUIS_*` environment variables, which win.

Nothing else in the project reads the environment. `SLUIS_CONFIG` names another file than `sluis.toml`. Lists
and tables in the environment are JSON. `docs/configuration.md` lists every setting, `settings/safety.py` judges them.
"""

import base64
import difflib
import os
import tomllib
from collections.abc import Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ModelWrapValidatorHandler, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from security.keys import KeyRing
from security.limits import Rule
from settings.forms import (
    Bounces,
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
    SharedSecret,
    crossed,
)

# In everybody's checkout, so it protects nothing; production refuses it.
DEVELOPMENT_KEY = "dev-only:" + base64.urlsafe_b64encode(b"no secret: for development only!").decode()
DEVELOPMENT_MAIL = "smtp://localhost:1025"

# OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, t=2, p=1.
OWASP_MEMORY_KIB = 19456
OWASP_TIME = 2

_PREFIX = "SLUIS_"
_CONFIG = "SLUIS_CONFIG"
# By which prometheus_client of a worker knows the folder, as it is imported.
_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# What pydantic calls a text where a list or a table is asked for.
_NO_JSON = frozenset({"tuple_type", "mapping_type"})


class SettingsProblem(Exception):
    """Settings that nothing can start with. Its text is one line; `lines` holds every problem.

    `rest` has the settings with the default of each that is `wrong`, to look at further; None without any.
    """

    def __init__(self, lines: list[str], rest: "Settings | None" = None, wrong: Collection[str] = ()) -> None:
        more = f" (and {len(lines) - 1} more: python server.py check)" if len(lines) > 1 else ""
        super().__init__(lines[0] + more)
        self.lines, self.rest, self.wrong = lines, rest, frozenset(wrong)


class _Environment(EnvSettingsSource):
    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """As it stands where it is no JSON: then it is malformed like any other value, and hides none."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


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
    """Networks (CIDR) of the trusted reverse proxies: their `X-Forwarded-For` is believed."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least that is logged; `DEBUG` shows the values in SQL statements."""
    log_format: Literal["text", "json"] | None = None
    """Lines for people or for programs; unset: `text` in dev, `json` in production."""

    connections: Annotated[int, Field(ge=10)] = 1000
    """Connections that each worker keeps open, WebSockets too; one more is answered with 503."""
    metrics_token: SharedSecret | None = None
    """What a monitoring system shows to read `/metrics`, at least 32 characters; unset: there is no such path."""

    database_url: DatabaseUrl = SecretStr("sqlite://sluis.db")
    """`sqlite://relative/file`, `sqlite:///absolute/file` or `postgresql://user:password@host:port/name?sslmode=verify-full`."""
    database_pool_min: Count = 1
    """Connections to PostgreSQL that each worker keeps open."""
    database_pool_max: Count = 10
    """Connections to PostgreSQL that each worker opens at most."""
    redis_url: RedisUrl | None = None
    """Valkey or Redis between workers, for limits by the minute and wake-ups; without it the database does that."""

    mail_url: MailUrl = SecretStr(DEVELOPMENT_MAIL)
    """The mail relay: `smtp://user:password@host:port?starttls=1` or `smtps://user:password@host:port`."""
    mail_from: Sender = "no-reply@localhost"
    """The sender of all mail; choose one that says nothing of care."""
    mail_bounces: Bounces | None = None
    """Where delivery reports go, such as `bounces@mail.example.org`, with its `+` addresses; unset: to the sender."""
    mail_bounces_secret: SharedSecret | None = None
    """What a relay shows to post delivery reports to `/mail/bounces`, at least 32 characters; unset: none can."""

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
    """Countries (ISO 3166-1, such as `BE`) that messages go to besides the practice's own, unless it chose."""
    sms_price: Money = Decimal("0.10")
    """What a message counts for until the gateway tells its cost, in `sms_currency`."""
    sms_currency: Currency = "EUR"
    """The currency (ISO 4217) in which the gateway is paid."""
    sms_cost_per_month: Money = Decimal(250)
    """What the messages of one practice may cost in a month (of its own time zone), in `sms_currency`."""
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
    sms_installation_per_day: Count = 5000
    """Messages a day (UTC) of the whole installation."""

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

    audit_seal_every: Duration = timedelta(seconds=60)
    """How often new rows of the audit trail are sealed; until then a change to them shows nowhere."""
    audit_retention: Annotated[int, Field(ge=1, le=100)] = 5
    """Years before which `purge-audit` deletes nothing; five is the least in the Netherlands (Stcrt. 2019, 38007)."""

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
    failures_lock_at: Annotated[int, Field(ge=1, le=100)] = 100
    """Consecutive failures that lock a factor until staff reset it; at most 100."""
    prompts_per_hour: Count = 10
    """Challenges that one factor sends to one account in an hour, such as a prompt on a phone."""
    prompts_per_day: Count = 30
    """Challenges that one factor sends to one account in a day."""
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
    limit_mails_practice_per_hour: Count = 300
    """Resets, sign-ups, invitations and changes of address an hour in one practice, so many of each kind."""
    limit_mails_installation_per_hour: Count = 3000
    """The same in the whole installation."""
    limit_bad_documents_per_minute: Count = 60
    """Documents a minute from one network address, to one worker, that are no GraphQL of this schema."""
    limit_uploads_per_hour: Count = 60
    """Files an hour that one account may upload."""
    limit_receipts_per_hour: Count = 120
    """Receipts an hour that one account may download, each printed anew."""
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
    graphql_characters: Count = 20_000
    """The most characters of a document; texts belong into its variables."""
    graphql_opened_bytes: Count = 20_000_000
    """The most bytes of answers and texts of reports that one request opens."""
    graphql_complexity: Count = 20_000
    """The most fields that a document may ask for, each as often as the `first` around it."""
    graphql_page: Count = 100
    """The most items of one page (`first`)."""
    graphql_sockets: Count = 5
    """The most open WebSockets of one login session."""
    graphql_seconds: Duration = timedelta(seconds=15)
    """How long an operation may take; subscriptions and files have their own limits."""
    graphql_quick_completion: bool = True
    """Whether plain values are put into answers by Sluis itself; off: by graphql-core alone, which is slower."""

    @model_validator(mode="wrap")
    @classmethod
    def _wholly(cls, values: dict[str, Any], made_of: ModelWrapValidatorHandler[Self]) -> Self:
        """All that is wrong at once. Raises SettingsProblem."""
        lines: list[str] = []
        wrong: set[str] = set()
        try:
            made = made_of(values)
        except ValidationError as error:
            details = error.errors(include_input=False)
            lines, wrong = [_line(detail) for detail in details], {str(detail["loc"][0]) for detail in details}
            made = made_of(_without(values, wrong))
        against = [pair for pair in crossed(made) if wrong.isdisjoint(pair)]
        lines += [f"{variable(low)}: must not be above {variable(high)}" for low, high in against]
        if not lines:
            return made
        wrong |= {name for pair in against for name in pair}
        raise SettingsProblem(lines, made_of(_without(values, wrong)), wrong)

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
    def key_ring(self) -> KeyRing:
        """The `secret_keys`, to seal and open with."""
        return KeyRing.parse([key.get_secret_value() for key in self.secret_keys])

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
        return init_settings, _Environment(settings_cls), TomlConfigSettingsSource(settings_cls, config_file())


def load_settings(**given: Any) -> Settings:
    """The settings; what is `given` wins over the environment. Raises SettingsProblem."""
    try:
        return Settings(**given)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsProblem([f"{config_file()} cannot be read: {error}"]) from None


def config_file() -> Path:
    """The file that settings are read from, which need not be there. Raises SettingsProblem for a name of none."""
    named = os.environ.get(_CONFIG)
    file = Path(named or "sluis.toml")
    if named and not file.is_file():
        raise SettingsProblem([f"{_CONFIG} names {named}, which is no file"])
    return file


def share_metrics(folder: str) -> None:
    """Processes that begin from now on keep their metrics in one folder."""
    os.environ[_METRICS_FOLDER] = folder


def shared_metrics() -> Path | None:
    """The folder where this process and others keep their metrics; None where it is the only one."""
    folder = os.environ.get(_METRICS_FOLDER)
    return Path(folder) if folder else None


def variable(name: str) -> str:
    """What a setting is called in the environment."""
    return _PREFIX + name.upper()


def _without(values: dict[str, Any], wrong: Collection[str]) -> dict[str, Any]:
    kept = {name: value for name, value in values.items() if name not in wrong}
    # A misspelt value means production; in dev its demands would stay hidden.
    return kept | {"environment": "production"} if "environment" in wrong else kept


def _line(detail: ErrorDetails) -> str:
    name = str(detail["loc"][0])
    if detail["type"] == "extra_forbidden":
        return f"{name} is no setting{_suggestion(variable(name))}"
    if len(detail["loc"]) == 1 and detail["type"] in _NO_JSON and variable(name) in os.environ:
        return f'{variable(name)} must be JSON, as in ["a", "b"] or {{"a": {{"b": 1}}}}'
    return f"{variable(name)} ({name}): {detail['msg'].removeprefix('Value error, ')}"


def _suggestion(name: str) -> str:
    near = difflib.get_close_matches(name, [variable(field) for field in Settings.model_fields], 1)
    return f": did you mean {near[0]}?" if near else "; docs/configuration.md has them all"


def strange_variables() -> list[str]:
    """What the environment sets that is no setting, a line each."""
    known = {_CONFIG, *(variable(name) for name in Settings.model_fields)}
    strange = sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known)
    return [f"{name} is set, but there is no such setting{_suggestion(name)}" for name in strange]
