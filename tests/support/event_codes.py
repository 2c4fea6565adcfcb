"""Every event code that the product tells its audit trail, read from the source: a new one is found out."""

import ast
from collections.abc import Iterator
from pathlib import Path

from models import ChangeState

ROOT = Path(__file__).parents[2]
#: The rooms that record.
_ROOMS = ("flows", "commands", "delivery", "factors", "models", "schema")
#: What is put together while it runs: as it is written, and what comes of it.
_PUT_TOGETHER = {
    "f'change.{state.lower()}'": [f"change.{state.lower()}" for state in (ChangeState.ACCEPTED, ChangeState.REJECTED)],
    "f'account.{template}'": ["account.reset_requested", "account.login_code_requested"],
}


def event_codes() -> set[str]:
    """All codes; fails on one that the source does not tell."""
    files = [file for room in _ROOMS for file in sorted((ROOT / room).rglob("*.py"))]
    codes = {code for file in files for code in _codes_of(ast.parse(file.read_text(encoding="utf-8")))}
    assert all(code.count(".") == 1 for code in codes), codes
    return codes


def recorders() -> list[str]:
    """The files in which a row of the trail is made, whatever the way."""
    return [
        file.relative_to(ROOT).as_posix()
        for room in _ROOMS
        for file in sorted((ROOT / room).rglob("*.py"))
        if any(_makes_rows(node) for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    ]


def _makes_rows(node: ast.AST) -> bool:
    """Whether this calls the model of the trail's rows itself, or a method of it that stores."""
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    stores = ("create", "bulk_create", "get_or_create", "update_or_create")
    rows = {word.arg for word in node.keywords} >= {"practice_id", "event", "outcome"}
    return (called == "AuditEvent" and rows) or called in {f"AuditEvent.{method}" for method in stores}


def _codes_of(module: ast.Module) -> Iterator[str]:
    for function in (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
        if function.name == "record_once":
            # It hands on what it is called with.
            continue
        for call in (*_calls(function, "record"), *_calls(function, "record_once")):
            yield from _values(call.args[2], function, module)


def _calls(within: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(within):
        if isinstance(node, ast.Call) and (
            (isinstance(node.func, ast.Name) and node.func.id == name)
            or (isinstance(node.func, ast.Attribute) and node.func.attr == name and _is_audit(node.func.value))
        ):
            yield node


def _is_audit(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in ("audit", "self")


def _values(given: ast.expr, function: ast.FunctionDef | ast.AsyncFunctionDef, module: ast.Module) -> Iterator[str]:
    match given:
        case ast.Constant(value=str(code)):
            yield code
        case ast.IfExp(body=one, orelse=other):
            yield from _values(one, function, module)
            yield from _values(other, function, module)
        case ast.JoinedStr():
            yield from _PUT_TOGETHER[ast.unparse(given)]
        case ast.Name(id=name):
            yield from _named(name, function, module)
        case _:
            raise AssertionError(f"which codes are these? {ast.unparse(given)}")


def _named(name: str, function: ast.FunctionDef | ast.AsyncFunctionDef, module: ast.Module) -> Iterator[str]:
    """What a variable was set to, or what its function is called with."""
    found = False
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            found = True
            yield from _values(node.value, function, module)
    parameters = [argument.arg for argument in function.args.args]
    if not found and name in parameters:
        callers = [
            (call, outer)
            for outer in ast.walk(module)
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
            for call in _calls_by_name(outer, function.name)
        ]
        assert callers, f"nobody calls {function.name}"
        for call, outer in callers:
            yield from _values(call.args[parameters.index(name)], outer, module)
        return
    assert found, f"what is {name}?"


def _calls_by_name(within: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(within):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node
