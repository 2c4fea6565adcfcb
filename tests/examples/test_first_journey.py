"""`examples/first_journey.py`, as `make journey` runs it against the demo."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from commands.demo import DemoStaff
from tests.people.staff import at_work
from tests.support.command import ROOT, Ended, free_port, serving
from tests.support.databases import Database
from tests.support.sluis import visited


async def journey(venv: Path, port: int, folder: Path) -> Ended:
    """`make journey` in a virtual environment that is ready: its Python is the one that runs the tests."""
    python = venv / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -W error "$@"\n')
    python.chmod(0o755)
    for done in (venv / "pyvenv.cfg", venv / ".runtime"):
        done.touch()
    process = await asyncio.create_subprocess_exec(
        "make", "journey", f"VENV={venv}", f"PORT={port}", f"DATA_DIR={folder}",
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        stdout=PIPE,
        stderr=PIPE,
    )  # fmt: skip
    output, errors = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, output.decode(), errors.decode())


async def test_each_run_lets_another_client_in(tmp_path: Path) -> None:
    folder, port = tmp_path / "demo", free_port()
    async with serving("demo", "--json", "--data-dir", folder, port=port, public_url=None) as server:
        first = await journey(tmp_path / "venv", port, folder)
        # Within the life of the therapist's code that the first run spent.
        second = await journey(tmp_path / "venv", port, folder)
        for run in (first, second):
            assert (run.code, run.errors) == (0, "")
            assert "\n8. The therapist books an appointment, and the client sees it in the portal" in run.output
            *_, last_answer, told = (line for line in run.output.splitlines() if line)
            seen = json.loads(last_answer.partition("← ")[2])
            assert (seen["name"], seen["access"]) == ("Ada Jansen", "APPROVED")
            assert seen["nextAppointment"]["therapistName"] == "Dr. T. Vos"
            assert told.startswith("Ada is in.")
        owner = next(one for one in json.loads((folder / "demo.json").read_text())["staff"] if one["role"] == "OWNER")
        async with visited(server.url, Database(f"sqlite://{folder}/sluis.db")) as sluis:
            olga = at_work(sluis, DemoStaff(**owner))
            await olga.signs_in()
            people = [person for dossier in await olga.sees_dossiers("Ada Jansen") for person in dossier["respondents"]]
    assert [person["loginStatus"]["access"] for person in people] == ["APPROVED", "APPROVED"]
    assert {person["loginStatus"]["approvedBy"] for person in people} == {"Dr. T. Vos"}


async def test_without_a_demo_it_says_so_in_one_line(tmp_path: Path) -> None:
    ended = await journey(tmp_path / "venv", free_port(), tmp_path)
    assert ended.code != 0
    assert f"There is no demo in {tmp_path}: run `make demo` in another terminal first.\n" in ended.errors
    assert "Traceback" not in ended.errors


async def test_where_the_demo_does_not_run_it_says_so_in_one_line(tmp_path: Path) -> None:
    staff = {"email": "vos@desluis.example", "password": "not asked", "totp_secret": "AAAA"}
    (tmp_path / "demo.json").write_text(json.dumps({"practice": "demo", "staff": [staff]}))
    port = free_port()
    ended = await journey(tmp_path / "venv", port, tmp_path)
    assert ended.code != 0
    assert f"http://localhost:{port}/graphql does not answer" in ended.errors
    assert "Traceback" not in ended.errors
