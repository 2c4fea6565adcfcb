"""What a factor adds to the schema, and whether it fills it."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    graphql_sync,
    is_leaf_type,
    is_scalar_type,
)

from conformance.check import check
from conformance.person import ready
from conformance.stage import Stage
from factors.recovery_codes import RecoveryCodesFactor
from factors.totp import Totp
from plugins import EnrolmentBegun, EnrolmentStart, FactorChallenge, FallbackIssue, Issued, Opened, Registry, Role
from schema.build import build_schema

#: What the core assembles as soon as one factor wants to be told something.
_ASSEMBLED = "EnrolmentRequest"


@check(after=("test_the_core_takes_it",))
async def test_its_types_are_in_the_schema_and_described(stage: Stage) -> None:
    """The schema must build with the factor's types in it; each begins with the factor's name in CamelCase (or the
    singular of it), so that two factors never clash, and says what it is, as does each of its fields."""
    camel = "".join(part.capitalize() for part in stage.subject.name.split("_"))
    own = list(_own_types(stage))
    astray = [kind.name for kind in own if not kind.name.startswith(camel.removesuffix("s"))]
    assert not astray, f"does not begin with {camel}: {', '.join(astray)}"
    silent = [name for kind in own for name in _undescribed(kind)]
    assert not silent, f"not described: {', '.join(silent)}"


def _own_types(stage: Stage) -> list[GraphQLNamedType]:
    """The types that the schema has because of this factor."""
    other = Totp() if stage.subject.name != Totp.name else RecoveryCodesFactor()
    without = build_schema(Registry([other], {}))._schema.type_map
    having = build_schema(Registry([other, stage.factor], {}))._schema.type_map
    new = [kind for name, kind in having.items() if name not in without and name != _ASSEMBLED]
    return [kind for kind in new if not is_scalar_type(kind)]


def _undescribed(kind: GraphQLNamedType) -> Iterator[str]:
    if not kind.description:
        yield kind.name
    parts: Mapping[str, Any] = {}
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        parts = kind.fields
    elif isinstance(kind, GraphQLEnumType):
        parts = kind.values
    yield from (f"{kind.name}.{name}" for name, part in parts.items() if not part.description)


@check()
async def test_what_it_shows_fits_its_types(stage: Stage) -> None:
    """What `begin_enrolment`, `challenge` and `issue` hand over (`public`, `kept`) fills the own fields of the type
    that the factor contributed: exactly those, by their Python names, with values of the declared types. A
    challenge is shown after storage too, when it has only what JSON has."""
    person, graphql = await ready(stage), stage.factor.graphql
    now = stage.clock.now
    if stage.role is Role.WAIVER:
        assert all(set(issued.kept) == {"token"} for issued in stage.notes.of(Issued)), "kept is not {'token': str}"
        return
    for begun in stage.notes.of(EnrolmentBegun):
        _fits(stage, graphql.enrolment, EnrolmentStart, begun.public, id="kit", expires_at=now)
    for issued in stage.notes.of(Issued):
        _fits(stage, graphql.issued, FallbackIssue, issued.kept)
    stored = await person.gets_challenge()
    for public in (stored.public, stage.notes.of(Opened)[-1].public):
        _fits(stage, graphql.challenge, FactorChallenge, public, id="kit", expires_at=now)


def _fits(stage: Stage, kind: Any, interface: type, shown: Mapping[str, Any], **core: Any) -> None:
    """``shown`` makes an instance of ``kind`` (None: of a type without own fields) that GraphQL can write out."""
    ours = {one.name for one in fields(interface)}
    own = {one.name for one in fields(kind)} - ours if kind else set()
    name = kind.__name__ if kind else f"a plain {interface.__name__}"
    assert set(shown) == own, f"{name} has the fields {sorted(own)}, and was given {sorted(shown)}"
    if kind:
        errors = _written(_in_schema(stage, kind), kind(factor="kit", **core, **shown))
        assert not errors, f"{name}: {errors}"


def _written(kind: GraphQLObjectType, instance: object) -> list[str]:
    """What GraphQL has to say against an instance of a type, every field of it asked for."""
    schema = GraphQLSchema(GraphQLObjectType("Kit", {"shown": GraphQLField(kind)}))
    result = graphql_sync(schema, f"{{ shown {_selection(kind)} }}", root_value={"shown": instance})
    return [error.message for error in result.errors or ()]


def _in_schema(stage: Stage, kind: Any) -> GraphQLObjectType:
    types = build_schema(stage.app.factors)._schema.type_map.values()
    return next(t for t in types if isinstance(t, GraphQLObjectType) and _origin(t) is kind)


def _origin(kind: GraphQLObjectType) -> type | None:
    return getattr(kind.extensions.get("strawberry-definition"), "origin", None)


def _selection(kind: GraphQLNamedType) -> str:
    """All fields of a type that need no arguments, at every depth."""
    if is_leaf_type(kind) or not isinstance(kind, GraphQLObjectType):
        return ""
    inner = (f"{name} {_selection(get_named_type(field.type))}" for name, field in kind.fields.items())
    return f"{{ {' '.join(inner)} }}"
