"""A virtual environment of its own with a stranger's distribution in it, made without a network and in seconds."""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path


def environment_with(distribution: Path, folder: Path) -> Path:
    """The Python of a new environment that has this distribution installed, and beside it what Sluis needs.

    What Sluis needs is not installed once more: it is found where the tests have it.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = (folder / "lib").glob("python*/site-packages")
    (site / "beside.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    install(distribution, site)
    return folder / "bin" / "python"


def install(distribution: Path, site: Path) -> None:
    """Build this distribution and put it, with its entry points, where a Python finds it; without a network."""
    with tempfile.TemporaryDirectory() as room:
        # Building leaves files beside the sources.
        sources = shutil.copytree(distribution, Path(room) / "sources")
        offline = ["--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet"]
        command = [sys.executable, "-m", "pip", "install", *offline, "--target", str(site), str(sources)]
        subprocess.run(command, check=True, capture_output=True)
