"""The pytest plugin that carries the kit: options, the checks, and a report that says what a failure means.

Nothing is imported of the product until a ``--factor`` is given.
"""

import asyncio
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conformance.stage import Kit
    from conformance.subject import Subject

_CHECKS = (
    *("form", "use", "graphql", "spending", "binding", "expiry", "abuse", "keeping", "secrets"),
    *("waivers", "primary", "leaving"),
)
_MARK = "sluis_conformance"
_SUBJECTS = pytest.StashKey[list["Subject"]]()
_OUTCOMES = pytest.StashKey[dict[str, dict[str, str]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sluis conformance")
    group.addoption("--factor", action="append", default=[], metavar="PACKAGE:CLASS", help="a factor to attack")
    group.addoption(
        "--possession", action="append", default=[], metavar="PACKAGE:CLASS", help="the other side of a --factor"
    )
    group.addoption(
        "--database-url",
        default="",
        metavar="URL",
        help="an empty PostgreSQL or SQLite database to attack on; without it a temporary SQLite file",
    )
    group.addoption(
        "--garbage",
        type=int,
        default=40,
        metavar="N",
        help="how many random pieces of garbage to throw besides the usual ones (40)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{_MARK}: a check of a factor's conformance")
    if not config.getoption("--factor"):
        return
    from conformance.subject import SubjectProblem, subjects

    try:
        config.stash[_SUBJECTS] = subjects(config.getoption("--factor"), config.getoption("--possession"))
    except SubjectProblem as problem:
        raise pytest.UsageError(str(problem)) from None
    outcomes: dict[str, dict[str, str]] = defaultdict(dict)
    config.stash[_OUTCOMES] = outcomes
    _collect_checks(config)


def _collect_checks(config: pytest.Config) -> None:
    """Add the checks to what is collected: beside the paths that were given, and beside the project's own tests
    where the factor is named in its configuration; alone where the factor is named on the command line."""
    folder = Path(__file__).parent / "checks"
    checks = [str(folder / f"{name}.py") for name in _CHECKS]
    asked_for = any(str(argument).startswith("--factor") for argument in config.invocation_params.args)
    alone = asked_for and config.args_source is not pytest.Config.ArgsSource.ARGS
    config.args = [*(path for path in config.args if not alone and path not in checks), *checks]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker(_MARK):
        subjects = metafunc.config.stash.get(_SUBJECTS, [])
        metafunc.parametrize("sluis_kit", subjects, indirect=True, ids=[subject.label for subject in subjects])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    out = [item for item in items if not _is_about(item)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]


def _is_about(item: pytest.Item) -> bool:
    mark, subject = item.get_closest_marker(_MARK), _subject(item)
    if mark is None or subject is None:
        return True
    when = mark.kwargs["when"]
    return subject.factor.role in mark.kwargs["roles"] and (when is None or when(subject.factor))


def _subject(item: pytest.Item) -> "Subject | None":
    call = getattr(item, "callspec", None)
    return call.params.get("sluis_kit") if call else None


@pytest.fixture(scope="session")
def sluis_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a migrated database, for all checks of a run."""
    from conformance.stage import prepared
    from conformance.subject import SubjectProblem

    url: str = request.config.getoption("--database-url")
    url = url or f"sqlite://{tmp_path_factory.mktemp('conformance') / 'kit.db'}"
    try:
        asyncio.run(prepared(url))
    except SubjectProblem as problem:
        pytest.exit(str(problem), returncode=pytest.ExitCode.USAGE_ERROR)
    return url


@pytest.fixture
def sluis_kit(request: pytest.FixtureRequest, sluis_database: str) -> "Kit":
    """One factor on that database."""
    from conformance.stage import Kit

    return Kit(request.param, sluis_database, request.config.getoption("--garbage"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    mark, subject = item.get_closest_marker(_MARK), _subject(item)
    if mark is None or subject is None:
        return
    outcomes = item.config.stash[_OUTCOMES][subject.label]
    for earlier in mark.kwargs["after"]:
        if outcomes.get(earlier, "passed") != "passed":
            pytest.skip(f"comes after {earlier}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    subject = _subject(item)
    if item.get_closest_marker(_MARK) and subject and (report.when == "call" or not report.passed):
        item.config.stash[_OUTCOMES][subject.label][_name(item)] = report.outcome
        if report.failed:
            report.sections.insert(0, ("What this means", _meaning(item)))
    return report


def _name(item: pytest.Item) -> str:
    return getattr(item, "originalname", item.name)


def _meaning(item: pytest.Item) -> str:
    doc = getattr(getattr(item, "function", None), "__doc__", "") or ""
    return " ".join(doc.split())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    report = config.stash.get(_OUTCOMES, {})
    if not report:
        return
    terminalreporter.section("conformance")
    for subject in config.stash[_SUBJECTS]:
        outcomes = report.get(subject.label, {})
        failed = [name for name, outcome in outcomes.items() if outcome == "failed"]
        passed = sum(outcome == "passed" for outcome in outcomes.values())
        skipped = sum(outcome == "skipped" for outcome in outcomes.values())
        verdict = f"fails {', '.join(failed)}" if failed else "conforms"
        terminalreporter.line(f"{subject.label} ({subject.factor.role}) {verdict}: {passed} passed, {skipped} skipped")
