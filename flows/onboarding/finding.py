"""Finding a respondent of the practice by name, to link somebody to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.access.reach import manager
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.paging import check_size, position
from flows.core.texts import searched
from models.access.login_status import LoginFacts, facts_of_respondents
from models.access.respondent_page import RespondentQuery, RespondentRow, respondent_count, respondent_rows


@dataclass(frozen=True, slots=True)
class RespondentSearch:
    first: int = 25
    after: str | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class RespondentPage:
    """One page; ``facts`` by the respondent's id. ``total`` is None where it was not asked for."""

    rows: Sequence[RespondentRow]
    facts: Mapping[str, LoginFacts]
    has_next: bool
    total: int | None


async def respondent_page(
    app: AppContext, caller: Caller | None, asked: RespondentSearch, *, counted: bool
) -> RespondentPage:
    """Respondents of open dossiers by name, for OWNER and ADMIN. At most four statements, however many rows.

    Raises BadCursor, PageTooLarge, NotSignedIn or NotAllowed.
    """
    member = manager(caller)
    check_size(app, asked.first)
    search = searched(asked.search)
    query = RespondentQuery(member.practice_id, search.key if search else None, position(asked.after))
    found = await respondent_rows(query, asked.first + 1)
    rows = found[: asked.first]
    facts = await facts_of_respondents(member.practice_id, [row.id for row in rows], app.now)
    total = await respondent_count(query) if counted else None
    subjects = [("Respondent", row.id) for row in rows] + [("Dossier", one) for one in {row.dossier_id for row in rows}]
    await audit.record(app, member, "respondent.searched" if search else "respondent.listed", *subjects)
    return RespondentPage(rows, {one.id: one for one in facts}, len(found) > asked.first, total)
