"""Audit rows as lines to take along: CSV (RFC 4180) and JSON Lines, one escaped record each."""

import csv
import io
import json
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from flows.audit_trail.audit_words import owner_words_of
from models.core.audit_search import AuditRow

_COLUMNS = (
    "at",
    "event",
    "what",
    "outcome",
    "actorAccount",
    "actorMember",
    "actorName",
    "actorRole",
    "subjects",
    "subjectTypes",
    "address",
    "session",
    "request",
    "details",
    "id",
    "segment",
)
#: What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection), full-width forms too.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: Where other settings of a spreadsheet (the Dutch ones part cells by semicolons) see another cell begin with one.
_CELL_WITHIN = re.compile(r"([;,|\t][\s\"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
#: Line ends of any kind and other control characters, as they are written in many languages; and the sign itself.
_ESCAPED = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))} | {
    ord("\\"): "\\\\",
    ord("\r"): "\\r",
    ord("\n"): "\\n",
    ord("\t"): "\\t",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}
#: Line ends to some readers, which JSON does not escape.
_SEPARATORS = ("\u2028", "\u2029", "\u0085")


#: An id as the API gives it, of a type and what is stored.
PublicId = Callable[[str, object], str]


@dataclass(frozen=True, slots=True)
class Form(ABC):
    """A way to write rows down; ``ending`` is the file's."""

    ending: str
    media_type: str

    @abstractmethod
    def head(self) -> bytes:
        """What stands before all rows."""

    @abstractmethod
    def lines(self, records: Iterable[Mapping[str, Any]]) -> bytes:
        """The rows, each with its end."""


class Csv(Form):
    """Every cell is quoted, and neutral for a spreadsheet: what looks like a formula has a ``'`` before it."""

    def head(self) -> bytes:
        return _csv([_COLUMNS])

    def lines(self, records: Iterable[Mapping[str, Any]]) -> bytes:
        return _csv([_cell(value) for value in record.values()] for record in records)


class JsonLines(Form):
    """An object a line (jsonlines.org)."""

    def head(self) -> bytes:
        return b""

    def lines(self, records: Iterable[Mapping[str, Any]]) -> bytes:
        return b"".join(_json(record) + b"\n" for record in records)


FORMS: Mapping[str, Form] = {
    "csv": Csv(".csv", "text/csv"),
    "jsonl": JsonLines(".jsonl", "application/x-ndjson"),
}


@dataclass(frozen=True, slots=True)
class Lines:
    """How one reader's rows are written: in which form and language, and with which ids."""

    form: Form
    locale: str
    public_id: PublicId

    def of(self, rows: Iterable[AuditRow]) -> bytes:
        return self.form.lines(self._record(row) for row in rows)

    def _record(self, row: AuditRow) -> dict[str, Any]:
        values = (
            row.at.isoformat(),
            row.event,
            owner_words_of(row.event, self.locale),
            row.outcome,
            self._id("Account", row.actor_account),
            self._id("StaffMember", row.actor_member),
            row.actor_name,
            row.actor_role or None,
            [self.public_id(kind, identity) for kind, identity in row.subjects],
            [kind for kind, _ in row.subjects],
            row.address or None,
            self._id("LoginSession", row.session),
            row.request or None,
            row.details,
            self.public_id("AuditEvent", row.id),
            row.segment,
        )
        return dict(zip(_COLUMNS, values, strict=True))

    def _id(self, kind: str, identity: str | None) -> str | None:
        return self.public_id(kind, identity) if identity else None


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case list():
            text = " ".join(value)
        case dict():
            text = json.dumps(value, ensure_ascii=False) if value else ""
        case _:
            text = str(value)
    neutral = f"'{text}" if _first(text) in _FORMULA else text
    return _CELL_WITHIN.sub(r"\1'", neutral).translate(_ESCAPED)


def _first(text: str) -> str:
    """The first sign to be seen: a spreadsheet may take away what stands before it."""
    return next((char for char in text if unicodedata.category(char)[0] not in "CZ"), "")


def _json(record: Mapping[str, Any]) -> bytes:
    line = orjson.dumps(record)
    for separator in _SEPARATORS:
        line = line.replace(separator.encode(), f"\\u{ord(separator):04x}".encode())
    return line
