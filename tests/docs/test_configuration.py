"""`docs/configuration.md` and `sluis.example.toml` say exactly what `Settings` has."""

import json
import re
import secrets
import tomllib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from settings import DEVELOPMENT_KEY, Settings, load_settings
from settings.safety import problems

ROOT = Path(__file__).parents[2]
DOC = ROOT / "docs" / "configuration.md"
EXAMPLE = ROOT / "sluis.example.toml"
ROW = re.compile(r"^\| `(?P<name>\w+)` \| `(?P<variable>\w+)` \| (?P<default>.+?) \| (?P<meaning>.+) \|$", re.MULTILINE)
UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def written(default: object) -> str:
    """A default as a person would write it in the file or, for lists and tables, in the environment."""
    match default:
        case None:
            return "unset"
        case (SecretStr(),):
            return "a development key"
        case SecretStr():
            return f"`{default.get_secret_value()}`"
        case timedelta():
            seconds = int(default.total_seconds())
            unit = next(unit for unit, size in UNITS.items() if seconds % size == 0)
            return f"`{seconds // UNITS[unit]}{unit}`"
        case str() | Decimal():
            return f"`{default}`"
        case _:
            return f"`{json.dumps(default)}`"


def documented() -> dict[str, tuple[str, str, str]]:
    rows = list(ROW.finditer(DOC.read_text(encoding="utf-8")))
    assert len(rows) == len({row["name"] for row in rows}), "a setting has two rows"
    return {row["name"]: (row["variable"], row["default"], row["meaning"]) for row in rows}


def test_every_setting_is_documented_as_it_is() -> None:
    fields = {
        name: (f"SLUIS_{name.upper()}", written(field.default), field.description)
        for name, field in Settings.model_fields.items()
    }
    assert documented() == fields


def test_the_page_names_no_variable_that_does_not_exist() -> None:
    named = set(re.findall(r"SLUIS_\w+", DOC.read_text(encoding="utf-8")))
    assert named == {f"SLUIS_{name.upper()}" for name in Settings.model_fields} | {"SLUIS_CONFIG"}


def test_the_example_is_a_production_that_lacks_only_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUIS_CONFIG", str(EXAMPLE))
    assert load_settings(secret_keys=(DEVELOPMENT_KEY,)).production
    assert problems(load_settings(secret_keys=("own:" + secrets.token_urlsafe(32),))) == []
    assert "secret_keys" not in tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))


def test_what_the_example_leaves_out_is_right_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = re.sub(r"^# (?=\[|\w+ = )", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    full = tmp_path / "full.toml"
    full.write_text(text, encoding="utf-8")
    monkeypatch.setenv("SLUIS_CONFIG", str(full))
    assert load_settings(secret_keys=(DEVELOPMENT_KEY,)).factor_options == {"totp": {"drift": 1}}
