"""How `make docs` builds these pages as a site: Sphinx, with MyST for Markdown and Furo as the theme.

The navigation is read from `index.md`: each of its lists of pages, under the heading of a reader, becomes a part of the
side bar. So a page is put in one place, and a page that no list names fails the build.
"""

import re
from collections.abc import Callable
from typing import Protocol

project = "Sluis"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Sluis"
html_copy_source = False
html_show_copyright = False
# Anchors of headings as on the pages of a forge, so that the same links work in both.
myst_heading_anchors = 4

_PART = re.compile(r"^## (?P<title>.+)\n(?P<body>(?:(?!## ).*\n)*)", re.MULTILINE)
_PAGE = re.compile(r"\]\(([\w/-]+)\.md\)")


class Site(Protocol):
    """What is used here of Sphinx's application; the checks run where Sphinx is not installed."""

    def connect(self, event: str, callback: Callable[["Site", str, list[str]], None]) -> int: ...


def setup(app: Site) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _add_navigation)


def _add_navigation(_: Site, page: str, source: list[str]) -> None:
    """Put the tables of contents behind the text of the pages that list others."""
    if page == "index":
        source[0] += "".join(_contents(part["title"], part["body"]) for part in _PART.finditer(source[0]))
    elif page == "adr/README":
        source[0] += _contents("", source[0])


def _contents(title: str, text: str) -> str:
    pages = list(dict.fromkeys(_PAGE.findall(text)))
    caption = f":caption: {title}\n" if title else ""
    return f"\n```{{toctree}}\n:hidden:\n{caption}\n" + "\n".join(pages) + "\n```\n" if pages else ""
