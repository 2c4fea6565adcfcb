"""The blocks of a guide, applied one after the other as its reader would: files, and changes to them.

A block's first line says what it is: ``python file=PATH`` is a whole file, ``python in=PATH[:CLASS]`` replaces what
the file (or the class in it) has of these names, or adds it, ``diff in=PATH`` is lines that come and go between others,
and ``po in=PATH`` is put behind the texts of a catalogue.
"""

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<what>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    language: str
    what: str
    text: str


def blocks(guide: Path) -> Iterator[Block]:
    """All of them, in their order."""
    for found in _BLOCK.finditer(guide.read_text(encoding="utf-8")):
        yield Block(found["language"], found["what"] or "", found["text"])


def apply(block: Block, folder: Path) -> None:
    """Do what the block says, where it says to write something."""
    kind, _, where = block.what.partition("=")
    path, _, inside = where.partition(":")
    if kind == "file":
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(block.text, encoding="utf-8")
    elif kind == "in":
        source = (folder / path).read_text(encoding="utf-8")
        match block.language:
            case "diff":
                changed = _patched(source, block.text)
            case "po":
                changed = f"{source.rstrip()}\n\n{block.text}"
            case _:
                changed = _changed(source, block.text, inside)
        (folder / path).write_text(changed, encoding="utf-8")


def _patched(source: str, text: str) -> str:
    """``source`` with the lines after a plus, without those after a minus, where the others are found once."""
    lines = text.splitlines()
    old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    new = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    assert f"\n{source}".count(f"\n{old}") == 1, old
    return f"\n{source}".replace(f"\n{old}", f"\n{new}").removeprefix("\n")


def _changed(source: str, text: str, inside: str) -> str:
    """``source`` with each statement of ``text`` in place of the one of the same name, or after what is there."""
    for statement in ast.parse(text).body:
        new = ast.get_source_segment(text, statement) or ""
        tree = ast.parse(source)
        body = _body(tree, inside)
        old = next((node for node in body if _names(node) & _names(statement)), None)
        lines = source.splitlines()
        indented = textwrap.indent(new, "    " if inside else "").splitlines()
        start, end = (old.lineno - 1, old.end_lineno) if old else (_end(body, statement), _end(body, statement))
        lines[start:end] = indented if old else _apart(indented, statement, inside)
        source = "\n".join(lines).rstrip() + "\n"
    return source


def _apart(lines: list[str], statement: ast.stmt, inside: str) -> list[str]:
    """Lines that are new, with the empty ones that belong beside them."""
    if isinstance(statement, ast.ImportFrom | ast.Assign):
        return [*lines, ""]
    return [*([""] if inside else ["", ""]), *lines]


def _body(tree: ast.Module, inside: str) -> list[ast.stmt]:
    """What is in the module, or in the class of this name."""
    if not inside:
        return tree.body
    return next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == inside)


def _names(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {node.name}
        case ast.Assign(targets=[ast.Name(id=name)]):
            return {name}
        case ast.ImportFrom():
            return {f"from {node.module}"}
        case _:
            return set()


def _end(body: list[ast.stmt], new: ast.stmt) -> int:
    """After which line something new goes: imports and values after the first statement, the rest after the last."""
    first = isinstance(new, ast.ImportFrom | ast.Assign)
    return (body[0] if first else body[-1]).end_lineno or 0
