"""Plain data completed at once is, to the byte and to the error, what graphql-core completes field by field."""

import asyncio
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from typing import Annotated, Any, Union

import orjson
import strawberry
from graphql import Undefined
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.scalars import JSON

from schema.http.limited_schema import LimitedSchema
from schema.http.transport_rules import TransportRules
from schema.kit.completion import Executor


@strawberry.enum
class Colour(StrEnum):
    RED = "RED"
    BLUE = "blue"


@strawberry.enum
class Size(Enum):
    SMALL = 1
    LARGE = 2


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Stone(Named):
    weight: float | None


@strawberry.type
class Knot(Named):
    """A field of every kind, with each nullability that there is."""

    text: str | None
    key: strawberry.ID
    count: int
    flag: bool | None
    when: datetime | None
    day: date
    colour: Colour
    size: Size | None
    free: JSON | None
    words: list[str]
    table: list[list[int | None]] | None
    twin: "Knot | None"
    knots: list["Knot"]
    gaps: list["Knot | None"] | None
    things: list[Named]
    either: Annotated[Union["Knot", Stone], strawberry.union("Either")] | None

    @strawberry.field
    def loud(self) -> str:
        return self.name.upper()

    @strawberry.field
    async def later(self) -> str | None:
        return self.text

    @strawberry.field
    def plus(self, by: int = 1) -> int:
        return self.count + by


@dataclass(frozen=True)
class Promise:
    """An awaitable that can be awaited again, by the other executor."""

    value: Any

    def __await__(self) -> Generator[None, None, Any]:
        yield
        return self.value


class Text(str):
    """Text, but not Python's own."""

    __slots__ = ()


class Broken:
    def __getattr__(self, name: str) -> Any:
        raise LookupError(name)


@strawberry.type
class Query:
    knot: Knot | None
    knots: list[Knot]

    @strawberry.field
    async def soon(self) -> Knot | None:
        return self.knot


class Quiet(strawberry.Schema):
    def process_errors(self, *_: object) -> None:
        """They are compared; nobody needs to read them as well."""


_ORDINARY = Quiet(Query, types=[Stone])
_OURS = Quiet(Query, types=[Stone], execution_context_class=Executor)

_ODD = st.sampled_from(
    [
        None, Undefined, ValueError("odd"), Broken(), Promise("promised"), Promise(None), Promise(ValueError("broken")),
        2**40, -1, 1.5, float("nan"), True, "odd", "RED", Text("text"), b"odd", Colour.BLUE, Size.LARGE,
        (), ("a", "b"), ["a", None], [[1, None], None], {"name": "of a dictionary"}, Stone(name="odd", weight=1.0),
        datetime(2026, 1, 1, tzinfo=UTC),
    ]
)  # fmt: skip
_RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["Ada", "Łukasz"]),
    "text": st.sampled_from(["t", "", None]),
    "key": st.just("k1"),
    "count": st.integers(-5, 5),
    "flag": st.sampled_from([True, False, None]),
    "when": st.sampled_from([None, datetime(2026, 11, 21, 12, 30, 1, 5, tzinfo=UTC)]),
    "day": st.just(date(2020, 2, 29)),
    "colour": st.sampled_from(Colour),
    "size": st.sampled_from([*Size, None]),
    "free": st.sampled_from([None, {"a": [1]}, "x"]),
    "words": st.sampled_from([[], ["a", "b"]]),
    "table": st.sampled_from([None, [], [[1, None], [2]]]),
    "twin": st.none(),
    "knots": st.just([]),
    "gaps": st.sampled_from([None, [None]]),
    "things": st.just([Stone(name="s", weight=None)]),
    "either": st.sampled_from([None, Stone(name="s", weight=2.0)]),
}


@st.composite
def _knots(draw: st.DrawFn, depth: int = 2) -> Any:
    """A knot; now and then something is wrong in it, or it is something else."""
    if draw(st.integers(0, 40)) == 0:
        return draw(_ODD)
    made = Knot(**{name: draw(values) for name, values in _RIGHT.items()})
    if depth:
        below = st.lists(_knots(depth=depth - 1), max_size=2)
        made.knots, made.gaps = draw(below), [*draw(below), None]
        made.things, made.twin = [*draw(below), Stone(name="s", weight=None)], draw(_knots(depth=depth - 1))
        made.either = draw(st.sampled_from([made.twin, made.either]))
    if draw(st.integers(0, 10)) == 0:
        setattr(made, draw(st.sampled_from(list(_RIGHT))), draw(_ODD))
    return made


_LEAVES = [
    "__typename", "name", "text", "key", "count", "flag", "when", "day", "colour", "size", "free", "words", "table",
    "loud", "later", "plus", "plus(by: 2)",
]  # fmt: skip
_DIRECTIVES = st.sampled_from(["", "", "", "", "@include(if: $yes)", "@skip(if: $yes)", "@skip(if: true)"])


@st.composite
def _selections(draw: st.DrawFn, depth: int = 2) -> str:
    """Fields of a knot, some twice, with aliases, directives and fragments."""
    chosen = draw(st.lists(st.sampled_from(_LEAVES), min_size=1, max_size=6))
    parts = [_alias(draw, leaf) + draw(_DIRECTIVES) for leaf in chosen]
    if depth:
        for below in draw(st.lists(st.sampled_from(["twin", "knots", "gaps", "things", "either"]), max_size=3)):
            inside = draw(_selections(depth=depth - 1))
            if below in ("things", "either"):
                inside = f"__typename ... on Stone {{ name weight }} ... on Knot {{ {inside} }} ... on Named {{ name }}"
            parts.append(f"{_alias(draw, below)} {draw(_DIRECTIVES)} {{ {inside} }}")
        if draw(st.booleans()):
            parts.append(f"... on Named {draw(_DIRECTIVES)} {{ name }}")
            parts.append(f"... {draw(_DIRECTIVES)} {{ {draw(_selections(depth=depth - 1))} }}")
    if draw(st.booleans()):
        parts.append(f"...Spread {draw(_DIRECTIVES)}")
    return " ".join(parts)


def _alias(draw: st.DrawFn, field: str) -> str:
    # One alias for each field with its arguments, so that no two fields ever conflict.
    alias = "other_" + "".join(char for char in field if char.isalnum())
    return draw(st.sampled_from([field, f"{alias}: {field}"])) if "(" not in field else f"{alias}: {field}"


async def _told(schema: strawberry.Schema, document: str, root: Query, *, yes: bool) -> tuple[bytes, list[Any]]:
    """The data as it goes out, and the errors with what raised them."""
    result = await schema.execute(document, {"yes": yes}, root_value=root)
    errors: list[Any] = [(error.formatted, repr(error.original_error)) for error in result.errors or ()]
    return orjson.dumps(result.data), errors


@given(_selections(), st.lists(_knots(), max_size=3), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_both_ways_tell_the_same(selection: str, knots: list[Any], yes: bool) -> None:
    document = f"""query($yes: Boolean!) {{
        knot {{ {selection} ...Spread }} knots {{ {selection} }} soon {{ {selection} }} }}
        fragment Spread on Knot {{ name count @skip(if: $yes) twin {{ text words loud @include(if: false) }} }}"""
    root = Query(knot=knots[0] if knots else None, knots=knots)
    for include in (yes, not yes):
        assert asyncio.run(_told(_OURS, document, root, yes=include)) == asyncio.run(
            _told(_ORDINARY, document, root, yes=include)
        )


class Counting(Executor):
    """Counts the fields that are executed one by one."""

    executed = 0

    def execute_field(self, *args: Any, **kwargs: Any) -> Any:
        Counting.executed += 1
        return super().execute_field(*args, **kwargs)


async def test_fields_of_plain_objects_are_not_executed_one_by_one() -> None:
    schema = strawberry.Schema(Query, types=[Stone], execution_context_class=Counting)
    plain: dict[str, Any] = dict.fromkeys(_RIGHT) | {"colour": Colour.RED, "count": 1}
    leaves = [Knot(**plain | {"name": str(number)}) for number in range(50)]
    top = Knot(**plain | {"name": "top", "knots": leaves})

    result = await schema.execute(
        "{ knots { name colour knots { name count when } } }", root_value=Query(knot=top, knots=[top])
    )

    assert result.errors is None
    assert result.data is not None
    assert len(result.data["knots"][0]["knots"]) == 50
    assert Counting.executed == 1


def test_a_setting_leaves_completion_to_graphql_core() -> None:
    schema = strawberry.Schema(Query, types=[Stone], execution_context_class=Executor)
    assert LimitedSchema(schema, TransportRules()).execution_context_class is Executor
    alone = LimitedSchema(schema, TransportRules(quick_completion=False)).execution_context_class
    assert alone is not None
    assert not issubclass(alone, Executor)
