"""Factors and video rooms of a running server that begin to misbehave, and are mended again."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from conformance.notes import changed
from tests.support.sluis import Sluis

#: A verb, or another method of a factor.
Broken = Callable[..., Any]
_SHORT = 0.2


@contextmanager
def misbehaving(sluis: Sluis, factor: str, patience: float = _SHORT, **instead: Any) -> Iterator[None]:
    """The factor has these methods and attributes in place of its own, inside; it has ``patience`` seconds."""
    assert sluis.app is not None
    rules, factors = sluis.app.rules, sluis.app.factors._factors
    own, before = factors[factor], rules.plugin_timeout
    factors[factor] = changed(type(own), instead)()
    object.__setattr__(rules, "plugin_timeout", patience)
    try:
        yield
    finally:
        factors[factor] = own
        object.__setattr__(rules, "plugin_timeout", before)


@contextmanager
def video_rooms(sluis: Sluis, kind: str, join: Broken | None, patience: float = _SHORT) -> Iterator[None]:
    """These video rooms have this ``join`` in place of their own, inside; with None their plugin is gone."""
    assert sluis.app is not None
    rules, rooms = sluis.app.rules, sluis.app.video._rooms
    own, before = rooms.pop(kind), rules.plugin_timeout
    if join is not None:
        rooms[kind] = type(own.__class__.__name__, (type(own),), {"join": join})(own.config)
    object.__setattr__(rules, "plugin_timeout", patience)
    try:
        yield
    finally:
        rooms[kind] = own
        object.__setattr__(rules, "plugin_timeout", before)


async def raises(*_: Any) -> Any:
    raise RuntimeError("out of order")


async def divides_by_nothing(*_: Any) -> Any:
    return 1 / 0


async def takes_no_arguments() -> Any:
    return None


def is_no_coroutine(*_: Any) -> Any:
    raise TypeError("called in passing")


async def exits(*_: Any) -> Any:
    raise SystemExit(1)


async def gives_up(*_: Any) -> Any:
    raise asyncio.CancelledError


async def hangs(*_: Any) -> Any:
    await asyncio.sleep(3600)


async def hangs_on(*_: Any) -> Any:
    """And does not let itself be cancelled at once."""
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        await asyncio.sleep(0.2)
        raise


async def answers_true(*_: Any) -> Any:
    return True


async def answers_none(*_: Any) -> Any:
    return None


ALL: list[Broken] = [
    raises, divides_by_nothing, takes_no_arguments, is_no_coroutine, exits, gives_up, hangs, hangs_on, answers_true,
    answers_none,
]  # fmt: skip
