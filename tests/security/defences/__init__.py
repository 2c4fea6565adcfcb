"""What each row of `docs/threats.md` stands on, and the tests that fail once it is taken out.

A module here is a section of the page: ``sign_in`` is "Sign-in", ``invitation_and_sign_up`` the one of that title. It
has one tuple, ``ENTRIES``, in the order of the page's rows. To write one:

1. Give the case a row on the page: ``| `its-name` | case | defence | shown by |``. The name is unique in its section.
   The defence names its places as `` `flows/core/attempts.py: reserve_attempt` ``, its numbers as
   `` `a_setting` = `20` `` or `` `file.py: NAME` = `8` ``; the last column
   has the tests' ids, without parameters. A sentence with several claims becomes several rows.
2. Find what defends it, and write the change that takes it out: ``old`` is text that stands exactly once in ``file``,
   ``new`` is the same place without the defence, and nothing else. The product must still run: a name that is missing
   shows nothing. Where a second defence stands behind the first, ``also`` takes out that one as well.
3. Name the tests that notice, in ``fails``. Each must fail by its own assertion, in its call: not in a fixture, by a
   timeout, an ``INTERNAL`` error or a KeyError. Where none does, write one. Of one with slow parameters, name one by
   its whole id.
4. ``make test-defences`` takes each out for real, in a copy; ``make test-defences ONLY=sign_in`` and
   ``ONLY=sign_in.same-answer`` do some. `tests/docs/test_threats.py` tells what the page's last column must say.

    Defence(
        row="same-answer",
        file="flows/signin/credentials.py",
        old="if self.account.suspended_at is not None or self.staff_suspended",
        new="if self.staff_suspended",
        fails=("tests/journeys/http/test_limits.py::test_wrong_login_and_wrong_password_get_one_answer",),
    )

What holds by structure, with nothing to take out, is a :class:`Structural` with its reason. Per row, the tests of the
page are those named here, in their order, no more and no fewer. Naming a test here marks it ``security``.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

Kind = Literal["sqlite", "postgresql"]


def function_of(test: str) -> str:
    """A test's id without its parameters."""
    return test.partition("[")[0]


@dataclass(frozen=True, slots=True)
class Change:
    """One place in the product: ``old`` stands there once."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Defence:
    """One defence of a row. ``databases``: the kinds on which the tests are to notice."""

    row: str
    file: str
    old: str
    new: str
    fails: tuple[str, ...]
    also: tuple[Change, ...] = ()
    databases: tuple[Kind, ...] = ("sqlite",)

    @property
    def changes(self) -> tuple[Change, ...]:
        return (Change(self.file, self.old, self.new), *self.also)

    @property
    def shown_by(self) -> tuple[str, ...]:
        return tuple(function_of(test) for test in self.fails)


@dataclass(frozen=True, slots=True)
class Structural:
    """A row that holds because of how the app is built; ``shown_by`` are the tests that check that it is."""

    row: str
    reason: str
    shown_by: tuple[str, ...]


@cache
def sections() -> dict[str, tuple[Defence | Structural, ...]]:
    """The entries of each section, by its module's name."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    return {name: importlib.import_module(f"{__name__}.{name}").ENTRIES for name in names}


def every() -> Iterator[tuple[str, Defence | Structural]]:
    """Each entry, with its section's name."""
    for name, entries in sections().items():
        for entry in entries:
            yield name, entry


@cache
def tests_named() -> frozenset[str]:
    """The ids of all tests that show something, without parameters."""
    return frozenset(test for _, entry in every() for test in entry.shown_by)
