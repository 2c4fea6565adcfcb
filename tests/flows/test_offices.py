"""Acts of OWNER and ADMIN are judged by the row that is held, not by the role that a request came in with."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FLOWS = Path(__file__).parents[2] / "flows"
_JUDGES = {"manager", "owner"}


def _called(node: ast.AST) -> set[str]:
    found = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    return {one.id for one in found if isinstance(one, ast.Name)}


def _reached(name: str, functions: dict[str, ast.AST]) -> set[str]:
    """What a function of a module calls, by itself or through others of the module."""
    seen, waiting = set[str](), [name]
    while waiting:
        for called in _called(functions[waiting.pop()]) - seen:
            seen.add(called)
            if called in functions:
                waiting.append(called)
    return seen


def acts(source: str) -> Iterator[tuple[str, bool]]:
    """The public functions that only managers may call and that change something; whether each holds the office."""
    functions: dict[str, ast.AST] = {
        one.name: one for one in ast.parse(source).body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    for name in functions:
        reached = _reached(name, functions)
        if not name.startswith("_") and reached & _JUDGES and "transaction" in reached:
            yield name, "hold_office" in reached


ACTS = {f"{path.stem}.{name}": held for path in sorted(FLOWS.rglob("*.py")) for name, held in acts(path.read_text())}


@pytest.mark.parametrize("act", ACTS)
def test_every_act_of_a_manager_holds_the_office(act: str) -> None:
    assert ACTS[act], f"{act} judges a role that may be over: see flows.access.office.hold_office"


def test_search_for_acts_of_managers_finds_them() -> None:
    known = {"policy_editing.set_policy", "practice_settings.update_practice", "staff.set_role", "prospects.reject"}
    assert known | {"suspension.suspend", "exemptions.end"} <= ACTS.keys()
    assert list(acts("async def act(caller):\n    manager(caller)\n    async with transaction(): pass")) == [
        ("act", False)
    ]
