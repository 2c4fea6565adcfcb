"""Takes each defence out, in a copy of the product, and sees whether the tests that are named for it notice.

    python -m tests.security.take_out [SECTION | SECTION.ROW]...

First all of these tests must pass in the copy as it is. See :mod:`tests.security.defences`.
"""

import argparse
import contextlib
import importlib
import importlib.util
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.pool import Pool
from pathlib import Path

import pytest

from tests.security.defences import Defence, Kind, every, function_of

ROOT = Path(__file__).parents[2]
_PATIENCE = 900
#: What takes long to import and is nobody's of ours: imported once, before the tests of each defence are a fork.
_SLOW = (
    "aiosmtpd.controller", "aiosmtplib", "aiosqlite", "argon2", "asyncpg", "fpdf", "httpx", "icalendar", "phonenumbers",
    "PIL.Image", "pydantic_settings", "pyotp", "segno", "starlette.applications", "strawberry", "structlog", "tortoise",
    "typer", "uvicorn", "webauthn", "websockets.asyncio.client",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the tests of one defence said on one kind of database."""

    section: str
    defence: Defence
    kind: Kind
    problems: tuple[str, ...]
    seconds: float


class Copy:
    """The files of the checkout in a folder of their own, with the same environment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
        for name in filter(None, names):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)

    @contextmanager
    def without(self, defence: Defence) -> Iterator[None]:
        """The copy with this defence taken out; ValueError where it does not stand there once."""
        before = {change.file: (self._folder / change.file).read_text(encoding="utf-8") for change in defence.changes}
        try:
            for change in defence.changes:
                text = (self._folder / change.file).read_text(encoding="utf-8")
                if text.count(change.old) != 1:
                    raise ValueError(f"not once in {change.file}: {change.old}")
                self._write(change.file, text.replace(change.old, change.new))
            yield
        finally:
            for file, text in before.items():
                self._write(file, text)

    def _write(self, file: str, text: str) -> None:
        path = self._folder / file
        path.write_text(text, encoding="utf-8")
        # Python tells by second and size whether what it compiled is old: not enough here.
        if path.suffix == ".py":
            Path(importlib.util.cache_from_source(os.fspath(path))).unlink(missing_ok=True)

    def run(self, tests: Sequence[str], kind: Kind) -> dict[str, str]:
        """How each of these tests went; see :mod:`tests.security.noticing`. RuntimeError where they did not run."""
        told, output = self._folder / ".told.json", self._folder / ".output"
        told.unlink(missing_ok=True)
        options = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "tests.security.noticing"]
        # Of what was imported before: libraries that are plugins too.
        options += ["-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"]
        options += [f"--told={told}", f"--not-from={ROOT}", f"--database={kind}"]
        child = os.fork()
        if child == 0:
            self._become([*options, *tests], output)
        _wait(child)
        said = " ".join(output.read_text(encoding="utf-8", errors="replace").split())
        if not told.exists():
            raise RuntimeError(said[-2000:])
        found = json.loads(told.read_text(encoding="utf-8"))
        if found["foreign"]:
            raise RuntimeError(f"not of the copy: {found['foreign']}")
        return {test: found["outcomes"].get(function_of(test), f"did not run: {said[-300:]}") for test in tests}

    def _become(self, arguments: list[str], output: Path) -> None:
        """In the child: pytest in the copy, with nothing imported that is the checkout's; never comes back."""
        try:
            os.setsid()
            written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for stream in (1, 2):
                os.dup2(written, stream)
            sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
            for name in [name for name, module in sys.modules.items() if _is_ours(module)]:
                del sys.modules[name]
            os.chdir(self._folder)
            sys.path[:] = [os.fspath(self._folder), *(path for path in sys.path if path not in ("", os.fspath(ROOT)))]
            os.environ["PYTHONPATH"] = os.fspath(self._folder)
            importlib.invalidate_caches()
            pytest.main(arguments)
        except BaseException:  # noqa: BLE001
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)


def _is_ours(module: object) -> bool:
    """Whether a module comes from the checkout; a folder of it without an `__init__.py` has no file."""
    places = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", ())]
    mine = [Path(place) for place in places if place and Path(place).is_relative_to(ROOT)]
    return any(not place.is_relative_to(sys.prefix) for place in mine)


def _wait(child: int) -> None:
    """For a child to end; TimeoutError where it does not."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return
        time.sleep(0.1)
    os.killpg(child, 9)
    os.waitpid(child, 0)
    raise TimeoutError("the tests did not end")


_mine: Copy


def _begin(room: str) -> None:
    """In each worker."""
    global _mine
    for name in _SLOW:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    _mine = Copy(Path(tempfile.mkdtemp(dir=room)))


def judged(asked: tuple[str, Defence, Kind]) -> Verdict:
    """In a worker: this defence taken out."""
    section, defence, kind = asked
    begun = time.monotonic()
    try:
        with _mine.without(defence):
            outcomes = _mine.run(defence.fails, kind)
    except (ValueError, RuntimeError, TimeoutError) as error:
        problems: tuple[str, ...] = (f"{type(error).__name__}: {error}",)
    else:
        problems = tuple(f"{test}: {how}" for test, how in outcomes.items() if how != "noticed")
    return Verdict(section, defence, kind, problems, time.monotonic() - begun)


def failing(asked: tuple[list[str], Kind]) -> list[str]:
    """In a worker: which of these tests do not pass as it is."""
    tests, kind = asked
    return [f"{test} on {kind}: {how}" for test, how in _mine.run(tests, kind).items() if how != "passed"]


def take_out(chosen: Sequence[tuple[str, Defence]], jobs: int, *, first: bool = True) -> int:
    """Prints a line for each defence and kind of database; answers how many were not noticed.

    ``first``: see the tests pass before anything is taken out.
    """
    asked = [(section, defence, kind) for section, defence in chosen for kind in defence.databases]
    fork = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as room, fork.Pool(jobs, _begin, (room,)) as workers:
        if first and (problems := _before(workers, asked, jobs)):
            print("These fail as it is, so they show nothing:", *problems, sep="\n  ")
            return len(problems)
        unnoticed = 0
        for verdict in workers.imap_unordered(judged, asked):
            unnoticed += bool(verdict.problems)
            word = "NOT NOTICED" if verdict.problems else "noticed"
            row = f"{verdict.section}.{verdict.defence.row}"
            print(
                f"{word:11} {row:50} {verdict.defence.file:32} {verdict.kind:10} {verdict.seconds:4.0f} s", flush=True
            )
            for problem in verdict.problems:
                print(f"            {problem}", flush=True)
    print(f"{len(asked)} defences, {len(asked) - unnoticed} taken out and noticed")
    return unnoticed


def _before(workers: Pool, asked: Sequence[tuple[str, Defence, Kind]], jobs: int) -> list[str]:
    """What is wrong with the tests before anything was taken out."""
    shares: list[tuple[list[str], Kind]] = []
    for kind in dict.fromkeys(kind for _, _, kind in asked):
        tests = sorted({test for _, defence, on in asked if on == kind for test in defence.fails})
        shares += [(share, kind) for share in (tests[number::jobs] for number in range(jobs)) if share]
    return [problem for problems in workers.imap_unordered(failing, shares) for problem in problems]


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help="sections or rows; all if none is named")
    parser.add_argument("--quick", action="store_true", help="trust the tests to pass before anything is taken out")
    parser.add_argument("--jobs", type=int, default=2, help="how many copies work side by side")
    given = parser.parse_args()
    chosen = [
        (section, entry)
        for section, entry in every()
        if isinstance(entry, Defence) and (not given.only or {section, f"{section}.{entry.row}"} & {*given.only})
    ]
    if not chosen:
        parser.error("no such section or row")
    return 1 if take_out(chosen, given.jobs, first=not given.quick) else 0


if __name__ == "__main__":
    sys.exit(main())
