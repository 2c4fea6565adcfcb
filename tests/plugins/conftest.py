"""Strangers' plugins, found as real ones are: a module on the path and the metadata of its distribution."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

Install = Callable[[str, str], None]

_numbers = itertools.count()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a plugin by its entry point's name and its module's source, for this test."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(name: str, source: str) -> None:
        # A module of the same name would come from Python's cache of modules.
        module = f"stranger_{next(_numbers)}"
        (tmp_path / f"{module}.py").write_text(source, encoding="utf-8")
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[sluis]\n{name} = {module}\n")

    return install
