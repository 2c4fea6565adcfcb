"""What SMTP replies (RFC 5321) and enhanced status codes (RFC 3463) say about why a message did not arrive."""

import re

from models.core.message_failure import MessageFailure

_STATUS = re.compile(r"[245]\.(\d{1,3})\.(\d{1,3})")
#: Subject and detail of RFC 3463, and of its registry at IANA, that say the address itself is wrong.
_WRONG_ADDRESS = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.9", "1.10", "2.0", "2.1", "4.1", "4.4"})
_BY_SUBJECT = {
    "1": MessageFailure.MESSAGE_REFUSED,
    "2": MessageFailure.MESSAGE_REFUSED,
    "3": MessageFailure.UNREACHABLE,
    "4": MessageFailure.UNREACHABLE,
    "5": MessageFailure.UNREACHABLE,
    "6": MessageFailure.MESSAGE_REFUSED,
    "7": MessageFailure.MESSAGE_REFUSED,
}
_FULL = frozenset({"2.2", "3.1"})
_TOO_LARGE = frozenset({"2.3", "3.4"})


def of_status(status: str) -> MessageFailure | None:
    """The reason by an enhanced status code such as ``5.1.1``; None for what is none, or says nothing (``5.0.0``)."""
    found = _STATUS.fullmatch(status)
    if found is None:
        return None
    known = f"{found[1]}.{found[2]}"
    if known in _FULL:
        return MessageFailure.MAILBOX_FULL
    if known in _TOO_LARGE:
        return MessageFailure.MESSAGE_REFUSED
    # What passes, as greylisting does, says nothing about the address or the message.
    if not status.startswith("5"):
        return MessageFailure.UNREACHABLE if found[1] in _BY_SUBJECT else None
    if known in _WRONG_ADDRESS:
        return MessageFailure.ADDRESS_REFUSED
    return _BY_SUBJECT.get(found[1])


def of_reply(code: int, status: str, *, to_recipient: bool) -> MessageFailure:
    """The reason by an SMTP reply to RCPT (``to_recipient``) or to the contents, its enhanced code where it has one."""
    if (told := of_status(status)) is not None:
        return told
    if code in (452, 552):
        return MessageFailure.MAILBOX_FULL
    if code < 500:
        return MessageFailure.UNREACHABLE
    return MessageFailure.ADDRESS_REFUSED if to_recipient else MessageFailure.MESSAGE_REFUSED
