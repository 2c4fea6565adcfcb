"""Calling a factor: with a time limit, outside any transaction, and with every result checked against its contract.

An exception of a factor ends here as a denial. It is audited in the row of the proof, or in a separate row.
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
#: In bytes of JSON. Each is sealed, stored and read on the event loop: 60 MB blocked it for 7 s.
LARGEST_STATE, LARGEST_SHOWN = 65_536, 262_144
_LONGEST_ALERT = 60
_JSON: TypeAdapter[Any] = TypeAdapter(dict[str, Any])


class FactorFailed(Exception):
    """The factor raised, hung, or broke its contract; the result is a denial."""


async def call(
    app: AppContext,
    factor: AnyFactor,
    work: Callable[[], Awaitable[V]],
    *expected: type,
    noted: tuple[Actor | Caller, object] | None = None,
) -> V:
    """Run ``work``, which awaits a factor's verb and reads the states that it needs.

    Raises FactorFailed for anything but a well-formed instance of ``expected``; NotSent and Refusal pass through.
    ``noted`` is the actor and the account's id for the audit of a failure; None where the caller audits the result. A
    call that ignores its cancellation is abandoned, not awaited.
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
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        log.error("factor.raised", factor=factor.name, error=type(error).__name__)
        raise FactorFailed(factor.name) from None
    if type(answer) not in expected or not _well_formed(factor, answer):
        log.error("factor.answered_nonsense", factor=factor.name, answer=type(answer).__name__)
        raise FactorFailed(factor.name)
    return answer


def _well_formed(factor: AnyFactor, answer: object) -> bool:
    """Whether the answer's fields are as the contract says, and can be stored."""
    match answer:
        case Accepted(state):
            return _is_state(factor, state)
        case Refused(reason, state, alert):
            storable = state is None or _is_state(factor, state)
            return storable and _is(Reason, reason) and (alert is None or _is_alert(alert))
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
    """Whether this can be the handle of an enrolment."""
    return isinstance(handle, str) and 0 < len(handle) <= LONGEST_HANDLE and handle.isprintable()


def _is(kind: type, value: object) -> bool:
    return isinstance(value, kind)


def _is_alert(alert: object) -> bool:
    # FAILED is the core's own alert: a plugin must not pass for it.
    return isinstance(alert, str) and 0 < len(alert) <= _LONGEST_ALERT and alert != FAILED


def _is_state(factor: AnyFactor, state: Any) -> bool:
    try:
        return type(state) is factor.State and 0 < len(state.model_dump_json()) <= LARGEST_STATE
    except Exception:  # noqa: BLE001
        # The plugin's serialiser may raise anything.
        return False


def _is_json(given: object) -> bool:
    try:
        return isinstance(given, Mapping) and 0 < len(_JSON.dump_json(dict(given))) <= LARGEST_SHOWN
    except Exception:  # noqa: BLE001
        # The plugin's mapping and its values may raise anything.
        return False
