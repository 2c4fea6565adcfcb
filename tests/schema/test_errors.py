"""What a client hears of an error, and what the log keeps."""

import re
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from models.db.database import close_database, open_database
from tests.schema.running import Served, person
from tests.schema.small import SECRET
from tests.support.databases import Database


async def error(endpoint: Served, query: str, **headers: str) -> dict[str, Any]:
    (found,) = (await endpoint.post(query, **headers)).json()["errors"]
    result: dict[str, Any] = found
    return result


@pytest.mark.parametrize("field", ["broken", "brokenBadly", "mistyped", "taken", "gone", "twice", "missing"])
async def test_the_unexpected_is_masked(endpoint: Served, field: str, caplog: pytest.LogCaptureFixture) -> None:
    with capture_logs() as lines:
        response = await endpoint.post(f"{{ {field} }}")
    (found,) = response.json()["errors"]
    assert response.status_code == 200
    assert found["message"] == "Something went wrong. Please try again later."
    assert found["path"] == [field]
    assert found["extensions"]["code"] == "INTERNAL"
    assert re.fullmatch("[0-9a-f]{32}", found["extensions"]["request"])
    assert SECRET not in response.text
    failure, request = lines
    assert failure["event"] == "graphql.failed"
    assert failure["request"] == request["request"] == found["extensions"]["request"]
    assert failure["traceback"]
    assert SECRET not in str(lines) + caplog.text


async def test_the_log_names_the_exception_and_the_place(endpoint: Served) -> None:
    with capture_logs() as lines:
        await endpoint.post("{ broken }")
    assert lines[0]["errors"] == ["builtins.ValueError"]
    assert any(re.search(r"small\.py:\d+ broken$", line) for line in lines[0]["traceback"])


@pytest.mark.parametrize(
    ("query", "code", "english", "dutch"),
    [
        ("{ refused }", "NOT_FOUND", "This does not exist.", "Dit bestaat niet."),
        ("mutation { forbid }", "NOT_ALLOWED", "You are not allowed", "U mag dit niet"),
        ("{ away }", "UNAVAILABLE", "This is not possible right now.", "Dit lukt nu even niet."),
        ("{ late }", "TIMEOUT", "This took too long.", "Dit duurde te lang."),
        ("{ broken }", "INTERNAL", "Something went wrong.", "Er ging iets mis."),
    ],
)
async def test_in_the_language_of_the_request(
    endpoint: Served, query: str, code: str, english: str, dutch: str
) -> None:
    for language, text in (("en", english), ("nl", dutch)):
        found = await error(endpoint, query, accept_language=language)
        assert found["extensions"]["code"] == code
        assert found["message"].startswith(text)


async def test_in_the_language_of_the_caller(endpoint: Served, database: Database) -> None:
    ada = await person(locale="nl")
    found = await error(endpoint, "{ refused }", accept_language="en", **ada.bearer)
    assert found["message"] == "Dit bestaat niet."


async def test_a_bad_query_is_told_as_it_is(endpoint: Served) -> None:
    syntax = await error(endpoint, "{ hello")
    field = await error(endpoint, "{ nothing }")
    variable = await endpoint.ask("query Q($key: UUID!) { known(key: $key) }", None, key="x")
    assert syntax["message"].startswith("Syntax Error")
    assert field["message"] == "Cannot query field 'nothing' on type 'Query'."
    assert field["locations"] == [{"line": 1, "column": 3}]
    for found in (syntax, field, *variable["errors"]):
        assert found["extensions"] == {"code": "BAD_QUERY"}
    assert "data" not in variable


async def test_without_a_database_nobody_is_let_in(endpoint: Served, tmp_path: Path) -> None:
    """The caller is unknown, so nothing runs: not as if nobody had signed in."""
    try:
        await open_database(f"sqlite://{tmp_path}/nowhere/sluis.db")
        with capture_logs() as lines:
            response = await endpoint.post("{ hello }", authorization="Bearer x")
    finally:
        await close_database()
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")
    assert "data" not in response.json()
    assert lines[-1]["status"] == 503
