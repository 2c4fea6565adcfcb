"""`docs/writing-a-factor.md` works as it is written: every block is run, and every part of the contract is in it."""

import json
import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from plugins import Contribution, Desk, Factor, Reason
from plugins.hookspecs import Hooks
from tests.conformance.running import run_kit
from tests.docs.guide import Block, apply, blocks
from tests.examples.installed import install
from tests.support.command import ROOT, ran

pytestmark = pytest.mark.timeout(300)

GUIDE = ROOT / "docs" / "writing-a-factor.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def undocumented(names: Iterable[str]) -> set[str]:
    """Of these names, those that the guide never writes as code."""
    return set(names) - set(re.findall(r"`([A-Za-z_]+)", TEXT))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the reader has at the end, after the kit said at each point what the guide says that it says."""
    mine = tmp_path_factory.mktemp("guide")
    for block in blocks(GUIDE):
        apply(block, mine)
        if block.what == "kit":
            _kit_says(block, mine)
    return mine


def _kit_says(block: Block, folder: Path) -> None:
    report = run_kit(["sluis_tan_list:TanList"], ["sluis_tan_list.possession:ListInHand"], "--garbage=5", path=folder)
    verdict, _, _ = block.text.strip().partition(":")
    assert f"{verdict}: " in report.output, report.output


async def test_a_reader_ends_with_a_factor_that_conforms_and_can_be_installed(folder: Path, tmp_path: Path) -> None:
    assert "state_version = 2" in (folder / "sluis_tan_list" / "__init__.py").read_text()
    install(folder, tmp_path)
    plugins = json.dumps(["totp", "tan_list", "recovery_codes", "remembered_devices"])
    exported = await ran("export-schema", path=tmp_path, plugins=plugins)
    assert exported.code == 0, exported.errors
    schema = build_schema(exported.output)
    questions = [block.text for block in blocks(GUIDE) if block.language == "graphql"]
    assert [error.message for text in questions for error in validate(schema, parse(text))] == []
    assert len(questions) == 2


@pytest.mark.parametrize("block", [block for block in blocks(GUIDE) if block.what == "check"], ids=lambda b: b.what)
def test_what_stands_alone_runs(block: Block) -> None:
    exec(compile(block.text, str(GUIDE), "exec"), {"__name__": "guide"})


def test_every_hook_is_documented() -> None:
    assert not undocumented({name for name in vars(Hooks) if name.startswith("portal_")})


def test_every_part_of_a_factor_is_documented() -> None:
    parts = {name for name in {*vars(Factor), *Factor.__annotations__} if not name.startswith("_")}
    assert not undocumented(parts)


def test_every_part_of_the_desk_and_of_a_contribution_is_documented() -> None:
    desk = {name for name in vars(Desk) if not name.startswith("_")}
    assert not undocumented(desk | {one.name for one in fields(Contribution)} | {each.value for each in Reason})


def test_its_links_lead_within_it() -> None:
    headings = [line.lstrip("# ").lower() for line in TEXT.splitlines() if line.startswith("#")]
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors
