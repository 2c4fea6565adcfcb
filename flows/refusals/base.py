"""What all refusals are: a stable code, a text a person can read, and what the text needs.

Raised where nothing was written; returned as a value where what it counted or audited must commit.
"""

from collections.abc import Mapping
from typing import ClassVar


class Refusal(Exception):
    """Base of all refusals. ``code`` is part of the API; ``texts`` holds one sentence or two per language.

    ``spoken`` names methods that clients see as fields: texts of their own, in the language they are given.
    """

    kind: ClassVar[str]
    texts: ClassVar[Mapping[str, str]]
    spoken: ClassVar[tuple[str, ...]] = ()

    #: The dossiers that are there and out of the caller's reach: for the audit, never for the caller.
    denied: tuple[object, ...] = ()

    @property
    def code(self) -> str:
        return self.kind

    @classmethod
    def told(cls) -> Mapping[str, Mapping[str, str]]:
        """Every code that it can have, with its texts by language."""
        return {cls.kind: cls.texts}

    def message(self, locale: str) -> str:
        return self.texts.get(locale, self.texts["en"]).format_map(vars(self))


class ReasonedRefusal(Refusal):
    """Base of refusals of one kind with several reasons: the code is the kind, ``_`` and the ``reason``."""

    by_reason: ClassVar[Mapping[str, Mapping[str, str]]]
    texts = {}
    reason: str

    @property
    def code(self) -> str:
        return f"{self.kind}_{self.reason}"

    @classmethod
    def told(cls) -> Mapping[str, Mapping[str, str]]:
        return {f"{cls.kind}_{reason}": texts for reason, texts in cls.by_reason.items()}

    def message(self, locale: str) -> str:
        texts = self.by_reason[self.reason]
        return texts.get(locale, texts["en"])
