"""What a check is: a pytest test for factors of some roles, which its docstring explains to their author."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from conformance.stage import Kit, Opened, Stage
from conformance.subject import Subject
from plugins import AnyFactor, Role

MARK = "sluis_conformance"
EVERY = (Role.PROOF, Role.FALLBACK, Role.WAIVER)
#: The roles with a proof that answers a challenge.
ANSWERING = (Role.PROOF, Role.FALLBACK)
#: What says nothing about a factor that can't be used, or that takes anything for a proof.
USABLE = ("test_it_can_be_used", "test_a_wrong_proof_is_refused")

Test = Callable[[Kit], None]
Played = Callable[[Stage], Awaitable[None]]
#: By Hypothesis.
Driven = Callable[[Opened], None]


def check(
    *roles: Role, after: tuple[str, ...] = USABLE, when: Callable[[type[AnyFactor]], bool] | None = None
) -> Callable[[Played | Driven], Test]:
    """Make a test of a body that plays on a stage (or, where Hypothesis drives it, an opened one).

    It is left out for factors of other roles and those that ``when`` says no to, and skipped where a check that it
    comes ``after`` has failed: the first thing wrong explains the rest.
    """

    def wrap(body: Played | Driven) -> Test:
        def test(sluis_kit: Kit) -> None:
            __tracebackhide__ = True
            if inspect.iscoroutinefunction(body):
                sluis_kit.run(cast(Played, body))
            else:
                with sluis_kit.open() as opened:
                    cast(Driven, body)(opened)

        return _made(test, body, roles=roles or EVERY, after=after, when=when)

    return wrap


def look(*, after: tuple[str, ...] = ()) -> Callable[[Callable[[Subject], None]], Test]:
    """Make a test of a body that only looks at the factor's class, which may be too broken to be made."""

    def wrap(body: Callable[[Subject], None]) -> Test:
        def test(sluis_kit: Kit) -> None:
            __tracebackhide__ = True
            body(sluis_kit.subject)

        return _made(test, body, roles=EVERY, after=after, when=None)

    return wrap


def _made(test: Test, body: Callable[..., Any], **marked: Any) -> Test:
    """Not by functools.wraps: pytest would look for the body's own arguments."""
    test.__name__, test.__qualname__ = body.__name__, body.__qualname__
    test.__doc__, test.__module__ = body.__doc__, body.__module__
    made: Test = getattr(pytest.mark, MARK)(**marked)(test)
    return made
