"""What the pages say: every text in each language, by number where it counts."""

import json
import re
from typing import Any

import pytest

from locales import LANGUAGES
from web.texts import page, script


def catalogue() -> dict[str, Any]:
    body = re.fullmatch(r"export default (\{.*\});\n", script().decode(), re.DOTALL)
    assert body
    content: dict[str, Any] = json.loads(body[1])
    return content


def test_every_language_is_there_with_its_name_and_tag() -> None:
    languages = catalogue()["languages"]
    assert list(languages) == [*LANGUAGES]
    assert languages["nl"] == {"name": "Nederlands", "tag": "nl"}
    assert languages["en"] == {"name": "English", "tag": "en-GB"}


def test_a_text_is_there_in_each_language() -> None:
    for texts in catalogue()["texts"].values():
        assert list(texts) == [*LANGUAGES]
        assert all(texts.values())


def test_a_text_with_plurals_has_the_forms_that_browsers_know() -> None:
    texts = catalogue()["texts"]["password.minimum"]
    assert texts["nl"] == {"one": "Minstens {minimum} teken.", "other": "Minstens {minimum} tekens."}


@pytest.mark.parametrize("name", ["shell.html", "root.html", "nowhere.html"])
def test_a_page_speaks_every_language_without_a_script(name: str) -> None:
    said = re.findall(r'<p lang="(\w+)">', page(name).decode())
    assert [*dict.fromkeys(said)] == [*LANGUAGES]
    assert "{" not in page(name).decode()
