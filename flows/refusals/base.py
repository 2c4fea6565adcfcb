"""What all refusals are: a stable code, a text a person can read, and what the text needs.

Raised where nothing was written; returned as a value where what it counted or audited must commit.
"""

from collections.abc import Sequence
from typing import ClassVar

from locales import text


class Refusal(Exception):
    """Base of all refusals. ``code`` is part of the API; its text in the catalogues is ``refusal.`` and the code.

    ``spoken`` names methods that clients see as fields: texts of their own, in the language they are given.
    """

    kind: ClassVar[str]
    spoken: ClassVar[tuple[str, ...]] = ()

    #: The dossiers that are there and out of the caller's reach: for the audit, never for the caller.
    denied: tuple[object, ...] = ()

    @property
    def code(self) -> str:
        return self.kind

    @classmethod
    def codes(cls) -> Sequence[str]:
        """Every code that it can have."""
        return (cls.kind,)

    def message(self, locale: str) -> str:
        return text(f"refusal.{self.code}", locale, **vars(self))


class ReasonedRefusal(Refusal):
    """Base of refusals of one kind with several reasons: the code is the kind, ``_`` and the ``reason``."""

    reasons: ClassVar[Sequence[str]]
    reason: str

    @property
    def code(self) -> str:
        return f"{self.kind}_{self.reason}"

    @classmethod
    def codes(cls) -> Sequence[str]:
        return tuple(f"{cls.kind}_{reason}" for reason in cls.reasons)
