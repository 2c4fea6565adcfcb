"""A code by text message, sent to a mobile number that the person gave and proved to have.

The weakest of the built-in factors: a person who takes over the number receives the code (NIST SP 800-63B-4,
section 3.1.3.3, restricts it). It asks nothing of the phone, which is why people can choose it.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import strawberry
from pydantic import Field

from plugins import (
    Accepted,
    AnyFactor,
    Challenged,
    Config,
    Contribution,
    Desk,
    EnrolmentBegun,
    EnrolmentConfirmed,
    EnrolmentStart,
    Factor,
    FactorChallenge,
    Opened,
    Reason,
    Refused,
    State,
    Unusable,
    every,
    hookimpl,
    mobile_number,
    read_code,
)

_DIGITS = 6
_HINT = "The last two digits of the number."


@strawberry.type(description="A mobile number being set up: the code in the message proves it.")
class SmsEnrolment(EnrolmentStart):
    hint: str = strawberry.field(description=_HINT)


@strawberry.type(description="A code was sent by SMS; it answers this challenge and no other.")
class SmsChallenge(FactorChallenge):
    hint: str = strawberry.field(description=_HINT)
    sent_at: datetime = strawberry.field(description="When the message was handed over for sending.")

    def __post_init__(self) -> None:
        # What is public of a challenge is kept as JSON, which has no times.
        self.sent_at = datetime.fromisoformat(str(self.sent_at))


@strawberry.input(description="The mobile number to send codes to.")
class SmsRequest:
    number: str = strawberry.field(description="As people write it; without a country code it is a national one.")


@strawberry.input(description="The code from the text message.")
class SmsProof:
    code: str = strawberry.field(description="The six digits as typed; spaces and dashes are ignored.")


class SmsConfig(Config):
    """``lifetime``: seconds for which a code that is sent from now on is accepted, within the life of its challenge.

    At most ten minutes (NIST SP 800-63B-4, section 3.1.3.2).
    """

    lifetime: int = Field(default=300, ge=60, le=600)


class SmsState(State):
    """``number`` in E.164; ``code`` only while the number waits to be proven."""

    number: str
    code: str = ""


class Sms(Factor[SmsState, SmsProof]):
    """Sends a new code for every challenge, and accepts it for that challenge alone."""

    name = "sms"
    sends = True
    channels = ("sms",)
    title = every("factor.sms.title")
    explanation = every("factor.sms.explanation")
    Config = SmsConfig
    State = SmsState
    graphql = Contribution(proof=SmsProof, enrolment=SmsEnrolment, challenge=SmsChallenge, request=SmsRequest)

    async def begin_enrolment(
        self, desk: Desk, states: Sequence[SmsState], request: SmsRequest | None
    ) -> EnrolmentBegun[SmsState] | Unusable:
        number = mobile_number(request.number if request else "", desk.country)
        if number is None:
            return Unusable("number", every("factor.sms.not_mobile"))
        code = await _send_code(desk, number)
        return EnrolmentBegun(SmsState(number=number, code=code), public={"hint": number[-2:]})

    async def confirm_enrolment(
        self, desk: Desk, pending: SmsState, challenge: Challenged, proof: SmsProof
    ) -> EnrolmentConfirmed[SmsState] | Refused:
        refused = _wrong(desk, pending.code, challenge, proof)
        return refused or EnrolmentConfirmed(SmsState(number=pending.number))

    def phone(self, state: SmsState) -> str:
        return state.number

    async def challenge(self, desk: Desk, states: Sequence[SmsState]) -> Opened:
        (state,) = states
        code = await _send_code(desk, state.number)
        public = {"hint": state.number[-2:], "sent_at": desk.now.isoformat()}
        return Opened(public=public, secret={"code": code, "lifetime": desk.config.lifetime})

    async def verify(
        self, desk: Desk, state: SmsState, challenge: Challenged, proof: SmsProof
    ) -> Accepted[SmsState] | Refused:
        return _wrong(desk, _sent(challenge.secret), challenge, proof) or Accepted(state)


async def _send_code(desk: Desk, number: str) -> str:
    code = desk.choose("0123456789", _DIGITS)
    await desk.send("sms", number, "one_time_code", {"code": code})
    return code


def _sent(secret: Mapping[str, Any]) -> str:
    """The code of a challenge; empty, which no proof is, for one that was opened without."""
    return str(secret.get("code", ""))


def _wrong(desk: Desk, sent: str, challenge: Challenged, proof: SmsProof) -> Refused | None:
    code = read_code(proof.code, _DIGITS)
    if code is None:
        return Refused(Reason.MALFORMED)
    # As it was when the code was sent: its message or its page may have said so.
    lifetime = challenge.secret.get("lifetime", desk.config.lifetime)
    if desk.now >= challenge.opened_at + timedelta(seconds=lifetime):
        return Refused(Reason.EXPIRED)
    return None if hmac.compare_digest(sent, code) else Refused(Reason.WRONG)


@hookimpl
def portal_factors() -> list[type[AnyFactor]]:
    return [Sms]
