"""What the pages say: everything in both languages, nothing that is missing and nothing left over."""

import json
import re
from pathlib import Path

import pytest

from flows.refusals import LinkRefused

STATIC = Path(__file__).parents[2] / "web" / "static"
SOURCES = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js") if path.name != "texts.js")


def catalog() -> dict[str, dict[str, str]]:
    source = (STATIC / "texts.js").read_text(encoding="utf-8")
    body = re.fullmatch(r"(?:// [^\n]*\n)*export default (\{.*\});\n", source, re.DOTALL)
    assert body
    texts: dict[str, dict[str, str]] = json.loads(body[1], object_pairs_hook=_once)
    return texts


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    assert len(dict(pairs)) == len(pairs), "a text is there twice"
    return dict(pairs)


@pytest.mark.parametrize("key", catalog())
def test_a_text_is_there_in_both_languages(key: str) -> None:
    texts = catalog()[key]
    assert list(texts) == ["en", "nl"]
    assert all(text.strip() for text in texts.values())
    english, dutch = (set(re.findall(r"\{(\w+)\}", text)) for text in texts.values())
    assert english == dutch


def test_every_text_that_the_pages_ask_for_is_there_and_no_other() -> None:
    quoted = {key for key in re.findall(r'"([a-z_]+(?:\.\w+)*)"', SOURCES) if key in catalog() or "." in key}
    files = {path.name for path in STATIC.iterdir()}
    assert quoted - files == {key for key in catalog() if not key.startswith("link.")}


@pytest.mark.parametrize("reason", ["MISSING", *LinkRefused.by_reason])
def test_every_refusal_of_a_link_has_its_screen(reason: str) -> None:
    assert {f"link.{reason}", f"link.{reason}.title"} <= set(catalog())


def test_no_screen_of_a_link_is_left_over() -> None:
    known = {"MISSING", *LinkRefused.by_reason}
    pages = {"title", "accept", "reset", "verify"}
    for key in catalog():
        if key.startswith("link."):
            reason, page = [*key.split(".")[1:], "title"][:2]
            assert reason in known
            assert page in pages
