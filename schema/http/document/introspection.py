"""An installation that keeps its schema to itself: ``__schema`` is refused, and ``__type`` knows no type at all.

Null is what `__type` answers for a name that means nothing, so it tells nothing; and clients that ask it as a sign of
life, as the audits of GraphQL over HTTP do, get an answer.
"""

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    NameNode,
    NoSchemaIntrospectionCustomRule,
    StringValueNode,
    Visitor,
    visit,
)

_TYPE = "__type"


class OnlyType(NoSchemaIntrospectionCustomRule):
    """Refuses every field about the schema but `__type` itself."""

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if node.name.value != _TYPE:
            super().enter_field(node, *_)


def knowing_no_types(document: DocumentNode) -> DocumentNode:
    """The valid document, with a name that no type has wherever `__type` asks for one."""
    changed: DocumentNode = visit(document, _Nameless())
    return changed


class _Nameless(Visitor):
    def enter_field(self, node: FieldNode, *_: object) -> FieldNode | None:
        if node.name.value != _TYPE:
            return None
        name = ArgumentNode(name=NameNode(value="name"), value=StringValueNode(value=""))
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=(name,),
            directives=node.directives,
            selection_set=node.selection_set,
            loc=node.loc,
        )
