"""The scopes of a grant: which parts of a dossier it opens. Grants themselves: :mod:`flows.access.access`."""

from collections.abc import Collection, Sequence

from flows.access.reach import respondent_in_reach, staff
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.refusals import NoLogin, Refusal, StepUpRequired
from flows.signin.step_up import fresh_for_staff
from models import AccessGrant, GrantState, Relation, Respondent, Scope
from models.access.access import approved_grants_of
from models.db.database import transaction
from models.locks import hold_login

#: People who speak for or live with the client; others see only their own answers.
_CLOSE = frozenset({Relation.SELF, Relation.PARENT, Relation.GUARDIAN, Relation.PARTNER})


def scopes_of(grant: AccessGrant, relation: Relation) -> frozenset[Scope]:
    """What staff chose for this grant, else what the relation opens."""
    return opened_by(grant.scopes, relation)


def opened_by(chosen: Collection[str] | None, relation: Relation) -> frozenset[Scope]:
    """:func:`scopes_of` from the stored columns."""
    if chosen is not None:
        return frozenset(Scope(name) for name in chosen)
    return frozenset(Scope) if relation in _CLOSE else frozenset({Scope.ANSWERS})


def reads_now(grant: AccessGrant, relation: Relation, scope: Scope) -> bool:
    """Whether the person behind a live grant can sign in and see this scope, and so may be notified of it."""
    open_now = grant.state is GrantState.APPROVED and grant.account.suspended_at is None
    return open_now and scope in scopes_of(grant, relation)


async def respondents_with(caller: Caller, scope: Scope) -> list[Respondent]:
    """The respondents, with their dossiers, of the caller's approved grants that open this scope."""
    grants = await open_grants(caller)
    return [grant.respondent for grant in grants if scope in scopes_of(grant, grant.respondent.relation)]


async def open_grants(caller: Caller) -> list[AccessGrant]:
    """The caller's approved grants on dossiers that are not closed, with respondent and dossier, oldest first."""
    grants = await approved_grants_of(caller.account_id)
    # Closing deactivates them, but a concurrent approval may have been later.
    return [grant for grant in grants if grant.respondent.dossier.closed_at is None]


async def set_scopes(
    app: AppContext, caller: Caller | None, respondent_id: str, scopes: Sequence[Scope] | None
) -> Refusal | None:
    """Choose what a respondent's grant opens, from the next request on; None: what the relation opens."""
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    # It may open more than was approved.
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    chosen = None if scopes is None else in_order(scopes)
    async with transaction():
        _, grant = await hold_login(respondent)
        if grant is None or grant.state is GrantState.DEACTIVATED:
            return NoLogin()
        await AccessGrant.filter(id=grant.id).update(scopes=chosen)
        subjects = (("Dossier", respondent.dossier_id), ("Respondent", respondent.id), ("Account", grant.account_id))
        await audit.record(app, member, "access.scopes_set", *subjects, details={"scopes": chosen})
        await app.signals.publish(f"dossier:{respondent.dossier_id}", f"account:{grant.account_id}")
    return None


def in_order(scopes: Collection[Scope]) -> list[Scope]:
    """Each once, as they are declared."""
    return [scope for scope in Scope if scope in scopes]
