"""`docs/threats.md`, read: its sections, and the rows of each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.command import ROOT

PAGE = ROOT / "docs" / "threats.md"
_SECTION = re.compile(r"^## (?P<title>.+)\n(?P<text>(?:(?!## ).*\n?)*)", re.MULTILINE)
_ROW = re.compile(
    r"^\| `(?P<name>[a-z0-9-]+)` \| (?P<case>.+) \| (?P<defence>.+) \| (?P<shown_by>.+) \|$", re.MULTILINE
)
_TEST = re.compile(r"`(tests/[\w/]+\.py::test_\w+)`")
_PLACE = re.compile(r"`([a-z_][\w/]*\.\w+)(?:: (\w+))?`")
_NUMBER = re.compile(r"`([^`]+)` = `([^`]+)`")


@dataclass(frozen=True, slots=True)
class Row:
    """``section`` is the name of its module in `tests/security/defences`."""

    section: str
    name: str
    defence: str
    shown_by: tuple[str, ...]

    @property
    def places(self) -> list[tuple[str, str]]:
        """The files that its defence names, each with a function, class or constant in it, or ""."""
        return _PLACE.findall(self.defence)

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """What is said to be how much: settings, or constants as ``file.py: NAME``."""
        return _NUMBER.findall(self.defence)


def _rows() -> Iterator[Row]:
    for section in _SECTION.finditer(PAGE.read_text(encoding="utf-8")):
        name = re.sub(r"\W+", "_", section["title"].lower())
        for row in _ROW.finditer(section["text"]):
            yield Row(name, row["name"], row["defence"], tuple(_TEST.findall(row["shown_by"])))


ROWS = tuple(_rows())
