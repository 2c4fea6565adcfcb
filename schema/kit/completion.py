"""Completing plain data at once: what graphql-core does for each field of each object, worked out once a selection.

A page of dossiers has thousands of fields, and nearly all are attributes of plain objects, for which the general
algorithm (https://spec.graphql.org/October2021/#sec-Value-Completion) spends microseconds each on what can't happen.
Here the fields of a selection are collected once in an operation, by graphql-core itself, so that fragments, aliases,
``@skip`` and ``@include`` mean what they mean there. Whatever is not plain (a resolver, an argument, an abstract
type, an awaitable, a value that is wrong) raises, and graphql-core completes it again from the start: there alone are
errors made. Reading an attribute twice changes nothing.
"""

from collections.abc import Callable
from typing import Any, cast

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLID,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import CustomGraphQLEnumType, GraphQLCoreConverter

#: Takes what a resolver returned, and gives what goes into the response; raises where it is not plain.
Complete = Callable[[Any], Any]

#: The values that these scalars give as they are.
_AS_IS: dict[Any, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}


class NotPlain(Exception):
    """To be completed by graphql-core."""


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Runs one operation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        middleware = self.middleware_manager
        self._selections = _Selections(self) if middleware is None or not middleware.middlewares else None

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        if self._selections and position_context is None and isinstance(return_type, GraphQLList | GraphQLObjectType):
            complete = self._selections.completing(return_type, field_details_list)
            if complete:
                try:
                    return complete(result)
                except Exception:  # noqa: BLE001, S110 - what went wrong, graphql-core finds again and tells
                    pass
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)


class _Selections:
    """How to complete the values of one operation's selections."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        # By identity, as graphql-core remembers collected fields; the list stays alive with its entry.
        self._known: dict[tuple[int, int], tuple[FieldDetailsList, Complete | None]] = {}

    def completing(self, kind: GraphQLOutputType, selected: FieldDetailsList) -> Complete | None:
        """What completes values of this type; None where that is graphql-core's alone."""
        key = (id(kind), id(selected))
        if key not in self._known:
            try:
                complete = self._nullable(kind, selected)
            except NotPlain:
                complete = None
            self._known[key] = selected, complete
        return self._known[key][1]

    def _value(self, kind: GraphQLOutputType, selected: FieldDetailsList) -> Complete:
        if isinstance(kind, GraphQLNonNull):
            return self._present(kind.of_type, selected)
        return self._nullable(kind, selected)

    def _nullable(self, kind: GraphQLOutputType, selected: FieldDetailsList) -> Complete:
        complete = self._present(kind, selected)
        return lambda value: None if value is None else complete(value)

    def _present(self, kind: Any, selected: FieldDetailsList) -> Complete:
        """For a value that is not null; every function made here raises on None."""
        match kind:
            case GraphQLList():
                return self._list(kind, selected)
            case GraphQLObjectType():
                return self._object(kind, selected)
            case GraphQLScalarType() | GraphQLEnumType():
                return _name(kind) if isinstance(kind, CustomGraphQLEnumType) else self._leaf(kind)
            case _:
                raise NotPlain

    def _list(self, kind: GraphQLList[Any], selected: FieldDetailsList) -> Complete:
        complete = self._value(kind.of_type, selected)
        # An experimental directive: the items would come one by one.
        if any(directive.name.value == "stream" for field in selected for directive in field.node.directives or ()):
            raise NotPlain

        def items(value: Any) -> list[Any]:
            if type(value) is not list:
                raise NotPlain
            return [complete(item) for item in value]

        return items

    def _object(self, kind: GraphQLObjectType, selected: FieldDetailsList) -> Complete:
        definition = kind.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        collected = self._executor.collect_subfields(kind, selected)
        if definition is None or definition.is_type_of or definition.concrete_of or collected.new_defer_usages:
            raise NotPlain
        origin, is_type_of = definition.origin, cast(Any, kind.is_type_of)
        named = {key: details for key, details in collected.grouped_field_set.items() if not _is_typename(details)}
        constant = dict.fromkeys(collected.grouped_field_set, kind.name)
        fields = [(key, *self._field(kind, details)) for key, details in named.items()]

        def an_object(value: Any) -> dict[str, Any]:
            # Strawberry's own test looks at the value alone; it is there where the type has interfaces.
            if type(value) is not origin or (is_type_of and not is_type_of(value, None)):
                raise NotPlain
            completed = constant.copy()
            for key, name, complete in fields:
                completed[key] = complete(getattr(value, name))
            return completed

        return an_object

    def _field(self, parent: GraphQLObjectType, details: FieldDetailsList) -> tuple[str, Complete]:
        """The attribute behind a field, and how to complete it."""
        node = details[0].node
        field: GraphQLField | None = self._executor.schema.get_field(parent, node.name.value)
        if field is None or field.args or node.arguments or not getattr(field.resolve, "_is_default", False):
            raise NotPlain
        declared = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
        if declared.default_resolver is not getattr:
            raise NotPlain
        return declared.python_name, self._value(field.type, details)

    def _leaf(self, kind: GraphQLLeafType) -> Complete:
        coerce, is_awaitable, plain = kind.coerce_output_value, self._executor.is_awaitable, _AS_IS.get(kind)

        def coerced(value: Any) -> Any:
            if type(value) is plain:
                return value
            if value is None or value is Undefined or isinstance(value, Exception) or is_awaitable(value):
                raise NotPlain
            made = coerce(value)
            if made is None or made is Undefined or is_awaitable(made):
                raise NotPlain
            return made

        return coerced


def _name(kind: CustomGraphQLEnumType) -> Complete:
    """An enumeration's names by its members, each looked for once; what is no member is not plain."""
    names: dict[Any, str] = {}
    members: Any = kind.wrapped_cls

    def name(value: Any) -> str:
        # A member of a StrEnum equals its text, which is a key of the dictionary but no member.
        if type(value) is not members:
            raise NotPlain
        if value not in names:
            names[value] = kind.coerce_output_value(value)
        return names[value]

    return name


def _is_typename(details: FieldDetailsList) -> bool:
    return details[0].node.name.value == "__typename"
