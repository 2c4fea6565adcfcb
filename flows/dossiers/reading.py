"""Reading dossiers: paged, searched, counted, and told to the audit before anything is shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flows.access.login_status import Blocker, blockers_of, prospect_blockers, shortest_way
from flows.access.reach import dossier_in_reach, respondent_in_reach, staff
from flows.core import audit
from flows.core.context import Access, AppContext, Caller
from flows.core.paging import check_size, position
from flows.core.texts import searched
from flows.refusals import NotFound
from models import Audience
from models.access.login_status import LoginFacts, facts_of_account, facts_of_dossiers, facts_of_respondent
from models.dossiers.dossier_page import DossierRow, PageQuery, TherapistRow, dossier_rows, therapists_of

OfDossier = TypeVar("OfDossier", LoginFacts, TherapistRow)


@dataclass(frozen=True, slots=True)
class DossierPage:
    """One page. ``respondents`` and ``therapists`` are by dossier id, empty where they were not asked for."""

    rows: Sequence[DossierRow]
    has_next: bool
    respondents: Mapping[str, Sequence[LoginFacts]]
    therapists: Mapping[str, Sequence[TherapistRow]]
    total: int | None


@dataclass(frozen=True, slots=True)
class DossierParts:
    """What of each dossier the query selects, so that nothing else is read."""

    respondents: bool = False
    therapists: bool = False
    total: bool = False


@dataclass(frozen=True, slots=True)
class DossierQuery:
    """Which dossiers; ``closed`` None means both open and closed ones."""

    first: int = 25
    after: str | None = None
    search: str | None = None
    closed: bool | None = False


async def dossier_page(
    app: AppContext, caller: Caller | None, asked: DossierQuery, wanted: DossierParts
) -> DossierPage:
    """Dossiers within reach, by name. At most four statements, however many rows.

    Raises BadCursor, PageTooLarge, NotSignedIn or NotAllowed.
    """
    member = staff(caller)
    check_size(app, asked.first)
    query = PageQuery(
        practice_id=member.practice_id,
        staff_id=None if member.manages else member.staff_id,
        **_search(asked.search),
        after=position(asked.after),
        closed=asked.closed,
    )
    page = await _read(app, query, asked.first, wanted)
    event = "dossier.searched" if query.search is not None else "dossier.listed"
    await audit.record(app, member, event, *(("Dossier", row.id) for row in page.rows))
    return page


async def _read(app: AppContext, query: PageQuery, first: int, wanted: DossierParts) -> DossierPage:
    rows, total = await dossier_rows(query, first + 1, total=wanted.total)
    has_next, rows = len(rows) > first, rows[:first]
    practice, ids = query.practice_id, [row.id for row in rows]
    respondents = await facts_of_dossiers(practice, ids, app.now) if wanted.respondents else ()
    therapists = await therapists_of(practice, ids) if wanted.therapists else ()
    return DossierPage(rows, has_next, _by_dossier(ids, respondents), _by_dossier(ids, therapists), total)


def _by_dossier(ids: Sequence[str], found: Iterable[OfDossier]) -> dict[str, list[OfDossier]]:
    by_dossier: dict[str, list[OfDossier]] = {identity: [] for identity in ids}
    for each in found:
        by_dossier[each.dossier_id].append(each)
    return by_dossier


async def one_dossier(app: AppContext, caller: Caller | None, dossier_id: str, wanted: DossierParts) -> DossierPage:
    """A page with one dossier within reach, or with none: foreign, forbidden and unknown are one."""
    member = staff(caller)
    query = PageQuery(
        practice_id=member.practice_id,
        staff_id=None if member.manages else member.staff_id,
        dossier_id=dossier_id,
        closed=None,
    )
    page = await _read(app, query, 1, wanted)
    outcome = "SUCCESS" if page.rows else "REFUSED"
    await audit.record(app, member, "dossier.read", ("Dossier", dossier_id), outcome=outcome)
    return page


async def changed_dossier(
    app: AppContext, caller: Caller | None, dossier_id: object, wanted: DossierParts
) -> DossierPage:
    """A page with the dossier that the caller just changed; the act is its own audit row."""
    query = PageQuery(practice_id=staff(caller).practice_id, dossier_id=str(dossier_id), closed=None)
    return await _read(app, query, 1, wanted)


async def one_respondent(app: AppContext, caller: Caller | None, respondent_id: str) -> LoginFacts | None:
    """A respondent within reach, or None as in :func:`one_dossier`."""
    member = staff(caller)
    try:
        found = await respondent_in_reach(member, respondent_id)
    except NotFound as no:
        about = (*audit.denied(no), ("Respondent", respondent_id))
        await audit.record(app, member, "respondent.read", *about, outcome="REFUSED")
        return None
    subjects = (("Dossier", found.dossier_id), ("Respondent", found.id))
    await audit.record(app, member, "respondent.read", *subjects)
    return await facts_of_respondent(member.practice_id, respondent_id, app.now)


async def changed_respondent(app: AppContext, caller: Caller | None, respondent_id: object) -> LoginFacts:
    """The respondent that the caller just changed; the act has its own audit row."""
    found = await facts_of_respondent(staff(caller).practice_id, str(respondent_id), app.now)
    if found is None:
        raise NotFound
    return found


async def follow(app: AppContext, caller: Caller | None, dossier_id: str) -> None:
    """Tell the audit that someone watches a dossier from now on; raises NotFound."""
    member = staff(caller)
    dossier = await dossier_in_reach(member, dossier_id)
    await audit.record(app, member, "dossier.followed", ("Dossier", dossier.id))


async def login_progress(app: AppContext, caller: Caller, dossier_id: str) -> list[LoginFacts]:
    """The respondents of a dossier that the caller follows; raises NotFound once it is out of reach."""
    dossier = await dossier_in_reach(staff(caller), dossier_id)
    return await facts_of_dossiers(caller.practice_id, [str(dossier.id)], app.now)


async def own_blockers(app: AppContext, caller: Caller) -> Sequence[Blocker]:
    """What stands between the caller and the portal; with an approved grant, what another one is waiting for."""
    if caller.audience is Audience.STAFF:
        return ()
    every = await facts_of_account(caller.practice_id, caller.account_id, app.now)
    if not every:
        return prospect_blockers(verified=caller.access is not Access.UNVERIFIED, locale=caller.locale)
    if caller.access is not Access.APPROVED:
        return shortest_way(every, app.now, caller.locale)
    waiting = [blockers_of(facts, app.now, caller.locale) for facts in every if facts.grant_state == "PENDING"]
    return tuple(dict.fromkeys(blocker for blockers in waiting for blocker in blockers))


def _search(text: str | None) -> dict[str, str]:
    """What to look for in names, and in references. Raises InvalidInput for what can be in neither."""
    found = searched(text)
    return {"search": found.key, "reference": found.typed} if found else {}
