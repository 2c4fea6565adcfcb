"""What `docs/ways-in.md` names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ways-in.md").read_text(encoding="utf-8")
SDL = (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")


def test_every_name_is_known() -> None:
    named = set(re.findall(r"`(\w+)(?:\(\w+:\))?`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)))
    code = SDL + "".join(
        path.read_text(encoding="utf-8") for path in [*ROOT.glob("flows/**/*.py"), ROOT / "settings/fields.py"]
    )
    assert [name for name in sorted(named) if not re.search(rf"\b{name}\b", code)] == []
