"""About one's own account: what of it can be changed, and its end."""

from flows.refusals.base import Refusal


class NoTextMessages(Refusal):
    """No gateway for text messages is configured, so no number can be proven here."""

    kind = "NO_TEXT_MESSAGES"
    texts = {
        "en": "A phone number cannot be changed here. Please ask your practice.",
        "nl": "Een telefoonnummer kan hier niet gewijzigd worden. Vraag het uw praktijk.",
    }


class AlreadyAsked(Refusal):
    """A request for this is open already; withdraw it first."""

    kind = "ALREADY_ASKED"
    texts = {
        "en": "You have asked for this already. Withdraw that request to make another.",
        "nl": "U hebt dit al gevraagd. Trek dat verzoek in om een ander te doen.",
    }


class StaffAccount(Refusal):
    """This is for clients of the practice; accounts of staff are managed by its owners."""

    kind = "STAFF_ACCOUNT"
    texts = {
        "en": "Accounts of staff are managed by an owner of the practice.",
        "nl": "Accounts van medewerkers worden beheerd door een eigenaar van de praktijk.",
    }


class AccountSuspended(Refusal):
    """The account is suspended: `reinstateAccount` comes first, by an OWNER or ADMIN."""

    kind = "ACCOUNT_SUSPENDED"
    texts = {
        "en": "This person’s account is suspended. An owner or admin can lift that.",
        "nl": "Het account van deze persoon is geblokkeerd. Een eigenaar of beheerder kan dat opheffen.",
    }


class AlreadySuspended(Refusal):
    """The account is suspended already."""

    kind = "ALREADY_SUSPENDED"
    texts = {"en": "This account is suspended already.", "nl": "Dit account is al geblokkeerd."}


class NotSuspended(Refusal):
    """The account is not suspended."""

    kind = "NOT_SUSPENDED"
    texts = {"en": "This account is not suspended.", "nl": "Dit account is niet geblokkeerd."}


class AccountClosed(Refusal):
    """The person closed the account; only a new invitation makes a new one."""

    kind = "ACCOUNT_CLOSED"
    texts = {
        "en": "This person has closed the account. Send a new invitation.",
        "nl": "Deze persoon heeft het account opgeheven. Verstuur een nieuwe uitnodiging.",
    }
