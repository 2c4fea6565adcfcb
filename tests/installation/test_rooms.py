"""The rooms are this checkout's own, and import one another only along the arrows."""

import importlib
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS: list[str] = PROJECT["tool"]["importlinter"]["root_packages"]
MODULES: list[str] = PROJECT["tool"]["setuptools"]["py-modules"]


@pytest.mark.parametrize("name", [*ROOMS, *MODULES])
def test_the_room_that_is_imported_is_ours(name: str) -> None:
    """Others publish packages by these names too; one of theirs must not come first."""
    file = importlib.import_module(name).__file__
    assert file is not None, f"{name} has no __init__.py"
    assert Path(file).is_relative_to(ROOT)


def test_every_package_of_ours_is_held_by_the_arrows_and_installed() -> None:
    outside = {"bench", "docs", "examples", "requirements", "tests"}
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - outside
    installed = {name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert found == set(ROOMS) == installed


def test_the_arrows_hold() -> None:
    linter = Path(sysconfig.get_path("scripts")) / "lint-imports"
    command = [str(linter), "--no-cache", "--config", "pyproject.toml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_the_settings_pulls_in_neither_database_nor_graphql() -> None:
    script = "import sys, settings; print(sorted({'models', 'strawberry', 'tortoise'} & sys.modules.keys()))"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
