"""`docs/asvs.md` has each requirement of its chapters once, and names tests and pages that are there."""

import ast
import re
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d", line)
]
#: How many requirements of level 1 and 2 ASVS 5.0.0 has in each section of the six chapters.
SECTIONS = {
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip


@lru_cache
def named_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_requirement_is_there_once() -> None:
    numbers = [number for number, *_ in ROWS]
    assert len(set(numbers)) == len(numbers)
    counted = {section: sum(number.startswith(f"{section}.") for number in numbers) for section in SECTIONS}
    assert counted == SECTIONS
    assert len(numbers) == sum(SECTIONS.values())


def test_every_status_is_shown_by_something_that_is_there() -> None:
    for number, level, _, status, shown in ROWS:
        assert level in ("1", "2"), number
        tests = re.findall(r"`(tests/\S+?\.py)::(\w+)`", shown)
        pages = re.findall(r"\]\((\S+?\.md)\)", shown)
        match status:
            case "tested":
                assert tests, f"{number} names no test"
            case "documented":
                assert pages or len(shown) > 40, f"{number} says nothing"
            case _:
                assert status == "n/a", number
                assert shown, f"{number} gives no reason"
        for path, name in tests:
            assert name in named_in(path), f"{number}: there is no {path}::{name}"
        for page in pages:
            assert (ROOT / "docs" / page).is_file(), f"{number}: there is no {page}"
