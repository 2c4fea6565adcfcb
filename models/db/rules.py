"""Migration operations for rules that the database itself keeps, on both databases.

The ORM's own migrations leave ``Meta.constraints`` of a new model out, cannot make a unique rule with
a condition on SQLite and rebuild the table (losing child rows) for a check. So: unique rules are
unique indexes, and checks are constraints on PostgreSQL and a pair of triggers on SQLite.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from tortoise.migrations.operations import AddField, AlterField, Operation, TortoiseOperation


class _Gathering:
    """A state that only notes which models are to be rendered anew."""

    def __init__(self, state: Any) -> None:
        self.models, self.apps = state.models, state.apps
        self.changed: set[tuple[str, str]] = set()

    def reload_models(self, changed: Iterable[tuple[str, str]]) -> None:
        self.changed.update(changed)

    def reload_model(self, app_label: str, name: str) -> None:
        self.changed.add((app_label, name))


class _Together(TortoiseOperation):
    """Several operations as one: for each one the ORM renders nearly every model anew, twice, and most are many."""

    def __init__(self, parts: Sequence[TortoiseOperation]) -> None:
        self.parts = parts

    def describe(self) -> str:
        return ", ".join(part.describe() for part in self.parts)

    def state_forward(self, app_label: str, state: Any) -> None:
        gathering: Any = _Gathering(state)
        for part in self.parts:
            part.state_forward(app_label, gathering)
        state.reload_models(gathering.changed)

    async def database_forward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        for part in self.parts:
            await part.database_forward(app_label, old_state, new_state, state_editor)

    async def database_backward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        for part in reversed(self.parts):
            await part.database_backward(app_label, old_state, new_state, state_editor)


def together(*parts: TortoiseOperation) -> list[Operation]:
    """The operations of a migration that makes things and changes none that it made itself."""
    return [_Together(parts)]


class AddColumn(AddField):
    """A new column that may be NULL. Taken away without rebuilding the table, which would delete child rows."""

    async def database_backward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        table = old_state.apps.get_model(f"{app_label}.{self.model_name}")._meta.db_table
        await state_editor._run_sql(f'ALTER TABLE "{table}" DROP COLUMN "{self.name}"')


class MoreValues(AlterField):
    """An enumeration has further values; the database keeps their text, so nothing changes there."""

    async def database_forward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """Altering the column would rebuild the table on SQLite."""

    async def database_backward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """As forward."""


class Unique(TortoiseOperation):
    """At most one row with these columns, among the rows where ``condition`` holds."""

    def __init__(self, table: str, name: str, columns: tuple[str, ...], condition: str | None = None) -> None:
        self.table, self.name, self.columns, self.condition = table, name, columns, condition

    def describe(self) -> str:
        return f"Unique rule {self.name}"

    async def database_forward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        where = f" WHERE {self.condition}" if self.condition else ""
        columns = ", ".join(f'"{column}"' for column in self.columns)
        await state_editor._run_sql(f'CREATE UNIQUE INDEX "{self.name}" ON "{self.table}" ({columns}){where}')

    async def database_backward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        await state_editor._run_sql(f'DROP INDEX "{self.name}"')


class PartialIndex(TortoiseOperation):
    """An index of the rows where ``condition`` holds, which the ORM can't declare for both databases."""

    def __init__(self, table: str, name: str, columns: tuple[str, ...], condition: str) -> None:
        self.table, self.name, self.columns, self.condition = table, name, columns, condition

    def describe(self) -> str:
        return f"Partial index {self.name}"

    async def database_forward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        columns = ", ".join(f'"{column}"' for column in self.columns)
        await state_editor._run_sql(f'CREATE INDEX "{self.name}" ON "{self.table}" ({columns}) WHERE {self.condition}')

    async def database_backward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        await state_editor._run_sql(f'DROP INDEX "{self.name}"')


class Check(TortoiseOperation):
    """Every row satisfies ``condition``; ``columns`` are those it names."""

    def __init__(self, table: str, name: str, condition: str, columns: tuple[str, ...]) -> None:
        self.table, self.name, self.condition, self.columns = table, name, condition, columns

    def describe(self) -> str:
        return f"Check rule {self.name}"

    async def database_forward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        if state_editor.client.capabilities.dialect != "sqlite":
            await state_editor._run_sql(
                f'ALTER TABLE "{self.table}" ADD CONSTRAINT "{self.name}" CHECK ({self.condition})'
            )
            return
        row_condition = self.condition
        for column in self.columns:
            row_condition = row_condition.replace(column, f"NEW.{column}")
        for event in ("INSERT", "UPDATE"):
            # One statement that ends in END, so the editor must not split it at its semicolon.
            await state_editor.client.execute_query(
                f'CREATE TRIGGER "{self.name}_{event.lower()}" BEFORE {event} ON "{self.table}" '
                f"WHEN NOT ({row_condition}) BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {self.name}'); END"
            )

    async def database_backward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        if state_editor.client.capabilities.dialect != "sqlite":
            await state_editor._run_sql(f'ALTER TABLE "{self.table}" DROP CONSTRAINT "{self.name}"')
            return
        for event in ("insert", "update"):
            await state_editor._run_sql(f'DROP TRIGGER "{self.name}_{event}"')
