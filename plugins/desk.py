"""The narrow desk at which a factor works: time, chance, hashing and post come by argument."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol


class Desk(Protocol):
    """What the core hands to every verb of a factor; no database, no request, no other person's data."""

    @property
    def now(self) -> datetime:
        """The time of this call, aware, UTC. A factor never reads a clock."""

    @property
    def today(self) -> date:
        """The date of this call on the practice's calendar, for what a person reads."""

    @property
    def config(self) -> Any:
        """The factor's validated ``Config``, as this practice has it."""

    @property
    def locale(self) -> str:
        """The language of the person, such as ``nl``: any that the installation has.

        ``in_language(texts, desk.locale)`` answers the English text where there is none in it.
        """

    @property
    def practice_name(self) -> str:
        """How the practice calls itself, for texts and authenticator apps."""

    @property
    def account_name(self) -> str:
        """How the person would recognise the account: the login code, spaced. Empty while nobody is known."""

    @property
    def account_handle(self) -> bytes:
        """Opaque, stable, unique per account; tells nothing (a WebAuthn user handle). Empty while nobody is known."""

    @property
    def origins(self) -> tuple[str, ...]:
        """The web origins that may ask for a proof, e.g. ``https://portal.example``."""

    @property
    def rp_id(self) -> str:
        """The WebAuthn relying party id: a domain, never an address."""

    @property
    def country(self) -> str:
        """The practice's country, ISO 3166-1 alpha-2."""

    def random(self, size: int) -> bytes:
        """``size`` unpredictable bytes."""

    def choose(self, alphabet: str, length: int) -> str:
        """An unpredictable text of ``length`` characters, each drawn evenly from ``alphabet``."""

    def salt(self) -> bytes:
        """A new salt for ``derive``, which keeps what a derivation costs today: to be stored with what was derived."""

    async def derive(self, secret: str, salt: bytes) -> bytes:
        """32 bytes of Argon2id over ``secret``: slow on purpose, pooled, off the event loop.

        Under a salt of ``salt()`` always the same ones. Under any other, which ``b"$argon2id$m=…,t=…,p=…$"`` and at
        least 8 bytes are not, they are other ones once the installation changes the cost.
        """

    async def send(self, channel: str, to: str, template: str, values: Mapping[str, str]) -> None:
        """Send a message through the metered outbox; :class:`plugins.NotSent` when a cap is reached."""


class NotSent(Exception):
    """The core would not send: ``reason`` is a stable code such as ``TOO_SOON`` or ``CAP_REACHED``."""

    def __init__(self, reason: str, retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_at = retry_at
