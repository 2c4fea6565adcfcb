"""Mail and text messages waiting to leave, written in the transaction of what it tells about."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, practice_key
from models.db import fetch, is_sqlite, transaction
from models.invitation import Invitation
from models.practice import Practice
from models.signal import add_signals


class OutboxState(StrEnum):
    WAITING = "WAITING"
    SENT = "SENT"
    # Resolved to nobody, as an unknown address does.
    DROPPED = "DROPPED"
    # Refused for good by the relay, or given up after days of trying.
    FAILED = "FAILED"


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
    # What to mark when the relay took it, as "invitation:<id>".
    about = fields.CharField(max_length=60, default="")
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


async def mark_sent(message_id: UUID, about: str, at: datetime) -> None:
    """The relay took it, which holds whoever has the claim; marks what it is ``about`` as relayed."""
    async with transaction():
        await OutboxMessage.filter(id=message_id).update(
            state=OutboxState.SENT, payload=None, claimed_until=None, last_error="", done_at=at
        )
        invitation = _invitation(about)
        if invitation:
            await Invitation.filter(id=invitation, relayed_at__isnull=True).update(relayed_at=at)
            await _ring_dossier(invitation, at)


async def mark_dropped(message: OutboxMessage, at: datetime) -> None:
    """There is nobody to send a claimed message to."""
    await _close(message, OutboxState.DROPPED, at, "")


async def mark_failed(message: OutboxMessage, at: datetime, error: str, retry_at: datetime | None) -> bool:
    """This attempt failed: due again at ``retry_at``, or never if None. ``error`` names nobody.

    False where another worker has the message by now, and nothing was written.
    """
    if retry_at is None:
        return await _close(message, OutboxState.FAILED, at, error)
    held = OutboxMessage.filter(id=message.id, state=OutboxState.WAITING, claimed_until=message.claimed_until)
    return await held.update(due_at=retry_at, claimed_until=None, last_error=error) == 1


async def _close(message: OutboxMessage, state: OutboxState, at: datetime, error: str) -> bool:
    held = OutboxMessage.filter(id=message.id, state=OutboxState.WAITING, claimed_until=message.claimed_until)
    return await held.update(state=state, payload=None, claimed_until=None, last_error=error, done_at=at) == 1


async def _ring_dossier(invitation: UUID, at: datetime) -> None:
    """Staff who look at the dossier see at once that the mail is on its way."""
    dossiers = await Invitation.filter(id=invitation).values_list("respondent__dossier_id", flat=True)
    await add_signals(tuple(f"dossier:{dossier}" for dossier in dossiers if dossier), at)


def _invitation(about: str) -> UUID | None:
    # Lenient, because a message that was sent must end up marked as sent.
    kind, _, subject = about.partition(":")
    try:
        return UUID(subject) if kind == "invitation" else None
    except ValueError:
        return None
