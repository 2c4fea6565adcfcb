"""Reading reports: by staff within reach, and by the respondents to whom they were released; audited first."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flows.access.reach import dossier_in_reach, respondent, staff
from flows.access.scopes import respondents_with
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.paging import check_size, time_position
from flows.documents import files
from flows.documents.documents import Document
from flows.documents.opening_budget import spend
from flows.documents.reports import opened_title, report_in_reach
from flows.refusals import NotFound, NotSignedIn
from models import Audience, Respondent, Scope
from models.documents.report import ReleasedRow, ReleaseRow, ReportRow, released_rows, releases_of, report_rows
from models.documents.stored_file import LONGEST_SHOWN, stored_file, texts_of


@dataclass(frozen=True, slots=True)
class ReportParts:
    """What of each report the query selects beside the row itself."""

    releases: bool = False
    text: bool = False


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Newest first. ``titles`` are by report id, ``texts`` by file id, ``releases`` by report id."""

    rows: Sequence[ReportRow]
    has_next: bool
    titles: Mapping[UUID, str]
    texts: Mapping[UUID, str]
    releases: Mapping[UUID, Sequence[ReleaseRow]]


@dataclass(frozen=True, slots=True)
class OwnReportPage:
    """The reports released to the caller, newest first; ``readers`` are the caller's respondents."""

    rows: Sequence[ReleasedRow]
    has_next: bool
    titles: Mapping[UUID, str]
    texts: Mapping[UUID, str]
    readers: Mapping[UUID, Respondent]


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """A dossier's reports; ``archived`` None means both."""

    dossier_id: str
    first: int
    after: str | None = None
    archived: bool | None = False


async def report_page(app: AppContext, caller: Caller | None, asked: ReportQuery, wanted: ReportParts) -> ReportPage:
    """A dossier's reports: as many statements however many there are.

    Raises NotFound, BadCursor, PageTooLarge, AnswerTooLarge.
    """
    member = staff(caller)
    check_size(app, asked.first)
    after = time_position(asked.after)
    dossier = await dossier_in_reach(member, asked.dossier_id)
    archived = {} if asked.archived is None else {"archived_at__isnull": not asked.archived}
    rows = await report_rows(member.practice_id, asked.first + 1, after, dossier_id=dossier.id, **archived)
    _spend(rows[: asked.first], text=wanted.text)
    page = await _page(app, rows[: asked.first], wanted, has_next=len(rows) > asked.first)
    reports = (("Report", row.id) for row in page.rows)
    await audit.record(app, member, "report.listed", ("Dossier", dossier.id), *reports)
    return page


async def one_report(app: AppContext, caller: Caller | None, report_id: str, wanted: ReportParts) -> ReportPage:
    """A page with one report within reach, or with none: foreign, forbidden and unknown are one.

    Raises AnswerTooLarge.
    """
    member = staff(caller)
    try:
        report = await report_in_reach(member, report_id)
    except NotFound as no:
        await audit.record(app, member, "report.read", *audit.denied(no), ("Report", report_id), outcome="REFUSED")
        return await _page(app, [], wanted)
    rows = await report_rows(member.practice_id, 1, id=report.id)
    _spend(rows, text=wanted.text)
    await audit.record(app, member, "report.read", ("Dossier", report.dossier_id), ("Report", report.id))
    return await _page(app, rows, wanted)


async def changed_report(app: AppContext, caller: Caller | None, report_id: object, wanted: ReportParts) -> ReportPage:
    """A page with the report that the caller just changed; the act is its own audit row.

    What was done is never refused for its length: a document has room for few such acts.
    """
    return await _page(app, await report_rows(staff(caller).practice_id, 1, id=report_id), wanted)


async def own_reports(
    app: AppContext, caller: Caller | None, first: int, after: str | None, *, text: bool
) -> OwnReportPage:
    """What was released to the caller.

    Raises NotSignedIn, NotAllowed, AwaitingApproval, BadCursor, PageTooLarge, AnswerTooLarge.
    """
    person = respondent(caller)
    check_size(app, first)
    position = time_position(after)
    readers = {one.id: one for one in await respondents_with(person, Scope.REPORTS)}
    rows = await released_rows(person.practice_id, [*readers], first + 1, position)
    shown = rows[:first]
    _spend([row.report for row in shown], text=text)
    titles, texts = await _opened(app, [row.report for row in shown], text=text)
    dossiers = (("Dossier", dossier) for dossier in {one.dossier_id for one in readers.values()})
    await audit.record(app, person, "report.listed", *dossiers, *(("Report", row.report.id) for row in shown))
    return OwnReportPage(shown, len(rows) > first, titles, texts, readers)


async def download(app: AppContext, caller: Caller | None, report_id: str) -> Document:
    """A report for staff in reach, or for a respondent to whom it was released. Raises NotFound."""
    if caller is None:
        raise NotSignedIn
    try:
        row = await (_for_staff if caller.audience is Audience.STAFF else _for_reader)(caller, report_id)
    except NotFound as no:
        about = (*audit.denied(no), ("Report", report_id))
        await audit.record(app, caller, "report.downloaded", *about, outcome="REFUSED")
        raise
    await audit.record(app, caller, "report.downloaded", ("Dossier", row.dossier_id), ("Report", row.id))
    stored = await stored_file(row.practice_id, row.file_id)
    return await files.document(app, stored, _title(app, row))


async def _for_staff(caller: Caller, report_id: str) -> ReportRow:
    report = await report_in_reach(staff(caller), report_id)
    (row,) = await report_rows(caller.practice_id, 1, id=report.id)
    return row


async def _for_reader(caller: Caller, report_id: str) -> ReportRow:
    readers = await respondents_with(respondent(caller), Scope.REPORTS)
    rows = await released_rows(caller.practice_id, [one.id for one in readers], 1, report_id=report_id)
    if not rows:
        raise NotFound
    return rows[0].report


async def _page(
    app: AppContext, rows: Sequence[ReportRow], wanted: ReportParts, *, has_next: bool = False
) -> ReportPage:
    releases = await releases_of([row.id for row in rows]) if wanted.releases else []
    titles, texts = await _opened(app, rows, text=wanted.text)
    by_report: dict[UUID, list[ReleaseRow]] = {row.id: [] for row in rows}
    for release in releases:
        by_report[release.report_id].append(release)
    return ReportPage(rows, has_next, titles, texts, by_report)


def _spend(rows: Sequence[ReportRow], *, text: bool) -> None:
    """Raises AnswerTooLarge where the request has no room for these texts."""
    if text:
        spend(sum(row.size for row in rows if row.media_type == "text/plain" and row.size <= LONGEST_SHOWN))


async def _opened(app: AppContext, rows: Sequence[ReportRow], *, text: bool) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """Titles by report id, and texts by file id where they are asked for."""
    stored = await texts_of([row.file_id for row in rows]) if text else []
    titles = {row.id: _title(app, row) for row in rows}
    texts = await asyncio.to_thread(lambda: {one.id: files.opened(app, one).decode() for one in stored})
    return titles, texts


def _title(app: AppContext, row: ReportRow) -> str:
    return opened_title(app, row.practice_id, row.id, row.title)
