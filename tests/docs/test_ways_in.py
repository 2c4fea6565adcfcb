"""What `docs/ways-in.md` asks of the server can be asked as it is written, and what it names is there."""

import re
from pathlib import Path

import pytest
from graphql import build_ast_schema, parse, validate

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ways-in.md").read_text(encoding="utf-8")
SDL = (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_query_is_valid(block: str) -> None:
    assert validate(build_ast_schema(parse(SDL)), parse(block)) == []


def test_every_name_is_known() -> None:
    named = set(re.findall(r"`(\w+)(?:\(\w+:\))?`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)))
    code = SDL + "".join(
        path.read_text(encoding="utf-8") for path in [*ROOT.glob("flows/**/*.py"), ROOT / "settings.py"]
    )
    assert [name for name in sorted(named) if not re.search(rf"\b{name}\b", code)] == []
