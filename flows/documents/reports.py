"""Reports: added by staff, released to named respondents, withdrawn, archived; never deleted, since care is recorded.

A respondent sees one while it is released to them, by an approved grant that opens reports, and not before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from flows.access.reach import dossier_in_reach, respondent_in_reach, staff
from flows.access.scopes import scopes_of
from flows.core import audit
from flows.core.account_mail import tell
from flows.core.context import AppContext, Caller
from flows.core.ids import as_uuid
from flows.core.texts import clean, lines
from flows.documents import files
from flows.refusals import (
    Conflict,
    DossierClosed,
    InArchive,
    InvalidInput,
    NoLogin,
    NotFound,
    Problem,
    Refusal,
    ScopeMissing,
)
from models import AccessGrant, GrantState, Report, ReportRelease, Respondent, Scope, StoredFile
from models.access.access import live_grant_of
from models.core.sealed import REPORT_TITLE
from models.db.database import transaction
from models.documents.report import hold_report, release
from models.locks import hold_open, hold_rows

_KINDS = ["application/pdf", "text/plain"]
_LONGEST_TEXT = 50_000
_MOST_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """Either the id of an uploaded file or a text; ``repr`` shows none of it."""

    dossier_id: str
    title: str = field(repr=False)
    file_id: str | None = None
    text: str | None = field(default=None, repr=False)


async def add_report(app: AppContext, caller: Caller | None, draft: ReportDraft) -> Report | Refusal:
    """A report that nobody but staff sees yet. Raises NotFound, InvalidInput and FileRefused."""
    member = staff(caller)
    dossier = await dossier_in_reach(member, draft.dossier_id)
    title = clean("title", draft.title, 120)
    if (draft.file_id is None) == (draft.text is None):
        raise InvalidInput("file", Problem.EITHER, ("file", "text"))
    written = None if draft.text is None else await _written(app, member, draft.text)
    identity = uuid4()
    async with transaction():
        if not await hold_open(dossier.id):
            return DossierClosed()
        file_id = draft.file_id
        if written is None:
            await files.use(app, member, str(file_id), _KINDS)
        else:
            await written.save()
            file_id = str(written.id)
        report = await Report.create(
            id=identity,
            practice_id=dossier.practice_id,
            dossier_id=dossier.id,
            file_id=file_id,
            title=_sealed_title(app, dossier.practice_id, identity, title),
            added_by_id=member.staff_id,
            created_at=app.now,
        )
        await audit.record(app, member, "report.added", *_about(report))
        await app.signals.publish(f"dossier:{dossier.id}")
    return report


async def _written(app: AppContext, member: Caller, text: str) -> StoredFile:
    """A text as a file that is not stored yet."""
    tidy = lines("text", text, _LONGEST_TEXT)
    stored = await files.sealed_file(app, member, "text/plain", tidy.encode())
    stored.attached_at = app.now
    return stored


async def release_report(
    app: AppContext, caller: Caller | None, report_id: str, respondent_ids: Sequence[str]
) -> Report | Refusal:
    """Let these respondents read it, and mail that something is there; twice is once. All of them, or none."""
    member = staff(caller)
    report = await report_in_reach(member, report_id)
    if not respondent_ids:
        raise InvalidInput("respondents", Problem.MISSING)
    if len(respondent_ids) > _MOST_AT_ONCE:
        raise InvalidInput("respondents", Problem.TOO_MANY, _MOST_AT_ONCE)
    asked = [await respondent_in_reach(member, identity) for identity in dict.fromkeys(respondent_ids)]
    async with transaction():
        held = await hold_rows(dossiers=[report.dossier_id], respondents=[one.id for one in asked])
        grants = [await _reader(report, one) for one in asked]
        if held.dossiers[report.dossier_id].closed_at is not None:
            return DossierClosed()
        # Held, so that nobody archives it, which takes back what is released by then.
        if (await hold_report(report.id)).archived_at is not None:
            return InArchive()
        readers = [grant for grant in grants if await _release(app, member, report, grant)]
        if readers:
            subjects = (("Respondent", grant.respondent_id) for grant in readers)
            await audit.record(app, member, "report.released", *_about(report), *subjects)
            await app.signals.publish(f"dossier:{report.dossier_id}", *(f"account:{one.account_id}" for one in readers))
    return report


async def _reader(report: Report, respondent: Respondent) -> AccessGrant:
    """The grant by which a respondent will read the report; raises what stands in the way."""
    if respondent.dossier_id != report.dossier_id:
        raise NotFound
    grant = await live_grant_of(respondent.id)
    if grant is None:
        raise NoLogin
    if Scope.REPORTS not in scopes_of(grant, respondent.relation):
        raise ScopeMissing(respondent.name)
    return grant


async def _release(app: AppContext, member: Caller, report: Report, grant: AccessGrant) -> bool:
    made = await release(member.practice_id, report.id, grant.respondent_id, member.staff_id, app.now)
    # Who waits for approval is told of nothing that can't be seen yet.
    if made and grant.state is GrantState.APPROVED and grant.account.suspended_at is None:
        await tell(app, grant.account, "document_ready")
    return made


async def withdraw_report(app: AppContext, caller: Caller | None, release_id: str) -> Report | Refusal:
    """Take back what one respondent may read; what was downloaded is downloaded."""
    member = staff(caller)
    identity = as_uuid(release_id)
    found = await ReportRelease.get_or_none(id=identity, practice_id=member.practice_id) if identity else None
    if found is None:
        raise NotFound
    report = await report_in_reach(member, str(found.report_id))
    async with transaction():
        if not await ReportRelease.filter(id=found.id, withdrawn_at=None).update(withdrawn_at=app.now):
            return Conflict()
        subjects = (*_about(report), ("Respondent", found.respondent_id))
        await audit.record(app, member, "report.withdrawn", *subjects)
        await app.signals.publish(f"dossier:{report.dossier_id}")
    return report


async def archive_report(app: AppContext, caller: Caller | None, report_id: str, reason: str) -> Report | Refusal:
    """Put a report away: no respondent sees it any more; staff still can. There is no deleting."""
    member = staff(caller)
    report = await report_in_reach(member, report_id)
    why = clean("reason", reason, 200)
    async with transaction():
        if not await Report.filter(id=report.id, archived_at=None).update(archived_at=app.now):
            return InArchive()
        await ReportRelease.filter(report_id=report.id, withdrawn_at=None).update(withdrawn_at=app.now)
        await audit.record(app, member, "report.archived", *_about(report), details={"reason": why})
        await app.signals.publish(f"dossier:{report.dossier_id}")
    return report


async def report_in_reach(member: Caller, report_id: str) -> Report:
    """A report with its dossier, within reach of staff; raises NotFound."""
    identity = as_uuid(report_id)
    found = await Report.get_or_none(id=identity, practice_id=member.practice_id) if identity else None
    if found is None:
        raise NotFound
    found.dossier = await dossier_in_reach(member, str(found.dossier_id))
    return found


def opened_title(app: AppContext, practice_id: object, report_id: object, title: bytes) -> str:
    return app.keys.open(title, *REPORT_TITLE.place(practice_id, report_id)).decode()


def _sealed_title(app: AppContext, practice_id: object, report_id: object, title: str) -> bytes:
    return app.keys.seal(title.encode(), *REPORT_TITLE.place(practice_id, report_id))


def _about(report: Report) -> tuple[tuple[str, UUID], ...]:
    return (("Dossier", report.dossier_id), ("Report", report.id))
