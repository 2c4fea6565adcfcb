"""What can be seen of a factor before it does anything."""

import ast
import inspect
import sys
from typing import Any

import pytest

from conformance.check import look
from conformance.stage import config_of
from conformance.subject import Subject
from plugins import Config, PluginProblem, Role
from plugins.loading import validated
from plugins.registry import check_factor

_OURS = {
    "commands", "conformance", "delivery", "flows", "locales", "models", "normalise", "schema", "security", "server",
    "settings", "web",
}  # fmt: skip
_JUNK: tuple[Any, ...] = (None, True, -1, 10**30, "", "\0", "x" * 10_000, b"\xff", [], ["x"], {}, {"x": "x"}, object())


@look()
def test_its_texts_are_there_in_every_language(subject: Subject) -> None:
    """People read `title` and `explanation` in their own language: each needs `en`, the last resort, and one line for
    each language that it has."""
    kind = subject.factor
    for texts in ("title", "explanation"):
        given = getattr(kind, texts, {})
        assert "en" in given, f"{texts} has no text in 'en'"
        for language, text in given.items():
            assert isinstance(text, str), f"{texts} is no text in {language!r}"
            assert text.strip(), f"{texts} is empty in {language!r}"
            assert "\n" not in text, f"{texts} is longer than a line in {language!r}"


@look(after=("test_its_texts_are_there_in_every_language",))
def test_the_core_takes_it(subject: Subject) -> None:
    """The server starts only with factors that are well formed; this is what it would say instead."""
    kind = subject.factor
    try:
        check_factor(kind, subject.name)
        config_of(subject)
    except PluginProblem as problem:
        pytest.fail(str(problem))
    assert isinstance(kind.state_version, int), "state_version is no int"
    assert kind.state_version >= 1, "state_version begins at 1"
    assert kind.primary <= kind.names_enrolment, "a primary factor's proof has to name its enrolment"
    assert kind.role is not Role.WAIVER or kind.names_enrolment, "a WAIVER's token has to name its enrolment"


@look()
def test_it_imports_nothing_of_ours_but_plugins(subject: Subject) -> None:
    """Only `plugins` is a contract: whatever else a factor imports of Sluis may change from one day to the next."""
    kind = subject.factor
    source = inspect.getsource(sys.modules[kind.__module__])
    found = {name.partition(".")[0] for name in _imported(ast.parse(source))}
    own = kind.__module__.partition(".")[0]
    assert not (foreign := sorted(found & (_OURS | {"factors"}) - {own})), f"it imports {', '.join(foreign)}"


def _imported(tree: ast.Module) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


@look()
def test_wrong_options_stop_the_start_in_one_line(subject: Subject) -> None:
    """An option that does not exist, or a value that makes no sense, must be told before the server starts, by
    pydantic and in one line; a `Config` that takes anything leaves a typing error to be found by attackers."""
    kind, setting = subject.factor.Config, f"factor_options.{subject.name}"
    given = dict(subject.possession.options)
    with pytest.raises(PluginProblem) as unknown:
        validated(setting, kind, {**given, "no_such_option": 1})
    assert "no_such_option" in str(unknown.value), "the problem does not name the option"
    for option in kind.model_fields:
        problems = [_problem(setting, kind, {**given, option: junk}) for junk in _JUNK]
        assert not any("\n" in problem for problem in problems), f"the problem with {option} is more than a line"


def _problem(setting: str, kind: type[Config], options: dict[str, Any]) -> str:
    """What the start would be refused with; empty where it would go on."""
    try:
        validated(setting, kind, options)
    except PluginProblem as problem:
        return str(problem)
    return ""
