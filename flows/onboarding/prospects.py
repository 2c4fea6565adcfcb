"""Prospects: sign-ups without an invitation, which managers link to a respondent or reject."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.access.access import close_grant_of_closed_account, is_login
from flows.access.office import hold_office
from flows.access.reach import manager, respondent_in_reach
from flows.core import audit
from flows.core.account_mail import tell
from flows.core.context import AppContext, Caller
from flows.core.ids import as_uuid
from flows.core.paging import check_size, time_position
from flows.core.texts import clean, searched
from flows.dossiers.dossiers import DossierDraft, RespondentDraft, dossier_values, respondent_values
from flows.refusals import (
    AlreadyExists,
    AlreadyHasLogin,
    Conflict,
    DossierClosed,
    InvalidInput,
    NotFound,
    NotVerified,
    Problem,
    Refusal,
    StepUpRequired,
)
from flows.second_factor.plugin_removed import notify_plugin_removed
from flows.signin.step_up import fresh_for_staff
from models import AccessGrant, Account, Dossier, GrantState, LinkPurpose, Prospect, Relation, Respondent
from models.access.access import latest_grant_of
from models.core.mailed_link import supersede_links
from models.db.database import IntegrityError, transaction
from models.locks import hold_account, hold_respondent, hold_rows
from models.onboarding.invitation import close_open
from models.onboarding.prospect import prospect_of_practice, take_prospect
from models.onboarding.prospect_page import ProspectCounts, ProspectQuery, ProspectRow, prospect_counts, prospect_rows
from models.second_factor.factor import enrolments_of
from models.staff.staff import add_entries


@dataclass(frozen=True, slots=True)
class ProspectSearch:
    """Which prospects; ``verified`` None means both."""

    first: int = 25
    after: str | None = None
    search: str | None = None
    verified: bool | None = None


@dataclass(frozen=True, slots=True)
class ProspectPage:
    """One page; ``counts`` are of all that the search finds, None where they were not asked for."""

    rows: Sequence[ProspectRow]
    has_next: bool
    counts: ProspectCounts | None


async def prospect_page(
    app: AppContext, caller: Caller | None, asked: ProspectSearch, *, counted: bool
) -> ProspectPage:
    """The practice's prospects, newest first, for OWNER and ADMIN. At most three statements, however many rows.

    Raises BadCursor, PageTooLarge, NotSignedIn or NotAllowed.
    """
    member = manager(caller)
    check_size(app, asked.first)
    search = searched(asked.search)
    query = ProspectQuery(
        member.practice_id,
        search=search.key if search else None,
        email=search.typed if search else "",
        verified=asked.verified,
        after=time_position(asked.after),
    )
    rows = await prospect_rows(query, asked.first + 1)
    counts = await prospect_counts(query) if counted else None
    page = ProspectPage(rows[: asked.first], len(rows) > asked.first, counts)
    event = "prospect.searched" if search else "prospect.listed"
    await audit.record(app, member, event, *(("Prospect", row.id) for row in page.rows))
    return page


async def changed_prospect(caller: Caller | None, prospect_id: object) -> ProspectRow:
    """The prospect that the caller just changed; the act has its own audit row."""
    rows = await prospect_rows(ProspectQuery(manager(caller).practice_id, prospect_id=str(prospect_id)), 1)
    if not rows:
        raise NotFound
    return rows[0]


async def _prospect_in_reach(member: Caller, prospect_id: str) -> Prospect:
    """The prospect with its account and practice; raises NotFound."""
    identity = as_uuid(prospect_id)
    found = await prospect_of_practice(member.practice_id, identity) if identity else None
    if found is None:
        raise NotFound
    return found


async def verify(app: AppContext, caller: Caller | None, prospect_id: str, reason: str) -> Prospect | Refusal:
    """Vouch for a prospect's address by hand, where the mailed link can't be used."""
    member = manager(caller)
    prospect = await _prospect_in_reach(member, prospect_id)
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    why = clean("reason", reason, 200)
    account = prospect.account
    async with transaction():
        await hold_office(member)
        await hold_account(account.id)
        # Verified already, by a colleague or by the link: audited as a read of the prospect.
        if await Account.filter(id=account.id, email_verified_at=None).update(email_verified_at=app.now):
            await supersede_links(account.id, LinkPurpose.VERIFY_EMAIL, app.now)
            await audit.record(app, member, "prospect.verified", *_about(prospect), details={"reason": why})
            await app.signals.publish(f"account:{account.id}")
        else:
            await audit.record(app, member, "prospect.listed", *_about(prospect))
    return prospect


async def reject(app: AppContext, caller: Caller | None, prospect_id: str, *, tell_person: bool) -> Refusal | None:
    """Reject a prospect: the account is deleted with its sessions and devices, and its address is free."""
    member = manager(caller)
    prospect = await _prospect_in_reach(member, prospect_id)
    # It deletes the account.
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    account = prospect.account
    async with transaction():
        await hold_office(member)
        await hold_account(account.id)
        gone = await enrolments_of(account.id)
        if not await take_prospect(prospect.id):
            return Conflict()
        await Account.filter(id=account.id).delete()
        if tell_person:
            await tell(app, account, "sign_up_rejected")
        await audit.record(app, member, "prospect.rejected", *_about(prospect), details={"told": tell_person})
        await app.signals.publish(f"account:{account.id}")
    await notify_plugin_removed(app, member, account, prospect.practice, gone)
    return None


async def create_client(
    app: AppContext,
    caller: Caller | None,
    prospect_id: str,
    reference: str,
    changes: Mapping[str, Any],
    therapist_ids: list[str],
) -> Dossier | Refusal:
    """Create a dossier and its respondent from a prospect, link the account and approve it, in one transaction.

    The person's own entries are taken, except for ``changes``: name, birth_date and locale of the client; relation,
    respondent_name, email and phone of the person. A client who is another person comes from ``changes`` only.
    The dossier is added to the caseload of each of the therapists.
    """
    member = manager(caller)
    prospect = await _prospect_in_reach(member, prospect_id)
    if refusal := _not_linkable(app, member, prospect):
        return refusal
    filled = _prefilled(prospect, changes)
    draft = DossierDraft(reference, filled["name"], filled["birth_date"], filled["locale"])
    person = RespondentDraft(filled["relation"], filled["respondent_name"], filled["email"], filled["phone"])
    of_dossier, of_respondent = dossier_values(app, member, draft), respondent_values(app, person)
    try:
        async with transaction():
            therapists = (await hold_office(member, *therapist_ids)).colleagues
            if any(therapist.suspended_at is not None for therapist in therapists):
                raise InvalidInput("therapists", Problem.UNUSABLE)
            await hold_account(prospect.account_id)
            if not await take_prospect(prospect.id):
                return Conflict()
            dossier = await Dossier.create(**of_dossier)
            theirs = {"practice_id": dossier.practice_id, "dossier_id": dossier.id, **of_respondent}
            respondent = await Respondent.create(**theirs)
            await _link(app, member, prospect, respondent)
            await add_entries(dossier.practice_id, [(therapist.id, dossier.id) for therapist in therapists])
            subjects = (*_about(prospect, respondent), *(("StaffMember", therapist.id) for therapist in therapists))
            await audit.record(app, member, "prospect.client_created", *subjects)
            return dossier
    except IntegrityError:
        return AlreadyExists("reference")


def _prefilled(prospect: Prospect, changes: Mapping[str, Any]) -> dict[str, Any]:
    account, relation = prospect.account, changes.get("relation", Relation.SELF)
    person = {
        "relation": relation,
        "respondent_name": account.name,
        "email": account.email,
        "phone": prospect.phone,
        "locale": account.locale,
    }
    if relation is not Relation.SELF:
        return {"name": "", "birth_date": None, **person, **changes}
    name = changes.get("name", account.name)
    return {**person, "name": name, "respondent_name": name, "birth_date": prospect.birth_date, **changes}


async def associate(
    app: AppContext, caller: Caller | None, prospect_id: str, respondent_id: str
) -> Respondent | Refusal:
    """Link a prospect's account to an existing respondent, and approve it."""
    member = manager(caller)
    prospect = await _prospect_in_reach(member, prospect_id)
    respondent = await respondent_in_reach(member, respondent_id)
    if refusal := _not_linkable(app, member, prospect):
        return refusal
    try:
        async with transaction():
            await hold_office(member)
            current = await hold_respondent(respondent)
            grant = await latest_grant_of(respondent.id)
            # Both accounts at once: otherwise two such transactions could deadlock.
            await hold_rows(accounts=[prospect.account_id, grant.account_id if grant else None])
            if current.dossier.closed_at is not None:
                return DossierClosed()
            # Read again under the lock.
            if is_login(grant := await latest_grant_of(respondent.id)):
                return AlreadyHasLogin()
            await close_grant_of_closed_account(app, member, respondent, grant)
            if not await take_prospect(prospect.id):
                return Conflict()
            await close_open(app.now, superseded=True, respondent_id=respondent.id)
            await _link(app, member, prospect, respondent)
            await audit.record(app, member, "prospect.associated", *_about(prospect, respondent))
            return respondent
    except IntegrityError:
        return Conflict()


def _not_linkable(app: AppContext, member: Caller, prospect: Prospect) -> Refusal | None:
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    return NotVerified() if prospect.account.email_verified_at is None else None


async def _link(app: AppContext, member: Caller, prospect: Prospect, respondent: Respondent) -> None:
    """Create the approved grant, and notify the person by mail and on the waiting page."""
    await AccessGrant.create(
        practice_id=prospect.practice_id,
        account_id=prospect.account_id,
        respondent_id=respondent.id,
        state=GrantState.APPROVED,
        approved_at=app.now,
        approved_by_id=member.staff_id,
        created_at=app.now,
    )
    await tell(app, prospect.account, "access_approved")
    await app.signals.publish(f"account:{prospect.account_id}", f"dossier:{respondent.dossier_id}")


def _about(prospect: Prospect, respondent: Respondent | None = None) -> tuple[tuple[str, object], ...]:
    return (
        ("Prospect", prospect.id),
        ("Account", prospect.account_id),
        ("Dossier", respondent.dossier_id if respondent else None),
        ("Respondent", respondent.id if respondent else None),
    )
