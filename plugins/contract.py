"""The factor contract: what a second factor is, does and answers. Version 1.

A factor is stateless: everything it knows about a person is its ``State``, which the core seals,
stores and hands back. It returns values; the core throttles, spends, audits, notifies and enrols.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from plugins.desk import Desk
from plugins.graphql import Contribution

#: The version of this contract. A factor names the one it was written for; the start is refused on another.
CONTRACT = 1


class Role(StrEnum):
    """What accepting a proof of this factor means."""

    PROOF = "PROOF"
    """A second factor that a person sets up: an app, a phone, a key."""
    FALLBACK = "FALLBACK"
    """Stands in for a lost PROOF; is issued, never chosen, and never enough alone (recovery codes)."""
    WAIVER = "WAIVER"
    """Lets a device skip the factor until a date (a remembered device)."""


class Config(BaseModel):
    """Options of a factor, from ``factor_options`` in the settings; unknown ones stop the start."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class State(BaseModel):
    """What a factor keeps about one enrolment, as JSON under seal. Its repr and errors never show a value."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__


class Reason(StrEnum):
    """Why a proof was refused; the person reads a text for it in their language."""

    WRONG = "WRONG"
    REPLAYED = "REPLAYED"
    EXPIRED = "EXPIRED"
    MALFORMED = "MALFORMED"
    CLOCK = "CLOCK"
    """Right a little earlier, or a little later: the clock of the person's device may be wrong."""
    CHANGED = "CHANGED"
    """Genuine, but not the same possession any more, as when a key can be copied that could not be: to be set up anew.
    It is no guess, so the core gives the attempt back. Only for what was proven to be genuine."""


S = TypeVar("S", bound=State)
P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Accepted(Generic[S]):
    """The proof holds; ``state`` replaces the old one by compare-and-swap, as the sign-in commits."""

    state: S


@dataclass(frozen=True, slots=True)
class Refused:
    """The proof does not hold. A value, not an exception: what it counts and audits must commit.

    ``state`` is stored where given; ``alert`` (a short code) is audited and told to the person.
    """

    reason: Reason
    state: State | None = field(default=None, repr=False)
    alert: str | None = None


@dataclass(frozen=True, slots=True)
class Unusable:
    """What was asked for cannot be set up: the ``field`` of the request, by its name in the schema, and why.

    ``why`` is a sentence per language (``en``, ``nl``), shown next to that field.
    """

    field: str
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EnrolmentBegun(Generic[S]):
    """``pending`` stays sealed and inert until confirmed; ``public`` fills the enrolment type's fields."""

    pending: S
    public: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class EnrolmentConfirmed(Generic[S]):
    """``handle`` names this enrolment in later proofs (a credential id); unique per practice and factor."""

    state: S
    label: str = ""
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A challenge: ``public`` fills the challenge type's own fields, ``secret`` only ``verify`` sees."""

    public: Mapping[str, Any] = field(default_factory=dict)
    secret: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Challenged:
    """What ``verify`` and ``confirm_enrolment`` see of the challenge being answered."""

    public: Mapping[str, Any]
    secret: Mapping[str, Any] = field(repr=False)
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Issued(Generic[S]):
    """What a FALLBACK or WAIVER hands out. ``kept`` is shown or stored once and never again.

    A FALLBACK's ``kept`` fills its issued type's own fields; a WAIVER's is ``{"token": str}``, which
    the browser keeps as a cookie and a native client as it likes.
    """

    state: S
    kept: Mapping[str, Any] = field(repr=False)
    handle: str | None = None
    label: str = ""


class Factor(ABC, Generic[S, P]):
    """One second factor. Subclass, set the class attributes, implement the verbs of its role.

    A PROOF implements ``begin_enrolment``, ``confirm_enrolment`` and ``verify``; a FALLBACK or
    WAIVER ``issue`` and ``verify``. All have a time limit (5 s); raising, hanging or answering
    anything but a verdict denies. ``proof`` is an instance of ``graphql.proof`` (for a WAIVER:
    the ``token`` it issued, as str). No verb may keep anything on ``self``.
    """

    contract: ClassVar[int] = CONTRACT
    name: ClassVar[str]
    """Lower-case snake_case; the GraphQL types begin with its CamelCase, or the singular of it."""
    role: ClassVar[Role] = Role.PROOF
    multiple: ClassVar[bool] = False
    """Whether an account may have several."""
    names_enrolment: ClassVar[bool] = False
    """Whether a proof names its enrolment (``handle``): then one challenge serves them all."""
    primary: ClassVar[bool] = False
    """Whether it may stand for the whole sign-in, without a password."""
    phishing_resistant: ClassVar[bool] = False
    sends: ClassVar[bool] = False
    """Whether ``challenge`` sends something: then it is opened when asked for, not before."""
    channels: ClassVar[tuple[str, ...]] = ()
    """The channels of ``desk.send`` that it cannot do without; the start is refused where one is missing."""
    title: ClassVar[Mapping[str, str]]
    """What a person calls it, per language: ``en`` always, others as the author speaks them."""
    explanation: ClassVar[Mapping[str, str]]
    """One sentence that helps to choose it, per language."""

    Config: ClassVar[type[Config]] = Config
    State: ClassVar[type[State]]
    state_version: ClassVar[int] = 1
    graphql: ClassVar[Contribution]

    def upgrade(self, version: int, state: Mapping[str, Any]) -> Mapping[str, Any]:
        """Turn a stored state of an older ``version`` into today's; never called for today's."""
        raise LookupError(f"{self.name} cannot read its state of version {version}")

    # Not abstract: the role tells which of setting up and issuing a factor has to implement, and the start is refused
    # where one is missing (plugins/registry.py). Nobody calls the others.

    async def begin_enrolment(
        self, desk: Desk, states: Sequence[S], request: Any
    ) -> EnrolmentBegun[S] | Refused | Unusable:
        """Start setting up. ``states`` are the account's present ones of this factor; ``request`` is an
        instance of ``graphql.request``, or None where the factor asks for nothing."""
        raise NotImplementedError(f"{self.name} cannot be set up by hand")

    async def confirm_enrolment(
        self, desk: Desk, pending: S, challenge: Challenged, proof: P
    ) -> EnrolmentConfirmed[S] | Refused:
        """Finish setting up, by a first proof; what it spends must be spent in the state it returns."""
        raise NotImplementedError(f"{self.name} cannot be set up by hand")

    async def challenge(self, desk: Desk, states: Sequence[S]) -> Opened:
        """Open a challenge for these enrolments: all where ``names_enrolment``, else the one.

        None are given where a ``primary`` factor shall stand for the whole sign-in: the proof then names
        its enrolment, and by that the account. Such a challenge can send nothing.
        """
        return Opened()

    @abstractmethod
    async def verify(self, desk: Desk, state: S, challenge: Challenged, proof: P) -> Accepted[S] | Refused:
        """Judge a proof. Pure over its arguments: a lost race calls it again with the newer state."""

    def handle(self, proof: P) -> str | None:
        """Which enrolment this proof is about, where ``names_enrolment``; None when it names none."""
        return None

    async def issue(self, desk: Desk, lifetime: timedelta | None) -> Issued[S]:
        """Make a FALLBACK's or WAIVER's state and what the person keeps. ``lifetime`` is the policy's."""
        raise NotImplementedError(f"{self.name} issues nothing")

    def left(self, state: S) -> int | None:
        """How many uses are left, for a factor that runs out (recovery codes); None for others."""
        return None

    def phone(self, state: S) -> str | None:
        """The mobile number (E.164) that the person proved to have, for news about the account where there is
        no mail address; None where the factor knows none."""
        return None

    async def removed(self, desk: Desk, state: S) -> None:
        """Told after an enrolment is gone, to clean up elsewhere; cannot stop it."""
        return


AnyFactor = Factor[Any, Any]
