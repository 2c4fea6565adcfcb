"""About the logins that staff manage: invitations, links, accounts, and the dossiers they belong to."""

from dataclasses import dataclass

from flows.refusals.base import ReasonedRefusal, Refusal


@dataclass(eq=False)
class LinkRefused(ReasonedRefusal):
    """A mailed link that does nothing (any more); the code is ``LINK_`` and the reason."""

    kind = "LINK"
    reason: str

    by_reason = {
        "UNKNOWN": {"en": "This link is not valid.", "nl": "Deze link is niet geldig."},
        "EXPIRED": {"en": "This link has expired.", "nl": "Deze link is verlopen."},
        "USED": {"en": "This link has been used already.", "nl": "Deze link is al gebruikt."},
        "SUPERSEDED": {
            "en": "A newer link was sent after this one. Please use that.",
            "nl": "Er is een nieuwere link verstuurd. Gebruik die.",
        },
        "REVOKED": {"en": "This link was withdrawn.", "nl": "Deze link is ingetrokken."},
        "FOREIGN": {
            "en": "This link is for another account than the one you are signed in to. Sign out first.",
            "nl": "Deze link is voor een ander account dan waarmee u bent ingelogd. Log eerst uit.",
        },
    }


class AccountExists(Refusal):
    """The invited address already has an account here: sign in and `linkInvitation`; give `acceptInvitation` that
    account's own password, which is taken where all its accesses are closed; or say that it is another person. The
    answer does not tell whether they are closed."""

    kind = "ACCOUNT_EXISTS"
    texts = {
        "en": "There is already an account with this e-mail address. Sign in to it to accept the invitation. "
        "Can you not sign in any more? Then accept it here with the password of that account.",
        "nl": "Er is al een account met dit e-mailadres. Log daarmee in om de uitnodiging aan te nemen. "
        "Kunt u niet meer inloggen? Neem de uitnodiging dan hier aan met het wachtwoord van dat account.",
    }


class NoEmailAddress(Refusal):
    """An invitation, or a login, needs an address to go to."""

    kind = "NO_EMAIL_ADDRESS"
    texts = {
        "en": "This person needs an e-mail address first.",
        "nl": "Deze persoon heeft eerst een e-mailadres nodig.",
    }


class AlreadyHasLogin(Refusal):
    """The respondent already has a login; approve, or deactivate it first."""

    kind = "ALREADY_HAS_LOGIN"
    texts = {"en": "This person already has a login.", "nl": "Deze persoon heeft al een login."}


class LoginDeactivated(Refusal):
    """The respondent's login was deactivated: `approveAccess` opens it again, and needs no new account."""

    kind = "LOGIN_DEACTIVATED"
    texts = {
        "en": "This person has a login that was deactivated. Approve it again instead.",
        "nl": "Deze persoon heeft een login die is gedeactiveerd. Keur die opnieuw goed.",
    }


class NoLogin(Refusal):
    """There is no login to do this to: none yet, or one that was deactivated."""

    kind = "NO_LOGIN"
    texts = {
        "en": "This person has no login, or it was deactivated.",
        "nl": "Deze persoon heeft geen login, of die is gedeactiveerd.",
    }


class AlreadyDeactivated(Refusal):
    """The access is closed already; `approveAccess` opens it again."""

    kind = "ALREADY_DEACTIVATED"
    texts = {
        "en": "This access is deactivated already.",
        "nl": "Deze toegang is al gedeactiveerd.",
    }


class NothingOpen(Refusal):
    """There is no open invitation to revoke."""

    kind = "NOTHING_OPEN"
    texts = {"en": "There is no open invitation.", "nl": "Er is geen open uitnodiging."}


class LastOwner(Refusal):
    """A practice keeps at least one owner who can sign in."""

    kind = "LAST_OWNER"
    texts = {
        "en": "A practice needs at least one owner.",
        "nl": "Een praktijk heeft minstens één eigenaar nodig.",
    }


class DossierOpen(Refusal):
    """The dossier is not closed, so it can't be opened again."""

    kind = "DOSSIER_OPEN"
    texts = {"en": "This dossier is open already.", "nl": "Dit dossier is al open."}


class DossierClosed(Refusal):
    """The dossier is closed; nothing new is opened on it."""

    kind = "DOSSIER_CLOSED"
    texts = {"en": "This dossier is closed.", "nl": "Dit dossier is gesloten."}
