"""The page of refusals is the one that is generated: a code that is gone or new is somebody's intent."""

from pathlib import Path

from schema.kit.refusals_page import page

PAGE = Path(__file__).parents[2] / "docs" / "refusals.md"


def test_the_page_is_generated() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make schema`"
