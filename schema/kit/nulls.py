"""Which input field is null that may be left out but not be null: Strawberry's own objection does not say."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLObjectType,
    get_named_type,
    value_from_ast_untyped,
)
from strawberry.types.base import StrawberryMaybe, StrawberryOptional

_UNNAMED = "Field of type 'Maybe["


def name_null(error: GraphQLError, root: GraphQLObjectType | None, variables: Mapping[str, Any]) -> None:
    """Have Strawberry's objection to a null name what is null, where a root field was given it."""
    node = next(iter(error.nodes or ()), None)
    if root is not None and isinstance(node, FieldNode) and _UNNAMED in error.message:
        named = next(_given(root, node, variables), "Field")
        error.message = error.message.replace(_UNNAMED, f"{named} of type 'Maybe[", 1)


def _given(root: GraphQLObjectType, node: FieldNode, variables: Mapping[str, Any]) -> Iterator[str]:
    field = root.fields.get(node.name.value)
    for argument in node.arguments or ():
        known = field.args.get(argument.name.value) if field else None
        if known is None:
            continue
        value = value_from_ast_untyped(argument.value, dict(variables))
        if value is None and _takes_no_null(known):
            yield f"Argument '{argument.name.value}'"
        yield from _nulls(known.type, value)


def _nulls(kind: GraphQLInputType, value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _nulls(kind, one)
    named = get_named_type(kind)
    if isinstance(value, dict) and isinstance(named, GraphQLInputObjectType):
        for name, field in named.fields.items():
            if name in value and value[name] is None and _takes_no_null(field):
                yield f"Field '{name}'"
            yield from _nulls(field.type, value.get(name))


def _takes_no_null(field: GraphQLInputField | GraphQLArgument) -> bool:
    kind = getattr((field.extensions or {}).get("strawberry-definition"), "type", None)
    return isinstance(kind, StrawberryMaybe) and not isinstance(kind.of_type, StrawberryOptional)
