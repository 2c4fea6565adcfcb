"""A pytest plugin that tells, of each test function, whether it noticed: for :mod:`tests.security.take_out`.

Writes ``{"outcomes": {id: how}, "foreign": [modules]}``. ``how`` is ``passed``, ``noticed`` (by an assertion of its
own, in its call), or in words what else happened. The parameters of a function are one: it noticed where one of them
did, and the others are left out then. ``foreign`` are modules that came from the checkout in place of the copy.
"""

import json
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.people.device import Unanswered

_ASSERTED = (AssertionError, pytest.fail.Exception)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("noticing")
    group.addoption("--told", metavar="FILE", help="where to write what happened")
    group.addoption("--not-from", metavar="FOLDER", help="where no module may come from, the environment excepted")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--told"):
        config.pluginmanager.register(_Noticing(config), "noticing-told")


class _Noticing:
    def __init__(self, config: pytest.Config) -> None:
        self._told, self._elsewhere = Path(config.getoption("--told")), Path(config.getoption("--not-from"))
        self._outcomes: dict[str, str] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self._outcomes.get(_function(item)) == "noticed":
            pytest.skip("one of its parameters has shown enough")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        self._note(_function(item), _how(report, call))
        return report

    def _note(self, function: str, how: str | None) -> None:
        before = self._outcomes.get(function)
        if how is None or before == "noticed" or (before and how in ("passed", "skipped")):
            return
        self._outcomes[function] = how

    def pytest_sessionfinish(self) -> None:
        here, environment = self._elsewhere.resolve(), Path(sys.prefix).resolve()
        files = {name: getattr(module, "__file__", None) for name, module in [*sys.modules.items()]}
        places = {name: Path(file).resolve() for name, file in files.items() if file}
        foreign = [
            name for name, file in places.items() if file.is_relative_to(here) and not file.is_relative_to(environment)
        ]
        self._told.write_text(json.dumps({"outcomes": self._outcomes, "foreign": foreign}), encoding="utf-8")


def _function(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _how(report: pytest.TestReport, call: pytest.CallInfo[None]) -> str | None:
    """None for what tells nothing: a set-up or an end that went well."""
    if report.passed:
        return "passed" if report.when == "call" else None
    if call.excinfo is None or report.skipped:
        return "skipped"
    error = call.excinfo.value
    said = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"[:150]
    if report.when != "call" or not isinstance(error, _ASSERTED):
        return f"{report.when}: {said}"
    if "Timeout (" in said:
        return "timeout"
    if isinstance(error, Unanswered) and "INTERNAL" in error.codes:
        return f"the product broke: {said}"
    return "noticed"
