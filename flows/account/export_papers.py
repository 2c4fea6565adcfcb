"""What an export has of papers: the answers that one gave, and the reports that were released to one."""

import asyncio
from datetime import datetime
from typing import Any

from flows.access.scopes import respondents_with
from flows.core.context import Caller
from flows.documents import files
from flows.documents.answers import opened_form
from flows.documents.export_bundle import Bundle
from flows.documents.reports import opened_title
from models import Scope
from models.documents.answer_form import forms_of
from models.documents.report import ReleasedRow, released_rows
from models.documents.stored_file import stored_file

_PAGE = 100


async def answers_part(caller: Caller, bundle: Bundle) -> None:
    """Every form that one filled in, whole."""
    givers = [one.id for one in await respondents_with(caller, Scope.ANSWERS)]
    rows: list[dict[str, Any]] = []
    after: tuple[datetime, str] | None = None
    while page := await forms_of(caller.practice_id, givers, _PAGE, after):
        for form in page:
            opened = opened_form(bundle.app, form)
            rows.append(
                {
                    "title": opened.title,
                    "about": form.respondent.dossier.name,
                    "completedAt": form.completed_at,
                    "groups": opened.groups,
                }
            )
        after = page[-1].completed_at, str(page[-1].id)
    bundle.tell("answers", rows)


async def reports_part(caller: Caller, bundle: Bundle) -> None:
    """Every report that is released to one, as a file while there is room."""
    readers = {one.id: one for one in await respondents_with(caller, Scope.REPORTS)}
    rows: list[dict[str, Any]] = []
    after: tuple[datetime, str] | None = None
    while page := await released_rows(caller.practice_id, [*readers], _PAGE, after):
        for row in page:
            about = readers[row.respondent_id].dossier.name
            rows.append({"about": about, "releasedAt": row.released_at, **await _report(bundle, row)})
        after = page[-1].released_at, str(page[-1].id)
    bundle.tell("reports", rows)


async def _report(bundle: Bundle, row: ReleasedRow) -> dict[str, Any]:
    """Its title, and the name of its file where that is in the bundle."""
    report, app = row.report, bundle.app
    title = opened_title(app, report.practice_id, report.id, report.title)
    name = f"reports/{report.id}{files.EXTENSIONS[report.media_type]}"
    # One report may be released to a person twice, who answers for a dossier in two ways.
    if any(name == known for known, _ in bundle.files):
        return {"title": title, "file": name}
    if not bundle.fits(name, report.size):
        return {"title": title, "file": None}
    stored = await stored_file(report.practice_id, report.file_id)
    bundle.add(name, await asyncio.to_thread(files.opened, app, stored))
    return {"title": title, "file": name}
