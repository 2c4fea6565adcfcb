"""What the built-in factors add to a schema: described throughout, named after them, and discreet."""

import re

import pytest
import strawberry
from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType

from plugins import AnyFactor, Contribution, EnrolmentStart, FactorChallenge, FallbackIssue, build_registry
from plugins.registry import BUILT_IN

interfaces: list[type] = [EnrolmentStart, FactorChallenge, FallbackIssue]
factors = list(build_registry(list(BUILT_IN), {}))
types = [
    kind
    for factor in factors
    for kind in (factor.graphql.proof, factor.graphql.request, *factor.graphql.types())
    if kind is not None
]


@strawberry.type
class Query:
    ok: bool


schema = strawberry.Schema(Query, types=[*interfaces, *types])


def name_of(kind: type) -> str:
    definition = strawberry.types.get_object_definition(kind, strict=True)
    return str(definition.name)


@pytest.mark.parametrize("name", [name_of(kind) for kind in (*interfaces, *types)])
def test_every_type_and_field_has_a_description(name: str) -> None:
    kind = schema._schema.type_map[name]
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType)
    assert kind.description
    assert kind.fields
    assert not [field for field, definition in kind.fields.items() if not definition.description]


@pytest.mark.parametrize("factor", factors, ids=lambda factor: str(factor.name))
def test_types_are_named_after_their_factor(factor: AnyFactor) -> None:
    camel = re.sub(r"(?:^|_)(\w)", lambda found: found[1].upper(), factor.name)
    kinds = [factor.graphql.proof, factor.graphql.request, *factor.graphql.types()]
    assert all(name_of(kind).startswith(camel.removesuffix("s")) for kind in kinds if kind is not None)


def test_what_is_contributed_has_a_repr_without_values() -> None:
    @strawberry.input
    class PhoneRequest:
        number: str

    Contribution(request=PhoneRequest)
    assert repr(PhoneRequest(number="0612345678")) == "<PhoneRequest>"
