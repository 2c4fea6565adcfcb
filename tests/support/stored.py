"""What is stored, whole: so that a test can say that a refusal changed nothing."""

from typing import Any

from tests.support.sluis import Sluis

#: Counting, telling and remembering are what a refusal does besides.
_BESIDES = {"attempt_budget", "audit_event", "audit_segment", "audit_subject", "signal", "window_count"}
#: What is written at its own pace: by the outbox's worker, and by whatever request comes a minute later.
_MOVING = {
    "invitation": {"relayed_at", "failure", "failed_at", "retry_at"},
    "login_session": {"last_seen_at"},
    "outbox_message": {
        *("state", "payload", "attempts", "due_at", "claimed_until", "last_error", "done_at"),
        *("failure", "settled_at", "account_id", "respondent_id", "staff_id"),
    },
}

Stored = dict[str, list[dict[str, Any]]]


async def everything(sluis: Sluis) -> Stored:
    """Every row of every table that a refusal leaves alone, in an order of its own."""
    tables = await sluis.database.tables()
    assert {"account", "invitation", "login_session", "outbox_message"} <= tables.keys()
    return {name: _still(name, rows) for name, rows in tables.items() if name not in _BESIDES}


def _still(table: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    moving = _MOVING.get(table, set())
    return sorted(({k: v for k, v in row.items() if k not in moving} for row in rows), key=repr)
