"""Limits of a document, counted before validation, fragments included.

Each spread counts all that its fragment has. So neither aliases nor fragments repeat a field more often than the
limits allow. Validation is quadratic in part, so it never gets a document beyond a limit. A fragment without a spread
is validated too, so it counts too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from schema.http.transport_rules import DocumentRules

#: Fragments in fragments and fields in fields, together: far beyond use, far below Python's own limit.
_NESTING = 100
#: The introspection query of the usual tools is deeper than any query for data; graphql-core bounds its lists.
_INTROSPECTION_DEPTH = 20


#: Fragments spread by name, and all fragments together.
_SPREADS = 30
_FRAGMENTS = 120
#: Twenty components that each spread a fragment of ten equal fields of one object take 7 000.
_COMPARISONS = 10_000


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
    weight = _DocumentWeight(document).total()
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
    _Comparisons(document).count()


class _DocumentWeight:
    def __init__(self, document: DocumentNode) -> None:
        self._operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._known: dict[str, Weight] = {}

    def total(self) -> Weight:
        weight = sum((self._operation(operation) for operation in self._operations), Weight())
        unused = (name for name in self._fragments if name not in self._known)
        return sum((self._fragment(name, 0) for name in unused), weight)

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
        # A field written twice causes as many comparisons as an alias.
        again = 1 if node.alias or key in names else 0
        names.add(key)
        if name in ("__schema", "__type"):
            deeper = 1 + max(below.depth, below.introspection)
            return replace(below, depth=1, introspection=deeper, aliases=below.aliases + again)
        return replace(below, depth=1 + below.depth, aliases=below.aliases + again)

    def _fragment(self, name: str, level: int) -> Weight:
        if name not in self._known:
            # An unknown fragment counts nothing, and one that spreads itself counts once. Validation refuses both.
            self._known[name] = Weight()
            fragment = self._fragments.get(name)
            if fragment is not None:
                own = Weight(directives=len(fragment.directives or ()))
                self._known[name] = own + self._set(fragment.selection_set, level)
        return self._known[name]


@dataclass(frozen=True, slots=True)
class _Selected:
    """A selection set, and the fragments around it: a fragment inside itself is not followed."""

    node: SelectionSetNode
    within: frozenset[str] = frozenset()


class _Comparisons:
    """An upper bound of the comparisons that validation makes.

    "Fields can be merged" (GraphQL, 5.3.2) compares every two fields that have one name in the answer, their
    arguments, and then what is selected in both. Fragments bring such fields together from anywhere in the document,
    so a count for each selection set misses them.
    """

    def __init__(self, document: DocumentNode) -> None:
        self._definitions = document.definitions
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._reached = set[str]()
        self._left = _COMPARISONS

    def count(self) -> None:
        """Raises TooHeavy as soon as there are too many, without counting the rest."""
        for definition in self._definitions:
            if isinstance(definition, OperationDefinitionNode):
                self._together([_Selected(definition.selection_set)])
        for name, fragment in self._fragments.items():
            if name not in self._reached:
                self._reached.add(name)
                self._together([_Selected(fragment.selection_set, frozenset([name]))])

    def _spend(self, comparisons: int) -> None:
        self._left -= comparisons
        if self._left < 0:
            raise TooHeavy(f"The document has more than {_COMPARISONS} comparisons of fields with the same name.")

    def _together(self, selected: list[_Selected]) -> None:
        """Count the selection sets that are merged into one object of the answer."""
        fields: dict[str, list[FieldNode]] = {}
        below: dict[str, list[_Selected]] = {}
        # Validation compares each set with each other set and with each spread fragment.
        others, found = len(selected), 0
        for selection, within in self._selections(selected):
            found += 1
            if isinstance(selection, FragmentSpreadNode):
                others += 1
                continue
            name = selection.alias.value if selection.alias else selection.name.value
            same = fields.setdefault(name, [])
            self._spend(1 + len(same) * (1 + len(selection.arguments or ())))
            same.append(selection)
            if selection.selection_set:
                below.setdefault(name, []).append(_Selected(selection.selection_set, within))
        self._spend(found * others)
        for sets in below.values():
            self._together(sets)

    def _selections(self, selected: list[_Selected]) -> Iterable[tuple[FieldNode | FragmentSpreadNode, frozenset[str]]]:
        """The fields and spreads of these sets and of their fragments."""
        stack = list(selected)
        while stack:
            one = stack.pop()
            for selection in one.node.selections:
                if isinstance(selection, InlineFragmentNode):
                    stack.append(_Selected(selection.selection_set, one.within))
                elif isinstance(selection, FieldNode):
                    yield selection, one.within
                elif isinstance(selection, FragmentSpreadNode):
                    yield selection, one.within
                    name = selection.name.value
                    self._reached.add(name)
                    if name in self._fragments and name not in one.within:
                        stack.append(_Selected(self._fragments[name].selection_set, one.within | {name}))
