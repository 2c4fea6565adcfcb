"""What is installed is what was looked at: pinned, with hashes, from nowhere in particular; and audited in earnest."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ["runtime", "dev", "audit", "docs"]


@pytest.mark.parametrize("name", NAMES)
def test_every_requirement_is_pinned_with_hashes_and_names_no_index(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    every = [entry for entry in re.split(r"\n(?=\S)", text.strip()) if not entry.startswith("#")]
    assert len(every) > 20
    for entry in every:
        assert re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==[0-9][^ ]*( ; [^\\]+)? \\\n    --hash=sha256:[0-9a-f]{64}", entry)
    assert not re.search(r"https?:|file:|--index|--extra|--find|--trusted| @ ", text)


def test_every_requirement_of_the_project_is_compiled() -> None:
    for name in NAMES:
        wanted = (ROOT / "requirements" / f"{name}.in").read_text()
        pinned = (ROOT / "requirements" / f"{name}.txt").read_text()
        for line in wanted.splitlines():
            if line and line[0] not in "#-":
                assert f"\n{re.split('[<>=[ ]', line)[0]}" in f"\n{pinned}", line


_CLEAN, _FOUND = "No known vulnerabilities found", "Found 1 known vulnerability in 1 package"


@pytest.mark.parametrize(
    ("says", "ends", "code", "told"),
    [
        (_CLEAN, 0, 0, _CLEAN),
        (_FOUND, 1, 2, _FOUND),
        ("ConnectionError", 1, 2, "Nothing was audited"),
        ("", 0, 2, "Nothing was audited"),
    ],
)
def test_an_audit_that_could_not_ask_does_not_pass(tmp_path: Path, says: str, ends: int, code: int, told: str) -> None:
    """As make tells it; what audits is a stand-in here, since there may be no internet."""
    tools = tmp_path / "audit" / "bin"
    tools.mkdir(parents=True)
    (tools / "pip-audit").write_text(f"#!/bin/sh\necho '{says}'\nexit {ends}\n")
    (tools / "pip-audit").chmod(0o755)
    for done in (tmp_path / "pyvenv.cfg", tmp_path / "audit" / ".done"):
        done.touch()
    command = ["make", "audit-dependencies", f"VENV={tmp_path}"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    made = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert made.returncode == code
    assert told in made.stdout + made.stderr
