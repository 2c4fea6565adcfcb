"""One escaped record each, whatever is in it (OWASP, CSV Injection and Logging Cheat Sheets)."""

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.audit_trail.audit_lines import FORMS, Lines
from models.core.audit_search import AuditRow
from tests.support.clock import MONDAY_NOON

#: Where a line ends, to any reader.
_ENDS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
#: What PostgreSQL and SQLite both store.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def _row(text: str) -> AuditRow:
    return AuditRow(
        id=text,
        at=MONDAY_NOON,
        event="dossier.read",
        outcome="SUCCESS",
        actor_account=text,
        actor_member=None,
        actor_name=text,
        actor_role=text,
        session=None,
        request=text,
        address=text,
        subjects=((text, text),),
        details={text: text, "list": [text, 1, None]},
        segment=7,
    )


def _lines(form: str, locale: str) -> Lines:
    return Lines(FORMS[form], locale, lambda kind, identity: f"{kind}:{identity}")


def _cells(text: str) -> dict[str, str]:
    lines = _lines("csv", "nl")
    table = (lines.form.head() + lines.of([_row(text)])).decode()
    assert table.endswith("\r\n")
    (head, row) = csv.reader(io.StringIO(table, newline=""), strict=True)
    assert len(_ENDS.findall(table)) == 4, "the two of each line, and no other"
    return dict(zip(head, row, strict=True))


@given(TEXTS)
def test_csv_row_is_one_line_without_formulas(text: str) -> None:
    cells = _cells(text)
    assert (cells["what"], cells["segment"]) == ("Het dossier bekeken", "7")
    for cell in cells.values():
        assert not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", cell)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Łukasz \"the 'Cat'\", 1; 2", "Łukasz \"the 'Cat'\", 1; 2"),
        ("=1+1", "'=1+1"),
        ("+31 6", "'+31 6"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\uff1d1", "'\uff1d1"),
        (" \u200b\ufeff=1", "' \u200b\ufeff=1"),
        ("\t=1", "'\\t'=1"),
        ("Eve;=1+1; +2,\t@3", "Eve;'=1+1; '+2,\\t'@3"),
        ('Eve;"=1', "Eve;\"'=1"),
        ("\r\n=1", "'\\r\\n=1"),
        ("a\r\nb\u2028c\x1b[2Jd\\n", "a\\r\\nb\\u2028c\\x1b[2Jd\\\\n"),
    ],
)
def test_csv_cell_is_quoted(text: str, cell: str) -> None:
    assert _cells(text)["actorName"] == cell


@given(TEXTS)
def test_json_row_is_one_line_and_round_trips(text: str) -> None:
    line = _lines("jsonl", "en").of([_row(text)]).decode()
    assert _ENDS.findall(line) == ["\n"]
    told = json.loads(line)
    assert (told["actorName"], told["subjects"], told["subjectTypes"]) == (text, [f"{text}:{text}"], [text])
    assert told["details"] == {text: text, "list": [text, 1, None]}
    assert told["at"] == "2026-03-02T12:00:00+00:00"
