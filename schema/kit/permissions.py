"""Who may use a field: declared next to each root field and each type, enforced at the parent.

A type's own fields are as visible as the field that hands it out; nothing is checked per item.
"""

from enum import StrEnum

from flows.access.reach import manager, owner, respondent, staff
from flows.core.context import Caller
from flows.refusals import NotSignedIn


class Who(StrEnum):
    """The callers a field is for; each names the least that suffices."""

    ANYONE = "ANYONE"
    """No session needed."""
    SIGNED_IN = "SIGNED_IN"
    """Any live session, before approval too: the own account page."""
    RESPONDENT = "RESPONDENT"
    """A respondent with an approved grant."""
    STAFF = "STAFF"
    """Any member of staff; what they reach, the flow decides."""
    MANAGER = "MANAGER"
    """OWNER or ADMIN."""
    OWNER = "OWNER"


def admit(who: Who, caller: Caller | None) -> None:
    """Raise NotSignedIn, AwaitingApproval or NotAllowed unless ``caller`` is one of ``who``."""
    if who is Who.ANYONE:
        return
    if caller is None:
        raise NotSignedIn
    match who:
        case Who.STAFF:
            staff(caller)
        case Who.MANAGER:
            manager(caller)
        case Who.OWNER:
            owner(caller)
        case Who.RESPONDENT:
            respondent(caller)
