"""The kit, run as a factor's author runs it: by pytest, in a process and a folder of its own."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Nothing here is about crashes, so where there is a file system in memory its databases need no disk.
_MEMORY = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Report:
    """What came out. ``outcomes``: for each check of each factor ``passed``, ``failed`` or ``skipped``."""

    code: int
    output: str
    outcomes: dict[str, dict[str, str]]

    def failed(self, label: str) -> set[str]:
        return {check for check, outcome in self.outcomes[label].items() if outcome == "failed"}


def run_kit(factors: Sequence[str], possessions: Sequence[str] = (), *more: str, path: Path | None = None) -> Report:
    """Attack these factors, ``package:Class`` each; ``path`` is where theirs are found, if not here."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as room:
        xml = Path(room) / "report.xml"
        # Nobody else's plugins: loading them takes longer than some of the checks.
        command = [sys.executable, "-m", "pytest", "-p", "conformance.plugin", "-p", "pytest_timeout", "--timeout=300"]
        command += ["-q", "--tb=short", f"--basetemp={room}/kit", f"--junitxml={xml}", *more]
        command += [f"--factor={name}" for name in factors] + [f"--possession={name}" for name in possessions]
        done = subprocess.run(command, cwd=room, env=_environment(path), capture_output=True, text=True, check=False)
        return Report(done.returncode, done.stdout + done.stderr, _outcomes(xml) if xml.exists() else {})


def _environment(path: Path | None) -> dict[str, str]:
    found = os.pathsep.join(os.fspath(each) for each in (path, ROOT) if each)
    ours = {"PYTHONPATH": found, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | ours


def _outcomes(xml: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for case in ET.parse(xml).iter("testcase"):
        check, _, label = case.attrib["name"].rstrip("]").partition("[")
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        found.setdefault(label, {})[check] = outcome
    return found


def path_of(kind: type) -> str:
    """As ``--factor`` takes it."""
    return f"{kind.__module__}:{kind.__name__}"
