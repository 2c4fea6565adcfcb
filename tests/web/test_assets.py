"""The files under ``/static/``: cached by their content, complete, and the only things the shell loads."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from httpx import AsyncClient

from web.texts import page, script

STATIC = Path(__file__).parents[2] / "web" / "static"
FILES = sorted(path.name for path in STATIC.iterdir())
MODULES = sorted(STATIC.glob("*.js"))
SHELL = page("shell.html").decode()
#: Made of the catalogues.
MADE = {"texts.js": script()}


class Tags(HTMLParser):
    """The start tags of a page, and the text in its scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.cdata_elem in ("script", "style"):
            self.inline += data


def test_the_shell_has_no_script_or_style_of_its_own() -> None:
    page = Tags(SHELL)
    assert page.inline.strip() == ""
    assert not [name for _, attributes in page.tags for name in attributes if name == "style" or name.startswith("on")]
    assert {tag for tag, _ in page.tags} & {"style", "form", "iframe", "base", "object"} == set()


async def test_the_shell_loads_only_what_is_here(browser: AsyncClient) -> None:
    loaded = [attributes.get("src") or attributes.get("href") for _, attributes in Tags(SHELL).tags]
    addresses = [address for address in loaded if address]
    assert addresses
    assert [(await browser.get(address)).status_code for address in addresses] == [200] * len(addresses)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_imports_only_its_neighbours(module: Path) -> None:
    imported = re.findall(r'(?:from|import) "([^"]+)"', module.read_text(encoding="utf-8"))
    assert [name for name in imported if name.removeprefix("./") not in {*FILES, *MADE}] == []
    assert "import(" not in module.read_text(encoding="utf-8")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_parses_no_text_as_html_or_script_and_writes_no_style(module: Path) -> None:
    """What the content security policy would stop, and what it can't."""
    source = module.read_text(encoding="utf-8")
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", ".style"):
        assert sink not in source


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_an_old_phone_understands_a_module(module: Path) -> None:
    """ES2018, which is in the browsers of 2018: no optional chaining, no ``??``, no private fields."""
    newer = re.compile(r"\?\.\D|\?\?|#\w+\s*[=(;]|catch \{|replaceAll|replaceChildren|\.at\(|\.flat|fromEntries")
    assert newer.findall(module.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", [*FILES, *MADE])
async def test_a_file_is_sent_once_and_then_confirmed(browser: AsyncClient, name: str) -> None:
    first = await browser.get(f"/static/{name}")
    assert first.content == (MADE.get(name) or (STATIC / name).read_bytes())
    assert first.headers["cache-control"] == "no-cache"
    etag = first.headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = await browser.get(f"/static/{name}", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert (await browser.get(f"/static/{name}", headers={"If-None-Match": '"other"'})).status_code == 200


async def test_files_have_the_types_that_browsers_insist_on(browser: AsyncClient) -> None:
    types = {name.rpartition(".")[2]: (await browser.get(f"/static/{name}")).headers["content-type"] for name in FILES}
    assert types == {
        "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
    }


@pytest.mark.parametrize("name", ["nothing.js", "", "..%2Fpages.py", "%2e%2e/shell.html", "..%5Cpages.py"])
async def test_there_is_nothing_else_to_get(browser: AsyncClient, name: str) -> None:
    assert (await browser.get(f"/static/{name}")).status_code == 404


def test_colours_have_the_contrast_that_people_need() -> None:
    """WCAG 2.2, 1.4.3 and 1.4.11: 4.5 for text, 3 for the edges of fields."""
    light, dark = re.findall(r":root \{([^}]+)\}", (STATIC / "pages.css").read_text(encoding="utf-8"))
    for theme in (light, dark):
        colour = dict(re.findall(r"--([\w-]+): (#\w{6});", theme))
        texts = [("ink", "paper"), ("ink", "ground"), ("soft", "paper"), ("soft", "ground"), ("accent", "paper")]
        texts += [("accent", "ground"), ("on-accent", "accent"), ("warn", "warn-ground"), ("warn", "paper")]
        assert all(_contrast(colour[one], colour[other]) >= 4.5 for one, other in texts)
        assert _contrast(colour["line"], colour["paper"]) >= 3


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
