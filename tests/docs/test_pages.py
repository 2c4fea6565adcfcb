"""What the pages in `docs/` ask of the server can be asked as it is written, and their links lead somewhere."""

import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from tests.command import ROOT
from tests.docs.guide import Block, blocks

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
SCHEMA = build_schema((ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8"))
#: Speaks the schema of the factor that it makes, which its own test builds.
GUIDE = DOCS / "writing-a-factor.md"
EXAMPLES = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    if page != GUIDE
    for number, block in enumerate(block for block in blocks(page) if block.language == "graphql")
]
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_valid(example: Block) -> None:
    assert validate(SCHEMA, parse(example.text)) == []


def test_no_example_is_overlooked() -> None:
    written = sum(page.read_text(encoding="utf-8").count("```graphql") for page in PAGES if page != GUIDE)
    assert written == len(EXAMPLES) > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_its_links_lead_somewhere(page: Path) -> None:
    assert all((page.parent / link).exists() for link in _LINK.findall(page.read_text(encoding="utf-8")))


def test_every_page_is_on_the_map() -> None:
    linked = set(_LINK.findall((DOCS / "map.md").read_text(encoding="utf-8")))
    assert {page.name for page in DOCS.glob("*.md")} - {"map.md"} | {"adr/README.md"} <= linked


def test_the_map_names_rooms_and_flows_that_are_there() -> None:
    text = (DOCS / "map.md").read_text(encoding="utf-8")
    rooms = re.findall(r"^\| ((?:`[a-z_/.]+`(?:, )?)+) \|", text, re.MULTILINE)
    topics = re.findall(r"^\| [a-z ]+ \| ((?:`\w+`(?:, )?)+) \|", text, re.MULTILINE)
    assert (len(rooms), len(topics)) == (18, 12)
    assert all((ROOT / name).exists() for room in rooms for name in re.findall(r"`([^`]+)`", room))
    assert all((ROOT / "flows" / f"{name}.py").exists() for topic in topics for name in re.findall(r"`(\w+)`", topic))
