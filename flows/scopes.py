"""What a grant opens of a dossier; the gate itself is :mod:`flows.access`."""

from flows.house import Caller
from models import AccessGrant, Relation, Respondent, Scope
from models.access import approved_grants_of

#: Whoever speaks for or lives with the client; everyone else sees what they gave themselves.
_CLOSE = frozenset({Relation.SELF, Relation.PARENT, Relation.GUARDIAN, Relation.PARTNER})


def scopes_of(grant: AccessGrant, relation: Relation) -> frozenset[Scope]:
    """What staff chose for this grant, else what the relation opens."""
    if grant.scopes is not None:
        return frozenset(Scope(name) for name in grant.scopes)
    return frozenset(Scope) if relation in _CLOSE else frozenset({Scope.ANSWERS})


async def respondents_with(caller: Caller, scope: Scope) -> list[Respondent]:
    """Whom the caller may see this of: the respondents, with their dossiers, of approved grants that open it."""
    grants = await approved_grants_of(caller.account_id)
    return [grant.respondent for grant in grants if scope in scopes_of(grant, grant.respondent.relation)]
