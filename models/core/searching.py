"""Finding names by their keys (`normalise.search`), in SQL written by hand."""

from models.db.database import literal


def key_holds(column: str) -> str:
    """The condition that a key in ``column`` holds the one searched by; its parameters are :func:`key_searched`'s."""
    return f"(? <> '' AND {column} LIKE ? ESCAPE '\\')"


def key_searched(key: str) -> list[str]:
    """Of :func:`key_holds`. An empty key, such as of a lone combining mark, is in no name."""
    return [key, f"%{literal(key)}%"]
