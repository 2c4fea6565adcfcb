"""Delivery reports (RFC 3464): which message of ours was returned, and why.

Each message leaves with an envelope sender of its own (VERP), which holds the message's id and a MAC of it: who has not
seen the message can make no report about it, and who has can make one about that message alone.
"""

import base64
import binascii
import hmac
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from enum import StrEnum
from itertools import chain, islice
from uuid import UUID

from delivery.reasons import of_reply, of_status
from models.core.message_failure import MessageFailure
from models.mail.outbox import mark_bounced
from security.keys import KeyRing

log = logging.getLogger(__name__)

#: The largest report that is read, in bytes; one holds a copy of a short message of ours.
LARGEST = 1_000_000
#: How much of it is parsed, in bytes: what failed stands before the copy of the message. And how many boundaries it may
#: have, since each line is compared with each of them: anybody can mail to the address of reports.
_PARSED, _BOUNDARIES = 65_536, 20
#: Of one report's headers, those that are looked at for its recipient.
_RECIPIENTS = 20
_MAC_BYTES = 10
_TOKEN = re.compile(r"[a-z2-7]{42}")
#: Where the receiving server writes down to whom a report came, in the order of trust; To is the reporter's.
_RECIPIENT_HEADERS = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To")
_BETWEEN = re.compile(r"[\s<>,;\"]+")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY = re.compile(r"\b([45]\d\d)\b")


class Outcome(StrEnum):
    """What came of something that was read as a report."""

    RECORDED = "RECORDED"
    """Staff see it from now on."""
    KNOWN = "KNOWN"
    """Of a message that is unknown by now, or is known to have been returned."""
    FORGED = "FORGED"
    """It names no message of ours, so nothing was changed."""
    NO_REPORT = "NO_REPORT"
    """An automatic reply, a report of success, or anything else."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says of one message: ``status`` is its enhanced status code, ``final`` that it was given up."""

    status: str
    failure: MessageFailure
    final: bool


class ReturnPath:
    """The envelope senders: ``bounces@example.org`` becomes ``bounces+TOKEN@example.org`` (RFC 5233)."""

    def __init__(self, keys: KeyRing, address: str) -> None:
        self._keys = keys
        self._local, _, self._domain = address.rpartition("@")

    def sender_of(self, message_id: UUID) -> str:
        """The envelope sender of a message."""
        return f"{self._local}+{_token(message_id, self._keys.mac(message_id.bytes, 'bounce'))}@{self._domain}"

    def message_of(self, address: str) -> UUID | None:
        """The message whose envelope sender this is; None for any other address. Case is ignored, as servers do."""
        tagged = address.strip().strip("<>").rpartition("@")[0].casefold()
        local, _, token = tagged.rpartition("+")
        if local != self._local.casefold() or not _TOKEN.fullmatch(token):
            return None
        try:
            raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
        except binascii.Error:
            return None
        message_id, given = UUID(bytes=raw[:16]), raw[16:]
        # All keys of the ring: a report may come after a rotation.
        known = [hmac.compare_digest(mac[:_MAC_BYTES], given) for mac in self._keys.macs(raw[:16], "bounce")]
        return message_id if any(known) else None


class BounceReader:
    """Reads reports and stores what they say; the same one read twice is stored once."""

    def __init__(self, return_path: ReturnPath, clock: Callable[[], datetime]) -> None:
        self._return_path, self._clock = return_path, clock

    async def read(self, content: bytes) -> Outcome:
        """A whole message as it came in (RFC 5322). Never raises for what it contains."""
        parsed = content[:_PARSED]
        if parsed.lower().count(b"boundary") > _BOUNDARIES:
            return Outcome.NO_REPORT
        try:
            message = message_from_bytes(parsed, policy=compat32)
            report, recipients = report_in(message), list(_recipients(message))
        # Parts nested a thousand deep, or headers that no parser takes.
        except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
            return Outcome.NO_REPORT
        if report is None:
            return Outcome.NO_REPORT
        return await self._record(recipients, report)

    async def read_event(self, event: Mapping[str, object]) -> Outcome:
        """The same as JSON: ``recipient`` (our envelope sender), ``action`` and ``status`` as RFC 3464 has them."""
        told = {name: str(event.get(name) or "")[:200] for name in ("recipient", "action", "status", "diagnostic")}
        report = _report(told["action"], told["status"], told["diagnostic"])
        return Outcome.NO_REPORT if report is None else await self._record([told["recipient"]], report)

    async def _record(self, recipients: Iterable[str], report: Report) -> Outcome:
        message_id = next(filter(None, map(self._return_path.message_of, recipients)), None)
        if message_id is None:
            log.warning("bounce.forged: a delivery report names no message of ours (status %s)", report.status)
            return Outcome.FORGED
        now = self._clock()
        written = await mark_bounced(message_id, now, report.status, report.failure, final=report.final)
        return Outcome.RECORDED if written else Outcome.KNOWN


def report_in(message: Message) -> Report | None:
    """What the machine-readable part says; None without one, or where nothing failed. The worst recipient counts."""
    found = [report for fields in _per_recipient(message) if (report := _report(*fields))]
    return max(found, key=lambda report: report.final, default=None)


def _per_recipient(message: Message) -> Iterator[tuple[str, str, str]]:
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        groups = part.get_payload()
        for group in groups if isinstance(groups, list) else []:
            if isinstance(group, Message) and group.get("Action"):
                yield tuple(str(group.get(name) or "") for name in ("Action", "Status", "Diagnostic-Code"))  # type: ignore[misc]


def _report(action: str, status: str, diagnostic: str) -> Report | None:
    """``action`` failed or delayed; a Status that says nothing (5.0.0) gives way to what the server replied."""
    action = action.partition(";")[0].strip().casefold()
    if action not in ("failed", "delayed"):
        return None
    codes = [code[1] for text in (status, diagnostic) if (code := _STATUS.search(text))]
    failure = next(filter(None, map(of_status, codes)), None)
    if failure is None:
        reply = _REPLY.search(diagnostic)
        failure = of_reply(int(reply[1]) if reply else 450, "", to_recipient=True)
    telling = next((code for code in codes if of_status(code)), codes[0] if codes else "")
    return Report(telling, failure, final=action == "failed")


def _recipients(message: Message) -> Iterator[str]:
    values = chain.from_iterable(message.get_all(name, []) for name in _RECIPIENT_HEADERS)
    for value in islice(values, _RECIPIENTS):
        yield from (word for word in _BETWEEN.split(str(value)[:2000]) if "@" in word)


def _token(message_id: UUID, mac: bytes) -> str:
    return base64.b32encode(message_id.bytes + mac[:_MAC_BYTES]).decode().rstrip("=").casefold()
