"""About a value that somebody typed: which field it is, and what is wrong with it, in words."""

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from flows.refusals.base import Refusal
from locales import has, in_language, text


class Problem(StrEnum):
    """What can be wrong with a value. Part of the API, as ``problemCode``; its text is ``problem.`` and the code.

    ``{bound}`` in a text is the limit that was passed, or what there is to choose from.
    """

    MISSING = "MISSING"
    TOO_LONG = "TOO_LONG"
    TOO_MANY = "TOO_MANY"
    CHARACTERS = "CHARACTERS"
    CHOICE = "CHOICE"
    EITHER = "EITHER"
    RANGE = "RANGE"
    BELOW = "BELOW"
    PAST_DATE = "PAST_DATE"
    MOMENT = "MOMENT"
    PAST_MOMENT = "PAST_MOMENT"
    SOON = "SOON"
    PERIOD = "PERIOD"
    EMAIL = "EMAIL"
    SAME = "SAME"
    PHONE = "PHONE"
    MOBILE = "MOBILE"
    TIME_ZONE = "TIME_ZONE"
    COUNTRY = "COUNTRY"
    ORIGIN = "ORIGIN"
    LINK = "LINK"
    HOST = "HOST"
    EMPTY = "EMPTY"
    CLOCK = "CLOCK"
    TOKEN = "TOKEN"  # noqa: S105 - the place of one
    MONTH = "MONTH"
    REQUEST = "REQUEST"
    UNUSABLE = "UNUSABLE"
    AMOUNT = "AMOUNT"
    CURRENCY = "CURRENCY"
    AGB = "AGB"
    BIG = "BIG"
    KVK = "KVK"
    VAT = "VAT"


def called(field: str, locale: str) -> str:
    """What people call a field; its own name in words where it has none in the catalogues."""
    if has(f"field.{field}"):
        return text(f"field.{field}", locale)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", field).capitalize()


@dataclass(eq=False)
class InvalidInput(Refusal):
    """A value that cannot be used: `field` names it as in the schema, `message` as people do; `problem` says why."""

    kind = "INVALID_INPUT"
    spoken = ("problem",)
    field: str
    problem_code: Problem
    #: The limit that was passed, an amount as Decimal; what there is to choose from, or a tuple of fields.
    bound: object = ""
    #: A sentence per language in place of the problem's own, from a factor that knows better.
    why: Mapping[str, str] | None = None
    #: Grows at the front on its way up: see :func:`item`.
    path: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self.path = self.path or [self.field]

    def problem(self, locale: str) -> str:
        if self.why:
            return in_language(self.why, locale)
        bound = self.bound
        if isinstance(bound, tuple):
            bound = ", ".join(called(field, locale) for field in bound)
        return text(f"problem.{self.problem_code}", locale, bound=bound)

    def message(self, locale: str) -> str:
        return text(f"refusal.{self.code}", locale, name=_place(self.path, locale), problem=self.problem(locale))


def _place(path: Sequence[str], locale: str) -> str:
    """ "Line 2, Amount" of ``["lines", "1", "amount"]``."""
    items = [f"{text(f'item.{name}', locale)} {int(index) + 1}" for name, index in pairwise(path) if index.isdecimal()]
    return ", ".join(items if path[-1].isdecimal() else [*items, called(path[-1], locale)])


@contextmanager
def item(name: str, index: int) -> Iterator[None]:
    """Whatever is refused inside is in this item, from 0, of the list that the schema calls ``name``."""
    try:
        yield
    except InvalidInput as wrong:
        # A check of an item by itself calls the item by the name of its list.
        within = wrong.path[1:] if wrong.path[0] == name else wrong.path
        wrong.path = [name, str(index), *within]
        raise


@contextmanager
def inside(*names: str) -> Iterator[None]:
    """Whatever is refused inside is in the input object that these names lead to, from the outermost."""
    try:
        yield
    except InvalidInput as wrong:
        wrong.path = [*names, *wrong.path]
        raise


@dataclass(eq=False)
class AlreadyExists(Refusal):
    """Unique in the practice, and taken; `field` names it as in the schema, `message` as people do."""

    kind = "ALREADY_EXISTS"
    field: str

    def message(self, locale: str) -> str:
        return text(f"refusal.{self.code}", locale, name=called(self.field, locale))
