"""What the pages ask of the server can be asked as it is written, their links lead somewhere, and readers find them."""

import re
from collections import Counter
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from tests.docs.guide import Block, blocks
from tests.support.command import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
#: With those that a forge shows, and the changelog.
LINKING = [*PAGES, *sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("examples/*/*.md"))]
SCHEMA = build_schema((ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8"))
#: Speaks the schema of the factor that it makes, which its own test builds.
GUIDE = DOCS / "writing-a-factor.md"
EXAMPLES = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    if page != GUIDE
    for number, block in enumerate(block for block in blocks(page) if block.language == "graphql")
]
_LINK = re.compile(r"\]\((?P<path>[^)#:]*)(?:#(?P<anchor>[^)]+))?\)")
_CODE = re.compile(r"^ *```.*?^ *```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)


@cache
def anchors(page: Path) -> frozenset[str]:
    """Those that a forge and `make docs` make of the headings; of equal ones the second ends in -1."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in _HEADING.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        shown = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return frozenset(found)


def links(page: Path) -> list[tuple[str, str | None]]:
    """Path and anchor of each link to something of ours, outside of code."""
    text = _CODE.sub(lambda code: "" if "\n" in code[0] else "code", page.read_text(encoding="utf-8"))
    return [(link["path"], link["anchor"]) for link in _LINK.finditer(text)]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_valid(example: Block) -> None:
    assert validate(SCHEMA, parse(example.text)) == []


def test_no_example_is_overlooked() -> None:
    written = sum(page.read_text(encoding="utf-8").count("```graphql") for page in PAGES if page != GUIDE)
    assert written == len(EXAMPLES) > 20


@pytest.mark.parametrize("page", LINKING, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_its_links_lead_somewhere(page: Path) -> None:
    for path, anchor in links(page):
        target = page.parent / path if path else page
        assert target.exists(), path
        assert anchor is None or anchor in anchors(target), f"{path}#{anchor}"


def test_every_page_is_in_one_list_of_the_index() -> None:
    """From which `make docs` makes the navigation, by reader."""
    listed = Counter(path for path, _ in links(DOCS / "index.md"))
    assert {*listed} == {page.name for page in DOCS.glob("*.md")} - {"index.md"} | {"adr/README.md"}
    assert set(listed.values()) == {1}
    decisions = Counter(path for path, _ in links(DOCS / "adr" / "README.md"))
    assert decisions == Counter(page.name for page in DOCS.glob("adr/*.md") if page.name != "README.md")


def test_the_site_has_the_lists_of_the_index_as_its_navigation() -> None:
    spec = spec_from_file_location("docs_conf", DOCS / "conf.py")
    assert spec is not None
    assert spec.loader is not None
    conf = module_from_spec(spec)
    spec.loader.exec_module(conf)
    for page in ("index", "adr/README"):
        path = DOCS / f"{page}.md"
        source = [path.read_text(encoding="utf-8")]
        conf._add_navigation(None, page, source)
        parts = re.findall(r"```{toctree}\n:hidden:\n(?::caption: ([^\n]+)\n)?\n(.+?)\n```", source[0], re.DOTALL)
        listed = [name for _, names in parts for name in names.split("\n")]
        assert listed == [linked.removesuffix(".md") for linked, _ in links(path)]
        assert [title for title, _ in parts if title] == re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE)


def test_the_map_names_rooms_and_topics_that_are_there() -> None:
    text = (DOCS / "map.md").read_text(encoding="utf-8")
    rooms, _, topics = text.partition("## Topics")
    named = re.findall(r"^\| ((?:`[a-z_/.]+`(?:, )?)+) \|", rooms, re.MULTILINE)
    assert len(named) == 19
    assert all((ROOT / name).exists() for room in named for name in re.findall(r"`([^`]+)`", room))
    folders = {path.parent.name for path in (ROOT / "flows").glob("*/__init__.py")} - {"refusals"}
    assert set(re.findall(r"^\| `(\w+)` \|", topics, re.MULTILINE)) == folders
