"""`docs/threats.md` says what is: each row has its defences, each of which was taken out, and what noticed."""

import ast
import importlib
import re
from collections import Counter
from functools import cache

import pytest

from schema.kit.permissions_page import CALLERS
from settings import Settings
from tests.docs.test_asvs import ROWS as ASVS
from tests.docs.test_configuration import written
from tests.docs.threats import PAGE, ROWS, Row
from tests.journeys.arena import RACERS
from tests.schema.test_audits import AUDITS
from tests.security.defences import Defence, Structural, every, function_of
from tests.security.test_permissions import CALLS
from tests.support.command import ROOT

DEFENCES = [(section, entry) for section, entry in every() if isinstance(entry, Defence)]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def label(value: object) -> str:
    return f"{value.section}.{value.name}" if isinstance(value, Row) else str(getattr(value, "row", value))


@cache
def functions(file: str) -> frozenset[str]:
    """The test functions of a module."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_entry_has_its_row_and_every_row_an_entry() -> None:
    """In the same order, which is also that no name is there twice."""
    entries = list(dict.fromkeys((section, entry.row) for section, entry in every()))
    for section in dict.fromkeys(row.section for row in ROWS):
        mine = [row.name for row in ROWS if row.section == section]
        assert mine == [row for name, row in entries if name == section]
    assert {name for name, _ in entries} == {row.section for row in ROWS}
    tables = re.findall(r"^\| `", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(tables) == len(ROWS) > 25, "a row that has another form"


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_a_row_names_the_tests_that_noticed(row: Row) -> None:
    mine = [entry for section, entry in every() if (section, entry.row) == (row.section, row.name)]
    noticed = list(dict.fromkeys(test for entry in mine for test in entry.shown_by))
    assert list(row.shown_by) == noticed, "the row's last column: " + ", ".join(f"`{test}`" for test in noticed)
    for test in row.shown_by:
        file, _, function = test.partition("::")
        assert function in functions(file)


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_a_row_names_what_defends_it(row: Row) -> None:
    for file, name in row.places:
        text = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^\s*(?:async )?(?:def|class) {name}\b|^(?:\w+, )*{name}\b.*=", text, re.MULTILINE), (
            file,
            name,
        )
    changed = {entry.file for section, entry in DEFENCES if (section, entry.row) == (row.section, row.name)}
    assert changed <= {file for file, _ in row.places}


@pytest.mark.parametrize(("section", "entry"), DEFENCES, ids=label)
def test_what_is_taken_out_is_there_once(section: str, entry: Defence) -> None:
    texts: dict[str, str] = {}
    for change in entry.changes:
        text = texts.setdefault(change.file, (ROOT / change.file).read_text(encoding="utf-8"))
        assert text.count(change.old) == 1, change.old
        assert change.new != change.old
        texts[change.file] = text.replace(change.old, change.new)
    for file, text in texts.items():
        if file.endswith(".py"):
            ast.parse(text, file)


@pytest.mark.parametrize("row", [row for row in ROWS if row.numbers], ids=label)
def test_a_number_is_the_default(row: Row) -> None:
    for what, value in row.numbers:
        assert current(what) == f"`{value}`", what


def current(what: str) -> str:
    """Of a setting the default, of ``file.py: NAME`` the constant."""
    file, _, name = what.partition(": ")
    if name:
        return written(getattr(importlib.import_module(file.removesuffix(".py").replace("/", ".")), name))
    return written(Settings.model_fields[what].default)


def test_every_number_has_a_value() -> None:
    assert all(row.numbers for row in ROWS if row.section == "numbers")


def test_the_figures_are_so() -> None:
    said = PAGE.read_text(encoding="utf-8").partition("## In figures")[2].partition("\n## ")[0]
    status = Counter(row[3] for row in ASVS)
    for figures in (
        f"{AUDITS} of {AUDITS} pass",
        f"{len(CALLS)} root fields × {len(CALLERS)} kinds of caller",
        f"Races of {RACERS} ",
        f"{len(ASVS)} requirements, {status['tested']} tested, {status['documented']} documented",
        f"{status['n/a']} not applicable",
    ):
        assert figures in said


def test_what_holds_by_structure_says_why() -> None:
    assert all(entry.reason and entry.shown_by for _, entry in every() if isinstance(entry, Structural))


def test_the_abuse_cases_are_a_part_of_all_tests(request: pytest.FixtureRequest) -> None:
    def runs(target: str) -> list[str]:
        found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
        return found[1].splitlines() if found else []

    assert runs("test-security") == [f"{line} -k security" for line in runs("test")]
    named = {test for _, entry in every() for test in entry.shown_by}
    chosen = [item for item in request.session.items if function_of(item.nodeid) in named]
    assert all(item.get_closest_marker("security") for item in chosen)
