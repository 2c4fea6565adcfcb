"""What a database consists of, asked of the database itself: tables, indexes, rules and rows."""

from dataclasses import dataclass
from typing import Any

from tests.support.databases import Database

_SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
# Without a column's place: one that was undone and made again comes last, and no statement counts on it.
_POSTGRESQL = (
    """SELECT 'column' AS type, table_name || '.' || column_name AS name,
              concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default) AS sql
         FROM information_schema.columns WHERE table_schema = 'public'""",
    "SELECT 'index' AS type, indexname AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = 'public'",
    """SELECT 'constraint' AS type, conrelid::regclass::text || '.' || conname AS name,
              pg_get_constraintdef(oid) AS sql
         FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "SELECT 'trigger' AS type, tgname AS name, pg_get_triggerdef(oid) AS sql FROM pg_trigger WHERE NOT tgisinternal",
)
_TABLES = {
    True: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    False: "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
}
#: The ORM's own, which tells what was applied and when.
_BOOKKEEPING = "tortoise_migrations"

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Picture:
    """``structure`` is how the database words each table, index, constraint and trigger; ``rows`` are by table."""

    structure: dict[tuple[str, str], str]
    rows: Rows

    def rows_of(self, other: Rows) -> Rows:
        """As much of the rows as another picture has tables and columns for."""
        return {table: _cut(rows, other[table]) for table, rows in self.rows.items() if table in other}

    @property
    def rules(self) -> set[str]:
        """The names of indexes, constraints and triggers, without their tables'."""
        return {name.rpartition(".")[2] for kind, name in self.structure if kind in {"index", "constraint", "trigger"}}


def _cut(rows: list[dict[str, Any]], like: list[dict[str, Any]]) -> list[dict[str, Any]]:
    columns = {name for row in like for name in row}
    return [{name: value for name, value in row.items() if name in columns} for row in rows]


async def taken(database: Database) -> Picture:
    """A picture of a database as it is now."""
    sqlite = database.url.startswith("sqlite:")
    found = [row for sql in ((_SQLITE,) if sqlite else _POSTGRESQL) for row in await database.rows(sql)]
    structure = {(row["type"], row["name"]): row["sql"] or "" for row in found if _BOOKKEEPING not in f"{row}"}
    tables = [row["name"] for row in await database.rows(_TABLES[sqlite])]
    rows = {
        table: sorted(await database.rows(f"SELECT * FROM {table}"), key=str)
        for table in sorted(tables)
        if table != _BOOKKEEPING
    }
    return Picture(structure, rows)
