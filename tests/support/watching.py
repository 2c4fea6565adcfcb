"""Every statement of the product, looked at while a test runs: is the row held that keeps what it writes or counts?

The rules are the list of statements that count or look over siblings, with the lock that each of them needs
(docs/adr/0014-lock-order.md). A row that the transaction stored itself counts as held: nobody else sees it yet.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from models.db.database import _held
from models.db.engines.counting import Counting
from models.locks import ORDER


@dataclass(frozen=True, slots=True)
class Rule:
    """What matches ``statement`` inside a transaction needs one of the tables in ``held`` to have a held row."""

    statement: str
    held: tuple[str, ...]
    why: str


RULES = (
    Rule(r"(INSERT INTO|DELETE FROM) access_grant|UPDATE access_grant SET", ("account",), "an account's last grant"),
    Rule(r"INSERT INTO access_grant", ("respondent",), "one login for a respondent"),
    Rule(r"SELECT (1|COUNT\(.*\)) .*FROM access_grant", ("account",), "whether an account has an approved grant"),
    Rule(r"INSERT INTO invitation ", ("respondent", "staff_member"), "one invitation, to the present address"),
    Rule(r"UPDATE invitation SET .*(accepted_at|revoked_at)=", ("respondent", "staff_member"), "the invitation's end"),
    Rule(r"INSERT INTO invitation ", ("dossier", "staff_member"), "no invitation to a closed dossier"),
    Rule(r"(INSERT INTO|DELETE FROM) factor_enrolment", ("account",), "an account's last factor, its devices"),
    Rule(r"INSERT INTO login_session|UPDATE login_session SET .*ended_at=", ("account",), "an account's sessions"),
    Rule(r"INSERT INTO mailed_link|UPDATE mailed_link SET", ("account",), "an account's one open link"),
    Rule(r"(INSERT INTO|UPDATE) change_request ", ("account",), "an account's one open request"),
    Rule(r"(INSERT INTO|UPDATE) phone_change ", ("account",), "an account's one open change"),
    Rule(r"(INSERT INTO|UPDATE) factor_exemption ", ("account",), "an account's one exemption"),
    Rule(r"DELETE FROM prospect", ("account",), "a prospect's one fate"),
    Rule(r"INSERT INTO respondent ", ("dossier",), "nobody is added to a closed dossier"),
    Rule(r"INSERT INTO appointment ", ("dossier",), "nothing is booked on a closed dossier"),
    Rule(r"INSERT INTO appointment ", ("staff_member",), "a therapist's agenda"),
    Rule(r"UPDATE appointment SET .*starts_at=", ("staff_member",), "a therapist's agenda"),
    Rule(r"SELECT .* FROM appointment WHERE .*ends_at>", ("staff_member",), "whether a therapist is free"),
    Rule(r"INSERT INTO report(_release)? ", ("dossier",), "nothing is added to a closed dossier"),
    Rule(r"INSERT INTO answer_form ", ("dossier",), "nothing is added to a closed dossier"),
    Rule(r"UPDATE staff_member SET .*(role|suspended_at)=", ("practice",), "a practice's last owner"),
    Rule(r"SELECT COUNT\(.*\) .*FROM staff_member", ("practice",), "how many owners there are"),
    Rule(r"(INSERT INTO|DELETE FROM) caseload_entry", ("staff_member", "dossier"), "a caseload"),
    Rule(r"UPDATE practice SET", ("practice",), "the settings and the policy"),
)

#: What is looked over and then written: a transaction that does both holds one of these rows before it looks.
LOOKED_OVER = {
    "access_grant": ("account", "respondent"),
    "factor_enrolment": ("account",),
    "invitation": ("respondent", "staff_member"),
    "caseload_entry": ("staff_member", "dossier"),
}

_READS = re.compile(r"^SELECT .*? FROM (?P<table>\w+)")
_WRITES = re.compile(r"^(?P<verb>INSERT INTO|UPDATE|DELETE FROM) (?P<table>\w+)")


@dataclass(slots=True)
class _Transaction:
    """``held`` is the product's own note; ``stored`` and ``written`` are tables that statements stored or changed.

    ``looked_at_early`` are tables of which rows were read before what keeps them was held.
    """

    held: set[tuple[int, str]]
    stored: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    looked_at_early: set[str] = field(default_factory=set)

    @property
    def tables(self) -> set[str]:
        return {ORDER[rank] for rank, _ in self.held} | self.stored | self.written


@dataclass(slots=True)
class Watch:
    """What was done without the row held that keeps it: the statement, and why that matters."""

    found: dict[str, str] = field(default_factory=dict)
    running: dict[int, _Transaction] = field(default_factory=dict)

    def look(self, query: str) -> None:
        held = _held.get()
        if held is None:
            return
        # With the set itself in it, so that no other gets its number.
        now = self.running.setdefault(id(held), _Transaction(held))
        text = re.sub(r"\s+", " ", query.replace('"', "")).strip()
        for rule in RULES:
            if re.match(rule.statement, text) and not now.tables & set(rule.held):
                self._tell(text, f"{rule.why}: hold a row of {' or '.join(rule.held)} first")
        if (read := _READS.match(text)) and not now.tables & set(LOOKED_OVER.get(read["table"], now.tables)):
            now.looked_at_early.add(read["table"])
        if (write := _WRITES.match(text)) and write["table"] in now.looked_at_early & LOOKED_OVER.keys():
            self._tell(
                text, f"{write['table']} was looked at before {' or '.join(LOOKED_OVER[write['table']])} was held"
            )
        if write and write["table"] in ORDER:
            self._note(now, text, write["verb"], write["table"])

    def _note(self, now: _Transaction, text: str, verb: str, table: str) -> None:
        """A statement that changes a row holds it from then on, in its place of the order."""
        if verb == "INSERT INTO":
            now.stored.add(table)
            return
        last = max((ORDER.index(each) for each in now.tables - now.stored), default=-1)
        if table not in now.tables and ORDER.index(table) < last:
            self._tell(text, f"{table} comes before {ORDER[last]}, which is held")
        now.written.add(table)

    def _tell(self, text: str, why: str) -> None:
        self.found.setdefault(text[:300], why)


@contextmanager
def watched() -> Iterator[Watch]:
    """Everything that passes the product's database clients in this process."""
    watch = Watch()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("execute_insert", "execute_query", "execute_query_dict", "execute_many"):
            patch.setattr(Counting, name, _looking(watch, getattr(Counting, name)))
        yield watch


def _looking(watch: Watch, method: Any) -> Any:
    async def looks(client: Any, query: str, *rest: Any, **named: Any) -> Any:
        watch.look(query)
        return await method(client, query, *rest, **named)

    return looks
