"""The words of `docs/glossary.md` are those of the code, and none that it warns of is a name there."""

import re

import models
from models import Relation, StaffRole
from plugins import Role
from tests.support.command import ROOT

LINES = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in LINES if line.startswith("| ")]
SDL = (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")


def test_names_are_models_and_roles_are_roles() -> None:
    named = [word for word, *_ in ROWS if re.fullmatch(r"([A-Z][a-z]+)+", word)]
    assert len(named) > 10
    # A remembered device is the enrolment of a factor that spares another one.
    assert [name for name in named if not hasattr(models, name)] == ["RememberedDevice"]
    assert "type RememberedDevice " in SDL
    values = {*re.findall(r"\b[A-Z]{4,}\b", " ".join(f"{word} {meaning}" for word, _, meaning, _ in ROWS))}
    assert values == {"OWNER", "ADMIN", "THERAPIST", "SELF", "PARENT", "TEACHER", "PROOF", "FALLBACK", "WAIVER"}
    assert values <= {*StaffRole, *Relation, *(role.value for role in Role)}


def test_words_to_avoid_name_no_type() -> None:
    avoided = {word.strip() for *_, avoid in ROWS for word in re.sub(r"\(.*?\)", "", avoid).split(",")} - {"", "not"}
    assert {"organisation", "patient", "lead", "token"} <= avoided
    types = {name.lower() for name in re.findall(r"^(?:type|interface|input) (\w+)", SDL, re.MULTILINE)}
    assert not types & {word.replace(" ", "") for word in avoided}
