"""The audit trail is only ever added to, which the database itself sees to, and its rows come in sealed segments."""

from typing import Any
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.migrations.operations import TortoiseOperation

from models.core.audit_guards import ON_POSTGRESQL, ON_SQLITE, TABLES
from models.db.rules import AddColumn, PartialIndex, Unique, together

# All columns but those that may change: segment; seal and purged_at.
_EVENT = (
    *("id", "practice_id", "at", "event", "outcome", "actor_account", "actor_role"),
    *("session", "request", "address", "subjects", "details"),
)
_SEGMENT = ("id", "practice_id", "number", "events", "first_at", "last_at", "digest", "chain", "sealed_at")

_ADDED = "audit_event is append-only: a new row has no segment and an id of its own"
_CHANGED = "audit_event is append-only: a row changes once, when it comes into the newest segment"
_DELETED = "audit_event is append-only: a row goes with its whole segment, once that is purged"
_SEGMENT_ADDED = "audit_segment is append-only: a new segment has a number and an id of its own"
_SEGMENT_CHANGED = "audit_segment is append-only: it is sealed anew, or purged once with a new seal"
_SEGMENT_DELETED = "audit_segment is append-only: what is purged stays as a checkpoint"
_SUBJECT_ADDED = "audit_subject is append-only: a new row has an id of its own"
_SUBJECT_CHANGED = "audit_subject is append-only: no row changes"
_SUBJECT_DELETED = "audit_subject is append-only: a row goes after its event"
_TRUNCATED = "is append-only: it is never emptied"

_NEWEST = "(SELECT MAX(number) FROM audit_segment WHERE practice_id = OLD.practice_id)"
_PURGED = (
    "EXISTS (SELECT 1 FROM audit_segment"
    " WHERE practice_id = OLD.practice_id AND number = OLD.segment AND purged_at IS NOT NULL)"
)
_TOLD = "EXISTS (SELECT 1 FROM audit_event WHERE id = OLD.event)"


class AppendOnly(TortoiseOperation):
    """Triggers that refuse every change but sealing and purging, whoever asks for it."""

    def describe(self) -> str:
        return "The audit trail is append-only"

    async def database_forward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        client = state_editor.client
        # Each is one statement, which the editor would split at its semicolons.
        for statement in _sqlite() if client.capabilities.dialect == "sqlite" else _postgresql():
            await client.execute_query(statement)

    async def database_backward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        sqlite = state_editor.client.capabilities.dialect == "sqlite"
        for table in TABLES:
            if sqlite:
                for name in ON_SQLITE[table]:
                    await state_editor._run_sql(f"DROP TRIGGER {name}")
            else:
                await state_editor._run_sql(f"DROP FUNCTION {table}_kept() CASCADE")


def _sqlite() -> list[str]:
    kept = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in ("rowid", *_EVENT))
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in ("rowid", *_SEGMENT))
    purged = "(NEW.purged_at IS OLD.purged_at OR (OLD.purged_at IS NULL AND NEW.seal IS NOT OLD.seal))"
    newest = f"OLD.segment IS NULL AND NEW.segment IS NOT NULL AND NEW.segment IS {_NEWEST}"
    return [
        _trigger("audit_event", "insert", f"NEW.segment IS NOT NULL OR {_there('audit_event')}", _ADDED),
        _trigger("audit_event", "update", f"NOT ({newest} AND {kept})", _CHANGED),
        _trigger("audit_event", "delete", f"NOT {_PURGED}", _DELETED),
        _trigger("audit_segment", "insert", f"{_there('audit_segment')} OR {_numbered()}", _SEGMENT_ADDED),
        _trigger("audit_segment", "update", f"NOT ({purged} AND {same})", _SEGMENT_CHANGED),
        _trigger("audit_segment", "delete", "TRUE", _SEGMENT_DELETED),
        _trigger("audit_subject", "insert", "EXISTS (SELECT 1 FROM audit_subject WHERE id = NEW.id)", _SUBJECT_ADDED),
        _trigger("audit_subject", "update", "TRUE", _SUBJECT_CHANGED),
        _trigger("audit_subject", "delete", _TOLD, _SUBJECT_DELETED),
    ]


def _there(table: str) -> str:
    """INSERT OR REPLACE takes the row that is in its way, by its id or its rowid, without asking a DELETE trigger.

    A rowid that the statement does not give is -1 here.
    """
    return (
        f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608 - names of tables only
        f" OR (NEW.rowid <> -1 AND EXISTS (SELECT 1 FROM {table} WHERE rowid = NEW.rowid))"
    )


def _numbered() -> str:
    return "EXISTS (SELECT 1 FROM audit_segment WHERE practice_id = NEW.practice_id AND number = NEW.number)"


def _trigger(table: str, kind: str, broken: str, rule: str) -> str:
    (name,) = (one for one in ON_SQLITE[table] if one.endswith(f"_{kind}"))
    return (
        f"CREATE TRIGGER {name} BEFORE {kind.upper()} ON {table} WHEN {broken} BEGIN SELECT RAISE(ABORT, '{rule}'); END"
    )


def _postgresql() -> list[str]:
    """``kept`` is the new row with what may differ as it was."""
    event = f"""
        IF TG_OP = 'TRUNCATE' THEN {_raise("audit_event " + _TRUNCATED)}
        ELSIF TG_OP = 'INSERT' THEN {_raise(_ADDED)}
        ELSIF TG_OP = 'DELETE' THEN
            IF NOT {_PURGED} THEN {_raise(_DELETED)} END IF;
            RETURN OLD;
        END IF;
        kept := NEW;
        kept.segment := NULL;
        IF NEW.segment IS NULL OR NEW.segment IS DISTINCT FROM {_NEWEST} OR kept IS DISTINCT FROM OLD
            THEN {_raise(_CHANGED)} END IF;
        RETURN NEW;"""
    segment = f"""
        IF TG_OP = 'TRUNCATE' THEN {_raise("audit_segment " + _TRUNCATED)}
        ELSIF TG_OP = 'DELETE' THEN {_raise(_SEGMENT_DELETED)}
        END IF;
        kept := NEW;
        kept.seal := OLD.seal;
        IF OLD.purged_at IS NULL AND NEW.seal <> OLD.seal THEN kept.purged_at := NULL; END IF;
        IF kept IS DISTINCT FROM OLD THEN {_raise(_SEGMENT_CHANGED)} END IF;
        RETURN NEW;"""
    subject = f"""
        IF TG_OP = 'TRUNCATE' THEN {_raise("audit_subject " + _TRUNCATED)}
        ELSIF TG_OP = 'UPDATE' THEN {_raise(_SUBJECT_CHANGED)}
        ELSIF {_TOLD} THEN {_raise(_SUBJECT_DELETED)}
        END IF;
        RETURN OLD;"""
    return [
        *_kept("audit_event", event),
        # Whoever adds a row as it should be is not held up.
        _ADDING,
        *_kept("audit_segment", segment),
        *_kept("audit_subject", subject),
    ]


def _raise(rule: str) -> str:
    # The ORM's IntegrityError, as on SQLite.
    return f"RAISE EXCEPTION '{rule}' USING ERRCODE = 'check_violation';"


_ADDING = f"""CREATE TRIGGER {ON_POSTGRESQL["audit_event"][2]} BEFORE INSERT ON audit_event
    FOR EACH ROW WHEN (NEW.segment IS NOT NULL) EXECUTE FUNCTION audit_event_kept()"""


def _kept(table: str, body: str) -> list[str]:
    function = f"EXECUTE FUNCTION {table}_kept()"
    made = f"FUNCTION {table}_kept() RETURNS trigger LANGUAGE plpgsql"
    kept, not_emptied, *_ = ON_POSTGRESQL[table]
    return [
        f"CREATE {made} AS $$ DECLARE kept {table}; BEGIN {body} END $$",
        f"CREATE TRIGGER {kept} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {function}",
        f"CREATE TRIGGER {not_emptied} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {function}",
    ]


class Migration(migrations.Migration):
    dependencies = [("models", "0012_prospects")]

    operations = together(
        AddColumn("AuditEvent", "segment", fields.IntField(null=True)),
        # Superseded: the same order, told to the last row, finds where a page begins.
        ops.RemoveIndex("AuditEvent", name="audit_when"),
        ops.AddIndex("AuditEvent", Index(fields=["practice_id", "at", "id"], name="audit_by_time")),
        ops.AddIndex("AuditEvent", Index(fields=["practice_id", "actor_account", "at", "id"], name="audit_by_actor")),
        ops.AddIndex("AuditEvent", Index(fields=["practice_id", "event", "at", "id"], name="audit_by_event")),
        # Of the two a row is in one: who writes it pays for the small one, who seals it for the other.
        PartialIndex("audit_event", "audit_unsealed", ("practice_id", "at", "id"), "segment IS NULL"),
        PartialIndex("audit_event", "audit_sealed", ("practice_id", "segment", "at", "id"), "segment IS NOT NULL"),
        ops.CreateModel(
            name="AuditSegment",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "practice",
                    fields.ForeignKeyField(
                        "models.Practice",
                        source_field="practice_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("number", fields.IntField()),
                ("events", fields.IntField()),
                ("first_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("last_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("digest", fields.CharField(max_length=64)),
                ("chain", fields.CharField(max_length=64)),
                ("seal", fields.CharField(max_length=64)),
                ("sealed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("purged_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "audit_segment",
                "app": "models",
                "constraints": [UniqueConstraint(fields=("practice", "number"), name="audit_segment_once")],
                "pk_attr": "id",
                "table_description": "A run of a practice's audit rows under one seal, chained to the one before it. Hashes are hexadecimal.",
            },
            bases=["Row"],
        ),
        Unique("audit_segment", "audit_segment_once", ("practice_id", "number")),
        AppendOnly(),
    )
