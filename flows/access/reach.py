"""The dossiers and respondents in reach of a member of staff; others are NotFound."""

from collections.abc import Iterable
from typing import TypeVar

from flows.core.context import Access, Caller
from flows.core.ids import as_uuid
from flows.refusals import AwaitingApproval, NotAllowed, NotFound, NotSignedIn, Refusal
from models import Audience, Dossier, Respondent, StaffRole
from models.staff.staff import caseload_of, in_caseload

R = TypeVar("R", bound=Refusal)


def staff(caller: Caller | None) -> Caller:
    """The caller as a member of staff; raises NotSignedIn or NotAllowed."""
    if caller is None:
        raise NotSignedIn
    if caller.audience is not Audience.STAFF or caller.staff_id is None:
        raise NotAllowed if caller.access is Access.APPROVED else not_yet(caller)
    return caller


def not_yet(caller: Caller) -> AwaitingApproval:
    """The refusal of a caller without an approved grant."""
    return AwaitingApproval(unverified=caller.access is Access.UNVERIFIED)


def manager(caller: Caller | None) -> Caller:
    """The caller as OWNER or ADMIN."""
    member = staff(caller)
    if not member.manages:
        raise NotAllowed
    return member


def owner(caller: Caller | None) -> Caller:
    member = staff(caller)
    if member.role is not StaffRole.OWNER:
        raise NotAllowed
    return member


def respondent(caller: Caller | None) -> Caller:
    """The caller as a respondent with an approved grant; raises NotSignedIn, NotAllowed or AwaitingApproval."""
    if caller is None:
        raise NotSignedIn
    if caller.audience is not Audience.RESPONDENT:
        raise NotAllowed
    if caller.access is not Access.APPROVED:
        raise not_yet(caller)
    return caller


async def dossier_in_reach(caller: Caller, dossier_id: str) -> Dossier:
    """The dossier, if it is the practice's and, for a therapist, in the caseload; raises NotFound."""
    identity = as_uuid(dossier_id)
    dossier = await Dossier.get_or_none(id=identity, practice_id=caller.practice_id) if identity else None
    if dossier is None:
        raise NotFound
    await check_reach(caller, dossier.id)
    return dossier


async def check_reach(caller: Caller, dossier_id: object) -> None:
    """Managers reach every dossier of the practice, a therapist those in the caseload; raises NotFound."""
    if not await _reaches(caller, dossier_id):
        raise NotFound.out_of_reach(dossier_id)


async def _reaches(caller: Caller, dossier_id: object) -> bool:
    return caller.manages or await in_caseload(caller.staff_id, dossier_id)


async def beyond_reach(caller: Caller, dossier_ids: Iterable[object]) -> tuple[object, ...]:
    """Those of these dossiers of the practice that the caller does not reach, each once."""
    if caller.manages:
        return ()
    caseload = await caseload_of(caller.staff_id)
    return tuple(dossier for dossier in dict.fromkeys(dossier_ids) if dossier not in caseload)


async def met(caller: Caller, refusal: R, dossier_id: object) -> R:
    """The refusal of a reference that this dossier has; where the dossier is out of reach, it will be audited.

    The answer must show that the reference is taken, or a client would have two dossiers.
    """
    if not await _reaches(caller, dossier_id):
        refusal.denied = (dossier_id,)
    return refusal


async def respondent_in_reach(caller: Caller, respondent_id: str) -> Respondent:
    """The respondent with its dossier, within the caller's reach; raises NotFound."""
    identity = as_uuid(respondent_id)
    found = (
        await Respondent.filter(id=identity, practice_id=caller.practice_id)
        .select_related("dossier", "practice")
        .first()
        if identity
        else None
    )
    if found is None:
        raise NotFound
    await check_reach(caller, found.dossier_id)
    return found
