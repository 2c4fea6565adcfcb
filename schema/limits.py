"""What a document may weigh, counted before anything else looks at it, fragments included.

A spread weighs what its fragment weighs, each time. So neither aliases nor fragments repeat a field more often than
the limits allow, and what is too heavy never reaches validation, part of which is quadratic.
"""

from dataclasses import dataclass, replace
from itertools import chain

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from schema.transport_rules import DocumentRules

#: Fragments in fragments and fields in fields, together: far beyond use, far below Python's own limit.
_NESTING = 100
#: The introspection query of the usual tools is deeper than any query for data; graphql-core bounds its lists.
_INTROSPECTION_DEPTH = 20


#: Fragments spread by name, and all fragments together: comparing their fields with one another is quadratic.
_SPREADS = 30
_FRAGMENTS = 120


class TooHeavy(GraphQLError):
    """A document beyond one of the limits."""


@dataclass(frozen=True, slots=True)
class Weight:
    """``depth`` counts nested fields, ``introspection`` those below ``__schema`` and ``__type``."""

    depth: int = 0
    introspection: int = 0
    aliases: int = 0
    directives: int = 0
    spreads: int = 0
    fragments: int = 0

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(
            max(self.depth, other.depth),
            max(self.introspection, other.introspection),
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.spreads + other.spreads,
            self.fragments + other.fragments,
        )


def check_weight(document: DocumentNode, rules: DocumentRules) -> None:
    """Raises TooHeavy if the document is beyond a limit; all its operations count together."""
    weight = _Scale(document).weigh()
    counted = (
        ("nested fields", weight.depth, rules.depth),
        ("nested introspection fields", weight.introspection, _INTROSPECTION_DEPTH),
        ("aliases", weight.aliases, rules.aliases),
        ("directives", weight.directives, rules.directives),
        ("fragment spreads", weight.spreads, _SPREADS),
        ("fragments", weight.fragments, _FRAGMENTS),
    )
    for what, count, most in counted:
        if count > most:
            raise TooHeavy(f"The document has more than {most} {what}.")


class _Scale:
    def __init__(self, document: DocumentNode) -> None:
        self._operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._known: dict[str, Weight] = {}

    def weigh(self) -> Weight:
        return sum((self._operation(operation) for operation in self._operations), Weight())

    def _operation(self, operation: OperationDefinitionNode) -> Weight:
        variables = chain.from_iterable(v.directives or () for v in operation.variable_definitions or ())
        own = Weight(directives=len(operation.directives or ()) + sum(1 for _ in variables))
        return own + self._set(operation.selection_set, 0)

    def _set(self, selection_set: SelectionSetNode | None, level: int) -> Weight:
        if selection_set is None:
            return Weight()
        if level > _NESTING:
            raise TooHeavy("The document is nested too deeply.")
        weight, names = Weight(), set[str]()
        for selection in selection_set.selections:
            weight += self._selection(selection, names, level + 1)
        return weight

    def _selection(self, node: SelectionNode, names: set[str], level: int) -> Weight:
        own = Weight(directives=len(node.directives or ()))
        if isinstance(node, FieldNode):
            return own + self._field(node, names, level)
        own += Weight(fragments=1)
        if isinstance(node, FragmentSpreadNode):
            return own + Weight(spreads=1) + self._fragment(node.name.value, level)
        return own + self._set(getattr(node, "selection_set", None), level)

    def _field(self, node: FieldNode, names: set[str], level: int) -> Weight:
        below = self._set(node.selection_set, level)
        name = node.name.value
        key = node.alias.value if node.alias else name
        # Whoever writes a field twice asks for the same comparisons as whoever gives it a second name.
        again = 1 if node.alias or key in names else 0
        names.add(key)
        if name in ("__schema", "__type"):
            deeper = 1 + max(below.depth, below.introspection)
            return replace(below, depth=1, introspection=deeper, aliases=below.aliases + again)
        return replace(below, depth=1 + below.depth, aliases=below.aliases + again)

    def _fragment(self, name: str, level: int) -> Weight:
        if name not in self._known:
            # While it is counted, and if unknown: nothing. Validation refuses cycles and unknown fragments.
            self._known[name] = Weight()
            fragment = self._fragments.get(name)
            if fragment is not None:
                own = Weight(directives=len(fragment.directives or ()))
                self._known[name] = own + self._set(fragment.selection_set, level)
        return self._known[name]
