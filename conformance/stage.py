"""Where a check plays: the real core over the kit's database, its own clock, and people in their practices."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from conformance.notes import Notes, noted
from conformance.possessions import AuthenticatorApp
from conformance.subject import Subject, SubjectProblem
from factors.totp import Totp
from flows.core.context import AppContext, Rules, SmsRules, Windows
from flows.core.signals import DatabaseSignals
from models import Practice
from models.db.database import UNAVAILABLE, close_database, open_database
from models.db.migrating import migrate
from plugins import AnyFactor, Config, Registry, Role
from plugins.loading import validated
from security.keys import KeyRing
from security.limits import Rule
from security.passwords import PasswordHasher

T = TypeVar("T")

#: How long a factor may think here, in seconds; an installation gives it five.
PATIENCE = 2.0
#: The policy of a practice that asks for a factor where one is set up, and lets people go without.
OFFERED: Mapping[str, Any] = {
    "RESPONDENT": {"offered_from": "2026-01-01T00:00:00+00:00", "required_from": "2099-01-01T00:00:00+00:00"}
}
_LOTS = 10**6
_SLUG = "kit-"
_INSTANT = timedelta(microseconds=1)

#: The core slows guessing and sending down; here it doesn't, or it would hide what the factor itself lets through.
_UNLIMITED = Rule(slow_from=100, first_wait=_INSTANT, longest_wait=_INSTANT, per_hour=_LOTS, per_day=_LOTS)
_RULES = Rules(
    public_url="https://portal.example",
    step_up_own=timedelta(hours=1),
    plugin_timeout=PATIENCE,
    attempts=_UNLIMITED,
    prompts=_UNLIMITED,
    windows=Windows(_LOTS, _LOTS, _LOTS, _LOTS),
    sms=SmsRules(
        first_wait=_INSTANT,
        per_hour=_LOTS,
        per_day=_LOTS,
        address_per_hour=_LOTS,
        practice_per_day=_LOTS,
        installation_per_day=_LOTS,
    ),
)


@dataclass
class Clock:
    """Stands still until it is set; far from the machine's, so that a factor that reads that one is found out."""

    now: datetime = datetime(2031, 5, 6, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Stage:
    """``app`` is one worker with the factor under test; other workers share its keys, clock and database.

    A FALLBACK or WAIVER has the authenticator app beside it, for it stands in for something.
    """

    subject: Subject
    app: AppContext
    clock: Clock
    notes: Notes
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)

    @property
    def factor(self) -> AnyFactor:
        """The instance that works in ``app``."""
        found = self.app.factors.get(self.subject.name)
        assert found is not None
        return found

    @property
    def role(self) -> Role:
        return self.subject.factor.role

    def worker(self, kind: type[AnyFactor] | None = None, patience: float = PATIENCE) -> AppContext:
        """Another process of the same installation: a new instance of the factor, or of ``kind`` in its place."""
        registry = registry_of(self.subject, noted(kind or self.subject.factor, self.notes))
        return replace(self.app, factors=registry, rules=replace(self.app.rules, plugin_timeout=patience))

    def without(self) -> AppContext:
        """The same installation after the factor's plugin was taken out of its configuration."""
        rest = [factor for factor in self.app.factors if factor.name != self.subject.name]
        return replace(self.app, factors=Registry(rest, {f.name: self.app.factors.config(f.name) for f in rest}))

    async def practice(self, **values: Any) -> Practice:
        """A new practice, which asks for a second factor at once."""
        slug = _SLUG + secrets.token_hex(6)
        return await Practice.create(slug=slug, name="Kit and Sons", created_at=self.app.now, **values)


def config_of(subject: Subject) -> Config:
    """The factor's options as the possession wants them; raises PluginProblem."""
    return validated(f"factor_options.{subject.name}", subject.factor.Config, subject.possession.options)


def registry_of(subject: Subject, factor: AnyFactor) -> Registry:
    """What the installation has configured."""
    configs: Mapping[str, Config] = {subject.name: config_of(subject)}
    if factor.role is Role.PROOF:
        return Registry([factor], configs)
    return Registry([Totp(), factor], {**configs, AuthenticatorApp.factor: Totp.Config()})


def _stage(subject: Subject) -> Stage:
    clock, notes = Clock(), Notes()
    app = AppContext(
        rules=_RULES,
        clock=clock,
        keys=KeyRing([("kit", secrets.token_bytes(32))]),
        passwords=PasswordHasher(memory_kib=64, time=1),
        factors=registry_of(subject, noted(subject.factor, notes)),
        signals=DatabaseSignals(clock),
    )
    return Stage(subject, app, clock, notes)


@dataclass(frozen=True, slots=True)
class Kit:
    """One factor, the migrated database that it is attacked on, and how many pieces of garbage are thrown."""

    subject: Subject
    database_url: str
    garbage: int

    @contextmanager
    def open(self) -> Iterator["Opened"]:
        """A stage with an event loop of its own, until the check ends."""
        with asyncio.Runner() as runner:
            stage = _stage(self.subject)
            try:
                runner.run(open_database(self.database_url))
                yield Opened(self, stage, runner)
            finally:
                stage.app.passwords.close()
                runner.run(close_database())

    def run(self, check: Callable[[Stage], Awaitable[None]]) -> None:
        """Play one check."""
        __tracebackhide__ = True
        with self.open() as opened:
            opened.run(check(opened.stage))


@dataclass(frozen=True, slots=True)
class Opened:
    """A stage, for a check that is not a coroutine itself because Hypothesis drives it."""

    kit: Kit
    stage: Stage
    _runner: asyncio.Runner = field(repr=False)

    def run(self, work: Awaitable[T]) -> T:
        __tracebackhide__ = True

        async def worked() -> T:
            __tracebackhide__ = True
            return await work

        return self._runner.run(worked())


async def prepared(url: str) -> None:
    """Migrate a database that holds nothing but what earlier runs left; raises SubjectProblem for any other."""
    await open_database(url)
    try:
        has_practices = await Practice.exclude(slug__startswith=_SLUG).exists()
    except UNAVAILABLE:
        # Without tables yet; or out of reach, which the migration will tell.
        has_practices = False
    finally:
        await close_database()
    if has_practices:
        raise SubjectProblem("--database-url: somebody's practice is in this database; give an empty one.")
    await migrate(url)
