"""The card: its places, and how it is printed."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from plugins import in_language

#: Digits and capitals without 0, 1, I and O, which look alike on paper.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#: Characters in a cell.
CELL = 3
COLUMNS, ROWS = "ABCDEFGHIJ", "12345"
#: All places, row by row.
PLACES = tuple(column + row for row in ROWS for column in COLUMNS)

_TITLE = {"en": "Grid card for {practice}", "nl": "Kaart met codes voor {practice}"}
_ADVICE = {
    "en": "Keep it where only you can find it. Each cell is used once.",
    "nl": "Bewaar de kaart waar alleen u hem vindt. Elk vakje wordt één keer gebruikt.",
}
_LONGEST_NAME = 60
#: A bank card (ISO/IEC 7810, ID-1) is 85.6 by 54 mm; one unit of the drawing is a tenth of one.
_WIDTH, _HEIGHT = 856, 540
_LEFT, _TOP, _ACROSS, _DOWN = 80, 150, 78, 66


def printed(cells: Sequence[str], practice: str, locale: str) -> str:
    """The card as lines of text for a fixed-width font."""
    head = "   " + "  ".join(f"{column:^{CELL}}" for column in COLUMNS)
    lines = [f"{row}  " + "  ".join(line) for row, line in zip(ROWS, _lines(cells), strict=True)]
    return "\n".join([_title(practice, locale), "", head, *lines, "", in_language(_ADVICE, locale), ""])


def svg(cells: Sequence[str], practice: str, locale: str) -> str:
    """The card as an SVG element that a screen reader calls by its title."""
    title = escape(_title(practice, locale))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="85.6mm" height="54mm"'
        f' viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="monospace" font-size="34" text-anchor="middle">'
        f"<title>{title}</title>"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="30" fill="#fff" stroke="#000"/>'
        f'<text x="{_WIDTH // 2}" y="60" font-size="26">{title}</text>'
        f"{''.join(_marks(cells))}"
        f'<text x="{_WIDTH // 2}" y="{_HEIGHT - 30}" font-size="20">{in_language(_ADVICE, locale)}</text></svg>'
    )


def _marks(cells: Sequence[str]) -> Iterator[str]:
    """The columns' letters, then each row's number and cells."""
    for number, column in enumerate(COLUMNS):
        yield _mark(number + 1, 0, column, "#555")
    for down, (row, line) in enumerate(zip(ROWS, _lines(cells), strict=True), start=1):
        yield _mark(0, down, row, "#555")
        for across, cell in enumerate(line, start=1):
            yield _mark(across, down, cell, "#000")


def _mark(across: int, down: int, text: str, colour: str) -> str:
    x, y = _LEFT + (across - 0.5) * _ACROSS, _TOP + down * _DOWN
    return f'<text x="{x:g}" y="{y}" fill="{colour}">{text}</text>'


def _lines(cells: Sequence[str]) -> list[Sequence[str]]:
    width = len(COLUMNS)
    return [cells[start : start + width] for start in range(0, len(cells), width)]


def _title(practice: str, locale: str) -> str:
    return in_language(_TITLE, locale).format(practice=practice[:_LONGEST_NAME].strip())
