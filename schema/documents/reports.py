"""Reports as staff handle them, and as they lie with those to whom they were released."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from flows.core.paging import cursor_of
from flows.documents import reports as flow
from flows.documents.report_reading import (
    OwnReportPage,
    ReportPage,
    ReportParts,
    ReportQuery,
    changed_report,
    own_reports,
    report_page,
)
from flows.documents.reports import ReportDraft
from flows.refusals import (
    Conflict,
    DossierClosed,
    FileRefused,
    InArchive,
    InvalidInput,
    NoLogin,
    NotFound,
    ScopeMissing,
)
from flows.refusals import Refusal as FlowRefusal
from models import Relation
from models.documents.report import ReleasedRow, ReleaseRow, ReportRow
from schema.kit.arguments import GIVEN, After, DossierId, First
from schema.kit.download_urls import DocumentKind, download_url
from schema.kit.fields import Info, mutation, query, shown_to
from schema.kit.ids import node_id, raw_id
from schema.kit.lookahead import Selection
from schema.kit.permissions import Who
from schema.kit.relay import Node, PageInfo, page_info

_MEDIA_TYPE = "`application/pdf` or `text/plain`."
_TEXT = "What it says, as plain text that may hold anything; null for a PDF and for very long texts."
_SIZE = "In bytes."


@shown_to(Who.STAFF)
@strawberry.type(description="That one respondent may read a report, or could.")
class ReportRelease:
    id: strawberry.ID = strawberry.field(description="For `withdrawReport`.")
    respondent: strawberry.ID = strawberry.field(description="The respondent's id.")
    respondent_name: str = strawberry.field(description="The respondent's name.")
    relation: Relation = strawberry.field(description="What the respondent is to the client.")
    released_at: datetime = strawberry.field(description="From when on.")
    released_by: str | None = strawberry.field(description="The member of staff who released it.")
    withdrawn_at: datetime | None = strawberry.field(description="Until when; null while it is so.")


@shown_to(Who.STAFF)
@strawberry.type(description="A paper about the client. Nobody but staff sees it until it is released to them.")
class Report(Node):
    title: str = strawberry.field(description="What it is called.")
    media_type: str = strawberry.field(description=_MEDIA_TYPE)
    size: int = strawberry.field(description=_SIZE)
    text: str | None = strawberry.field(description=_TEXT)
    added_by: str | None = strawberry.field(description="The member of staff who added it.")
    created_at: datetime = strawberry.field(description="When it was added.")
    archived_at: datetime | None = strawberry.field(description="When it was put away; null while it is in use.")
    releases: list[ReportRelease] = strawberry.field(description="To whom it was ever released, oldest first.")
    download_url: str = strawberry.field(description="Where to download it, with the same cookie or token.")


@shown_to(Who.STAFF)
@strawberry.type(description="A report's place in the list.")
class ReportEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this report.")
    node: Report = strawberry.field(description="The report.")


@shown_to(Who.STAFF)
@strawberry.type(description="One page of a dossier's reports.")
class ReportConnection:
    edges: list[ReportEdge] = strawberry.field(description="The reports, newest first.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")


@shown_to(Who.RESPONDENT)
@strawberry.type(description="A report that the practice released to one.")
class ReleasedReport:
    id: strawberry.ID = strawberry.field(description="Unique among what was released.")
    title: str = strawberry.field(description="What it is called.")
    about: str = strawberry.field(description="The name of the client whom it is about.")
    media_type: str = strawberry.field(description=_MEDIA_TYPE)
    size: int = strawberry.field(description=_SIZE)
    text: str | None = strawberry.field(description=_TEXT)
    released_at: datetime = strawberry.field(description="When it was released.")
    download_url: str = strawberry.field(description="Where to download it, with the same cookie or token.")


@shown_to(Who.RESPONDENT)
@strawberry.type(description="A released report's place in the list.")
class ReleasedReportEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this report.")
    node: ReleasedReport = strawberry.field(description="The report.")


@shown_to(Who.RESPONDENT)
@strawberry.type(description="One page of the reports that were released to one.")
class ReleasedReportConnection:
    edges: list[ReleasedReportEdge] = strawberry.field(description="The reports, the one released last first.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")


def selected_parts(selection: Selection) -> ReportParts:
    return ReportParts(releases="releases" in selection.names, text="text" in selection.names)


def shown_reports(info: Info, page: ReportPage) -> list[Report]:
    """The reports of a page that was read as :func:`selected_parts`."""
    return [_report(info, page, row) for row in page.rows]


def _report(info: Info, page: ReportPage, row: ReportRow) -> Report:
    return Report(
        id=node_id("Report", row.id),
        title=page.titles[row.id],
        media_type=row.media_type,
        size=row.size,
        text=page.texts.get(row.file_id),
        added_by=row.added_by,
        created_at=row.created_at,
        archived_at=row.archived_at,
        releases=[_release(one) for one in page.releases[row.id]],
        download_url=download_url(info, DocumentKind.REPORT, row.id),
    )


def _release(row: ReleaseRow) -> ReportRelease:
    return ReportRelease(
        id=node_id("ReportRelease", row.id),
        respondent=node_id("Respondent", row.respondent_id),
        respondent_name=row.respondent,
        relation=row.relation,
        released_at=row.released_at,
        released_by=row.released_by,
        withdrawn_at=row.withdrawn_at,
    )


def _released(info: Info, page: OwnReportPage, row: ReleasedRow) -> ReleasedReport:
    return ReleasedReport(
        id=node_id("ReportRelease", row.id),
        title=page.titles[row.report.id],
        about=page.readers[row.respondent_id].dossier.name,
        media_type=row.report.media_type,
        size=row.report.size,
        text=page.texts.get(row.report.file_id),
        released_at=row.released_at,
        download_url=download_url(info, DocumentKind.REPORT, row.report.id),
    )


class ReportQueries:
    @query(Who.STAFF)
    async def reports(
        self,
        info: Info,
        dossier: DossierId,
        first: First = 25,
        after: After = None,
        archived: Annotated[bool | None, strawberry.argument(description="Those put away; null: all.")] = False,
    ) -> ReportConnection:
        """A dossier's reports, newest first."""
        query = ReportQuery(raw_id("Dossier", dossier), first, after, archived)
        page = await report_page(info.context.app, info.context.caller, query, selected_parts(Selection.of(info)))
        cursors = [cursor_of(row.created_at.isoformat(), str(row.id)) for row in page.rows]
        nodes = shown_reports(info, page)
        return ReportConnection(
            edges=[ReportEdge(cursor=cursor, node=node) for cursor, node in zip(cursors, nodes, strict=True)],
            page_info=page_info(cursors, after, has_next=page.has_next),
        )

    @query(Who.RESPONDENT)
    async def my_reports(self, info: Info, first: First = 25, after: After = None) -> ReleasedReportConnection:
        """The reports that were released to one, the one released last first."""
        text = "text" in Selection.of(info).names
        page = await own_reports(info.context.app, info.context.caller, first, after, text=text)
        cursors = [cursor_of(row.released_at.isoformat(), str(row.id)) for row in page.rows]
        nodes = [_released(info, page, row) for row in page.rows]
        return ReleasedReportConnection(
            edges=[ReleasedReportEdge(cursor=cursor, node=node) for cursor, node in zip(cursors, nodes, strict=True)],
            page_info=page_info(cursors, after, has_next=page.has_next),
        )


@strawberry.input(description="A new report: an uploaded file, or a text.")
class AddReportInput:
    dossier: strawberry.ID = strawberry.field(description="The dossier's id.")
    title: str = strawberry.field(description="Up to 120 characters.")
    file: strawberry.ID | None = strawberry.field(
        default=None, description="The id that `/upload` answered, of one's own PDF or text, not used yet."
    )
    text: str | None = strawberry.field(
        default=None, description="Plain text in place of a file, up to 50 000 characters; HTML stays text."
    )


@shown_to(Who.STAFF)
@strawberry.interface(description="Something about a report was done.")
class ReportChanged:
    report: Report = strawberry.field(description="The report as it is now.")


@shown_to(Who.STAFF)
@strawberry.type(description="The report is with the dossier; nobody but staff sees it.")
class ReportAdded(ReportChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The respondents can read it, and a mail told those who have access.")
class ReportReleased(ReportChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The respondent can't read it any more; what was downloaded is downloaded.")
class ReportWithdrawn(ReportChanged):
    pass


@shown_to(Who.STAFF)
@strawberry.type(description="The report is put away: staff can still read it, nobody else.")
class ReportArchived(ReportChanged):
    pass


ReportId = Annotated[strawberry.ID, strawberry.argument(description="The report's id.")]
Reason = Annotated[str, strawberry.argument(description="Why; up to 200 characters, kept and audited.")]


class ReportMutations:
    @mutation(Who.STAFF, answers=(ReportAdded,), refuses=(NotFound, InvalidInput, FileRefused, DossierClosed))
    async def add_report(self, info: Info, given: Annotated[AddReportInput, GIVEN]) -> object:
        """Add a report to a dossier. Only staff see it until it is released."""
        file_id = raw_id("StoredFile", given.file) if given.file is not None else None
        draft = ReportDraft(raw_id("Dossier", given.dossier), given.title, file_id, given.text)
        added = await flow.add_report(info.context.app, info.context.caller, draft)
        return added if isinstance(added, FlowRefusal) else ReportAdded(report=await _now(info, added.id))

    @mutation(
        Who.STAFF,
        answers=(ReportReleased,),
        refuses=(NotFound, InvalidInput, NoLogin, ScopeMissing, DossierClosed, InArchive),
    )
    async def release_report(
        self,
        info: Info,
        report: ReportId,
        respondents: Annotated[
            list[strawberry.ID], strawberry.argument(description="The ids of the dossier's respondents, at most 20.")
        ],
    ) -> object:
        """Let respondents read a report, from now on or from their approval on; all of them, or none."""
        identity, readers = raw_id("Report", report), [raw_id("Respondent", one) for one in respondents]
        released = await flow.release_report(info.context.app, info.context.caller, identity, readers)
        return released if isinstance(released, FlowRefusal) else ReportReleased(report=await _now(info, released.id))

    @mutation(Who.STAFF, answers=(ReportWithdrawn,), refuses=(NotFound, Conflict))
    async def withdraw_report(
        self, info: Info, release: Annotated[strawberry.ID, strawberry.argument(description="The release's id.")]
    ) -> object:
        """Withdraw a report from one respondent."""
        withdrawn = await flow.withdraw_report(info.context.app, info.context.caller, raw_id("ReportRelease", release))
        if isinstance(withdrawn, FlowRefusal):
            return withdrawn
        return ReportWithdrawn(report=await _now(info, withdrawn.id))

    @mutation(Who.STAFF, answers=(ReportArchived,), refuses=(NotFound, InvalidInput, InArchive))
    async def archive_report(self, info: Info, report: ReportId, reason: Reason) -> object:
        """Archive a report and withdraw it from everyone. Reports are never deleted."""
        archived = await flow.archive_report(info.context.app, info.context.caller, raw_id("Report", report), reason)
        return archived if isinstance(archived, FlowRefusal) else ReportArchived(report=await _now(info, archived.id))


async def _now(info: Info, report_id: UUID) -> Report:
    """The report as the mutation that is running left it."""
    page = await changed_report(info.context.app, info.context.caller, report_id, selected_parts(Selection.of(info)))
    return shown_reports(info, page)[0]
