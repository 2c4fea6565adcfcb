"""About the logins that staff manage: invitations, links, accounts, and the dossiers they belong to."""

from dataclasses import dataclass

from flows.refusals.base import ReasonedRefusal, Refusal


@dataclass(eq=False)
class LinkRefused(ReasonedRefusal):
    """A mailed link that does nothing (any more); the code is ``LINK_`` and the reason."""

    kind = "LINK"
    reason: str

    reasons = (
        "UNKNOWN",
        "EXPIRED",
        "USED",
        "SUPERSEDED",
        "REVOKED",
        "FOREIGN",
    )


class AccountExists(Refusal):
    """The invited address already has an account here: sign in and `linkInvitation`; give `acceptInvitation` that
    account's own password, which is taken where all its accesses are closed; or say that it is another person. The
    answer does not tell whether they are closed."""

    kind = "ACCOUNT_EXISTS"


class NoEmailAddress(Refusal):
    """An invitation, or a login, needs an address to go to."""

    kind = "NO_EMAIL_ADDRESS"


class AlreadyHasLogin(Refusal):
    """The respondent already has a login; approve, or deactivate it first."""

    kind = "ALREADY_HAS_LOGIN"


class LoginDeactivated(Refusal):
    """The respondent's login was deactivated: `approveAccess` opens it again, and needs no new account."""

    kind = "LOGIN_DEACTIVATED"


class NoLogin(Refusal):
    """There is no login to do this to: none yet, or one that was deactivated."""

    kind = "NO_LOGIN"


class AlreadyDeactivated(Refusal):
    """The access is closed already; `approveAccess` opens it again."""

    kind = "ALREADY_DEACTIVATED"


class NothingOpen(Refusal):
    """There is no open invitation to revoke."""

    kind = "NOTHING_OPEN"


class LastOwner(Refusal):
    """A practice keeps at least one owner who can sign in."""

    kind = "LAST_OWNER"


class DossierOpen(Refusal):
    """The dossier is not closed, so it can't be opened again."""

    kind = "DOSSIER_OPEN"


class DossierClosed(Refusal):
    """The dossier is closed; nothing new is opened on it."""

    kind = "DOSSIER_CLOSED"
