"""The triggers that keep the audit trail as it was written: their names, and which of them the database lacks."""

from collections.abc import Mapping

from models.db.database import fetch, is_sqlite

#: By table, each trigger's name.
Guards = Mapping[str, tuple[str, ...]]

TABLES = ("audit_event", "audit_segment", "audit_subject")
_SQLITE_KINDS = ("insert", "update", "delete")
_POSTGRESQL_KINDS = ("kept", "not_emptied")
#: A new row on PostgreSQL; and, on both databases, the index of its subjects (migration 0009).
_ADDED, _INDEXED = "audit_event_added", "audit_subjects"

#: What migration 0013 makes.
ON_SQLITE: Guards = {table: tuple(f"{table}_{kind}" for kind in _SQLITE_KINDS) for table in TABLES}
ON_POSTGRESQL: Guards = {
    table: (*(f"{table}_{kind}" for kind in _POSTGRESQL_KINDS), *((_ADDED,) if table == "audit_event" else ()))
    for table in TABLES
}

_OF_SQLITE = "SELECT tbl_name AS kept, name FROM sqlite_master WHERE type = 'trigger'"
# One that is disabled, or fires for replicated rows alone, is as good as none.
_OF_POSTGRESQL = """
SELECT CAST(c.relname AS text) AS kept, CAST(t.tgname AS text) AS name
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE c.oid IN (to_regclass('audit_event'), to_regclass('audit_segment'), to_regclass('audit_subject'))
   AND t.tgenabled IN ('O', 'A')
"""


async def missing_guards() -> list[str]:
    """Names of the triggers that are not there, or do not fire; by name, whatever they do."""
    found = {(row["kept"], row["name"]) for row in await fetch(_OF_SQLITE if is_sqlite() else _OF_POSTGRESQL)}
    guards = ON_SQLITE if is_sqlite() else ON_POSTGRESQL
    wanted = [(table, name) for table, names in guards.items() for name in names]
    return [name for table, name in [*wanted, ("audit_event", _INDEXED)] if (table, name) not in found]
