"""Inputs and answers that carry secrets."""

from typing import TypeVar

T = TypeVar("T")


def discreet(kind: type[T]) -> type[T]:
    """Take away the repr that Strawberry gives a type: it would show passwords and tokens in a log or traceback."""
    setattr(kind, "__repr__", _repr)  # noqa: B010 - a type checker objects to assigning a method
    return kind


def _repr(self: object) -> str:
    return f"<{type(self).__name__}>"
