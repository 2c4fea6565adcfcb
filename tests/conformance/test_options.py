"""The options of the kit: what can't be used is one line that says what to do."""

import asyncio

import pytest

from conformance.possessions import AuthenticatorApp
from conformance.subject import SubjectProblem, subjects
from factors.totp import Totp
from tests.conformance.possessions import CountingThing
from tests.conformance.running import path_of, run_kit
from tests.conformance.sound import Counter
from tests.support.databases import Database, Databases
from tests.support.population import Population

TOTP = "factors.totp:Totp"


@pytest.mark.parametrize(
    ("factor", "possession", "problem"),
    [
        ("factors.totp", None, "--factor=factors.totp: write it as package:Class."),
        ("nowhere:Totp", None, "--factor=nowhere:Totp: No module named 'nowhere'."),
        ("factors.totp:Nothing", None, "has no attribute 'Nothing'."),
        ("factors.totp:TotpState", None, "that is no subclass of plugins.Factor."),
        ("plugins:Factor", None, "it needs a name"),
        (path_of(Counter), None, "give --possession=package:Class too, with factor = 'counter'."),
        (TOTP, "factors.totp:Totp", "that is no subclass of conformance.Possession."),
        (TOTP, "conformance:Possession", "it needs the name of its factor"),
    ],
)
def test_unusable_option_is_one_line(factor: str, possession: str | None, problem: str) -> None:
    with pytest.raises(SubjectProblem) as refused:
        subjects([factor], [possession] if possession else [])
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)


def test_factor_is_matched_to_its_possession_by_name() -> None:
    found = subjects([path_of(Counter), TOTP], [path_of(CountingThing)])
    assert [(one.factor, one.possession, one.label) for one in found] == [
        (Counter, CountingThing, "counter"),
        (Totp, AuthenticatorApp, "totp"),
    ]


def test_factors_with_the_same_name_are_labelled_by_class() -> None:
    both = subjects([path_of(Counter), "tests.conformance.broken:Replayable"], [path_of(CountingThing)])
    assert [one.label for one in both] == ["Counter", "Replayable"]


def test_unusable_option_stops_pytest_before_any_test() -> None:
    report = run_kit([path_of(Counter)])
    assert report.code == pytest.ExitCode.USAGE_ERROR
    assert "give --possession=package:Class too" in report.output
    assert report.outcomes == {}


def test_failed_check_is_explained_and_later_checks_are_skipped() -> None:
    report = run_kit(["tests.conformance.broken:LacksEnglish"], [path_of(CountingThing)])
    assert "title has no text in 'en'" in report.output
    assert "What this means" in report.output
    assert "People read `title` and `explanation` in their own language" in report.output
    assert report.outcomes["counter"]["test_it_can_be_used"] == "skipped"


async def test_database_with_a_practice_is_refused(
    databases: Databases, populated: tuple[Database, Population]
) -> None:
    lived_in = await databases.copy(populated[0])
    report = await asyncio.to_thread(run_kit, [TOTP], [], f"--database-url={lived_in.url}")
    assert report.code == pytest.ExitCode.USAGE_ERROR
    assert "somebody's practice is in this database" in report.output
    assert await lived_in.count("practice") == await populated[0].count("practice")
    await databases.drop(lived_in)
