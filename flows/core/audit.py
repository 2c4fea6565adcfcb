"""Writing audit rows in the transaction of the act: actor, event, subjects and outcome (NEN 7513)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flows.core.context import AppContext, Caller, ClientInfo
from flows.core.limits import within_hourly_limit
from flows.refusals import Refusal
from models import AuditEvent
from models.db.database import after_commit, must_write, transaction


@dataclass(frozen=True, slots=True)
class Actor:
    """The actor of an audit row: a caller, or someone who is not (yet) signed in."""

    origin: ClientInfo
    practice_id: str
    account_id: str | None = None
    role: str = ""
    session_id: str | None = None

    @classmethod
    def of(cls, caller: Caller) -> "Actor":
        return cls(caller.origin, caller.practice_id, caller.account_id, caller.acting_role, caller.session_id)


async def record(
    app: AppContext,
    actor: Actor | Caller,
    event: str,
    *subjects: tuple[str, Any],
    outcome: str = "SUCCESS",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add one audit row. ``event`` is ``topic.act``; subjects are (type, id). Never put a secret in ``details``.

    Raises one of UNAVAILABLE where the row can't be written: then nothing may be answered or done.
    """
    who = Actor.of(actor) if isinstance(actor, Caller) else actor
    row = AuditEvent(
        practice_id=who.practice_id,
        at=app.now,
        event=event,
        outcome=outcome,
        actor_account=who.account_id,
        actor_role=who.role,
        session=who.session_id,
        request=who.origin.request,
        address=who.origin.address,
        subjects=_subjects(subjects),
        details=dict(details or {}),
    )
    async with must_write():
        await row.save(force_create=True)

    async def count() -> None:
        app.metrics.audited.labels(event, outcome).inc()

    await after_commit(count)


async def record_once(
    app: AppContext,
    actor: Actor | Caller,
    event: str,
    *subjects: tuple[str, Any],
    per: str,
    outcome: str,
    details: Mapping[str, Any] | None = None,
) -> None:
    """As :func:`record`, but one row an hour for each event and ``per``: refused requests can't fill the trail."""
    async with transaction():
        if await within_hourly_limit(app, f"told:{event}", per, limit=1):
            await record(app, actor, event, *subjects, outcome=outcome, details=details)


def _subjects(subjects: Iterable[tuple[str, Any]]) -> list[dict[str, str]]:
    return [{"type": kind, "id": str(identity)} for kind, identity in subjects if identity is not None]


def denied(refusal: Refusal) -> tuple[tuple[str, Any], ...]:
    """The dossiers out of reach, as subjects of an audit row, so that their clients can read who tried."""
    return tuple(("Dossier", dossier) for dossier in refusal.denied)


async def record_denial(app: AppContext, caller: Caller | None, refusal: Refusal) -> None:
    """Audit a request for dossiers out of reach, or one that met their reference; the refusal names them."""
    if caller is not None and refusal.denied:
        await record(app, caller, "dossier.denied", *denied(refusal), outcome="REFUSED")


async def record_refusal(app: AppContext, caller: Caller | None, what: str, refusal: Refusal) -> None:
    """Audit that a signed-in caller asked for ``what`` without permission; once an hour for each."""
    if caller is not None:
        per, details = f"{caller.account_id}:{what}", {"field": what, "code": refusal.code}
        await record_once(app, caller, "access.refused", per=per, outcome="REFUSED", details=details)
