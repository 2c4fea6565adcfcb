"""The endpoint before the audits of the npm package graphql-http, which the specification's authors keep."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from schema.transport import TransportRules
from tests.schema.running import Served

PACKAGES = ("graphql-http@1.23.1", "graphql@16.15.0")
#: How many there are, MUST and SHOULD together.
AUDITS = 61
SCRIPT = Path(__file__).with_name("audits.mjs")


def unavailable(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


async def run(*command: str, cwd: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    if process.returncode:
        raise RuntimeError(err.decode()[-2000:])
    return out.decode()


@pytest.fixture(params=[True, False], ids=["introspection", "production"])
def rules(request: pytest.FixtureRequest) -> TransportRules:
    return TransportRules(introspection=request.param)


@pytest.fixture
async def installed(request: pytest.FixtureRequest) -> Path:
    """Where the audits are installed: beside pytest's cache, so once for each checkout."""
    if not shutil.which("node") or not shutil.which("npm"):
        unavailable("the audits need node and npm")
    folder = request.config.rootpath / ".pytest_cache" / PACKAGES[0]
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules" / "graphql-http").is_dir():
        try:
            await run("npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES, cwd=folder)
        except RuntimeError as error:
            unavailable(f"npm could not install the audits: {error}")
    return folder


async def test_all_audits_pass(endpoint: Served, installed: Path) -> None:
    """All that MUST and SHOULD be, in production too: the audits ask for `__type`, and null will do."""
    audits: list[dict[str, Any]] = json.loads(
        await run("node", str(SCRIPT), str(installed), endpoint.url, cwd=installed)
    )
    assert len(audits) == AUDITS
    assert [audit for audit in audits if audit["status"] != "ok"] == []
