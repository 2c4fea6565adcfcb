"""Which factors a run is about: each with the possession that proves it."""

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.possession import Possession
from conformance.possessions import BUILT_IN
from plugins import AnyFactor, Factor


class SubjectProblem(Exception):
    """An option of the run that can't be used; the text is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A factor to be attacked; ``label`` tells it from the others of a run."""

    factor: type[AnyFactor]
    possession: type[Possession]
    label: str

    @property
    def name(self) -> str:
        return self.factor.name


def subjects(factors: Sequence[str], possessions: Sequence[str]) -> list[Subject]:
    """The subjects that ``--factor`` and ``--possession`` name; raises SubjectProblem."""
    held = {kind.factor: kind for kind in BUILT_IN}
    held |= {kind.factor: kind for kind in map(_possession, possessions)}
    kinds = [_factor(text, held) for text in factors]
    names = [kind.name for kind in kinds]
    labels = [kind.name if names.count(kind.name) == 1 else kind.__name__ for kind in kinds]
    return [Subject(kind, held[kind.name], label) for kind, label in zip(kinds, labels, strict=True)]


def _factor(text: str, held: dict[str, type[Possession]]) -> type[AnyFactor]:
    kind = _named("--factor", text)
    if not (isinstance(kind, type) and issubclass(kind, Factor)):
        raise SubjectProblem(f"--factor={text}: that is no subclass of plugins.Factor.")
    name = getattr(kind, "name", None)
    if not isinstance(name, str):
        raise SubjectProblem(f"--factor={text}: it needs a name, such as {text.lower().rpartition(':')[2]!r}.")
    if name not in held:
        raise SubjectProblem(f"--factor={text}: give --possession=package:Class too, with factor = {name!r}.")
    return kind


def _possession(text: str) -> type[Possession]:
    kind = _named("--possession", text)
    if not (isinstance(kind, type) and issubclass(kind, Possession)):
        raise SubjectProblem(f"--possession={text}: that is no subclass of conformance.Possession.")
    if not isinstance(getattr(kind, "factor", None), str):
        raise SubjectProblem(f"--possession={text}: it needs the name of its factor, as in factor = 'word'.")
    return kind


def _named(option: str, text: str) -> Any:
    if ":" not in text:
        raise SubjectProblem(f"{option}={text}: write it as package:Class.")
    try:
        return pkgutil.resolve_name(text)
    except (ImportError, AttributeError, ValueError) as error:
        raise SubjectProblem(f"{option}={text}: {' '.join(str(error).split())}.") from error
