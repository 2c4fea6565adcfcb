"""docs/authentication.md says what ends with what, as the one table in the code does."""

from pathlib import Path

from flows.core.assurance import as_markdown

PAGE = Path(__file__).parents[2] / "docs" / "authentication.md"


def test_the_page_shows_the_table() -> None:
    assert as_markdown() in PAGE.read_text(encoding="utf-8")
