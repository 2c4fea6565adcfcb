"""Sealing the state of factors and challenges: bound to account and factor, so a swapped row does not open."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from flows.core.context import AppContext
from flows.refusals import FactorUnavailable
from models import Challenge, FactorEnrolment
from models.core.sealed import CHALLENGE, FACTOR_STATE
from plugins import AnyFactor, Challenged, State

_JSON: TypeAdapter[Any] = TypeAdapter(dict[str, Any])


def seal_state(app: AppContext, account_id: str, factor: AnyFactor, state: State) -> bytes:
    return app.keys.seal(state.model_dump_json().encode(), *FACTOR_STATE.place(account_id, factor.name))


def open_state(app: AppContext, factor: AnyFactor, enrolment: FactorEnrolment) -> State:
    """The enrolment's state, upgraded to the factor's current version.

    Call it inside `flows.second_factor.judge.call`: it raises what a plugin's code raises, and
    security.keys.CannotOpen for a row that was moved between accounts or factors. Raises FactorUnavailable where a
    newer release of the factor stored the state: an older release could misread it and accept a spent proof.
    """
    if enrolment.state_version > factor.state_version:
        raise FactorUnavailable(factor.name)
    plain = app.keys.open(enrolment.state, *FACTOR_STATE.place(enrolment.account_id, factor.name))
    if enrolment.state_version == factor.state_version:
        return factor.State.model_validate_json(plain)
    return state_of(factor, factor.upgrade(enrolment.state_version, json.loads(plain)))


def uses_left(app: AppContext, factor: AnyFactor, enrolment: FactorEnrolment) -> int | None:
    """How often the enrolment can still be used; None where it never runs out, or does not say."""
    try:
        return factor.left(open_state(app, factor, enrolment))
    except Exception:  # noqa: BLE001
        # The plugin raised, or the state does not open: the caller continues without the number.
        return None


def phone_of(app: AppContext, enrolment: FactorEnrolment) -> str | None:
    """The phone number that this enrolment proved, in E.164; None for a factor without a phone."""
    factor = app.factors.get(enrolment.factor)
    if factor is None or enrolment.confirmed_at is None:
        return None
    try:
        number = factor.phone(open_state(app, factor, enrolment))
    except Exception:  # noqa: BLE001
        # As above: the notice goes another way, or not at all.
        return None
    return number if isinstance(number, str) else None


def state_of(factor: AnyFactor, stored: Mapping[str, Any]) -> State:
    """A state from its JSON form: read as JSON, because bytes are base64 there and nowhere else."""
    return factor.State.model_validate_json(_JSON.dump_json(dict(stored)))


def seal_challenge(
    app: AppContext,
    challenge: Challenge,
    public: Mapping[str, Any],
    secret: Mapping[str, Any],
    pending: State | None = None,
) -> bytes:
    body = _JSON.dump_json(
        {
            "public": dict(public),
            "secret": dict(secret),
            "pending": pending.model_dump(mode="json") if pending else None,
        }
    )
    return app.keys.seal(body, *CHALLENGE.place(challenge.id, challenge.factor))


def open_challenge(app: AppContext, challenge: Challenge) -> tuple[Challenged, Mapping[str, Any] | None]:
    """The part of a challenge that its factor may see, and the pending state of an enrolment."""
    body = json.loads(app.keys.open(challenge.body, *CHALLENGE.place(challenge.id, challenge.factor)))
    return Challenged(body["public"], body["secret"], challenge.created_at), body["pending"]
