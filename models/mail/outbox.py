"""Mail and text messages waiting to leave, written in the transaction of what it tells about."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q
from tortoise.indexes import Index

from models.core.message_failure import ADDRESS_FAILURES, MessageFailure
from models.core.practice import Practice
from models.core.signal import add_signals
from models.db.base import NOBODY, Row, practice_key
from models.db.database import as_time, fetch, is_sqlite, transaction
from models.onboarding.invitation import Invitation


class OutboxState(StrEnum):
    WAITING = "WAITING"
    SENT = "SENT"
    # Resolved to nobody, as an unknown address does.
    DROPPED = "DROPPED"
    # Refused for good by the relay, given up after days of trying, or never queued.
    FAILED = "FAILED"
    # Taken by the relay and returned later, as a delivery report told.
    BOUNCED = "BOUNCED"


class OutboxMessage(Row):
    """At least once, with the stable ``id`` as Message-ID. ``payload`` is sealed and wiped when done."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    channel = fields.CharField(max_length=10, default="mail")
    template = fields.CharField(max_length=40)
    payload = fields.BinaryField(null=True)
    state = fields.CharEnumField(OutboxState, max_length=8, default=OutboxState.WAITING)
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField()
    claimed_until = fields.DatetimeField(null=True)
    last_error = fields.CharField(max_length=200, default="")
    # Why the last attempt failed; set while it is tried again too, and NULL once it was taken over.
    failure: MessageFailure | None = fields.CharEnumField(  # type: ignore[assignment]
        MessageFailure, max_length=20, null=True
    )
    # Since when a failure needs nobody's attention: the address was changed, or a later message was taken over.
    settled_at = fields.DatetimeField(null=True)
    # What to mark when the relay took it, as "invitation:<id>".
    about = fields.CharField(max_length=60, default="")
    # The recipient. A request has no account until the worker has found one.
    account_id: UUID | None = fields.UUIDField(null=True)
    respondent_id: UUID | None = fields.UUIDField(null=True)
    staff_id: UUID | None = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "outbox_message"
        indexes = (Index(fields=("state", "due_at"), name="outbox_due"),)


class ClaimLost(Exception):
    """Another worker has the message by now, so nothing of this attempt may be written."""


_CLAIM = """
    UPDATE outbox_message SET claimed_until = ?, attempts = attempts + 1
    WHERE id = (
        SELECT id FROM outbox_message
        WHERE state = 'WAITING' AND channel = ? AND due_at <= ?
            AND (claimed_until IS NULL OR claimed_until <= ?)
        ORDER BY due_at, created_at LIMIT 1
    )
    RETURNING id
"""
# Without it a second worker waits for the first one's row and then goes away empty-handed.
_CLAIM_BESIDE_OTHERS = _CLAIM.replace("LIMIT 1", "LIMIT 1 FOR UPDATE SKIP LOCKED")


async def claim_due(now: datetime, until: datetime, channel: str = "mail") -> OutboxMessage | None:
    """The message that is due longest, with its practice; None when none is due.

    Its attempt is counted, and of all workers only this one has it before ``until``: the update that
    claims is the one that looks, so there is no moment between.
    """
    rows = await fetch(_CLAIM if is_sqlite() else _CLAIM_BESIDE_OTHERS, until, channel, now, now)
    if not rows:
        return None
    return await OutboxMessage.get(id=rows[0]["id"]).select_related("practice")


async def keep_payload(message: OutboxMessage, payload: bytes) -> None:
    """Replace the payload of a claimed message; raises ClaimLost, which undoes the caller's transaction."""
    held = OutboxMessage.filter(id=message.id, state=OutboxState.WAITING, claimed_until=message.claimed_until)
    if not await held.update(payload=payload):
        raise ClaimLost


@dataclass(frozen=True, slots=True)
class Backlog:
    """The messages of one channel that are not done: how many wait, how many of those failed before, how many failed
    for good without being settled; since when the oldest waits, and since when the one that is due longest is due.
    """

    channel: str
    waiting: int
    retrying: int
    failed: int
    oldest: datetime | None
    due: datetime | None


async def backlogs(now: datetime) -> list[Backlog]:
    """By channel; one statement. A channel without any such message is left out."""
    rows = await fetch(
        """
        SELECT channel,
               SUM(CASE WHEN state = 'WAITING' THEN 1 ELSE 0 END) AS waiting,
               SUM(CASE WHEN state = 'WAITING' AND failure IS NOT NULL THEN 1 ELSE 0 END) AS retrying,
               SUM(CASE WHEN state = 'WAITING' THEN 0 ELSE 1 END) AS failed,
               MIN(CASE WHEN state = 'WAITING' THEN created_at END) AS oldest,
               MIN(CASE WHEN state = 'WAITING' AND due_at <= ? THEN due_at END) AS due
          FROM outbox_message
         WHERE state = 'WAITING' OR (state IN ('FAILED', 'BOUNCED') AND settled_at IS NULL)
         GROUP BY channel ORDER BY channel
        """,
        now,
    )
    return [
        Backlog(
            row["channel"], row["waiting"], row["retrying"], row["failed"], as_time(row["oldest"]), as_time(row["due"])
        )
        for row in rows
    ]


async def mark_sent(message: OutboxMessage, at: datetime) -> None:
    """The relay took it, which holds for any claim; marks the invitation that it is about, and settles failures."""
    async with transaction():
        await OutboxMessage.filter(id=message.id).update(
            state=OutboxState.SENT,
            payload=None,
            claimed_until=None,
            last_error="",
            failure=None,
            done_at=at,
            account_id=message.account_id,
        )
        invitation = _invitation(message.about)
        if invitation:
            await Invitation.filter(id=invitation, relayed_at__isnull=True).update(
                relayed_at=at, failure=None, failed_at=None, retry_at=None
            )
        if await settle_earlier(message, at) or invitation:
            await publish_to_dossiers(message, at)


async def mark_dropped(message: OutboxMessage, at: datetime) -> None:
    """There is nobody to send a claimed message to."""
    await _close(message, OutboxState.DROPPED, at, "")


async def mark_failed(
    message: OutboxMessage, at: datetime, error: str, retry_at: datetime | None, failure: MessageFailure
) -> bool:
    """This attempt failed: due again at ``retry_at``, or never if None. ``error`` names nobody.

    False where another worker has the message by now, and nothing was written.
    """
    held = OutboxMessage.filter(id=message.id, state=OutboxState.WAITING, claimed_until=message.claimed_until)
    if retry_at is None:
        changes = {"state": OutboxState.FAILED, "payload": None, "done_at": at}
    else:
        changes = {"due_at": retry_at}
    async with transaction():
        written = await held.update(
            **changes, claimed_until=None, last_error=error, failure=failure, account_id=message.account_id
        )
        if not written:
            return False
        if invitation := _invitation(message.about):
            await Invitation.filter(id=invitation).update(
                failure=failure, retry_at=retry_at, failed_at=at if retry_at is None else None
            )
        # Of further attempts at the same there is no news.
        if retry_at is None or message.failure is None:
            await publish_to_dossiers(message, at)
    return True


async def mark_bounced(message_id: UUID, at: datetime, status: str, failure: MessageFailure, *, final: bool) -> bool:
    """A delivery report: the receiving side returned a message that the relay took, or is still trying (not ``final``).

    False for a message that is not known to be on its way: unknown, forgotten, or returned already.
    """
    async with transaction():
        message = await OutboxMessage.select_for_update(no_key=True).get_or_none(id=message_id)
        if message is None or message.state is not OutboxState.SENT or (message.failure is not None and not final):
            return False
        changes = {"state": OutboxState.BOUNCED, "done_at": at} if final else {}
        await OutboxMessage.filter(id=message.id).update(**changes, last_error=status, failure=failure)
        if invitation := _invitation(message.about):
            await Invitation.filter(id=invitation).update(failure=failure, failed_at=at if final else None)
        await publish_to_dossiers(message, at)
    return True


async def forget_delays(before: datetime) -> None:
    """Settle messages that were reported as delayed, and not reported again since: they count as delivered."""
    await OutboxMessage.filter(state=OutboxState.SENT, failure__isnull=False, done_at__lt=before).update(failure=None)
    late = Invitation.filter(failure__isnull=False, failed_at=None, retry_at=None, relayed_at__lt=before)
    await late.update(failure=None)


async def settle_earlier(message: OutboxMessage, at: datetime) -> int:
    """Settle earlier failures for the same person that this message makes good; returns their number.

    They are messages of the same template, and messages that the address refused, which takes messages now.
    """
    recipient = person_of(message)
    if recipient is None:
        return 0
    earlier = OutboxMessage.filter(
        recipient, channel=message.channel, failure__isnull=False, settled_at=None, created_at__lt=message.created_at
    ).exclude(state=OutboxState.WAITING)
    made_good = Q(template=message.template) | Q(failure__in=list(ADDRESS_FAILURES))
    return await earlier.filter(made_good).update(settled_at=at)


def person_of(message: OutboxMessage) -> Q | None:
    """The messages of the same person: by account, or by respondent or member of staff before there is one."""
    for name in ("account_id", "respondent_id", "staff_id"):
        if (identity := getattr(message, name)) is not None:
            return Q(**{name: identity})
    return None


async def settle_addresses(at: datetime, **recipient: object) -> None:
    """The address of ``account_id=``, ``respondent_id=`` or ``staff_id=`` was changed: what failed there is over."""
    failed = OutboxMessage.filter(**recipient, failure__isnull=False, settled_at=None, channel="mail")
    await failed.exclude(state=OutboxState.WAITING).update(settled_at=at)


async def _close(message: OutboxMessage, state: OutboxState, at: datetime, error: str) -> bool:
    held = OutboxMessage.filter(id=message.id, state=OutboxState.WAITING, claimed_until=message.claimed_until)
    return (
        await held.update(state=state, payload=None, claimed_until=None, last_error=error, failure=None, done_at=at)
        == 1
    )


async def publish_to_dossiers(message: OutboxMessage, at: datetime) -> None:
    """Wake the subscribers of the dossiers that the message concerns, so that staff see its failure at once."""
    found = await fetch(
        "SELECT DISTINCT r.dossier_id FROM respondent r LEFT JOIN access_grant g ON g.respondent_id = r.id"
        " LEFT JOIN invitation i ON i.respondent_id = r.id WHERE r.id = ? OR g.account_id = ? OR i.id = ?",
        message.respondent_id or NOBODY,
        message.account_id or NOBODY,
        _invitation(message.about) or NOBODY,
    )
    await add_signals(tuple(f"dossier:{row['dossier_id']}" for row in found), at)


def _invitation(about: str) -> UUID | None:
    # Lenient, because a message that was sent must end up marked as sent.
    kind, _, subject = about.partition(":")
    try:
        return UUID(subject) if kind == "invitation" else None
    except ValueError:
        return None
