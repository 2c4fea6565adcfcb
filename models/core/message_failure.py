"""Why a message did not arrive: the reasons that the outbox, invitations and staff share."""

from enum import StrEnum


class MessageFailure(StrEnum):
    """The reason of the last failed attempt, or of a delivery report (RFC 3464)."""

    ADDRESS_REFUSED = "ADDRESS_REFUSED"
    MAILBOX_FULL = "MAILBOX_FULL"
    MESSAGE_REFUSED = "MESSAGE_REFUSED"
    UNREACHABLE = "UNREACHABLE"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    NUMBER_REFUSED = "NUMBER_REFUSED"
    NO_ADDRESS = "NO_ADDRESS"
    LIMIT_REACHED = "LIMIT_REACHED"
    COUNTRY_NOT_ALLOWED = "COUNTRY_NOT_ALLOWED"
    TOO_LATE = "TOO_LATE"
    INTERNAL = "INTERNAL"


#: The address or number itself is wrong: the next message would fail as well.
ADDRESS_FAILURES = frozenset({MessageFailure.ADDRESS_REFUSED, MessageFailure.NUMBER_REFUSED, MessageFailure.NO_ADDRESS})
