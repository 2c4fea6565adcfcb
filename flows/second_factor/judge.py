"""Calling a factor: with a time limit, outside any transaction, believing nothing but a verdict.

Whatever a factor raises ends here. It is denied, and audited: by the row of the proof that it judged, else by one of
its own.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import structlog
from pydantic import TypeAdapter

from flows.core import audit
from flows.core.audit import Actor
from flows.core.context import AppContext, Caller
from flows.refusals import Refusal
from flows.second_factor.plugin_calls import run_plugin_with_timeout
from models.db.database import transaction
from plugins import (
    Accepted,
    AnyFactor,
    EnrolmentBegun,
    EnrolmentConfirmed,
    Issued,
    NotSent,
    Opened,
    Reason,
    Refused,
)

log = structlog.get_logger(__name__)

V = TypeVar("V")

#: The alert of a factor that broke its contract: for the audit, not for the person.
FAILED = "FACTOR_FAILED"
LONGEST_HANDLE = 400
#: In bytes of JSON. Each is sealed, stored and read again, on the loop: 60 MB of it held all others up for 7 s.
LARGEST_STATE, LARGEST_SHOWN = 65_536, 262_144
_LONGEST_ALERT = 60
_JSON: TypeAdapter[Any] = TypeAdapter(dict[str, Any])


class FactorFailed(Exception):
    """The factor raised, hung, or answered something else than its contract says; the answer is no."""


async def call(
    app: AppContext,
    factor: AnyFactor,
    work: Callable[[], Awaitable[V]],
    *expected: type,
    noted: tuple[Actor | Caller, object] | None = None,
) -> V:
    """Run ``work``, which awaits a factor's verb and reads the states that it needs.

    Raises FactorFailed on everything but a well-formed instance of ``expected``; NotSent and refusals of ours pass.
    ``noted``, for the audit of a failure, is who acts and the id of the account that it is about; None where the
    caller audits what came out. A verb that ignores its cancellation is left behind, not waited for.
    """
    try:
        return await _called(app, factor, work, expected)
    except FactorFailed:
        if noted is not None:
            actor, account_id = noted
            details = {"factor": factor.name, "alert": FAILED}
            async with transaction():
                subject = ("Account", account_id)
                await audit.record(app, actor, "factor.failed", subject, outcome="REFUSED", details=details)
        raise


async def _called(
    app: AppContext, factor: AnyFactor, work: Callable[[], Awaitable[V]], expected: tuple[type, ...]
) -> V:
    try:
        answer = await run_plugin_with_timeout(app, f"factor {factor.name}", work)
    except (NotSent, Refusal):
        raise
    except TimeoutError:
        log.error("factor.hung", factor=factor.name)
        raise FactorFailed(factor.name) from None
    except Exception as error:  # noqa: BLE001 - a stranger's code
        log.error("factor.raised", factor=factor.name, error=type(error).__name__)
        raise FactorFailed(factor.name) from None
    if type(answer) not in expected or not _well_formed(factor, answer):
        log.error("factor.answered_nonsense", factor=factor.name, answer=type(answer).__name__)
        raise FactorFailed(factor.name)
    return answer


def _well_formed(factor: AnyFactor, answer: object) -> bool:
    """Whether what is in the answer is what the contract says, and can be stored."""
    match answer:
        case Accepted(state):
            return _is_state(factor, state)
        case Refused(reason, state, alert):
            kept = state is None or _is_state(factor, state)
            return kept and _is(Reason, reason) and (alert is None or _is_alert(alert))
        case EnrolmentBegun(pending, public):
            return _is_state(factor, pending) and _is_json(public)
        case EnrolmentConfirmed(state, label, handle):
            return _is_state(factor, state) and _is(str, label) and (handle is None or is_handle(handle))
        case Issued(state, kept, handle, label):
            named = handle is None or is_handle(handle)
            return _is_state(factor, state) and _is_json(kept) and named and _is(str, label)
        case Opened(public, secret):
            return _is_json(public) and _is_json(secret)
    return True


def is_handle(handle: object) -> bool:
    """Whether an enrolment can be called this."""
    return isinstance(handle, str) and 0 < len(handle) <= LONGEST_HANDLE and handle.isprintable()


def _is(kind: type, value: object) -> bool:
    return isinstance(value, kind)


def _is_alert(alert: object) -> bool:
    # The core's own would be taken for its own.
    return isinstance(alert, str) and 0 < len(alert) <= _LONGEST_ALERT and alert != FAILED


def _is_state(factor: AnyFactor, state: Any) -> bool:
    try:
        return type(state) is factor.State and 0 < len(state.model_dump_json()) <= LARGEST_STATE
    except Exception:  # noqa: BLE001
        # A stranger's serialiser.
        return False


def _is_json(given: object) -> bool:
    try:
        return isinstance(given, Mapping) and 0 < len(_JSON.dump_json(dict(given))) <= LARGEST_SHOWN
    except Exception:  # noqa: BLE001
        # Whatever a stranger's mapping or its values raise.
        return False
