"""Codes from an authenticator app: TOTP, RFC 6238, with SHA-1, six digits and steps of 30 seconds.

Those are the only parameters that every app reads from a QR code.
"""

import base64
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pyotp
import segno
import strawberry
from pydantic import Field
from pyotp.exceptions import OTPVerificationError

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
    hookimpl,
    read_code,
)

_DIGITS = 6
_STEP = timedelta(seconds=30)
_SECRET_BYTES = 20  # RFC 4226, section 4, R6: 160 bits recommended.
_LONGEST_ISSUER = 60
_QR_SCALE = 4  # Pixels a module.
_QR_TITLE = {"en": "QR code for your authenticator app", "nl": "QR-code voor uw authenticator-app"}


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
    """``drift``: how many steps a code stays valid after its own, so that it lives ``drift + 1`` of them."""

    drift: int = Field(default=1, ge=0, le=2)


class TotpState(State):
    """``secret`` in base32; ``last_step``: the newest step accepted so far (RFC 6238, section 5.2), or -1."""

    secret: str
    last_step: int = -1


class Totp(Factor[TotpState, TotpProof]):
    """Accepts the codes of the present step and of ``drift`` past ones, never a future one, each step once.

    An older step is spent together with a newer one. Confirming spends the step of its code as well.
    """

    name = "totp"
    title = {"en": "Authenticator app", "nl": "Authenticator-app"}
    explanation = {
        "en": "An app on your phone shows a new code every 30 seconds; it needs no network.",
        "nl": "Een app op uw telefoon toont elke 30 seconden een nieuwe code; er is geen netwerk nodig.",
    }
    Config = TotpConfig
    State = TotpState
    graphql = Contribution(proof=TotpProof, enrolment=TotpEnrolment)

    async def begin_enrolment(
        self, desk: Desk, states: Sequence[TotpState], request: None
    ) -> EnrolmentBegun[TotpState]:
        secret = base64.b32encode(desk.random(_SECRET_BYTES)).decode("ascii")
        uri = _uri(secret, desk.practice_name, desk.account_name)
        public = {"secret": secret, "uri": uri, "qr_svg": _qr_svg(uri, _QR_TITLE[desk.locale])}
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
        step = max(_steps(state.secret, code, desk.now, desk.config.drift), default=None)
        if step is None:
            return Refused(Reason.WRONG)
        if step <= state.last_step:
            return Refused(Reason.REPLAYED)
        return Accepted(state.model_copy(update={"last_step": step}))


def _steps(secret: str, code: str, now: datetime, drift: int) -> Iterator[int]:
    """The steps from the present one to ``drift`` before it whose code this is.

    One at a time, since pyotp's own window also reaches into the future.
    """
    totp = pyotp.TOTP(secret)
    for ago in range(drift + 1):
        try:
            yield totp.verify_and_get_timecode(code, for_time=now - ago * _STEP)
        except OTPVerificationError:
            continue


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
