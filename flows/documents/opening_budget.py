"""How much of what is sealed one request may have opened: it bounds the memory, and how long the answer gets."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from flows.core.context import AppContext
from flows.refusals import AnswerTooLarge


@dataclass(slots=True)
class OpeningBudget:
    """``left`` is in bytes, for all fields of the request together."""

    left: int


_allowance: ContextVar[OpeningBudget | None] = ContextVar("sluis_allowance", default=None)


@contextmanager
def allowed(app: AppContext) -> Iterator[None]:
    """Bounds what runs inside, tasks included; begin and end it in one task."""
    token = _allowance.set(OpeningBudget(app.rules.opened_bytes))
    try:
        yield
    finally:
        _allowance.reset(token)


def spend(size: int) -> None:
    """Count so many bytes that are about to be opened; raises AnswerTooLarge beyond what is left, and ever after."""
    allowance = _allowance.get()
    if allowance is None:
        return
    if size > allowance.left:
        allowance.left = 0
        raise AnswerTooLarge
    allowance.left -= size


def spend_something() -> None:
    """Before anything is read: raises AnswerTooLarge where nothing is left."""
    spend(1)
