"""Uploaded files, reports and the answers to questionnaires, sealed."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

from models.db.rules import Unique, together


class Migration(migrations.Migration):
    dependencies = [("models", "0007_appointments")]

    operations = together(
        ops.CreateModel(
            name="StoredFile",
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
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("media_type", fields.CharField(max_length=40)),
                ("size", fields.IntField()),
                ("created_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("attached_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("content", fields.BinaryField()),
            ],
            options={
                "table": "stored_file",
                "app": "models",
                "pk_attr": "id",
                "table_description": "``content`` is sealed for this practice and this row. ``size`` is in bytes, unsealed.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="AnswerForm",
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
                (
                    "dossier",
                    fields.ForeignKeyField(
                        "models.Dossier",
                        source_field="dossier_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "respondent",
                    fields.ForeignKeyField(
                        "models.Respondent",
                        source_field="respondent_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("reference", fields.CharField(max_length=60)),
                ("completed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "delivered_by",
                    fields.ForeignKeyField(
                        "models.StaffMember",
                        source_field="delivered_by_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("delivered_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("withdrawn_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("withdrawn_reason", fields.CharField(default="", max_length=200)),
                ("content", fields.BinaryField()),
            ],
            options={
                "table": "answer_form",
                "app": "models",
                "constraints": [UniqueConstraint(fields=("practice", "reference"), name="answers_reference_once")],
                "indexes": [
                    Index(fields=["dossier_id", "completed_at", "id"], name="answers_of_dossier"),
                    Index(fields=["respondent_id", "completed_at", "id"], name="answers_of_respondent"),
                ],
                "pk_attr": "id",
                "table_description": "``content`` is sealed for this practice and this row. ``reference`` is the sender's own, once in a practice.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Report",
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
                (
                    "dossier",
                    fields.ForeignKeyField(
                        "models.Dossier",
                        source_field="dossier_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "file",
                    fields.ForeignKeyField(
                        "models.StoredFile",
                        source_field="file_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("title", fields.BinaryField()),
                (
                    "added_by",
                    fields.ForeignKeyField(
                        "models.StaffMember",
                        source_field="added_by_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("archived_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "report",
                "app": "models",
                "constraints": [UniqueConstraint(fields=("file",), name="report_file_once")],
                "indexes": [Index(fields=["dossier_id", "created_at", "id"], name="report_by_time")],
                "pk_attr": "id",
                "table_description": "What it says is a stored file, and its title is sealed. Never deleted: an archived one is released to nobody.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ReportRelease",
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
                (
                    "report",
                    fields.ForeignKeyField(
                        "models.Report",
                        source_field="report_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "respondent",
                    fields.ForeignKeyField(
                        "models.Respondent",
                        source_field="respondent_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "released_by",
                    fields.ForeignKeyField(
                        "models.StaffMember",
                        source_field="released_by_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("released_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("withdrawn_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "report_release",
                "app": "models",
                "constraints": [
                    UniqueConstraint(
                        fields=("report", "respondent"), name="release_open_once", condition="withdrawn_at IS NULL"
                    )
                ],
                "pk_attr": "id",
                "table_description": "A respondent may read a report, until that is withdrawn. The row stays.",
            },
            bases=["Row"],
        ),
        Unique("report", "report_file_once", ("file_id",)),
        Unique("report_release", "release_open_once", ("report_id", "respondent_id"), "withdrawn_at IS NULL"),
        Unique("answer_form", "answers_reference_once", ("practice_id", "reference")),
    )
