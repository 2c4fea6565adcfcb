"""Counts SQL statements per request, so that tests and logs can tell what an operation costs."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Tally:
    """The statements run so far in one request (transaction control not counted)."""

    statements: int = 0


#: The tally of the request under way; unset outside requests.
tally: ContextVar[Tally | None] = ContextVar("sluis_statements", default=None)


def count_one() -> None:
    current = tally.get()
    if current is not None:
        current.statements += 1


class Counting:
    """Mixin over a Tortoise client: every statement passes one of these methods."""

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        count_one()
        return await super().execute_insert(query, values)  # type: ignore[misc]

    async def execute_query(self, query: str, values: list[Any] | None = None) -> Any:
        count_one()
        return await super().execute_query(query, values)  # type: ignore[misc]

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> Any:
        count_one()
        return await super().execute_query_dict(query, values)  # type: ignore[misc]

    async def execute_many(self, query: str, values: list[Any]) -> None:
        count_one()
        await super().execute_many(query, values)  # type: ignore[misc]
