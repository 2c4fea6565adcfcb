"""A schema with one field for each thing that the endpoint has to take."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from enum import Enum

import strawberry
from strawberry.types import Info
from tortoise.exceptions import DoesNotExist, MultipleObjectsReturned, ObjectDoesNotExistError

from flows.refusals import NotAllowed, NotFound
from models import Practice
from models.db.database import IntegrityError, fetch
from schema.kit.context import Context

ACCOUNT = "0b7d5c1e"
SECRET = "hunter2-is-a-secret"

Here = Info[Context, None]


@strawberry.type
class Knot:
    name: str = "knot"

    @strawberry.field
    def next(self, count: int = 1) -> "Knot":
        return self

    @strawberry.field
    def many(self, first: int = 25) -> list["Knot"]:
        return [self]


@strawberry.input(one_of=True)
class Either:
    left: strawberry.Maybe[str]
    right: strawberry.Maybe[str]


@strawberry.enum
class Colour(Enum):
    RED = "red"


@strawberry.input
class Paint:
    colour: strawberry.Maybe[Colour]


@strawberry.type
class Query:
    @strawberry.field
    def painted(self, paint: Paint, over: strawberry.Maybe[Colour] = None) -> str:
        return str(paint.colour)

    @strawberry.field
    def hello(self, name: str = "you") -> str:
        return f"hello {name}"

    @strawberry.field
    def knot(self) -> Knot:
        return Knot()

    @strawberry.field
    def either(self, value: Either) -> str:
        return "left" if value.left else "right"

    @strawberry.field
    def known(self, key: uuid.UUID) -> str:
        return str(key)

    @strawberry.field
    def me(self, info: Here) -> str | None:
        return info.context.caller.account_id if info.context.caller else None

    @strawberry.field
    def practice(self, info: Here) -> str | None:
        return info.context.practice

    @strawberry.field
    def device(self, info: Here, practice: str) -> str | None:
        return info.context.cookies.device(practice, ACCOUNT)

    @strawberry.field
    def address(self, info: Here) -> str:
        return info.context.origin.address

    @strawberry.field
    def locale(self, info: Here) -> str:
        return info.context.locale

    @strawberry.field
    async def statements(self, count: int) -> int:
        for _ in range(count):
            await fetch("SELECT 1 AS one")
        return count

    @strawberry.field
    async def practices(self) -> int:
        return await Practice.all().count()

    @strawberry.field
    async def hashed(self, info: Here) -> bool:
        return await info.context.app.passwords.verify(None, "x")

    @strawberry.field
    async def slow(self) -> str:
        await asyncio.sleep(60)
        return "done"

    @strawberry.field
    def broken(self) -> str | None:
        raise ValueError(f"no such thing: {SECRET}")

    @strawberry.field
    def broken_badly(self) -> str:
        raise ValueError(f"no such thing: {SECRET}")

    @strawberry.field
    def mistyped(self) -> int | None:
        return SECRET  # type: ignore[return-value]

    @strawberry.field
    def taken(self) -> str | None:
        raise IntegrityError(f"UNIQUE constraint failed: {SECRET}")

    @strawberry.field
    def gone(self) -> str | None:
        raise DoesNotExist(Practice)

    @strawberry.field
    def twice(self) -> str | None:
        raise MultipleObjectsReturned(Practice)

    @strawberry.field
    def missing(self) -> str | None:
        raise ObjectDoesNotExistError(Practice, "id", SECRET)

    @strawberry.field
    def away(self) -> str | None:
        raise ConnectionRefusedError(f"no route to {SECRET}")

    @strawberry.field
    def late(self) -> str | None:
        raise TimeoutError(SECRET)

    @strawberry.field
    def refused(self) -> str | None:
        raise NotFound


@strawberry.type
class Mutation:
    @strawberry.mutation
    def sign(self, info: Here, practice: str) -> bool:
        info.context.cookies.set("session", practice, "token-of-a-session", 3600)
        info.context.cookies.remember(practice, ACCOUNT, "token-of-a-device", 60)
        return True

    @strawberry.mutation
    def leave(self, info: Here, practice: str) -> bool:
        info.context.cookies.clear("session", practice)
        return True

    @strawberry.mutation
    def act(self) -> str:
        return "acted"

    @strawberry.mutation
    def forbid(self) -> str:
        raise NotAllowed


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, info: Here, count: int = 2) -> AsyncGenerator[int, None]:
        for tick in range(count):
            yield tick

    @strawberry.subscription
    async def caller_locale(self, info: Here) -> AsyncGenerator[str, None]:
        """Who it is now, again whenever their account rings; never ends by itself."""
        caller = info.context.caller
        assert caller is not None
        async with info.context.app.signals.subscribe(f"test:{caller.account_id}") as rung:
            while live := await info.context.still_watching():
                yield live.locale
                await rung.wait()
                rung.clear()
        yield "gone"

    @strawberry.subscription
    async def breaking(self) -> AsyncGenerator[int, None]:
        yield 1
        raise ValueError(SECRET)

    @strawberry.subscription
    async def refusing(self, allowed: bool = False) -> AsyncGenerator[int, None]:
        if not allowed:
            raise NotAllowed
        yield 1


def small_schema() -> strawberry.Schema:
    return strawberry.Schema(Query, Mutation, Subscription)
