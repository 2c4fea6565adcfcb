"""Codes from an authenticator app: TOTP, RFC 6238, with SHA-1, six digits and steps of 30 seconds.

Those are the only parameters that every app reads from a QR code.
"""

import base64
import hmac
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyotp
import segno
import strawberry
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

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
    Reason,
    Refused,
    State,
    every,
    hookimpl,
    read_code,
    text,
)

_DIGITS = 6
_STEP = timedelta(seconds=30)
#: Five minutes each way, in which a wrong clock is told.
_NEARBY = range(-10, 11)
_SECRET_BYTES = 20  # RFC 4226, section 4, R6: 160 bits recommended.
_LONGEST_ISSUER = 60
_QR_SCALE = 4  # Pixels a module.


@strawberry.type(description="An authenticator app being set up: scan, open or type one of the three.")
class TotpEnrolment(EnrolmentStart):
    secret: str = strawberry.field(description="The key in base32, for typing it into the app.")
    uri: str = strawberry.field(description="The key as an `otpauth://` URI, which opens an app on this device.")
    qr_svg: str = strawberry.field(
        description="The URI as a QR code: an SVG element with a title, to place in a page as it is."
    )


@strawberry.input(description="A code from the authenticator app.")
class TotpProof:
    code: str = strawberry.field(description="The six digits as typed; spaces and dashes are ignored.")


class TotpConfig(Config):
    """``drift``: for how many steps before and after its own a code is accepted.

    A code is shown from the beginning of its step, so that with a right clock it lives ``drift + 1`` steps.
    """

    drift: int = Field(default=1, ge=0, le=2)


class TotpState(State):
    """``secret`` in base32; ``last_step``: the newest step accepted so far (RFC 6238, section 5.2), or -1.

    ``told``: steps to come of which a refusal said that a code belongs to them; they are never accepted.
    """

    secret: str
    last_step: int = -1
    told: tuple[int, ...] = ()

    @model_serializer(mode="wrap")
    def _without_nothing(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Servers of the release before, which know no such field, go on reading what is stored.
        stored: dict[str, Any] = plain(self)
        return stored if self.told else {name: value for name, value in stored.items() if name != "told"}


class Totp(Factor[TotpState, TotpProof]):
    """Accepts the codes of the present step and of ``drift`` ones before and after it, each step once.

    An older step is spent together with a newer one. Confirming spends the step of its code as well. A code of another
    step nearby is refused with ``Reason.CLOCK``. Of a step to come that would tell a guesser which code to keep: such
    a step is never accepted afterwards.
    """

    name = "totp"
    title = every("factor.totp.title")
    explanation = every("factor.totp.explanation")
    Config = TotpConfig
    State = TotpState
    graphql = Contribution(proof=TotpProof, enrolment=TotpEnrolment)

    async def begin_enrolment(
        self, desk: Desk, states: Sequence[TotpState], request: None
    ) -> EnrolmentBegun[TotpState]:
        secret = base64.b32encode(desk.random(_SECRET_BYTES)).decode("ascii")
        uri = _uri(secret, desk.practice_name, desk.account_name)
        public = {"secret": secret, "uri": uri, "qr_svg": _qr_svg(uri, text("factor.totp.qr", desk.locale))}
        return EnrolmentBegun(TotpState(secret=secret), public)

    async def confirm_enrolment(
        self, desk: Desk, pending: TotpState, challenge: Challenged, proof: TotpProof
    ) -> EnrolmentConfirmed[TotpState] | Refused:
        verdict = await self.verify(desk, pending, challenge, proof)
        return verdict if isinstance(verdict, Refused) else EnrolmentConfirmed(verdict.state)

    async def verify(
        self, desk: Desk, state: TotpState, challenge: Challenged, proof: TotpProof
    ) -> Accepted[TotpState] | Refused:
        code = read_code(proof.code, _DIGITS)
        if code is None:
            return Refused(Reason.MALFORMED)
        # Two steps can have the same code by chance: the newest spends both.
        step = max(_steps(state.secret, code, desk.now, range(-desk.config.drift, desk.config.drift + 1)), default=None)
        if step is None:
            return _near(desk, state, code)
        if step <= state.last_step or step in state.told:
            return Refused(Reason.REPLAYED)
        return Accepted(TotpState(secret=state.secret, last_step=step, told=_coming(desk, state)))


def _near(desk: Desk, state: TotpState, code: str) -> Refused:
    """Refuse the code of no step in the window; one nearby is told, and as a step to come is spent by that."""
    steps = list(_steps(state.secret, code, desk.now, _NEARBY))
    if not steps:
        return Refused(Reason.WRONG)
    if max(steps) <= state.last_step:
        return Refused(Reason.REPLAYED)
    present = _step_of(desk.now)
    told = {*_coming(desk, state), *(step for step in steps if step > present)}
    return Refused(Reason.CLOCK, state=state.model_copy(update={"told": tuple(sorted(told))}) if told else None)


def _coming(desk: Desk, state: TotpState) -> tuple[int, ...]:
    """The steps that were told of, without those whose time is over."""
    return tuple(step for step in state.told if step >= _step_of(desk.now) - desk.config.drift)


def _steps(secret: str, code: str, now: datetime, window: Iterable[int]) -> Iterator[int]:
    """The steps whose code this is, among those so many before (negative) and after the present one."""
    totp, present = pyotp.TOTP(secret), _step_of(now)
    for step in (present + away for away in window):
        # Compared in constant time, as pyotp does for its own window.
        if step >= 0 and hmac.compare_digest(totp.generate_otp(step), code):
            yield step


def _step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // int(_STEP.total_seconds())


def _uri(secret: str, practice: str, account: str) -> str:
    """The key in the Key URI Format, in which a colon parts issuer and account and so may be in neither.

    A very long practice name is cut, for it is in the URI twice and a QR code has an end.
    """
    issuer = practice.replace(":", " ")[:_LONGEST_ISSUER].strip()
    return pyotp.TOTP(secret, name=account.replace(":", " "), issuer=issuer).provisioning_uri()


def _qr_svg(uri: str, title: str) -> str:
    """``uri`` as an SVG element, black on white on any page, that a screen reader calls ``title``."""
    qr = segno.make_qr(uri, error="m")
    width, height = qr.symbol_size(scale=_QR_SCALE)
    svg = qr.svg_inline(omitsize=True, dark="#000", light="#fff", title=title, svgclass=None, lineclass=None)
    # segno writes either a size or the viewBox by which a style sheet can change it; and it knows no role.
    return svg.replace("<svg ", f'<svg role="img" width="{width}" height="{height}" ', 1)


@hookimpl
def portal_factors() -> list[type[AnyFactor]]:
    return [Totp]
