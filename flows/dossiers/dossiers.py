"""Dossiers and respondents: made, edited, found and closed by staff, within their reach."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flows.access.access import close_grants
from flows.access.reach import dossier_in_reach, met, respondent_in_reach, staff
from flows.appointments.appointments import cancel_coming
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.texts import clean, known_language, past_date, usable_email, usable_phone
from flows.refusals import AlreadyExists, Conflict, DossierClosed, DossierOpen, Refusal, StepUpRequired
from flows.signin.step_up import fresh_for_staff
from models import AccessGrant, CaseloadEntry, Dossier, GrantState, Relation, Respondent
from models.db.database import IntegrityError, transaction
from models.dossiers.dossier import dossier_by_reference
from models.locks import hold_open, hold_respondent, hold_rows
from models.mail.outbox import settle_addresses
from models.onboarding.invitation import close_open, respell_open
from normalise.addresses import address_key
from normalise.search import search_key


@dataclass(frozen=True, slots=True)
class DossierDraft:
    reference: str
    name: str
    birth_date: date | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class RespondentDraft:
    relation: Relation
    name: str
    email: str | None = None
    phone: str | None = None


async def create_dossier(app: AppContext, caller: Caller | None, draft: DossierDraft) -> Dossier | Refusal:
    """A new dossier; a therapist's own goes into the therapist's caseload."""
    member = staff(caller)
    values = dossier_values(app, member, draft)
    try:
        async with transaction():
            dossier = await Dossier.create(**values)
            if not member.manages:
                await CaseloadEntry.create(
                    practice_id=member.practice_id, staff_id=member.staff_id, dossier_id=dossier.id
                )
            await audit.record(app, member, "dossier.created", ("Dossier", dossier.id))
            return dossier
    except IntegrityError:
        return await _taken(member, values["reference"])


async def _taken(member: Caller, reference: object) -> AlreadyExists:
    refusal, other = AlreadyExists("reference"), await dossier_by_reference(member.practice_id, reference)
    return refusal if other is None else await met(member, refusal, other.id)


def dossier_values(app: AppContext, member: Caller, draft: DossierDraft) -> dict[str, Any]:
    """The columns of a new dossier; raises InvalidInput."""
    name = clean("name", draft.name, 120)
    return {
        "practice_id": member.practice_id,
        "reference": clean("reference", draft.reference, 60),
        "name": name,
        "sort_key": search_key(name),
        "birth_date": past_date("birthDate", draft.birth_date, member.day(app.now)),
        "locale": known_language("language", draft.locale or member.locale),
        "created_at": app.now,
    }


async def update_dossier(
    app: AppContext, caller: Caller | None, dossier_id: str, version: int, changes: dict[str, object]
) -> Dossier | Refusal:
    """Change some of reference, name, birth_date and locale, if nobody did since ``version``."""
    member = staff(caller)
    dossier = await dossier_in_reach(member, dossier_id)
    values = _dossier_changes(member.day(app.now), changes)
    try:
        async with transaction():
            changed = await Dossier.filter(id=dossier.id, version=version).update(**values, version=version + 1)
            if not changed:
                return Conflict()
            details = {"fields": sorted(changes)}
            await audit.record(app, member, "dossier.updated", ("Dossier", dossier.id), details=details)
    except IntegrityError:
        return await _taken(member, values["reference"])
    await dossier.refresh_from_db()
    return dossier


def _dossier_changes(today: date, changes: dict[str, object]) -> dict[str, object]:
    values: dict[str, object] = {}
    if isinstance(name := changes.get("name"), str):
        values["name"] = clean("name", name, 120)
        values["sort_key"] = search_key(name)
    if isinstance(reference := changes.get("reference"), str):
        values["reference"] = clean("reference", reference, 60)
    if isinstance(locale := changes.get("locale"), str):
        values["locale"] = known_language("language", locale)
    if "birth_date" in changes:
        day = changes["birth_date"]
        values["birth_date"] = past_date("birthDate", day if isinstance(day, date) else None, today)
    return values


async def close_dossier(app: AppContext, caller: Caller | None, dossier_id: str, version: int) -> Dossier | Refusal:
    """Close a dossier: coming appointments are cancelled, grants deactivated, open invitations withdrawn.

    Only if nobody changed the dossier since ``version``.
    """
    member = staff(caller)
    dossier = await dossier_in_reach(member, dossier_id)
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    async with transaction():
        if not await hold_open(dossier.id):
            return DossierClosed()
        if not await Dossier.filter(id=dossier.id, version=version).update(closed_at=app.now, version=version + 1):
            return Conflict()
        # Before the appointments, which are held after the people.
        respondents = await _hold_respondents(dossier)
        cancelled = await cancel_coming(app, member, dossier)
        await _end_access(app, respondents)
        subjects = (("Dossier", dossier.id), *(("Appointment", one.id) for one in cancelled))
        await audit.record(app, member, "dossier.closed", *subjects)
        await app.signals.publish(f"dossier:{dossier.id}")
    await dossier.refresh_from_db()
    return dossier


async def reopen_dossier(app: AppContext, caller: Caller | None, dossier_id: str, version: int) -> Dossier | Refusal:
    """Open a closed dossier again, if nobody changed it since ``version``.

    Its grants stay deactivated, for much may have changed since: ``approveAccess`` looks at each person anew. What was
    cancelled and withdrawn stays so.
    """
    member = staff(caller)
    dossier = await dossier_in_reach(member, dossier_id)
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    async with transaction():
        if await hold_open(dossier.id):
            return DossierOpen()
        if not await Dossier.filter(id=dossier.id, version=version).update(closed_at=None, version=version + 1):
            return Conflict()
        await audit.record(app, member, "dossier.reopened", ("Dossier", dossier.id))
        await app.signals.publish(f"dossier:{dossier.id}")
    await dossier.refresh_from_db()
    return dossier


async def _hold_respondents(dossier: Dossier) -> list[UUID]:
    """All who answer for the dossier, which is held, so that there are no more; and the accounts that they have."""
    respondents = [one.id for one in await Respondent.filter(dossier_id=dossier.id).only("id")]
    await hold_rows(respondents=respondents)
    await hold_rows(accounts=[grant.account_id for grant in await _live(respondents)])
    return respondents


async def _live(respondents: Collection[UUID]) -> list[AccessGrant]:
    return await AccessGrant.filter(respondent_id__in=respondents).exclude(state=GrantState.DEACTIVATED)


async def _end_access(app: AppContext, respondents: Collection[UUID]) -> None:
    await close_grants(app, await _live(respondents))
    for respondent in respondents:
        await close_open(app.now, superseded=False, respondent_id=respondent)


async def add_respondent(
    app: AppContext, caller: Caller | None, dossier_id: str, draft: RespondentDraft
) -> Respondent | Refusal:
    """A person who answers for a dossier; invites nobody."""
    member = staff(caller)
    dossier = await dossier_in_reach(member, dossier_id)
    values = respondent_values(app, draft)
    async with transaction():
        if not await hold_open(dossier.id):
            return DossierClosed()
        respondent = await Respondent.create(practice_id=dossier.practice_id, dossier_id=dossier.id, **values)
        subjects = (("Dossier", dossier.id), ("Respondent", respondent.id))
        await audit.record(app, member, "respondent.added", *subjects)
        await app.signals.publish(f"dossier:{dossier.id}")
    return respondent


def respondent_values(app: AppContext, draft: RespondentDraft) -> dict[str, Any]:
    """The columns of a new respondent, but for its practice and dossier; raises InvalidInput."""
    name = clean("name", draft.name, 120)
    return {
        "relation": draft.relation,
        "name": name,
        "sort_key": search_key(name),
        "email": usable_email("email", draft.email),
        "phone": usable_phone("phone", draft.phone),
        "created_at": app.now,
    }


async def update_respondent(
    app: AppContext, caller: Caller | None, respondent_id: str, version: int, changes: dict[str, object]
) -> Respondent | Refusal:
    """Change a respondent. A changed address withdraws an open invitation and never touches an account's."""
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    values = _respondent_changes(changes)
    async with transaction():
        current = await hold_respondent(respondent)
        if current.version != version:
            return Conflict()
        await Respondent.filter(id=respondent.id).update(**values, version=version + 1)
        if "email" in values:
            await _follow_address(app, current, values["email"])
        subjects = (("Dossier", respondent.dossier_id), ("Respondent", respondent.id))
        details = {"fields": sorted(changes)}
        await audit.record(app, member, "respondent.updated", *subjects, details=details)
        await app.signals.publish(f"dossier:{respondent.dossier_id}")
    await respondent.refresh_from_db()
    return respondent


async def _follow_address(app: AppContext, respondent: Respondent, email: object) -> None:
    """An open invitation follows another spelling of its address, and is withdrawn with the address itself."""
    if isinstance(email, str) and respondent.email and address_key(email) == address_key(respondent.email):
        await respell_open(respondent.id, email)
    else:
        # The link went to an address that is no longer this person's.
        await close_open(app.now, superseded=False, respondent_id=respondent.id)
        await settle_addresses(app.now, respondent_id=respondent.id)


def _respondent_changes(changes: dict[str, object]) -> dict[str, object]:
    values: dict[str, object] = {}
    if isinstance(name := changes.get("name"), str):
        values["name"] = clean("name", name, 120)
        values["sort_key"] = search_key(name)
    if isinstance(relation := changes.get("relation"), Relation):
        values["relation"] = relation
    if "email" in changes:
        values["email"] = usable_email("email", _text(changes["email"]))
    if "phone" in changes:
        values["phone"] = usable_phone("phone", _text(changes["phone"]))
    return values


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
