"""From a subject to the audit rows about it."""

from typing import Any

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.operations import TortoiseOperation

from models.db.rules import together

_COLUMNS = "audit_subject (practice_id, subject, at, event)"


class SubjectsOfAudit(TortoiseOperation):
    """Each audit row's subjects are written with it, by a trigger: no writer can forget them, and none waits longer."""

    def describe(self) -> str:
        return "Subjects of audit rows"

    async def database_forward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        client = state_editor.client
        if client.capabilities.dialect == "sqlite":
            await client.execute_query(_sqlite("audit_event AS e", "e"))
            # One statement that ends in END, so the editor must not split it at its semicolon.
            await client.execute_query(
                "CREATE TRIGGER audit_subjects AFTER INSERT ON audit_event BEGIN " + _sqlite("", "NEW") + "; END"
            )
            return
        await client.execute_query(_postgresql("audit_event AS e,", "e"))
        await client.execute_query(
            "CREATE FUNCTION audit_subjects() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            + _postgresql("", "NEW")
            + "; RETURN NULL; END $$"
        )
        await client.execute_query(
            "CREATE TRIGGER audit_subjects AFTER INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_subjects()"
        )

    async def database_backward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        if state_editor.client.capabilities.dialect == "sqlite":
            await state_editor._run_sql("DROP TRIGGER audit_subjects")
            return
        await state_editor._run_sql("DROP TRIGGER audit_subjects ON audit_event")
        await state_editor._run_sql("DROP FUNCTION audit_subjects()")


def _sqlite(source: str, row: str) -> str:
    each = f"json_each({row}.subjects) AS s"
    tables = f"{source} JOIN {each}" if source else each
    return (
        f"INSERT INTO {_COLUMNS} "  # noqa: S608 - names of columns only
        f"SELECT {row}.practice_id, substr(s.value ->> '$.id', 1, 80), {row}.at, {row}.id FROM {tables} "
        f"WHERE json_type({row}.subjects) = 'array' AND s.value ->> '$.id' IS NOT NULL"
    )


def _postgresql(source: str, row: str) -> str:
    # What is no list has no subjects; unfolding it would fail.
    listed = f"CASE jsonb_typeof({row}.subjects) WHEN 'array' THEN {row}.subjects ELSE '[]'::jsonb END"
    return (
        f"INSERT INTO {_COLUMNS} "  # noqa: S608 - names of columns only
        f"SELECT {row}.practice_id, left(s.value ->> 'id', 80), {row}.at, {row}.id "
        f"FROM {source} jsonb_array_elements({listed}) AS s(value) WHERE s.value ->> 'id' IS NOT NULL"
    )


class Migration(migrations.Migration):
    dependencies = [("models", "0008_papers")]

    operations = together(
        ops.CreateModel(
            name="AuditSubject",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("practice_id", fields.UUIDField()),
                ("subject", fields.CharField(max_length=80)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("event", fields.UUIDField()),
            ],
            options={
                "table": "audit_subject",
                "app": "models",
                "indexes": [Index(fields=["practice_id", "subject", "at", "event"], name="audit_about")],
                "pk_attr": "id",
                "table_description": "One subject of one audit row, written by the database itself together with that row (a trigger).",
            },
            bases=["Model"],
        ),
        SubjectsOfAudit(),
    )
