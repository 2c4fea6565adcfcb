"""About one's own account: what of it can be changed, and its end."""

from flows.refusals.base import Refusal


class NoTextMessages(Refusal):
    """No gateway for text messages is configured, so no number can be proven here."""

    kind = "NO_TEXT_MESSAGES"


class AlreadyAsked(Refusal):
    """A request for this is open already; withdraw it first."""

    kind = "ALREADY_ASKED"


class StaffAccount(Refusal):
    """This is for clients of the practice; accounts of staff are managed by its owners."""

    kind = "STAFF_ACCOUNT"


class AccountSuspended(Refusal):
    """The account is suspended: `reinstateAccount` comes first, by an OWNER or ADMIN."""

    kind = "ACCOUNT_SUSPENDED"


class AlreadySuspended(Refusal):
    """The account is suspended already."""

    kind = "ALREADY_SUSPENDED"


class NotSuspended(Refusal):
    """The account is not suspended."""

    kind = "NOT_SUSPENDED"


class AccountClosed(Refusal):
    """The person closed the account; only a new invitation makes a new one."""

    kind = "ACCOUNT_CLOSED"
