"""What a factor's author hands to the kit: the person's side of the factor, who holds what it proves.

A whole one, for the factor in the docstring of :mod:`plugins`::

    from collections.abc import Mapping
    from typing import Any

    from conformance import Possession
    from word import WordProof


    class WordInMemory(Possession):
        factor = "word"

        async def enrol(self, public: Mapping[str, Any]) -> WordProof:
            self.word = public["word"]
            return WordProof(word=self.word)

        async def prove(self, public: Mapping[str, Any]) -> WordProof:
            return WordProof(word=self.word)

        def wrong(self) -> WordProof:
            return WordProof(word="pancake")
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """Something that the factor had sent by ``desk.send``."""

    channel: str
    to: str
    template: str
    values: Mapping[str, str] = field(repr=False)


class Surroundings(Protocol):
    """Where a person is, and what time it is there. The kit's clock is not the machine's."""

    @property
    def now(self) -> datetime:
        """Aware, UTC: the same time as the factor's ``desk.now``."""

    @property
    def origin(self) -> str:
        """The web origin of the portal, as in ``desk.origins``."""

    @property
    def rp_id(self) -> str:
        """The WebAuthn relying party id, as ``desk.rp_id``."""

    def wait(self, seconds: float) -> None:
        """Let time pass: to the next code of an app, for example."""

    async def messages(self) -> list[Message]:
        """What this person was sent so far through the factor's channels, oldest first."""


class Possession(ABC):
    """One person's possession: made anew for each person and each enrolment.

    ``public`` are the own fields of the GraphQL type that the factor contributes, as the factor filled them.
    All proofs are instances of ``graphql.proof`` (for a WAIVER: the token, as str).
    """

    factor: ClassVar[str]
    """The ``name`` of the factor that this is the other side of."""
    options: ClassVar[Mapping[str, Any]] = {}
    """The ``factor_options`` to check it with, where the defaults won't do."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around

    def request(self) -> Any:
        """What setting up begins with: an instance of ``graphql.request``; None where it asks for nothing."""
        return None

    # Not abstract: which of these two a possession needs, the role of its factor tells.

    async def enrol(self, public: Mapping[str, Any]) -> Any:
        """A PROOF: take what setting up shows, and give the first proof."""
        raise NotImplementedError(f"{type(self).__name__} needs enrol(), for a PROOF")

    def keep(self, kept: Mapping[str, Any]) -> None:
        """A FALLBACK or WAIVER: take what was issued."""
        raise NotImplementedError(f"{type(self).__name__} needs keep(), for a FALLBACK or WAIVER")

    @abstractmethod
    async def prove(self, public: Mapping[str, Any]) -> Any:
        """A right proof for this challenge, not given before (a WAIVER's token is the same each time)."""

    @abstractmethod
    def wrong(self) -> Any:
        """A proof of the right form that is wrong, whatever the challenge."""

    def older_state(self, state: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """This state, as JSON, as the ``state_version`` before today's had it; None for a factor's first version."""
        return None
