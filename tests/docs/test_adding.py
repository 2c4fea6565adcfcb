"""`docs/adding.md` works as it is written: every block is applied to a copy of the source, and the result is run."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from tests.docs.guide import Block, apply, blocks
from tests.support.command import ROOT

pytestmark = pytest.mark.timeout(300)

GUIDE = ROOT / "docs" / "adding.md"
_KINDS = ("python file=", "python in=", "diff in=")
_NOT_SOURCE = ignore_patterns(".*", "__pycache__", "build", "*.egg-info", "*.db")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source after a reader did all that the guide says."""
    mine = tmp_path_factory.mktemp("adding") / "sluis"
    copytree(ROOT, mine, ignore=_NOT_SOURCE)
    newest = max(path.stem for path in (mine / "models" / "migrations").glob("[0-9]*.py"))
    for block in blocks(GUIDE):
        apply(_numbered(block, newest), mine)
    return mine


def _numbered(block: Block, newest: str) -> Block:
    """The block with the number that the guide tells its reader to look up: the one after the newest migration."""
    what = re.sub(r"(?<=migrations/)\d{4}", f"{int(newest[:4]) + 1:04}", block.what)
    return replace(block, what=what, text=re.sub(r'(?<="models", ")\d{4}_\w+', newest, block.text))


def run(source: Path, *command: str) -> str:
    """What a command prints, which ends well."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SLUIS_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, *command], cwd=source, env=own, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_block_is_applied() -> None:
    written = re.findall(r"^```(\w.*)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [head for head in written if not head.startswith(_KINDS)] == []
    assert len(written) == len([*blocks(GUIDE)]) > 20


def test_the_journey_and_the_pages_pass(source: Path) -> None:
    """With it what compares the pages with the code."""
    pages = [f"tests/docs/test_{name}.py" for name in ("audit", "configuration")]
    run(source, "-m", "pytest", "-q", "-n", "0", "tests/journeys/account/test_callbacks.py", *pages)


def test_the_style_is_kept(source: Path) -> None:
    written = {block.what.partition("=")[2].partition(":")[0] for block in blocks(GUIDE)}
    files = sorted(path for path in written if path.endswith(".py"))
    run(source, "-m", "ruff", "check", *files)
    run(source, "-m", "ruff", "format", "--check", *files)
