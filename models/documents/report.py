"""Reports on a client, and their releases to respondents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.expressions import Q
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from models.core.practice import Practice
from models.db.base import Row, parent_key, practice_key
from models.db.database import fetch
from models.documents.stored_file import StoredFile
from models.dossiers.dossier import Dossier, Relation, Respondent
from models.staff.staff import StaffMember


class Report(Row):
    """What it says is a stored file, and its title is sealed. Never deleted: an archived one is released to nobody."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    dossier_id: UUID
    dossier: fields.ForeignKeyRelation[Dossier] = parent_key("Dossier")
    file_id: UUID
    file: fields.ForeignKeyRelation[StoredFile] = fields.ForeignKeyField(
        "models.StoredFile", on_delete=fields.RESTRICT, db_index=True
    )
    title = fields.BinaryField()
    added_by_id: UUID | None
    added_by: fields.ForeignKeyNullableRelation[StaffMember] = parent_key("StaffMember", null=True)
    created_at = fields.DatetimeField()
    archived_at = fields.DatetimeField(null=True)

    class Meta:
        table = "report"
        constraints = (UniqueConstraint(fields=("file",), name="report_file_once"),)
        indexes = (Index(fields=("dossier_id", "created_at", "id"), name="report_by_time"),)


class ReportRelease(Row):
    """A respondent may read a report, until that is withdrawn. The row stays."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    report_id: UUID
    report: fields.ForeignKeyRelation[Report] = parent_key("Report")
    respondent_id: UUID
    respondent: fields.ForeignKeyRelation[Respondent] = parent_key("Respondent")
    released_by_id: UUID | None
    released_by: fields.ForeignKeyNullableRelation[StaffMember] = parent_key("StaffMember", null=True)
    released_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "report_release"
        constraints = (
            UniqueConstraint(
                fields=("report", "respondent"), name="release_open_once", condition="withdrawn_at IS NULL"
            ),
        )


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report in a list, without what it says; ``title`` is sealed."""

    id: UUID
    practice_id: UUID
    dossier_id: UUID
    file_id: UUID
    title: bytes
    media_type: str
    size: int
    added_by: str | None
    created_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """The release of a report to a respondent."""

    id: UUID
    report_id: UUID
    respondent_id: UUID
    respondent: str
    relation: Relation
    released_by: str | None
    released_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReleasedRow:
    """A report as it lies with a respondent."""

    id: UUID
    respondent_id: UUID
    released_at: datetime
    report: ReportRow


_REPORT = ("practice_id", "dossier_id", "file_id", "title", "created_at", "archived_at")
_JOINED = ("file__media_type", "file__size", "added_by__name")


async def report_rows(
    practice_id: object, limit: int, after: tuple[datetime, str] | None = None, **where: Any
) -> list[ReportRow]:
    """Reports newest first: one statement, which reads no file."""
    found = Report.filter(practice_id=practice_id, **where).order_by("-created_at", "-id")
    if after:
        at, identity = after
        found = found.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=identity))
    return [_report(row) for row in await found.limit(limit).values("id", *_REPORT, *_JOINED)]


async def releases_of(report_ids: Sequence[UUID]) -> list[ReleaseRow]:
    """The releases of these reports, oldest first, also withdrawn ones: one statement."""
    if not report_ids:
        return []
    rows = (
        await ReportRelease.filter(report_id__in=report_ids)
        .order_by("released_at", "id")
        .values(
            "id",
            "report_id",
            "respondent_id",
            "released_at",
            "withdrawn_at",
            "respondent__name",
            "respondent__relation",
            "released_by__name",
        )
    )
    return [
        ReleaseRow(
            id=row["id"],
            report_id=row["report_id"],
            respondent_id=row["respondent_id"],
            respondent=row["respondent__name"],
            relation=Relation(row["respondent__relation"]),
            released_by=row["released_by__name"],
            released_at=row["released_at"],
            withdrawn_at=row["withdrawn_at"],
        )
        for row in rows
    ]


async def released_rows(
    practice_id: object,
    respondent_ids: Sequence[UUID],
    limit: int,
    after: tuple[datetime, str] | None = None,
    **where: Any,
) -> list[ReleasedRow]:
    """What these respondents may read now, newest first: one statement, which reads no file."""
    if not respondent_ids:
        return []
    found = ReportRelease.filter(
        practice_id=practice_id,
        respondent_id__in=respondent_ids,
        withdrawn_at=None,
        report__archived_at=None,
        **where,
    ).order_by("-released_at", "-id")
    if after:
        at, identity = after
        found = found.filter(Q(released_at__lt=at) | Q(released_at=at, id__lt=identity))
    inner = [f"report__{name}" for name in (*_REPORT, *_JOINED)]
    rows = await found.limit(limit).values("id", "respondent_id", "released_at", "report_id", *inner)
    return [_released(row) for row in rows]


async def hold_report(report_id: object) -> Report:
    """The report, which nobody archives until the transaction ends."""
    return await Report.select_for_update(no_key=True).get(id=report_id)


async def release(practice_id: str, report_id: UUID, respondent_id: UUID, staff_id: str | None, now: datetime) -> bool:
    """Release a report to a respondent; False where it is released already."""
    made = await fetch(
        "INSERT INTO report_release (id, practice_id, report_id, respondent_id, released_by_id, released_at)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (report_id, respondent_id) WHERE withdrawn_at IS NULL DO NOTHING RETURNING id",
        uuid4(),
        practice_id,
        report_id,
        respondent_id,
        staff_id,
        now,
    )
    return len(made) == 1


def _report(row: dict[str, Any], prefix: str = "") -> ReportRow:
    value = {name: row[prefix + name] for name in (*_REPORT, *_JOINED)}
    return ReportRow(
        id=row["report_id" if prefix else "id"],
        media_type=value.pop("file__media_type"),
        size=value.pop("file__size"),
        added_by=value.pop("added_by__name"),
        **value,
    )


def _released(row: dict[str, Any]) -> ReleasedRow:
    return ReleasedRow(
        id=row["id"],
        respondent_id=row["respondent_id"],
        released_at=row["released_at"],
        report=_report(row, "report__"),
    )
