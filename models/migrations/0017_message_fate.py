"""What became of each message: why it failed, for whom it was, and since when that needs nobody's attention."""

from typing import Any

from tortoise import fields, migrations

from models.core.message_failure import MessageFailure
from models.mail.outbox import OutboxState
from models.db.rules import AddColumn, MoreValues, PartialIndex, together

_FAILURES = "\n".join(f"{one.name}: {one.value}" for one in MessageFailure)
_STATES = "WAITING: WAITING\nSENT: SENT\nDROPPED: DROPPED\nFAILED: FAILED\nBOUNCED: BOUNCED"
_OPEN = "failure IS NOT NULL AND settled_at IS NULL"


def _failure() -> fields.Field[MessageFailure]:
    return fields.CharEnumField(description=_FAILURES, enum_type=MessageFailure, max_length=20, null=True)


def _time() -> fields.Field[Any]:
    return fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)


class Migration(migrations.Migration):
    dependencies = [("models", "0016_receipt_facts")]

    operations = together(
        MoreValues(
            "OutboxMessage",
            "state",
            fields.CharEnumField(default=OutboxState.WAITING, description=_STATES, enum_type=OutboxState, max_length=8),
        ),
        AddColumn("OutboxMessage", "failure", _failure()),
        AddColumn("OutboxMessage", "settled_at", _time()),
        AddColumn("OutboxMessage", "account_id", fields.UUIDField(null=True)),
        AddColumn("OutboxMessage", "respondent_id", fields.UUIDField(null=True)),
        AddColumn("OutboxMessage", "staff_id", fields.UUIDField(null=True)),
        # Few rows are in these: what is read with every respondent must not look through the whole outbox.
        PartialIndex("outbox_message", "outbox_failed_account", ("account_id",), _OPEN),
        PartialIndex("outbox_message", "outbox_failed_respondent", ("respondent_id",), _OPEN),
        PartialIndex("outbox_message", "outbox_failed", ("practice_id", "created_at", "id"), _OPEN),
        AddColumn("Invitation", "failure", _failure()),
        AddColumn("Invitation", "failed_at", _time()),
        AddColumn("Invitation", "retry_at", _time()),
    )
