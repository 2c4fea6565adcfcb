"""Requests to change a name or a birth date, which are the dossier's too: a person requests, and staff decide.

Only approved grants count, at the request and at the decision. Before approval nobody has checked that the person is
the one that the dossier names.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from flows.access.reach import beyond_reach, dossier_in_reach, not_yet, staff
from flows.core import audit
from flows.core.account_mail import tell
from flows.core.account_signals import publish_account_change
from flows.core.context import AppContext, Caller
from flows.core.ids import as_uuid
from flows.core.paging import check_size, time_position
from flows.core.texts import clean, past_date
from flows.refusals import (
    AlreadyAsked,
    AwaitingApproval,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    Problem,
    Refusal,
    StaffAccount,
)
from flows.second_factor.holder import hold, holder_of_session
from models import AccessGrant, Account, Audience, ChangeField, ChangeRequest, ChangeState, Relation, Respondent
from models.access.access import approved_grants_of, approved_grants_of_all, live_grants_of
from models.account.change_request import open_requests, requests_of, settle_change
from models.core.account import rename_account
from models.core.practice import day_in
from models.db.database import IntegrityError, transaction
from models.dossiers.dossier import give_birth_date, rename_person
from models.locks import hold_account, hold_rows
from normalise.search import search_key


@dataclass(frozen=True, slots=True)
class ShownChangeRequest:
    """A request for staff: ``current`` is the value to replace, ``touched`` the respondents in reach that change.

    ``beyond_reach``: the person also answers for dossiers beyond the reader's reach, so others have to accept it.
    """

    request: ChangeRequest
    current: str | None
    touched: tuple[Respondent, ...]
    beyond_reach: bool

    @property
    def dossier_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(one.dossier_id) for one in self.touched))


@dataclass(frozen=True, slots=True)
class ChangeRequestPage:
    requests: Sequence[ShownChangeRequest]
    has_next: bool


async def ask(
    app: AppContext, caller: Caller | None, name: str | None, birth_date: date | None
) -> ChangeRequest | Refusal:
    """Ask for another name, or for another birth date where the dossier is about oneself. Raises InvalidInput."""
    holder = await holder_of_session(caller)
    if holder.account.audience is Audience.STAFF:
        return StaffAccount()
    grants = await approved_grants_of(holder.account.id)
    if not grants:
        assert caller is not None
        return not_yet(caller)
    if name is not None:
        field, value = ChangeField.NAME, clean("name", name, 120)
    else:
        day = past_date("birthDate", birth_date, day_in(holder.practice.time_zone, app.now))
        if day is None:
            raise InvalidInput("birthDate", Problem.MISSING)
        field, value = ChangeField.BIRTH_DATE, day.isoformat()
        # Before approval the refusal SAME would let the person find out a client's birth date by trying.
        if not _touched(field, grants):
            own = [one for one in await live_grants_of(holder.account.id) if one.respondent.relation is Relation.SELF]
            return AwaitingApproval() if own else NotAllowed()
    if value == _current(field, holder.account, grants):
        raise InvalidInput("name" if field is ChangeField.NAME else "birthDate", Problem.SAME)
    try:
        async with transaction():
            # A concurrently closed account can't make a request.
            await hold(holder)
            request = await ChangeRequest.create(
                practice_id=holder.practice.id,
                account_id=holder.account.id,
                field=field,
                value=value,
                created_at=app.now,
            )
            await audit.record(app, holder.actor, "change.asked", *_about(request, grants))
            await publish_account_change(app, holder.account.id)
    except IntegrityError:
        return AlreadyAsked()
    return request


async def withdraw(app: AppContext, caller: Caller | None, request_id: str) -> Refusal | None:
    """Take back one's own request, unless staff decided about it."""
    holder = await holder_of_session(caller)
    request = await ChangeRequest.get_or_none(id=as_uuid(request_id), account_id=holder.account.id)
    if request is None:
        return NotFound()
    async with transaction():
        await hold_account(holder.account.id)
        if not await settle_change(request.id, ChangeState.WITHDRAWN, app.now, None, ""):
            return Conflict()
        grants = await approved_grants_of(holder.account.id)
        await audit.record(app, holder.actor, "change.withdrawn", *_about(request, grants))
        await publish_account_change(app, holder.account.id)
    return None


async def own_requests(caller: Caller) -> list[ChangeRequest]:
    """The newest of one's own requests, decided ones too."""
    return await requests_of(caller.account_id)


async def asked_page(
    app: AppContext, caller: Caller | None, dossier_id: str | None, first: int, after: str | None
) -> ChangeRequestPage:
    """Open requests within reach, oldest first, of one dossier or of all. Raises NotFound, BadCursor, PageTooLarge."""
    member = staff(caller)
    check_size(app, first)
    position = time_position(after)
    if dossier_id is not None:
        await dossier_in_reach(member, dossier_id)
    found = await open_requests(
        member.practice_id,
        first + 1,
        staff_id=None if member.manages else member.staff_id,
        dossier_id=dossier_id,
        after=position,
    )
    asked, has_next = found[:first], len(found) > first
    grants = await approved_grants_of_all([request.account_id for request in asked])
    # A therapist must not see the person's dossiers beyond the caseload.
    beyond = await beyond_reach(member, [grant.respondent.dossier_id for grant in grants])
    shown = [_asked(request, [g for g in grants if g.account_id == request.account_id], beyond) for request in asked]
    dossiers = {dossier_id, *(dossier for one in shown for dossier in one.dossier_ids)}
    await audit.record(
        app, member, "change.listed", *(("Dossier", dossier) for dossier in sorted(filter(None, dossiers)))
    )
    return ChangeRequestPage(shown, has_next)


async def decide(
    app: AppContext, caller: Caller | None, request_id: str, *, accept: bool, reason: str = ""
) -> Refusal | None:
    """Accept or reject a change, and notify the person. Raises InvalidInput.

    A person may answer in several dossiers: accepting needs all of them within reach.
    """
    member = staff(caller)
    why = clean("reason", reason, 200, required=False)
    identity = as_uuid(request_id)
    found = ChangeRequest.filter(id=identity, practice_id=member.practice_id)
    request = await found.select_related("account").first() if identity else None
    if request is None:
        return NotFound()
    grants = await approved_grants_of(request.account_id)
    if refusal := await _out_of_reach(member, grants, every=accept):
        return refusal
    state = ChangeState.ACCEPTED if accept else ChangeState.REJECTED
    async with transaction():
        if not await _still_theirs(request, grants):
            return Conflict()
        if not await settle_change(request.id, state, app.now, member.staff_id, why):
            return Conflict()
        if accept:
            await _apply(request, grants)
        await tell(app, request.account, f"change_{state.lower()}", **({"reason": why} if why else {}))
        await audit.record(app, member, f"change.{state.lower()}", *_about(request, grants))
        await publish_account_change(app, request.account_id)
    return None


async def _still_theirs(request: ChangeRequest, grants: Sequence[AccessGrant]) -> bool:
    """Lock all rows that the change may write; False where the person's grants have changed meanwhile."""
    await hold_rows(
        dossiers=[grant.respondent.dossier_id for grant in grants],
        respondents=[grant.respondent_id for grant in grants],
        accounts=[request.account_id],
    )
    return {grant.id for grant in await approved_grants_of(request.account_id)} == {grant.id for grant in grants}


async def _out_of_reach(member: Caller, grants: Sequence[AccessGrant], *, every: bool) -> Refusal | None:
    """The refusal unless one of the dossiers, or ``every`` one, is within reach."""
    dossiers = {grant.respondent.dossier_id for grant in grants}
    beyond = await beyond_reach(member, sorted(dossiers))
    if len(beyond) == len(dossiers):
        return NotFound.out_of_reach(*beyond)
    if every and beyond:
        refusal = NotAllowed()
        refusal.denied = beyond
        return refusal
    return None


async def _apply(request: ChangeRequest, grants: Sequence[AccessGrant]) -> None:
    own = [grant.respondent.dossier_id for grant in grants if grant.respondent.relation is Relation.SELF]
    if request.field is ChangeField.BIRTH_DATE:
        await give_birth_date(own, date.fromisoformat(request.value))
        return
    await rename_account(request.account_id, request.value)
    await rename_person([grant.respondent_id for grant in grants], own, request.value, search_key(request.value))


def _current(field: ChangeField, account: Account, grants: Sequence[AccessGrant]) -> str | None:
    if field is ChangeField.NAME:
        return account.name
    days = [g.respondent.dossier.birth_date for g in grants if g.respondent.relation is Relation.SELF]
    return next((day.isoformat() for day in days if day), None)


def _asked(request: ChangeRequest, grants: Sequence[AccessGrant], beyond: Collection[object]) -> ShownChangeRequest:
    reached = [grant for grant in grants if grant.respondent.dossier_id not in beyond]
    current = _current(request.field, request.account, reached)
    return ShownChangeRequest(request, current, _touched(request.field, reached), len(reached) < len(grants))


def _touched(field: ChangeField, grants: Sequence[AccessGrant]) -> tuple[Respondent, ...]:
    """The respondents that change: for a birth date only in the client's own dossiers."""
    people = [grant.respondent for grant in grants]
    return tuple(one for one in people if field is ChangeField.NAME or one.relation is Relation.SELF)


def _about(request: ChangeRequest, grants: Sequence[AccessGrant]) -> list[tuple[str, object]]:
    dossiers = dict.fromkeys(grant.respondent.dossier_id for grant in grants)
    return [("Account", request.account_id), *(("Dossier", dossier) for dossier in dossiers)]
