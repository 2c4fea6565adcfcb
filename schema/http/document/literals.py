"""How many values a request brings, counted before anything is done with them: in its document, and as variables.

Objections to a value cost more than the value: each prints the object around it, and looks for names like the wrong
one. What the schema takes stays far below these numbers.
"""

from collections.abc import Mapping

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    ListValueNode,
    Node,
    ObjectValueNode,
)

#: Input objects of ours have 21 fields at most.
MOST_FIELDS = 50
#: Arguments, items and fields written into a document; more of them belong into variables.
MOST_VALUES = 500
MOST_VARIABLES = 50
MOST_DEFINITIONS = 120
#: A form of answers has 50 groups with 500 questions and their answers.
MOST_OBJECTS = 1_000
MOST_JSON_VALUES = 30_000
MOST_JSON_LEVELS = 20


def literals_over(document: DocumentNode) -> str | None:
    """What a document has too many of, in words; None where it is within bounds."""
    if len(document.definitions) > MOST_DEFINITIONS:
        return f"more than {MOST_DEFINITIONS} definitions"
    values, stack = 0, list[Node](document.definitions)
    while stack:
        node = stack.pop()
        if isinstance(node, ObjectValueNode):
            if len(node.fields) > MOST_FIELDS:
                return f"an input object of more than {MOST_FIELDS} fields"
            values += len(node.fields)
            stack += [field.value for field in node.fields]
        elif isinstance(node, ListValueNode):
            values += len(node.values)
            stack += node.values
        else:
            variables = getattr(node, "variable_definitions", None) or ()
            if len(variables) > MOST_VARIABLES:
                return f"more than {MOST_VARIABLES} variables"
            stack += _inside(node)
            values += len(getattr(node, "arguments", None) or ()) if isinstance(node, FieldNode | DirectiveNode) else 0
        if values > MOST_VALUES:
            return f"more than {MOST_VALUES} values"
    return None


def _inside(node: Node) -> list[Node]:
    """What may have values in it, one level down."""
    found: list[Node] = [
        *(getattr(node, "variable_definitions", None) or ()),
        *(getattr(node, "directives", None) or ()),
    ]
    found += [one.value for one in getattr(node, "arguments", None) or () if hasattr(one, "value")]
    if (default := getattr(node, "default_value", None)) is not None:
        found.append(default)
    if (selection_set := getattr(node, "selection_set", None)) is not None:
        found += selection_set.selections
    return found


def variables_over(variables: Mapping[str, object] | None) -> str | None:
    """What variables have too many of, in words; None where they are within bounds."""
    values = objects = 0
    level: list[object] = [variables or {}]
    for _ in range(MOST_JSON_LEVELS):
        below: list[object] = []
        for value in level:
            if isinstance(value, dict):
                objects += 1
                if len(value) > MOST_FIELDS:
                    return f"an object of more than {MOST_FIELDS} fields"
                below += value.values()
            elif isinstance(value, list):
                below += value
        values += len(below)
        if objects > MOST_OBJECTS:
            return f"more than {MOST_OBJECTS} objects"
        if values > MOST_JSON_VALUES:
            return f"more than {MOST_JSON_VALUES} values"
        if not below:
            return None
        level = below
    return f"more than {MOST_JSON_LEVELS} levels"
