"""Nothing that is committed tells on which machine it was made, or from which mirror its packages came."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.command import ROOT

#: A folder of somebody's own, and an address of a registry; where packages come from is each installation's affair.
_FOLDER = r"(?<![\w.])/(?:home|Users|root)/[\w.]"
_REGISTRY = r"\b(?:https?|file)://[^\s\"'`)>]*(?:/simple\b|pypi\.|pythonhosted|npmjs|registry|artifactory|nexus)"
TELLING = re.compile(f"{_FOLDER}|{_REGISTRY}", re.IGNORECASE)


def committed() -> Iterator[tuple[str, str]]:
    """Each file under version control, with its text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this is no checkout of git's")
    for name in listed.stdout.split("\0"):
        if name and name != "tests/installation/test_committed.py" and (ROOT / name).is_file():
            yield name, (ROOT / name).read_text(encoding="utf-8", errors="replace")


@pytest.mark.parametrize(
    "line",
    ["/home/ada/sluis", "see /root/.pyenv/bin", "--index-url https://mirror.example/simple", "file:///srv/pypi/simple"],
)
def test_what_tells_is_recognised(line: str) -> None:
    assert TELLING.search(line)


@pytest.mark.parametrize("line", ["https://localhost:8000/home/x", "a simple address: https://example.org/simply"])
def test_what_does_not_tell_is_left(line: str) -> None:
    assert not TELLING.search(line)


def test_no_file_names_a_registry_or_a_folder_of_somebody() -> None:
    found = [f"{name}: {hit[0]}" for name, text in committed() for hit in TELLING.finditer(text)]
    assert found == []
