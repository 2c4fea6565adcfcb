"""Passkeys without the core: both ceremonies, between the factor alone and a software security key."""

import json
from collections.abc import Sequence
from typing import Any

from factors.passkeys import PasskeyProof, Passkeys, PasskeysConfig
from factors.passkeys.ceremonies import PasskeyState
from plugins import Accepted, Challenged, EnrolmentConfirmed, Refused
from tests.people.security_key import Lies, SecurityKey
from tests.support.desk import LocalDesk

ORIGIN = "https://portal.example"
ADA, BOB = b"ada's account 16", b"bob's account 16"

passkeys = Passkeys()


def desk_of(person: bytes = ADA, **given: Any) -> LocalDesk:
    config = PasskeysConfig(user_verification=given.pop("user_verification", "preferred"))
    return LocalDesk(config, account_handle=person, **given)


def own_key(**given: Any) -> SecurityKey:
    return SecurityKey(ORIGIN, **given)


def challenged(desk: LocalDesk, public: Any) -> Challenged:
    """As the core hands it back: what was public went through JSON."""
    return Challenged(json.loads(json.dumps(dict(public))), {}, desk.now)


async def register(
    desk: LocalDesk, key: SecurityKey, states: Sequence[PasskeyState] = (), lies: Lies | None = None
) -> EnrolmentConfirmed[PasskeyState] | Refused:
    begun = await passkeys.begin_enrolment(desk, states, None)
    made = key.create(begun.public["options"], lies or Lies())
    challenge = challenged(desk, begun.public)
    return await passkeys.confirm_enrolment(desk, begun.pending, challenge, PasskeyProof(credential=made))


async def registered(desk: LocalDesk, key: SecurityKey, states: Sequence[PasskeyState] = ()) -> PasskeyState:
    confirmed = await register(desk, key, states)
    assert isinstance(confirmed, EnrolmentConfirmed)
    return confirmed.state


async def ask(desk: LocalDesk, *states: PasskeyState) -> Challenged:
    return challenged(desk, (await passkeys.challenge(desk, states)).public)


async def judge(
    desk: LocalDesk, state: PasskeyState, challenge: Challenged, credential: str
) -> Accepted[PasskeyState] | Refused:
    return await passkeys.verify(desk, state, challenge, PasskeyProof(credential=credential))


async def accept(desk: LocalDesk, state: PasskeyState, challenge: Challenged, credential: str) -> PasskeyState:
    verdict = await judge(desk, state, challenge, credential)
    assert isinstance(verdict, Accepted), verdict
    return verdict.state
