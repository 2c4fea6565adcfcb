"""What every flow is given beside the database: the application's context, and the caller."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Protocol

from flows.process.loop_lag import LoopLag
from flows.process.metrics import Metrics
from models import Audience, Receipt, StaffRole, Transport
from models.core.attempts import Window
from models.core.practice import day_in
from plugins import Registry, VideoRegistry
from security.keys import KeyRing
from security.limits import Rule
from security.passwords import PasswordHasher
from security.worker_pool import WorkerPool

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Windows:
    """Limits: failed proofs a minute; mailed requests, uploads and printed receipts an hour."""

    per_address: int = 20
    per_practice: int = 300
    per_installation: int = 3000
    requests_per_hour: int = 5
    uploads_per_hour: int = 60
    receipts_per_hour: int = 120
    sign_ups_per_hour: int = 5
    invitations_per_hour: int = 5
    mails_per_practice: int = 300
    mails_per_installation: int = 3000


@dataclass(frozen=True, slots=True)
class SmsRules:
    """Limits on text messages: how many, to which countries, and for how much (security.md, "Numbers").

    ``countries`` are allowed besides the practice's own, where the practice chose none itself. ``per_hour`` and
    ``per_day`` hold for a number and for an account. ``price`` is the cost that is counted for a message until the
    gateway reports the real one.
    """

    countries: frozenset[str] = frozenset()
    first_wait: timedelta = timedelta(seconds=30)
    per_hour: int = 5
    per_day: int = 10
    address_per_hour: int = 20
    practice_per_day: int = 500
    installation_per_day: int = 5000
    practice_cost_per_month: Decimal = Decimal(250)
    price: Decimal = Decimal("0.10")
    currency: str = "EUR"


def prompt_rule(per_hour: int, per_day: int) -> Rule:
    """How many challenges one factor may send to one account; from the third of a run on with a wait between them."""
    return Rule(slow_from=3, longest_wait=timedelta(hours=1), per_hour=per_hour, per_day=per_day)


@dataclass(frozen=True, slots=True)
class Rules:
    """The installation's numbers (security.md, "Numbers"); the server fills them from its settings."""

    public_url: str = "http://localhost:8000"
    sign_in_life: timedelta = timedelta(minutes=15)
    challenge_life: timedelta = timedelta(minutes=5)
    reset_life: timedelta = timedelta(minutes=30)
    verification_life: timedelta = timedelta(days=1)
    starter_life: timedelta = timedelta(days=7)
    session_idle: timedelta = timedelta(hours=1)
    session_total: timedelta = timedelta(hours=24)
    staff_session_total: timedelta = timedelta(hours=12)
    step_up_own: timedelta = timedelta(minutes=5)
    step_up_staff: timedelta = timedelta(minutes=15)
    plugin_timeout: float = 5.0
    page_size: int = 100
    export_bytes: int = 50_000_000
    """The size of all documents in one export, which bounds the memory that it takes."""
    opened_bytes: int = 20_000_000
    """The size of all answers and texts of reports that are opened in one request."""
    video_opens_before: timedelta = timedelta(minutes=15)
    attempts: Rule = field(default_factory=Rule)
    prompts: Rule = field(default_factory=partial(prompt_rule, 10, 30))
    windows: Windows = field(default_factory=Windows)
    sms: SmsRules | None = None
    """None where no gateway is configured."""


class Signals(Protocol):
    """Wakes the subscribers of a topic, in this process and in the others."""

    async def publish(self, *topics: str) -> None:
        """Wake the subscribers of these topics after the commit; call inside the transaction of the change."""

    def subscribe(self, *topics: str) -> "Subscription": ...


class Subscription(Protocol):
    """One subscriber; use as an async context manager."""

    async def __aenter__(self) -> asyncio.Event: ...
    async def __aexit__(self, *error: object) -> None: ...


class Counter(Protocol):
    """Counts the windows of a minute for all workers, outside the database; raises no exception."""

    async def count(self, windows: Sequence[Window], now: datetime) -> bool | None:
        """Count one event in each window, in their order, until one is over its limit.

        Returns False if one was over; None where the database has to count.
        """

    async def refund(self, keys: Sequence[str]) -> None:
        """Take one event back out of each window. A failure leaves it counted."""

    async def answers(self) -> bool:
        """Whether the counter is reachable now."""

    async def close(self) -> None: ...


class WakeChannel(Protocol):
    """Wakes other workers sooner than their next poll, and may lose a wake-up; raises nothing."""

    async def wake_others(self) -> None:
        """Have the other workers poll the database now."""

    def wake_ups(self) -> AsyncGenerator[None, None]:
        """Once when the subscription works, then at each wake-up by another worker; ends with the connection."""


class ReceiptPrinter(Protocol):
    """Prints receipts as PDF."""

    async def print(self, receipt: Receipt, logo: bytes | None) -> bytes:
        """The PDF, the same bytes each time, made off the event loop. An unreadable logo is left out."""


@dataclass(frozen=True, slots=True)
class AppContext:
    """The composition that the server builds once and hands to every flow."""

    rules: Rules
    clock: Clock
    keys: KeyRing
    passwords: PasswordHasher
    factors: Registry
    signals: Signals
    counter: Counter | None = None
    """None where the database counts everything."""
    video: VideoRegistry = field(default_factory=VideoRegistry)
    printer: ReceiptPrinter | None = None
    """None where receipts can't be printed, as in most tests."""
    worker_pool: WorkerPool = field(default_factory=WorkerPool)
    """Threads for pictures and archives; lighter work goes to the shared threads."""

    lag: LoopLag = field(default_factory=LoopLag)
    """How long the event loop was blocked."""
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def now(self) -> datetime:
        return self.clock()


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """The client of a request; for audit, limits and the list of sessions.

    ``locale`` is the supported language that the request asks for, None where it asks for none.
    ``cookies_of`` is the slug of the practice for which the answer can set cookies; None where it can't set any.
    """

    address: str = ""
    user_agent: str = ""
    request: str = ""
    locale: str | None = None
    cookies_of: str | None = None

    def reached_by(self, transport: Transport, slug: str) -> bool:
        """Whether the answer can carry a token for this transport."""
        return transport is Transport.BEARER or self.cookies_of == slug


class Access(StrEnum):
    """How far a signed-in account may go."""

    APPROVED = "APPROVED"
    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    UNVERIFIED = "UNVERIFIED"


@dataclass(frozen=True, slots=True)
class Caller:
    """The account behind a live login session, read afresh for every request."""

    origin: ClientInfo
    session_id: str
    account_id: str
    practice_id: str
    practice_slug: str
    audience: Audience
    access: Access
    role: StaffRole | None
    staff_id: str | None
    locale: str
    stepped_up_at: datetime | None
    #: Of the practice.
    time_zone: str
    practice_locale: str = ""

    def day(self, moment: datetime) -> date:
        """The practice's date at that moment."""
        return day_in(self.time_zone, moment)

    @property
    def manages(self) -> bool:
        """OWNER and ADMIN reach every dossier of the practice; a THERAPIST the caseload."""
        return self.role in (StaffRole.OWNER, StaffRole.ADMIN)

    @property
    def acting_role(self) -> str:
        return self.role.value if self.role else self.audience.value
