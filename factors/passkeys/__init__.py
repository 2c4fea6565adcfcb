"""Passkeys and security keys: W3C Web Authentication Level 3, of which the section numbers below are."""

from collections.abc import Sequence
from typing import Literal

import strawberry
import webauthn
from webauthn.helpers import structs
from webauthn.helpers.cose import COSEAlgorithmIdentifier

from factors.passkeys.ceremonies import (
    PasskeyState,
    assertion_of,
    authenticated,
    handle_of,
    registered,
    registration_of,
)
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
    every,
    hookimpl,
    text,
)

#: What every authenticator has at least one of (section 5.4); the first that it knows is taken.
ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
#: The alert of a signature counter that did not rise: the key may have been copied.
WENT_BACK = "SIGN_COUNT_WENT_BACK"
_REQUIRED = structs.UserVerificationRequirement.REQUIRED
_PLUGGED = {structs.AuthenticatorTransport(transport) for transport in ("usb", "nfc", "ble", "smart-card")}

_CHALLENGE_BYTES = 32
_PATIENCE = 300_000  # Milliseconds, section 15.1.


@strawberry.type(description="A passkey or security key being made by the browser.")
class PasskeyEnrolment(EnrolmentStart):
    options: str = strawberry.field(
        description="JSON: for `PublicKeyCredential.parseCreationOptionsFromJSON`, then `navigator.credentials.create`."
    )


@strawberry.type(description="A passkey or security key is asked for.")
class PasskeyChallenge(FactorChallenge):
    options: str = strawberry.field(
        description="JSON: for `PublicKeyCredential.parseRequestOptionsFromJSON`, then `navigator.credentials.get`."
    )


@strawberry.input(description="What the browser answered, both for a new key and for a present one.")
class PasskeyProof:
    credential: str = strawberry.field(description="The JSON text of the credential's `toJSON()`.")


class PasskeysConfig(Config):
    """``user_verification``: whether a key must check a fingerprint or PIN where a password was given as well."""

    user_verification: Literal["preferred", "required"] = "preferred"


class Passkeys(Factor[PasskeyState, PasskeyProof]):
    """Accepts a signature of a registered key over this challenge, made on one of our origins."""

    name = "passkeys"
    multiple = True
    names_enrolment = True
    primary = True
    phishing_resistant = True
    title = every("factor.passkeys.title")
    explanation = every("factor.passkeys.explanation")
    Config = PasskeysConfig
    State = PasskeyState
    graphql = Contribution(proof=PasskeyProof, enrolment=PasskeyEnrolment, challenge=PasskeyChallenge)

    async def begin_enrolment(
        self, desk: Desk, states: Sequence[PasskeyState], request: None
    ) -> EnrolmentBegun[PasskeyState]:
        options = webauthn.generate_registration_options(
            rp_id=desk.rp_id,
            rp_name=desk.practice_name,
            user_id=desk.account_handle,
            user_name=desk.account_name,
            challenge=desk.random(_CHALLENGE_BYTES),
            timeout=_PATIENCE,
            attestation=structs.AttestationConveyancePreference.NONE,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.PREFERRED, user_verification=_wished(desk)
            ),
            exclude_credentials=[_descriptor(state) for state in states],
            supported_pub_key_algs=ALGORITHMS,
        )
        return EnrolmentBegun(PasskeyState(), {"options": webauthn.options_to_json(options)})

    async def confirm_enrolment(
        self, desk: Desk, pending: PasskeyState, challenge: Challenged, proof: PasskeyProof
    ) -> EnrolmentConfirmed[PasskeyState] | Refused:
        made = registration_of(proof.credential)
        if made is None:
            return Refused(Reason.MALFORMED)
        state = registered(desk, challenge, made)
        if state is None:
            return Refused(Reason.WRONG)
        return EnrolmentConfirmed(state, _label(made, desk.locale), handle_of(state.credential_id))

    async def challenge(self, desk: Desk, states: Sequence[PasskeyState]) -> Opened:
        """Without ``states`` any key of the site may answer, for the whole sign-in: it must check who holds it."""
        options = webauthn.generate_authentication_options(
            rp_id=desk.rp_id,
            challenge=desk.random(_CHALLENGE_BYTES),
            timeout=_PATIENCE,
            allow_credentials=[_descriptor(state) for state in states],
            user_verification=_wished(desk) if states else _REQUIRED,
        )
        return Opened({"options": webauthn.options_to_json(options)})

    async def verify(
        self, desk: Desk, state: PasskeyState, challenge: Challenged, proof: PasskeyProof
    ) -> Accepted[PasskeyState] | Refused:
        given = assertion_of(proof.credential)
        if given is None:
            return Refused(Reason.MALFORMED)
        now = authenticated(desk, state, challenge, given)
        if now is None:
            return Refused(Reason.WRONG)
        # Many keys, and all that are synchronised, count nothing: 0 after 0.
        if (now.sign_count or state.sign_count) and now.sign_count <= state.sign_count:
            return Refused(Reason.WRONG, alert=WENT_BACK)
        # Section 7.2, step 18: this never changes for a key. The signature is right, so nobody guessed.
        if now.backup_eligible != state.backup_eligible:
            return Refused(Reason.CHANGED)
        return Accepted(now)

    def handle(self, proof: PasskeyProof) -> str | None:
        given = assertion_of(proof.credential)
        return handle_of(given.raw_id) if given else None


def _wished(desk: Desk) -> structs.UserVerificationRequirement:
    return structs.UserVerificationRequirement(desk.config.user_verification)


def _descriptor(state: PasskeyState) -> structs.PublicKeyCredentialDescriptor:
    transports = [structs.AuthenticatorTransport(transport) for transport in state.transports]
    return structs.PublicKeyCredentialDescriptor(id=state.credential_id, transports=transports)


def _label(made: structs.RegistrationCredential, locale: str) -> str:
    """What to call it until the person does: a key to plug in, a phone that was scanned with, or either unknown."""
    if set(made.response.transports or ()) & _PLUGGED:
        return text("factor.passkeys.key", locale)
    away = made.authenticator_attachment is structs.AuthenticatorAttachment.CROSS_PLATFORM
    return text("factor.passkeys.phone" if away else "factor.passkeys.other", locale)


@hookimpl
def portal_factors() -> list[type[AnyFactor]]:
    return [Passkeys]
