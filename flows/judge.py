"""Calling a factor: with a time limit, outside any transaction, believing nothing but a verdict."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import structlog

from flows.house import House
from plugins import AnyFactor, NotSent

log = structlog.get_logger(__name__)

V = TypeVar("V")


class FactorFailed(Exception):
    """The factor raised, hung, or answered something else than its contract says; the answer is no."""


async def call(house: House, factor: AnyFactor, work: Awaitable[V], *expected: type) -> V:
    """Await a factor's verb. Raises FactorFailed on everything but an instance of ``expected``.

    A verb that ignores its cancellation is left behind, not waited for.
    """
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=house.rules.plugin_timeout)
    if not done:
        task.cancel()
        log.error("factor.hung", factor=factor.name)
        raise FactorFailed(factor.name)
    error = task.exception() if not task.cancelled() else asyncio.CancelledError()
    if isinstance(error, NotSent):
        raise error
    if error is not None:
        log.error("factor.raised", factor=factor.name, error=type(error).__name__)
        raise FactorFailed(factor.name)
    verdict = task.result()
    if type(verdict) not in expected:
        log.error("factor.answered_nonsense", factor=factor.name, answer=type(verdict).__name__)
        raise FactorFailed(factor.name)
    return verdict
