"""The fields that a query selects, so that a resolver reads and computes nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionNode

from schema.kit.fields import Info


@dataclass(frozen=True, slots=True)
class Selection:
    """The fields to return, the time and the language.

    ``names`` holds every field below the root field, at every depth. ``@skip`` and ``@include`` are ignored, so it
    may hold too many names, never too few.
    """

    now: datetime
    locale: str
    names: frozenset[str]

    @classmethod
    def of(cls, info: Info) -> "Selection":
        return cls(info.context.app.now, info.context.locale, selected_names(info))


def selected_names(info: Info) -> frozenset[str]:
    """The names of all fields below this one, through fragments; each fragment is read once."""
    # Strawberry's own `selected_fields` converts arguments and directives too, a hundred times the work.
    raw = info._raw_info
    names, spread = set[str](), set[str]()
    for node in raw.field_nodes:
        _collect(node.selection_set.selections if node.selection_set else (), raw.fragments, names, spread)
    return frozenset(names)


def _collect(
    selections: Iterable[SelectionNode],
    fragments: Mapping[str, FragmentDefinitionNode],
    names: set[str],
    spread: set[str],
) -> None:
    for node in selections:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in spread:
                spread.add(name)
                _collect(fragments[name].selection_set.selections, fragments, names, spread)
            continue
        if isinstance(node, FieldNode):
            names.add(node.name.value)
        below = getattr(node, "selection_set", None)
        if below is not None:
            _collect(below.selections, fragments, names, spread)
